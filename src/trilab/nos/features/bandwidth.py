"""``bandwidth``: what routing protocols believe of an interface's speed. It limits no traffic, as on IOS."""

from __future__ import annotations

from dataclasses import dataclass

from trilab.nos.area import Area
from trilab.nos.context import L3_MODES, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface
from trilab.nos.names import is_loopback

HELP = {"bandwidth": "Set bandwidth informational parameter", "<kilobits>": "Bandwidth in kilobits"}
_LOOPBACK = 8_000_000  # kbit/s, what IOS gives a loopback


@dataclass(frozen=True)
class Bandwidth:
    """The configured figure in kbit/s; None: that of the medium."""

    kilobits: int | None = None


def kilobits(interface: Interface) -> int:
    """The interface's bandwidth in kbit/s."""
    known = interface.parts[Bandwidth].kilobits
    if known is not None:
        return known
    if is_loopback(interface.name):
        return _LOOPBACK
    return 1000 * (1000 if interface.speed == "auto" else int(interface.speed))


def _commands() -> list[Command]:
    return [
        Command(L3_MODES, "bandwidth <kilobits:int(1,10000000)>", _set, HELP,
                no="bandwidth [<kilobits:int(1,10000000)>]", undo=_unset, roles=("router", "switch")),
    ]  # fmt: skip


def _set(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        interface.parts.put(Bandwidth(m["kilobits"]))


def _unset(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        interface.parts.put(Bandwidth())


def _render(config: Config, interface: Interface) -> list[str]:
    known = interface.parts[Bandwidth].kilobits
    return [] if known is None else [f" bandwidth {known}"]


AREA = Area(_commands, render_interface=_render)
