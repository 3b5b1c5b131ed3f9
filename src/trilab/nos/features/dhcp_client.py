"""``ip address dhcp``: an interface that asks for its address (RFC 2131), and ``show dhcp lease``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface
from typing import TYPE_CHECKING

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Interface
from trilab.nos.names import is_subinterface

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "ip": "Interface Internet Protocol config commands",
    "address": "Set the IP address of an interface",
    "dhcp": "IP Address negotiated via DHCP",
    "show": "Show running system information",
    "lease": "Show DHCP Addresses leased from a server",
}
DISTANCE = 254  # of the default route that a server gives (IOS)


@dataclass(frozen=True)
class DhcpClient:
    """An interface's part."""

    enabled: bool = False


@dataclass(frozen=True)
class Lease:
    """What a server gave."""

    address: IPv4Interface
    router: IPv4Address | None
    server: IPv4Address | None
    seconds: int


@dataclass(frozen=True)
class Leases:
    """The leases that the device holds, by interface."""

    held: Mapping[str, Lease] = field(default_factory=dict)


def current(s: Session, interface: Interface) -> IPv4Interface | None:
    """The address of an interface, configured or leased."""
    if interface.address is not None or not interface.parts[DhcpClient].enabled:
        return interface.address
    lease = s.device.dataplane.observe(Leases).held.get(interface.name)
    return None if lease is None else lease.address


def _commands() -> list[Command]:
    return [
        Command(("if-svi", "if-l3", "if-sub", "if-bvi"), "ip address dhcp", _dhcp, HELP, undo=_no_dhcp),
        Command(EXEC_MODES, "show dhcp lease", _show, HELP),
    ]


def _dhcp(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        if is_subinterface(interface.name) and interface.encapsulation is None:
            raise CommandError(
                "\n% Configuring IP routing on a LAN subinterface is only allowed if that\n"
                "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\n"
                "or ISL vLAN.\n"
            )
        interface.address = None
        interface.parts.put(DhcpClient(True))


def _no_dhcp(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        interface.parts.put(DhcpClient())


def _show(s: Session, m: Match) -> None:
    for name, lease in s.device.dataplane.observe(Leases).held.items():
        s.out(f"Temp IP addr: {lease.address.ip}  for peer on Interface: {name}\n"
              f"Temp  sub net mask: {lease.address.netmask}\n"
              f"   DHCP Lease server: {lease.server or 'unknown'}, state: 5 Bound\n"
              f"   Lease: {lease.seconds} secs\n"
              f"   Temp default-gateway addr: {lease.router or 'none'}\n")  # fmt: skip


AREA = Area(_commands)  # its line is one of the address, which ``ip`` writes
