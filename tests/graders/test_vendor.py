"""Checks on a vendor's device: three read getters, the others are not evaluated and say why."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from trilab.engine.base import Lab, NodeInfo
from trilab.errors import NotGradedError
from trilab.graders import all_checks
from trilab.grading import store
from trilab.grading.binding import Bound
from trilab.grading.live.device import refuse
from trilab.grading.model import Verdict
from trilab.grading.observe import A, Cli, Request
from trilab.grading.requests import Device, DeviceSaid, Enable, TaggedPing, Try, Window
from trilab.grading.runner import Incidents, judge
from trilab.lab import Criterion

LAB = cast(
    Lab,
    SimpleNamespace(
        nodes={
            "sw1": NodeInfo("sw1", "switch", IPv4Address("192.0.2.1"), 0, {}, "arista_ceos"),
            "pc1": NodeInfo("pc1", "pc", IPv4Address("192.0.2.2"), 0),
        }
    ),
)
SAVED = "! Command: show startup-config\n! Startup-config last modified\nhostname sw1\nvlan 10\n   name DATA\n"
SAID = DeviceSaid(("e1",), "sw1", ((1, "default"), (10, "DATA")), SAVED.replace("startup", "running"), SAVED)


class Ceos:
    """As the live observer on a cEOS."""

    def __init__(self, said: DeviceSaid = SAID) -> None:
        self.said = said
        self.found: dict[Request[Any], Any] = {}

    def ask(self, request: Request[A]) -> A:
        try:
            refuse(LAB, request)
        except NotGradedError as error:
            self.found[request] = store.NotGraded(str(error))
            raise
        assert isinstance(request, Device)
        self.found[request] = self.said
        return cast(A, self.said)


def verdict(observer: Any, check: str, **parameters: Any) -> tuple[Verdict, str]:
    asked = all_checks()[check]
    criterion = Criterion.model_validate(
        {"id": "c", "competence": 1, "points": 1, "title": "t", "asked": "a", "check": check, "with": parameters}
    )
    incidents = Incidents()
    found = judge(Bound(criterion, asked, asked.parameters.model_validate(parameters)), observer, incidents)
    assert incidents.all == ()
    return found.criterion.finding.verdict, found.criterion.finding.reason


def test_three_checks_read_getters() -> None:
    assert verdict(Ceos(), "vlan.exists", node="sw1", vlans={10: "DATA"})[0] is Verdict.CONFORME
    assert verdict(Ceos(), "vlan.exists", node="sw1", vlans={10: "VOIX"})[0] is Verdict.NON_CONFORME
    assert verdict(Ceos(), "vlan.exists", node="sw1", vlans={20: "DATA"})[0] is Verdict.NON_CONFORME
    assert verdict(Ceos(), "system.hostname", node="sw1", name="sw1")[0] is Verdict.CONFORME
    assert verdict(Ceos(), "system.hostname", node="sw1", name="SW1")[0] is Verdict.NON_CONFORME
    assert verdict(Ceos(), "system.saved", node="sw1")[0] is Verdict.CONFORME
    for startup in ("", SAVED.replace("DATA", "default")):
        assert verdict(Ceos(replace(SAID, startup=startup)), "system.saved", node="sw1")[0] is Verdict.NON_CONFORME


def test_what_cannot_be_read_there_is_not_evaluated() -> None:
    found, reason = verdict(Ceos(), "vlan.access_port", node="sw1", interface="Gi0/1", vlan=10)
    assert found is Verdict.NON_EVALUE and "sw1 est un équipement arista_ceos" in reason


@pytest.mark.parametrize(
    "request_",
    [
        Cli("sw1", "show version"),
        Enable("sw1", "x"),
        TaggedPing("sw1", "Gi0/1", "pc1", "10.0.0.1"),
        Window((Try("pc1", "10.0.0.1"),), (Try("pc1", "sw1"),)),
    ],
)
def test_nothing_but_getters_is_asked_of_it(request_: Request[Any]) -> None:
    with pytest.raises(NotGradedError):
        refuse(LAB, request_)


def test_what_a_pc_observes_through_it_is_asked() -> None:
    refuse(LAB, Window((Try("pc1", "10.0.0.1"),)))
    refuse(LAB, Device("sw1", "vlans"))


def test_a_recorded_run_gives_the_same_verdicts(tmp_path: Path) -> None:
    live = Ceos()
    asked: list[tuple[str, dict[str, Any]]] = [
        ("vlan.exists", {"node": "sw1", "vlans": {10: "DATA"}}),
        ("system.saved", {"node": "sw1"}),
        ("vlan.trunk", {"node": "sw1", "interface": "Gi0/1", "allowed": [10]}),
    ]
    first = [verdict(live, name, **parameters) for name, parameters in asked]
    (tmp_path / store.FILE).write_text(store.dump(live.found.items()))
    replayed = store.ReplayObserver(tmp_path)
    assert [verdict(replayed, name, **parameters) for name, parameters in asked] == first
    assert {found for found, _ in first} == {Verdict.CONFORME, Verdict.NON_EVALUE}
