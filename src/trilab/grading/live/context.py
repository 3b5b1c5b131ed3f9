"""What a handler needs: the lab, sessions, where to keep evidence, and small helpers that all handlers share."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trilab.access import Sessions
from trilab.engine.base import Completed, Lab
from trilab.grading.evidence import Keeper
from trilab.grading.observe import Request
from trilab.polling import until
from trilab.probe.call import Phone
from trilab.probe.phone import PhoneLink

POLL = 0.1  # seconds between two looks at something that is awaited


class Locks:
    """One lock per exclusive resource, made when it is first asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def get(self, name: str) -> threading.Lock:
        """The lock of a resource."""
        with self._guard:
            return self._locks.setdefault(name, threading.Lock())


class Phones:
    """Conversations with phones that are kept for the next use: each costs the phone a program."""

    def __init__(self, lab: Lab) -> None:
        self._lab, self._guard = lab, threading.Lock()
        self._idle: dict[str, list[PhoneLink]] = {}

    @contextmanager
    def use(self, node: str) -> Iterator[Phone]:
        """A phone for the length of the block. After an error its conversation may be out of step: it is ended."""
        link = self._taken(node) or PhoneLink(self._lab, node)
        try:
            yield Phone(self._lab, node, link)
        except BaseException:  # also an interrupt: a reply may still be on its way
            link.close()
            raise
        with self._guard:
            self._idle.setdefault(node, []).append(link)

    def _taken(self, node: str) -> PhoneLink | None:
        with self._guard:
            waiting = self._idle.pop(node, [])
            found = next((link for link in waiting if link.open), None)
            self._idle[node] = [link for link in waiting if link is not found and link.open]
        for link in waiting:
            if not link.open:
                link.close()
        return found

    def close(self) -> None:
        """End all conversations."""
        with self._guard:
            for link in (link for links in self._idle.values() for link in links):
                link.close()
            self._idle.clear()


@dataclass(frozen=True)
class Context:
    """Shared by all handlers of one grading. ``work``: scratch directory."""

    lab: Lab
    sessions: Sessions
    keeper: Keeper
    work: Path
    phones: Phones
    locks: Locks = field(default_factory=Locks)

    def phone(self, node: str) -> AbstractContextManager[Phone]:
        """A phone for the length of a block; used by one thread at a time."""
        return self.phones.use(node)

    def exclusive(self, request: Request[Any]) -> threading.Lock:
        """Hold this while using what ``request.exclusive`` names; release it before decoding, which others need not
        wait for.
        """
        return self.locks.get(request.exclusive)

    def run(self, node: str, argv: list[str], *, trusted: bool = True, timeout: float = 20.0) -> Completed:
        """Run a program of the untouched image in ``node``'s network (or the node's own one, as root)."""
        return self.lab.run(node, argv, trusted=trusted, timeout=timeout)

    def addresses(self, node: str) -> list[tuple[str, str]]:
        """(interface, address/prefix length) of the data interfaces, as the kernel has them."""
        found = self.lab.network(node).interfaces
        return [(one.name, address) for one in found if one.name not in ("eth0", "lo") for address in one.addresses]

    def mac(self, node: str, interface: str) -> str:
        """The MAC address of an interface, as the kernel has it; empty when there is no such interface."""
        return next((one.mac for one in self.lab.network(node).interfaces if one.name == interface), "")

    def resolve(self, destination: str) -> str:
        """An address as it is; for a node's name, its first data address, empty when it has none."""
        if destination not in self.lab.nodes:
            return str(ipaddress.ip_address(destination))
        return next((address.partition("/")[0] for _, address in self.addresses(destination)), "")

    def peer(self, node: str, interface: str) -> tuple[str, str]:
        """The other end of a cable: where a phone's traffic is captured, on the switch. Itself without a cable, or
        where the other end is a vendor's device.
        """
        for link in self.lab.spec.links:
            for here, there in ((link.a, link.b), (link.b, link.a)):
                if (node, interface) == here and not self.lab.nodes[there[0]].vendor:
                    return there
        return node, interface

    def until(self, ready: Callable[[], bool], deadline: float) -> bool:
        """Poll ``ready`` until it is true or ``deadline`` (time.monotonic, seconds) has passed."""
        return until(ready, bool, deadline - time.monotonic(), POLL)
