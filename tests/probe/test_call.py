"""Calls through the phones' real control sockets, on an imaginary exchange."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.phone.exchange import Exchange
from tests.probe.lab import ScriptedLab
from trilab.errors import ObservationError
from trilab.probe import Phone, PhoneLink, phone_state, ring, talk, wait_registered
from trilab.probe import call as calls


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with Exchange(tmp_path, "100", "101", "102") as made:
        yield made


@pytest.fixture
def lab(exchange: Exchange) -> ScriptedLab:
    phones = {f"tel{number}": exchange.sockets[extension] for number, extension in enumerate(exchange.sockets, 1)}
    return ScriptedLab(phones=phones)


@pytest.fixture
def phones(lab: ScriptedLab) -> Iterator[tuple[Phone, Phone]]:
    with Phone(lab, "tel1") as caller, Phone(lab, "tel2") as callee:
        yield caller, callee


def test_a_whole_call_with_its_times(phones: tuple[Phone, Phone]) -> None:
    caller, callee = phones
    assert talk(caller, callee, "101", 0.2) == (True, "communication établie")
    outgoing, incoming = caller.last_call(), callee.last_call()
    assert (outgoing["peer"], incoming["peer"]) == ("101", "100")
    times = [incoming[moment] for moment in ("ringing_at", "established_at", "ended_at")]
    assert None not in times and times == sorted(times)
    assert outgoing["ended_at"] - outgoing["established_at"] >= 0.2


def test_a_number_that_does_not_exist(phones: tuple[Phone, Phone]) -> None:
    assert talk(*phones, "777") == (False, "tel2 ne sonne pas")
    assert phones[0].last_call()["reason"] == "404 Not Found"
    assert ring(phones[0], "777") == (False, "refusé : 404 Not Found")


def test_a_call_that_rings_elsewhere(phones: tuple[Phone, Phone], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "RING", 0.5)
    assert talk(*phones, "102") == (False, "tel2 ne sonne pas")
    assert phones[0].last_call()["ended_at"] is not None
    assert ring(phones[0], "102") == (True, "ça sonne")


def test_a_call_that_is_cut_is_not_established(lab: ScriptedLab, phones: tuple[Phone, Phone]) -> None:
    caller, callee = phones
    with ThreadPoolExecutor() as pool:
        talking = pool.submit(talk, caller, callee, "101", 20.0)
        with PhoneLink(lab, "tel2") as other:
            assert other.wait("established", 10)
            other.ask("hangup")
        done, why = talking.result(10)
    assert not done and "communication" in why


def test_a_phone_without_registration_says_why(phones: tuple[Phone, Phone], exchange: Exchange) -> None:
    exchange.phones["100"].registered = False
    done, why = talk(*phones, "101")
    assert not done and "enregistré" in why


def test_a_call_that_the_voicemail_takes(phones: tuple[Phone, Phone], exchange: Exchange) -> None:
    exchange.phones["101"].voicemail = True
    phones[0].dial("101")
    assert phones[0].answered(5)
    phones[0].end()
    assert phones[0].wait("idle", 0)


def test_the_state_of_a_phone(lab: ScriptedLab, exchange: Exchange) -> None:
    state = wait_registered(lab, "tel1", deadline=1)
    assert state.registered and (state.vlan, state.extension, state.dscp) == (30, "100", 46)
    exchange.phones["100"].registered = False
    assert not phone_state(lab, "tel1").registered


def test_a_phone_that_is_dead_is_no_observation(tmp_path: Path) -> None:
    lab = ScriptedLab(phones={"tel1": tmp_path / "nobody"})
    with pytest.raises(ObservationError, match="tel1"):
        phone_state(lab, "tel1")
