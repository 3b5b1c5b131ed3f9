"""Calls through the phones' real control sockets, on an imaginary exchange."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.phone.exchange import Exchange
from tests.probe.lab import ScriptedLab, completed
from trilab.errors import ObservationError
from trilab.probe import PhoneLink, call, leave_message, phone_state, wait_registered


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with Exchange(tmp_path, "100", "101", "102") as made:
        yield made


@pytest.fixture
def lab(exchange: Exchange) -> ScriptedLab:
    phones = {f"tel{number}": exchange.sockets[extension] for number, extension in enumerate(exchange.sockets, 1)}
    return ScriptedLab(phones=phones, run=lambda argv: completed("/var/spool/…/tmp/x.wav\n"))


def test_a_whole_call_with_its_times(lab: ScriptedLab) -> None:
    result = call(lab, "tel1", "101", "tel2", ring=0.1, talk=0.2)
    assert result.reason == "" and result.connected
    assert result.outgoing is not None and result.incoming is not None
    assert (result.outgoing.peer, result.incoming.peer) == ("101", "100")
    assert result.outgoing.talked > 0
    times = (result.incoming.ringing_at, result.incoming.established_at, result.incoming.ended_at)
    assert None not in times and list(times) == sorted(t for t in times if t is not None)


def test_a_number_that_does_not_exist(lab: ScriptedLab) -> None:
    result = call(lab, "tel1", "777", "tel2", ring=0.1, talk=0.1)
    assert not result.rang and not result.answered
    assert result.reason == "tel2 n’a pas sonné (404 Not Found)"


def test_a_call_that_rings_elsewhere(lab: ScriptedLab) -> None:
    result = call(lab, "tel1", "102", "tel2", patience=0.2)
    assert result.outgoing is not None and not result.connected and not result.rang
    assert result.outgoing.ended_at is not None


def test_a_phone_without_registration_says_why(lab: ScriptedLab, exchange: Exchange) -> None:
    exchange.phones["100"].registered = False
    result = call(lab, "tel1", "101", "tel2")
    assert result.outgoing is None and "enregistré" in result.reason


def test_a_call_left_over_is_hung_up_first(lab: ScriptedLab) -> None:
    with PhoneLink(lab, "tel3") as phone:
        phone.ask("dial", number="100")
    assert call(lab, "tel1", "101", "tel2", ring=0, talk=0.1).connected


def test_a_message_is_left_when_nobody_answers(lab: ScriptedLab, exchange: Exchange) -> None:
    exchange.phones["101"].voicemail = True
    result = leave_message(lab, "tel1", "101", "tel2", ipbx="ipbx", seconds=0.2)
    assert result.call.answered and result.call.rang and not result.call.connected
    assert result.recording_at is not None and exchange.phones["100"].keys == ""
    assert result.call.outgoing is not None and result.call.outgoing.talked > 0


def test_without_voicemail_nothing_is_recorded(lab: ScriptedLab) -> None:
    result = leave_message(lab, "tel1", "101", "tel2", ipbx="ipbx", patience=0.3)
    assert result.recording_at is None and not result.call.answered
    assert "n’a pas été mis en communication" in result.call.reason


def test_the_state_of_a_phone(lab: ScriptedLab, exchange: Exchange) -> None:
    state = wait_registered(lab, "tel1", deadline=1)
    assert state.registered and (state.vlan, state.extension, state.dscp) == (30, "100", 46)
    exchange.phones["100"].registered = False
    assert not phone_state(lab, "tel1").registered


def test_a_phone_that_is_dead_is_no_observation(tmp_path: Path) -> None:
    lab = ScriptedLab(phones={"tel1": tmp_path / "nobody"})
    with pytest.raises(ObservationError, match="tel1"):
        phone_state(lab, "tel1")
