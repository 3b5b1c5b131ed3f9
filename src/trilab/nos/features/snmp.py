"""SNMP, read only: ``snmp-server community``, ``location``, ``contact``, and what shows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trilab.nos.area import Area
from trilab.nos.context import Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config
from trilab.nos.show.text import serial

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "snmp-server": "Modify SNMP engine parameters",
    "community": "Enable SNMP; set community string and access privs",
    "<community>": "SNMP community string",
    "ro": "Read-only access with this community string",
    "<acl>": "Std IP accesslist allowing access with this community string",
    "location": "Text for mib object sysLocation",
    "<location>": "The physical location of this node",
    "contact": "Text for mib object sysContact",
    "<contact>": "identification of the contact person for this managed node",
    "show": "Show running system information",
    "snmp": "snmp statistics",
    "chassis": "Show SNMP chassis",
}
SHOW_HELP = {**HELP, "community": "Show SNMP communities", "location": "Show SNMP sysLocation",
             "contact": "Show SNMP sysContact"}  # fmt: skip


@dataclass(frozen=True)
class Community:
    """Who knows the word may read, from where the access list permits."""

    name: str
    acl: str | None = None


@dataclass(frozen=True)
class Snmp:
    """The agent's settings; it runs while there is a community."""

    communities: tuple[Community, ...] = ()
    location: str = ""
    contact: str = ""


def commands() -> list[Command]:
    """``snmp-server`` and what shows it."""
    g = ("config",)
    return [
        Command(g, "snmp-server community <community:word> [ro] [<acl:reader>]", _community, HELP,
                no="snmp-server community <community:word> [<rest:line>]", undo=_no_community),
        Command(g, "snmp-server location <location:line>", _location, HELP, no="snmp-server location [<rest:line>]",
                undo=_no_location),
        Command(g, "snmp-server contact <contact:line>", _contact, HELP, no="snmp-server contact [<rest:line>]",
                undo=_no_contact),
        Command(EXEC_MODES, "show snmp community", _show_communities, SHOW_HELP),
        Command(EXEC_MODES, "show snmp (location=what | contact=what | chassis=what)", _show_text, SHOW_HELP),
    ]  # fmt: skip


def _put(c: Context, **values: object) -> None:
    c.config.parts.put(replace(c.config.parts[Snmp], **values))  # type: ignore[arg-type]


def _others(c: Context, name: str) -> tuple[Community, ...]:
    return tuple(one for one in c.config.parts[Snmp].communities if one.name != name)


def _community(c: Context, m: Match) -> None:
    _put(c, communities=(*_others(c, m["community"]), Community(m["community"], m.get("acl"))))


def _no_community(c: Context, m: Match) -> None:
    _put(c, communities=_others(c, m["community"]))


def _location(c: Context, m: Match) -> None:
    _put(c, location=m["location"])


def _no_location(c: Context, m: Match) -> None:
    _put(c, location="")


def _contact(c: Context, m: Match) -> None:
    _put(c, contact=m["contact"])


def _no_contact(c: Context, m: Match) -> None:
    _put(c, contact="")


def render(config: Config) -> list[str]:
    """The lines of the configuration."""
    now = config.parts[Snmp]
    lines = [
        f"snmp-server community {one.name} RO" + (f" {one.acl}" if one.acl is not None else "")
        for one in now.communities
    ]
    lines += [f"snmp-server location {now.location}"] if now.location else []
    lines += [f"snmp-server contact {now.contact}"] if now.contact else []
    return [*lines, "!"] if lines else []


def _show_communities(s: Session, m: Match) -> None:
    for one in s.device.config.parts[Snmp].communities:
        acl = f"\taccess-list: {one.acl}" if one.acl is not None else ""
        s.out(f"\nCommunity name: {one.name}\nCommunity Index: {one.name}\nCommunity SecurityName: {one.name}\n"
              f"storage-type: nonvolatile\t active{acl}\n")  # fmt: skip


def _show_text(s: Session, m: Match) -> None:
    now = s.device.config.parts[Snmp]
    s.out({"location": now.location, "contact": now.contact, "chassis": serial(s)}[m["what"]])


AREA = Area(commands, render)
