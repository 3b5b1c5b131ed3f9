"""The MAC address table: static addresses, aging time, clearing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trilab.nos import vlans
from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config
from trilab.nos.show.text import dotted

if TYPE_CHECKING:
    from trilab.nos.session import Session

AGING = 300  # seconds; IEEE 802.1Q-2018, table 8-6
AGING_MIN, AGING_MAX = 15, 3600  # what Open vSwitch keeps to
HELP = {
    "mac": "Global MAC configuration subcommands",
    "address-table": "Configure the MAC address table",
    "static": "static keyword",
    "<mac>": "48 bit mac address",
    "vlan": "VLAN keyword",
    "<vid>": "VLAN id of mac address table",
    "interface": "interface keyword",
    "aging-time": "Set MAC address table entry maximum age",
    "<seconds>": "Aging time in seconds",
    "show": "Show running system information",
    "clear": "Reset functions",
    "dynamic": "dynamic entry type",
    "address": "address keyword",
}


@dataclass(frozen=True)
class Static:
    """One static address: frames for it go to this interface only."""

    mac: str
    vlan: int
    interface: str


@dataclass(frozen=True)
class MacTable:
    """Settings of the table; ``aging`` in seconds."""

    aging: int = AGING
    static: tuple[Static, ...] = ()


@dataclass(frozen=True)
class Flush:
    """Ask the data plane to forget learnt addresses: those that fit everything given."""

    mac: str | None = None
    interface: str | None = None
    vlan: int | None = None


def commands() -> list[Command]:
    """``mac address-table`` and ``clear mac address-table``."""
    g, port = ("config",), "<port:ifname(port,channel)>"
    static = "mac address-table static <mac:mac> vlan <vid:int(1,4094)>"
    seconds = f"<seconds:int({AGING_MIN},{AGING_MAX})>"
    made = [
        Command(g, f"{static} interface {port}", _static, HELP, no=f"{static} [interface {port}]", undo=_no_static),
        Command(g, f"mac address-table aging-time {seconds}", _aging, HELP,
                no=f"mac address-table aging-time [{seconds}]", undo=_no_aging),
        Command(EXEC_MODES, "show mac address-table aging-time", _show_aging, HELP),
        Command(("privileged",), f"clear mac address-table dynamic {{address <mac:mac> | interface {port} |"
                " vlan <vid:int(1,4094)>}", _clear, HELP),
    ]  # fmt: skip
    return [replace(command, roles=("switch",)) for command in made]


def _static(c: Context, m: Match) -> None:
    if int(m["mac"][:2], 16) & 1:
        raise CommandError("% Only unicast addresses can be static here.")
    if m["vid"] not in c.config.vlans or m["port"] not in c.config.interfaces:
        missing = f"VLAN {m['vid']}" if m["vid"] not in c.config.vlans else m["port"]
        raise CommandError(f"% {missing} does not exist.")
    table = c.config.parts[MacTable]
    others = [one for one in table.static if (one.mac, one.vlan) != (m["mac"], m["vid"])]
    c.config.parts.put(replace(table, static=(*others, Static(m["mac"], m["vid"], m["port"]))))


def _no_static(c: Context, m: Match) -> None:
    table = c.config.parts[MacTable]
    left = tuple(one for one in table.static if (one.mac, one.vlan) != (m["mac"], m["vid"]))
    c.config.parts.put(replace(table, static=left))


def _aging(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[MacTable], aging=m["seconds"]))


def _no_aging(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[MacTable], aging=AGING))


def render(config: Config) -> list[str]:
    """The lines of the configuration."""
    table = config.parts[MacTable]
    lines = [
        f"mac address-table static {dotted(one.mac)} vlan {one.vlan} interface {one.interface}" for one in table.static
    ]
    if table.aging != AGING:
        lines.append(f"mac address-table aging-time {table.aging}")
    return [*lines, "!"] if lines else []


def _show_aging(s: Session, m: Match) -> None:
    s.out(f"Global Aging Time: {s.device.config.parts[MacTable].aging:4d}\nVlan    Aging Time\n----    ----------")


def _clear(s: Session, m: Match) -> None:
    vid = m.get("vid")
    if vid in vlans.RESERVED:
        raise CommandError(f"% VLAN {vid} is reserved")
    s.device.dataplane.perform(Flush(m.get("mac"), m.get("port"), vid))


AREA = Area(commands, render)
