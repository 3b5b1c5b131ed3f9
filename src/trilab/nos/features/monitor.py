"""Port mirroring: ``monitor session``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config
from trilab.nos.names import short

if TYPE_CHECKING:
    from trilab.nos.session import Session

Direction = Literal["both", "rx", "tx"]
SESSIONS = 2  # Catalyst 2960: two sessions
HELP = {
    "monitor": "Configure SPAN monitoring",
    "session": "Configure a SPAN session",
    "<number>": "SPAN session number",
    "source": "SPAN source interface",
    "destination": "SPAN destination interface",
    "interface": "SPAN interface",
    "both": "Monitor received and transmitted traffic",
    "rx": "Monitor received traffic only",
    "tx": "Monitor transmitted traffic only",
    "show": "Show running system information",
    "all": "Show all SPAN sessions",
}


@dataclass(frozen=True)
class Mirror:
    """One session. It copies once it has both sources and a destination."""

    number: int
    sources: tuple[tuple[str, Direction], ...] = ()
    destination: str | None = None


@dataclass(frozen=True)
class Mirrors:
    """All sessions, by number."""

    sessions: tuple[Mirror, ...] = ()


def commands() -> list[Command]:
    """``monitor session`` and ``show monitor``."""
    g, session = ("config",), f"monitor session <number:int(1,{SESSIONS})>"
    source, target = "source interface <names:ifrange>", "destination interface <port:ifname(port)>"
    one = "source interface <port:ifname(port,channel)>"
    made = [
        Command(g, f"{session} {one} [both=way | rx=way | tx=way]", _source, HELP, undo=_no_source),
        Command(g, f"{session} {source}", _source, HELP, undo=_no_source),
        Command(g, f"{session} {target}", _destination, HELP, undo=_no_destination),
        Command(g, session, None, HELP, undo=_no_session),
        Command(EXEC_MODES, f"show monitor [session (<number:int(1,{SESSIONS})> | all)]", _show, HELP),
    ]  # fmt: skip
    return [replace(command, roles=("switch",)) for command in made]


def _get(config: Config, number: int) -> Mirror:
    return next((one for one in config.parts[Mirrors].sessions if one.number == number), Mirror(number))


def _put(config: Config, mirror: Mirror) -> None:
    others = [one for one in config.parts[Mirrors].sessions if one.number != mirror.number]
    kept = [mirror] if mirror.sources or mirror.destination else []
    config.parts.put(Mirrors(tuple(sorted([*others, *kept], key=lambda one: one.number))))


def destinations(config: Config) -> set[str]:
    """Ports that copies go to: they switch nothing."""
    return {one.destination for one in config.parts[Mirrors].sessions if one.destination is not None}


def _names(m: Match) -> tuple[str, ...]:
    return m.get("names") or (m["port"],)


def _source(c: Context, m: Match) -> None:
    names, way = _names(m), m.get("way", "both")
    for name in names:
        if name in destinations(c.config) or name not in c.config.interfaces or name.startswith("Vlan"):
            raise CommandError(f"% Interface(s) {short(name)} cannot be a source of a monitor session")
    mirror = _get(c.config, m["number"])
    kept = tuple(pair for pair in mirror.sources if pair[0] not in names)
    _put(c.config, replace(mirror, sources=tuple(sorted((*kept, *((name, way) for name in names))))))


def _no_source(c: Context, m: Match) -> None:
    mirror = _get(c.config, m["number"])
    _put(c.config, replace(mirror, sources=tuple(pair for pair in mirror.sources if pair[0] not in _names(m))))


def _destination(c: Context, m: Match) -> None:
    port = c.config.interfaces[m["port"]]
    others = [one for one in c.config.parts[Mirrors].sessions if one.number != m["number"]]
    used = {name for one in c.config.parts[Mirrors].sessions for name, _ in one.sources}
    if port.name in used | {one.destination for one in others} or port.channel is not None:
        raise CommandError(f"% Interface(s) {short(port.name)} already configured as monitor source or destination")
    _put(c.config, replace(_get(c.config, m["number"]), destination=port.name))


def _no_destination(c: Context, m: Match) -> None:
    mirror = _get(c.config, m["number"])
    if mirror.destination == m["port"]:
        _put(c.config, replace(mirror, destination=None))


def _no_session(c: Context, m: Match) -> None:
    _put(c.config, Mirror(m["number"]))


def render(config: Config) -> list[str]:
    """The lines of the configuration, near its end."""
    lines = []
    for one in config.parts[Mirrors].sessions:
        start = f"monitor session {one.number}"
        for name, way in one.sources:
            lines.append(f"{start} source interface {name}" + ("" if way == "both" else f" {way}"))
        if one.destination is not None:
            lines.append(f"{start} destination interface {one.destination}")
    return [*lines, "!"] if lines else []


def _show(s: Session, m: Match) -> None:
    found = [one for one in s.device.config.parts[Mirrors].sessions if m.get("number") in (None, one.number)]
    if not found:
        s.out("No SPAN configuration is present in the system" + ("." if m.get("number") is None else " for session."))
    for one in found:
        s.out(f"Session {one.number}\n---------\nType                   : Local Session")
        s.out("Source Ports           : ")
        for label, way in (("RX Only", "rx"), ("TX Only", "tx"), ("Both", "both")):
            names = [short(name) for name, each in one.sources if each == way]
            if names:
                s.out(f"    {label:<19}: {','.join(names)}")
        if one.destination is not None:
            s.out(f"Destination Ports      : {short(one.destination)}")
            s.out("    Encapsulation      : Native\n          Ingress      : Disabled")
        s.out("")


AREA = Area(commands, render)
