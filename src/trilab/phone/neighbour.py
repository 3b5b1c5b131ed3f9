"""The switch at the other end of the cable, as LLDP shows it: says hello, keeps the voice policy while it holds."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from trilab.phone import lldp, system
from trilab.phone.lldp import Announcement, VoicePolicy
from trilab.phone.loop import Loop
from trilab.phone.system import SWITCH_PORT
from trilab.phone.voice import packet_socket

EAGER, CALM = 1, 2  # seconds between two announcements: without and with a policy (fast start: TIA-1057 11.2)
FAREWELL = 5.0  # seconds a policy outlives the farewell of a switch whose LLDP may only be restarting


class Neighbour:
    """``policy`` is what the switch asks of voice now, if anything; ``on_policy`` is called when it changes."""

    def __init__(self, loop: Loop, name: str, on_policy: Callable[[], None]) -> None:
        self._loop, self._name, self._on_policy = loop, name, on_policy
        self.policy: VoicePolicy | None = None
        self.heard: Announcement | None = None
        self._until = 0.0  # monotonic time at which the policy ends

    def start(self) -> None:
        """Listen, and announce for ever."""
        self._socket = packet_socket(lldp.ETHERTYPE)
        self._loop.watch(self._socket.fileno(), self._receive)
        self._announce()

    def hello(self) -> None:
        """Announce ourselves now."""
        frame = lldp.announce(system.mac(SWITCH_PORT), self._name, self.policy, CALM)
        try:
            self._socket.send(frame)
        except OSError:  # the port is down: the next one will go
            return

    def _announce(self) -> None:
        if self.policy is not None and time.monotonic() > self._until:
            while self._receive():  # what came while this program had no processor
                pass
            if time.monotonic() > self._until:
                self._learn(None)
        self.hello()
        self._loop.after(CALM if self.policy else EAGER, self._announce)

    def _receive(self) -> bool:
        """Take one frame into account; False when there is none."""
        try:
            frame, address = self._socket.recvfrom(2048, socket.MSG_DONTWAIT)
        except OSError:
            return False
        announcement = lldp.parse(frame)
        if announcement is not None and address[2] != socket.PACKET_OUTGOING:  # our own
            self.hear(announcement, time.monotonic())
        return True

    def hear(self, announcement: Announcement, now: float) -> None:
        """Take an announcement into account. One without LLDP-MED leaves the policy: the switch knows us not yet."""
        self.heard = announcement if announcement.ttl else None
        if announcement.ttl == 0:
            self._until = min(self._until, now + FAREWELL)
            self.hello()
        elif announcement.med:
            self._until = now + announcement.ttl
            self._learn(announcement.voice)

    def _learn(self, policy: VoicePolicy | None) -> None:
        if policy == self.policy:
            return
        self.policy = policy
        self._on_policy()
        self.hello()
