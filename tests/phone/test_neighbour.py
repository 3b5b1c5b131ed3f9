"""How long the voice policy of the switch holds."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from trilab.phone import lldp, system
from trilab.phone.lldp import Announcement, VoicePolicy
from trilab.phone.loop import Loop
from trilab.phone.neighbour import FAREWELL, Neighbour

VOICE = VoicePolicy(30, 5, 46)


class Watched(Neighbour):
    """A neighbour whose cable is a socket pair."""

    def __init__(self) -> None:
        self.changes: list[VoicePolicy | None] = []
        super().__init__(Loop(), "tel1", lambda: self.changes.append(self.policy))
        self._socket, self.wire = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)

    @property
    def until(self) -> float:
        return self._until


@pytest.fixture
def neighbour(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(system, "mac", lambda interface: bytes(6))
    made = Watched()
    yield made
    made._socket.close()
    made.wire.close()


def announcement(*, ttl: int = 20, med: bool = True, voice: VoicePolicy | None = VOICE) -> Announcement:
    return Announcement(ttl, "GigabitEthernet0/1", "sw1", med, voice)


def test_a_policy_is_learnt_once_and_confirmed_to_the_switch(neighbour: Watched) -> None:
    neighbour.hear(announcement(), 100.0)
    neighbour.hear(announcement(), 105.0)
    assert neighbour.changes == [VOICE]
    assert neighbour.until == 125.0
    assert neighbour.wire.recv(2048)[12:14] == b"\x88\xcc"


def test_a_switch_that_withdraws_the_policy_ends_it(neighbour: Watched) -> None:
    neighbour.hear(announcement(), 100.0)
    neighbour.hear(announcement(voice=None), 101.0)
    assert neighbour.changes == [VOICE, None]


def test_a_restarting_lldp_agent_does_not_cut_the_phone(neighbour: Watched) -> None:
    neighbour.hear(announcement(), 100.0)
    neighbour.hear(announcement(ttl=0, med=False, voice=None), 101.0)  # farewell
    neighbour.hear(announcement(med=False, voice=None), 101.5)  # does not know us yet
    assert neighbour.policy == VOICE
    assert neighbour.until == 101.0 + FAREWELL
    neighbour.hear(announcement(), 102.0)
    assert neighbour.until == 122.0
    assert neighbour.changes == [VOICE]


def test_frames_that_waited_for_a_stopped_phone_keep_its_policy(
    neighbour: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    neighbour.hear(announcement(), time.monotonic() - 21)
    waiting = [lldp.announce(bytes(6), "sw1", VOICE, 5)]

    def recvfrom(size: int, flags: int) -> tuple[bytes, tuple[str, int, int]]:
        if not waiting:
            raise BlockingIOError
        return waiting.pop(), ("eth1", lldp.ETHERTYPE, 1)

    monkeypatch.setattr(neighbour, "_socket", SimpleNamespace(recvfrom=recvfrom, send=len, close=lambda: None))
    neighbour._announce()
    assert neighbour.changes == [VOICE]
    neighbour._until = 0.0
    neighbour._announce()
    assert neighbour.changes == [VOICE, None]
