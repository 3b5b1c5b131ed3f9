"""LLDP (IEEE 802.1AB): on by default here, where a Catalyst has CDP on; neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trilab.nos.area import Area
from trilab.nos.context import Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.names import short

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "lldp": "LLDP subsystem",
    "run": "Enable LLDP",
    "transmit": "Enable LLDP transmission on interface",
    "receive": "Enable LLDP reception on interface",
    "show": "Show running system information",
    "neighbors": "LLDP neighbor entries",
    "detail": "Show detailed information",
}
_CODES = """\
Capability codes:
    (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device
    (W) WLAN Access Point, (P) Repeater, (S) Station, (O) Other

Device ID           Local Intf     Hold-time  Capability      Port ID"""


@dataclass(frozen=True)
class Lldp:
    """``lldp run``; ``absent``: switched off. A text without ``lldp run`` means off, as on IOS."""

    absent: bool = False


@dataclass(frozen=True)
class LldpPort:
    """What a port does while LLDP runs."""

    transmit: bool = True
    receive: bool = True


@dataclass(frozen=True)
class Neighbour:
    """What was heard on a port. ``capabilities``: the enabled ones, as letters of the legend."""

    local: str
    chassis: str
    port: str
    port_description: str = ""
    name: str = ""
    description: str = ""
    capabilities: str = ""
    management: tuple[str, ...] = ()
    hold: int = 120  # seconds
    left: int = 120
    vlan: int | None = None


@dataclass(frozen=True)
class Neighbours:
    """All neighbours, in the order of the ports (an observation)."""

    heard: tuple[Neighbour, ...] = ()


def commands() -> list[Command]:
    """``lldp`` on switches, ``show lldp neighbors`` everywhere."""
    p = ("if-port",)
    made = [
        Command(("config",), "lldp run", _run, HELP, undo=_no_run),
        Command(p, "lldp transmit", _transmit, HELP, undo=_no_transmit),
        Command(p, "lldp receive", _receive, HELP, undo=_no_receive),
    ]
    shows = Command(EXEC_MODES, "show lldp neighbors [<port:ifname(port)>] [detail]", _neighbors, HELP)
    return [*(replace(command, roles=("switch",)) for command in made), replace(shows, roles=("switch", "router"))]


def _run(c: Context, m: Match) -> None:
    c.config.parts.put(Lldp())


def _no_run(c: Context, m: Match) -> None:
    c.config.parts.put(Lldp(absent=True))


def _port(c: Context, **values: bool) -> None:
    for interface in c.interfaces():
        interface.parts.put(replace(interface.parts[LldpPort], **values))


def _transmit(c: Context, m: Match) -> None:
    _port(c, transmit=True)


def _no_transmit(c: Context, m: Match) -> None:
    _port(c, transmit=False)


def _receive(c: Context, m: Match) -> None:
    _port(c, receive=True)


def _no_receive(c: Context, m: Match) -> None:
    _port(c, receive=False)


def render(config: Config) -> list[str]:
    """The line of the configuration."""
    return [] if config.parts[Lldp].absent else ["lldp run", "!"]


def render_interface(config: Config, interface: Interface) -> list[str]:
    """The lines of a port."""
    port = interface.parts[LldpPort]
    return ([] if port.transmit else [" no lldp transmit"]) + ([] if port.receive else [" no lldp receive"])


def _neighbors(s: Session, m: Match) -> None:
    if s.device.config.parts[Lldp].absent:
        s.out("% LLDP is not enabled")
        return
    heard = [one for one in s.device.dataplane.observe(Neighbours).heard if m.get("port") in (None, one.local)]
    if m.has("detail"):
        for one in heard:
            s.out("\n".join(_detail(one)))
    else:
        s.out(_CODES)
        for one in heard:
            name = (one.name or one.chassis)[:20]
            row = f"{name:<20}{short(one.local):<15}{one.hold:<11}{','.join(one.capabilities):<16}{short(one.port)}"
            s.out(row.rstrip())
    s.out(f"\nTotal entries displayed: {len(heard)}\n")


def _detail(one: Neighbour) -> list[str]:
    letters = ",".join(one.capabilities)
    return [
        "-" * 48,
        f"Local Intf: {short(one.local)}",
        f"Chassis id: {one.chassis}",
        f"Port id: {short(one.port)}",
        f"Port Description: {one.port_description}",
        f"System Name: {one.name}" if one.name else "System Name - not advertised",
        "",
        "System Description: ",
        one.description or "- not advertised",
        "",
        f"Time remaining: {one.left} seconds",
        f"System Capabilities: {letters}",
        f"Enabled Capabilities: {letters}",
        "Management Addresses" + (":" if one.management else " - not advertised"),
        *(f"    IP: {address}" for address in one.management),
        "Auto Negotiation - not supported",
        "Physical media capabilities - not advertised",
        "Media Attachment Unit type - not advertised",
        f"Vlan ID: {one.vlan if one.vlan is not None else '- not advertised'}",
        "",
    ]


AREA = Area(commands, render, render_interface)
