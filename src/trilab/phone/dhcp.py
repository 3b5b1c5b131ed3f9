"""The phone's DHCP client: udhcpc on the voice interface, asking for the options of IP telephony.

Options 66 (TFTP server name, RFC 2132) and 150 (TFTP server addresses, RFC 5859) name the telephone server.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

from trilab.phone import system
from trilab.phone.child import Child
from trilab.phone.loop import Loop
from trilab.phone.system import VOICE

SCRIPT = "/usr/lib/trilab/lease"
RENEW = 5  # checks (seconds) between two renewals of an incomplete lease
MARK = "lease\t"  # begins the script's line
FIELDS = ("event", "ip", "mask", "router", "dns", "domain", "opt66", "opt150", "seconds", "server")
RESOLV = Path("/etc/resolv.conf")


@dataclass(frozen=True)
class Lease:
    """An address with what came along. ``seconds``: how long it is ours."""

    address: IPv4Interface
    gateway: IPv4Address | None
    dns: tuple[IPv4Address, ...]
    domain: str
    option_66: str
    option_150: tuple[IPv4Address, ...]
    seconds: int

    def server(self) -> tuple[str, str]:
        """Telephone server and the option that named it; empty texts when none did."""
        if self.option_150:
            return str(self.option_150[0]), "option 150"
        return (self.option_66, "option 66") if self.option_66 else ("", "")


def parse(line: str) -> tuple[str, Lease | None] | None:
    """Event and lease of a line of the script; ``None`` when the line is another one or makes no sense."""
    if not line.startswith(MARK):
        return None
    values = dict(zip(FIELDS, (part.strip() for part in line.removeprefix(MARK).split("\t")), strict=False))
    if not values.get("ip"):
        return values["event"], None
    try:
        return values["event"], _lease(values)
    except ValueError:
        return None


def _lease(values: dict[str, str]) -> Lease:
    routers = values.get("router", "").split()
    return Lease(
        address=IPv4Interface(f"{values['ip']}/{values.get('mask') or '32'}"),
        gateway=IPv4Address(routers[0]) if routers else None,
        dns=tuple(IPv4Address(one) for one in values.get("dns", "").split()),
        domain=values.get("domain", ""),
        option_66=values.get("opt66", ""),
        option_150=addresses(values.get("opt150", "")),
        seconds=int(values.get("seconds") or 0),
    )


def addresses(text: str) -> tuple[IPv4Address, ...]:
    """Addresses of an option that udhcpc gives in hex, four bytes each."""
    raw = bytes.fromhex(text)
    return tuple(IPv4Address(raw[i : i + 4]) for i in range(0, len(raw) - len(raw) % 4, 4))


def incomplete(lease: Lease | None, needs_server: bool) -> bool:
    """Whether a lease lacks the gateway, or the telephone server where one is needed."""
    return lease is not None and (lease.gateway is None or (needs_server and not lease.server()[0]))


class DhcpClient:
    """Asks for ever, every second; applies what it gets; tells the daemon."""

    def __init__(self, loop: Loop, hostname: str, on_change: Callable[[Lease | None], None]) -> None:
        self._loop, self._hostname, self._on_change = loop, hostname, on_change
        self._child: Child | None = None
        self._checks = 0
        self.lease: Lease | None = None

    def start(self) -> None:
        """Begin, or begin again."""
        self.stop()
        command = [
            *("udhcpc", "-f", "-i", VOICE, "-s", SCRIPT, "-t", "3", "-T", "1", "-A", "0"),
            *("-x", f"hostname:{self._hostname}", "-V", "trilab phone", "-O", "tftp", "-O", "150"),
        ]
        self._child = Child(self._loop, command, self._line)

    def stop(self) -> None:
        """End the client and forget the lease."""
        if self._child is not None:
            self._child.stop()
            self._child = None
        self.lease = None

    def check(self, needs_server: bool) -> None:
        """Start the client again when it died; renew a lease that lacks something, every ``RENEW`` checks.

        A pool is written line by line: who asks in between gets an address without gateway or server, and keeps it for
        a day. A telephone that finds no server goes on asking.
        """
        if self._child is None:
            return
        if not self._child.running:
            self.start()
        self._checks += 1
        if self._checks % RENEW == 0 and incomplete(self.lease, needs_server):
            self._child.signal(signal.SIGUSR1)

    def _line(self, line: str) -> None:
        parsed = parse(line)
        if parsed is None:
            return
        event, lease = parsed
        if event not in ("bound", "renew"):
            lease = None
        if event == "leasefail" or lease == self.lease:
            return
        self.lease = lease
        apply(lease)
        self._on_change(lease)


def apply(lease: Lease | None) -> None:
    """Put the address, the default route and the name servers in place of the former ones."""
    lines = [f"addr flush dev {VOICE}"]
    if lease is not None:
        lines.append(f"addr add {lease.address} dev {VOICE}")
        if lease.gateway is not None:
            lines.append(f"route replace default via {lease.gateway} dev {VOICE} onlink")
        write_resolver(lease)
    system.ip(*lines, force=True)


def write_resolver(lease: Lease) -> None:
    """Name servers of the lease."""
    domain = [f"domain {lease.domain}"] if lease.domain else []
    RESOLV.write_text("\n".join([*domain, *(f"nameserver {one}" for one in lease.dns), ""]))  # Docker mounts this file
