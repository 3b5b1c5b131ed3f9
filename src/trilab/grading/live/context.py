"""What a handler needs: the lab, sessions, where to keep evidence, and small helpers that all handlers share."""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trilab.access import Sessions
from trilab.engine.base import Completed, Lab
from trilab.errors import ObservationError
from trilab.grading.evidence import Keeper
from trilab.grading.observe import Request
from trilab.probe.polling import until

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


@dataclass(frozen=True)
class Context:
    """Shared by all handlers of one grading. ``work``: scratch directory."""

    lab: Lab
    sessions: Sessions
    keeper: Keeper
    work: Path
    locks: Locks = field(default_factory=Locks)

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
        done = self.run(node, ["ip", "-json", "-4", "address", "show", "scope", "global"])
        if done.returncode != 0:
            raise ObservationError(f"{node} : adresses illisibles ({done.stderr.strip()}).")
        return [
            (str(link["ifname"]), f"{info['local']}/{info['prefixlen']}")
            for link in json.loads(done.stdout or "[]")
            if link.get("ifname") not in ("eth0", "lo")
            for info in link.get("addr_info", [])
            if "local" in info
        ]

    def mac(self, node: str, interface: str) -> str:
        """The MAC address of an interface, as the kernel has it; empty when there is no such interface."""
        done = self.run(node, ["ip", "-json", "link", "show", "dev", interface])
        if done.returncode != 0 and "does not exist" not in done.stderr:
            raise ObservationError(f"{node} : interface {interface} illisible ({done.stderr.strip()}).")
        links = json.loads(done.stdout or "[]") if done.returncode == 0 else []
        return str(links[0].get("address", "")) if links else ""

    def resolve(self, destination: str) -> str:
        """An address as it is; for a node's name, its first data address, empty when it has none."""
        if destination not in self.lab.nodes:
            return str(ipaddress.ip_address(destination))
        return next((address.partition("/")[0] for _, address in self.addresses(destination)), "")

    def peer(self, node: str, interface: str) -> tuple[str, str]:
        """The other end of a cable: where a phone's traffic is captured, on the switch. Itself without a cable."""
        for link in self.lab.spec.links:
            if (node, interface) == link.a:
                return link.b
            if (node, interface) == link.b:
                return link.a
        return node, interface

    def until(self, ready: Callable[[], bool], deadline: float) -> bool:
        """Poll ``ready`` until it is true or ``deadline`` (time.monotonic, seconds) has passed."""
        return until(ready, bool, deadline - time.monotonic(), POLL)
