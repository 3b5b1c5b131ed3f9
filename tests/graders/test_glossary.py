"""Somebody who writes a lab finds every parameter and every observation of the checks in French."""

from __future__ import annotations

import pytest

from trilab.authoring import describe
from trilab.authoring.inventory import form, requests_of
from trilab.graders import all_checks
from trilab.graders.glossary import OBSERVED, PARAMETERS, SPECIAL, UNSAID
from trilab.grading.requests import Call, SshLogin, TcpOpen

CHECKS = all_checks()


@pytest.mark.parametrize("name", CHECKS)
def test_every_parameter_is_told(name: str) -> None:
    described = describe(CHECKS[name])
    assert [one.name for one in described.parameters if not one.meaning or one.form == "valeur"] == []
    assert described.title.endswith(".") and described.source


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_observes_something_that_is_told(name: str) -> None:
    requests = requests_of(CHECKS[name])
    assert requests and set(requests) <= set(OBSERVED)


def test_nothing_is_told_that_does_not_exist() -> None:
    whole = {f"{name}.{parameter}" for name, check in CHECKS.items() for parameter in check.parameters.model_fields}
    plain = {name.rpartition(".")[2] for name in whole}
    assert set(PARAMETERS) <= plain
    assert set(SPECIAL) <= whole
    assert plain | whole >= UNSAID


def test_requests_are_found_in_what_a_check_calls() -> None:
    assert set(requests_of(CHECKS["voip.call_audio"])) == {Call}
    assert {TcpOpen, SshLogin} <= set(requests_of(CHECKS["security.telnet_refused"]))


def test_forms() -> None:
    lease = {one.name: one for one in describe(CHECKS["dhcp.lease"]).parameters}
    assert lease["dns"].form == "liste : adresse"
    assert lease["options"].form == "table : nombre entier → texte"
    assert (lease["node"].default, lease["domain"].default) == (None, "aucun")
    network = {one.name: one for one in describe(CHECKS["wifi.network"]).parameters}
    assert network["pmf"].form == "capable ou required"
    assert form(dict[str, object]) == "table : texte → valeur"
