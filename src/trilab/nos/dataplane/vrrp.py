"""The state machine of a VRRP group (RFC 3768, 6.4). No system calls; times are seconds, monotonic."""

from __future__ import annotations

import math
from ipaddress import IPv4Address

from trilab.nos.dataplane.fhrpwire import Advert
from trilab.nos.features.redundancy.model import OWNER, Peer, Status, VrrpGroup


class VrrpMachine:
    """``moves``: changes of state that nobody has taken yet. Methods return what to send."""

    def __init__(self, group: VrrpGroup, address: IPv4Address, own: IPv4Address, now: float) -> None:
        self.group, self.address, self._own = group, address, own
        self.state, self.moves = "Init", list[tuple[str, str]]()
        self._master: tuple[IPv4Address, int] | None = None
        self._due, self._since, self._changes = math.inf, now, 0

    @property
    def serving(self) -> bool:
        """Whether the virtual address is ours now."""
        return self.state == "Master"

    @property
    def _priority(self) -> int:
        return self.group.effective(self._own)

    @property
    def _skew(self) -> float:
        return (256 - self._priority) / 256

    def _turn(self, state: str, now: float) -> None:
        if state != self.state:
            self.moves.append((self.state, state))
            self.state, self._since, self._changes = state, now, self._changes + 1

    def _advert(self, priority: int | None = None) -> Advert:
        return Advert(
            self.group.number, self._priority if priority is None else priority, self.group.interval, self.address
        )

    def _rest(self, now: float) -> None:
        self._due = now + 3 * self.group.interval + self._skew  # Master_Down_Interval

    def _lead(self, now: float) -> list[Advert]:
        self._turn("Master", now)
        self._master, self._due = None, now + self.group.interval
        return [self._advert()]

    def start(self, now: float) -> list[Advert]:
        """The interface is up."""
        if self.state != "Init":
            return []
        if self._priority == OWNER:
            return self._lead(now)
        self._turn("Backup", now)
        self._rest(now)
        return []

    def stop(self, now: float) -> list[Advert]:
        """The interface is down, or the group gone."""
        farewell = [self._advert(0)] if self.serving else []
        self._turn("Init", now)
        self._due, self._master = math.inf, None
        return farewell

    def adjust(self, group: VrrpGroup, now: float) -> None:
        """New settings of the same group."""
        self.group = group
        if self.state == "Backup":
            self._rest(now)
        elif self.serving:
            self._due = now

    def receive(self, source: IPv4Address, message: Advert, now: float) -> list[Advert]:
        """An advertisement of this group."""
        if self.state == "Init" or message.interval != self.group.interval or source == self._own:
            return []
        if self.serving:
            return self._rival(source, message, now)
        if message.priority == 0:
            self._due = now + self._skew
        elif not self.group.preempt or message.priority >= self._priority:
            self._master = source, message.priority
            self._rest(now)
        return []

    def _rival(self, source: IPv4Address, message: Advert, now: float) -> list[Advert]:
        if message.priority == 0:
            self._due = now + self.group.interval
            return [self._advert()]
        if (message.priority, source) > (self._priority, self._own):
            self._turn("Backup", now)
            self._master = source, message.priority
            self._rest(now)
        return []

    def wake(self, now: float) -> list[Advert]:
        """Time went by."""
        return self._lead(now) if self._due <= now and self.state != "Init" else []

    def due(self) -> float:
        """When to wake it."""
        return self._due

    def status(self, now: float) -> Status:
        """What ``show`` tells."""
        peer = None if self._master is None else Peer(*self._master, self._due - now)
        return Status(self.state, peer, None, self._changes, now - self._since, self._due - now)
