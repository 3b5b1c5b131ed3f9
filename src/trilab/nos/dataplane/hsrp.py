"""The state machine of an HSRP group (RFC 2281, 5.7). No system calls; times are seconds, monotonic."""

from __future__ import annotations

import math
from ipaddress import IPv4Address

from trilab.nos.dataplane.fhrpwire import COUP, HELLO, RESIGN, Hello
from trilab.nos.features.redundancy.model import HsrpGroup, Peer, Status

_SPEAKING = ("Speak", "Standby", "Active")


class HsrpMachine:
    """``moves``: changes of state that nobody has taken yet. Methods return what to send."""

    def __init__(self, group: HsrpGroup, address: IPv4Address, own: IPv4Address, now: float) -> None:
        self.group, self.address, self._own = group, address, own
        self.state, self.moves = "Init", list[tuple[str, str]]()
        self._active: tuple[IPv4Address, int] | None = None
        self._standby: tuple[IPv4Address, int] | None = None
        self._active_due = self._standby_due = self._hello_due = math.inf  # "never": nobody to wait for
        self._since, self._changes = now, 0

    @property
    def serving(self) -> bool:
        """Whether the virtual address is ours now."""
        return self.state == "Active"

    def _turn(self, state: str, now: float) -> None:
        if state == self.state:
            return
        self.moves.append((self.state, state))
        self.state, self._since, self._changes = state, now, self._changes + 1
        self._hello_due = now if state in _SPEAKING else math.inf
        if state in ("Listen", "Speak"):
            self._standby_due = now + self.group.hold
        if state == "Active":
            self._active, self._active_due = None, math.inf
        if state in ("Active", "Standby"):
            self._standby, self._standby_due = None, math.inf
        if state == "Standby" and self._active is None and self._active_due == math.inf:
            self._turn("Active", now)

    def _message(self, code: int) -> Hello:
        one = self.group
        return Hello(code, self.state, one.hello, one.hold, one.priority, one.number, self.address)

    def start(self, now: float) -> list[Hello]:
        """The interface is up."""
        if self.state == "Init":
            self._active_due = now + self.group.hold
            self._turn("Listen", now)
        return []

    def stop(self, now: float) -> list[Hello]:
        """The interface is down, or the group gone."""
        farewell = [self._message(RESIGN)] if self.serving else []
        self._turn("Init", now)
        self._active = self._standby = None
        self._active_due = self._standby_due = math.inf
        return farewell

    def adjust(self, group: HsrpGroup, now: float) -> None:
        """New settings of the same group."""
        self.group = group
        if self.state in _SPEAKING:
            self._hello_due = now

    def receive(self, source: IPv4Address, message: Hello, now: float) -> list[Hello]:
        """A message of this group."""
        if self.state == "Init" or source == self._own:
            return []
        better = (message.priority, source) > (self.group.priority, self._own)
        if message.code == RESIGN:
            self._resigned(source, now)
        elif message.code == COUP:
            if self.serving and better:
                self._follow(source, message, now)
        elif message.state == "Active":
            return self._from_active(source, message, now, better)
        elif message.state in ("Standby", "Speak"):
            self._from_candidate(source, message, now, better)
        return []

    def _resigned(self, source: IPv4Address, now: float) -> None:
        if self.serving or (self._active is not None and self._active[0] != source):
            return
        self._active, self._active_due = None, now
        if self.state == "Standby":
            self._turn("Active", now)

    def _follow(self, source: IPv4Address, message: Hello, now: float) -> None:
        """Another router is active."""
        if self.serving:
            self._turn("Speak", now)
        self._active, self._active_due = (source, message.priority), now + message.hold
        if self._standby is not None and self._standby[0] == source:
            self._standby = None

    def _from_active(self, source: IPv4Address, message: Hello, now: float, better: bool) -> list[Hello]:
        if self.serving and not better:
            return [self._message(HELLO)]
        if not better and self.group.preempt:
            self._turn("Active", now)
            return [self._message(COUP)]
        self._follow(source, message, now)
        return []

    def _from_candidate(self, source: IPv4Address, message: Hello, now: float, better: bool) -> None:
        standby = message.state == "Standby"
        if better and self.state in ("Speak", "Standby"):
            self._turn("Listen", now)
        elif not better and standby and self.state in ("Listen", "Speak"):
            self._turn("Speak" if self.state == "Listen" else "Standby", now)
            return
        if standby and self.state in ("Listen", "Active"):
            self._standby, self._standby_due = (source, message.priority), now + message.hold

    def wake(self, now: float) -> list[Hello]:
        """Time went by."""
        if self._active_due <= now and self.state != "Init":
            self._active, self._active_due = None, math.inf
            if self.state == "Standby":
                self._turn("Active", now)
            elif self.state == "Listen":
                self._turn("Speak", now)
        if self._standby_due <= now and self.state != "Init":
            self._standby = None
            self._standby_due = math.inf
            if self.state in ("Listen", "Speak"):
                self._turn("Speak" if self.state == "Listen" else "Standby", now)
        if self._hello_due > now:
            return []
        self._hello_due = now + self.group.hello
        return [self._message(HELLO)]

    def due(self) -> float:
        """When to wake it."""
        return min(self._active_due, self._standby_due, self._hello_due)

    def status(self, now: float) -> Status:
        """What ``show`` tells."""
        active = None if self._active is None else Peer(*self._active, self._active_due - now)
        standby = None if self._standby is None else Peer(*self._standby, self._standby_due - now)
        return Status(self.state, active, standby, self._changes, now - self._since, self._hello_due - now)
