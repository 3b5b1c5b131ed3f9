"""A DHCP client that changes nothing: asks as the node's own interface does, and says what was offered."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from trilab.engine.base import Completed, Lab
from trilab.errors import ObservationError

SCRIPT = "/usr/lib/trilab/lease"
MARK = "lease\t"
FIELDS = ("event", "ip", "mask", "router", "dns", "domain", "opt66", "opt150", "seconds", "server")
INTERFACES = {"phone": "voice"}
FAILURES = ("no lease", "No such device", "Network is down")
SLACK = 5.0


@dataclass(frozen=True)
class Lease:
    """What a DHCP server gave (RFC 2131, 2132; option 150: RFC 5859). ``seconds``: duration of the lease."""

    address: IPv4Interface
    server: IPv4Address | None
    routers: tuple[IPv4Address, ...]
    dns: tuple[IPv4Address, ...]
    domain: str
    option_66: str
    option_150: tuple[IPv4Address, ...]
    seconds: int


@dataclass(frozen=True)
class DhcpResult:
    """``lease`` is ``None`` when no server answered; ``reason`` then says what the client saw."""

    node: str
    interface: str
    lease: Lease | None
    reason: str
    duration: float  # seconds
    output: str


def dhcp(lab: Lab, node: str, *, interface: str = "", deadline: float = 5.0) -> DhcpResult:
    """Ask for a lease on the node's data interface (``eth1``; ``voice`` on a phone) for ``deadline`` seconds.

    The node keeps the address that it has. Raises ObservationError when the client itself could not work.
    """
    device = interface or INTERFACES.get(lab.nodes[node].role if node in lab.nodes else "", "eth1")
    tries = max(1, math.ceil(deadline))
    argv = ["udhcpc", "-f", "-n", "-q", "-t", str(tries), "-T", "1", "-i", device, "-s", SCRIPT]
    started = time.monotonic()
    done = lab.run(node, [*argv, "-O", "tftp", "-O", "150"], trusted=True, timeout=tries + SLACK)
    return parse(node, device, done, time.monotonic() - started)


def parse(node: str, interface: str, done: Completed, duration: float) -> DhcpResult:
    """Read the script's lines and the client's last word. Raises ObservationError when both are missing."""
    output = done.stdout + done.stderr
    lease = None
    for line in done.stdout.splitlines():
        if line.startswith(f"{MARK}bound\t") or line.startswith(f"{MARK}renew\t"):
            lease = _lease(line)
    reason = ""
    if lease is None:
        said = [line.removeprefix("udhcpc: ").strip() for line in done.stderr.splitlines() if line.strip()]
        reason = next((line for line in reversed(said) if any(word in line for word in FAILURES)), "")
        if not reason:
            last = said[-1] if said else f"code {done.returncode}"
            raise ObservationError(f"{node} : le client DHCP n’a pas pu travailler ({last}).")
    return DhcpResult(node, interface, lease, reason, duration, output)


def _lease(line: str) -> Lease:
    values = dict(zip(FIELDS, (part.strip() for part in line.removeprefix(MARK).split("\t")), strict=True))
    raw = bytes.fromhex(values["opt150"])
    return Lease(
        address=IPv4Interface(f"{values['ip']}/{values['mask'] or 32}"),
        server=IPv4Address(values["server"]) if values["server"] else None,
        routers=tuple(IPv4Address(one) for one in values["router"].split()),
        dns=tuple(IPv4Address(one) for one in values["dns"].split()),
        domain=values["domain"],
        option_66=values["opt66"],
        option_150=tuple(IPv4Address(raw[i : i + 4]) for i in range(0, len(raw) - len(raw) % 4, 4)),
        seconds=int(values["seconds"] or 0),
    )
