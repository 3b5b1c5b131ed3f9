"""Layer 3 on a switch: ``ip routing``, and ports that are no switch ports (``no switchport``)."""

from __future__ import annotations

from dataclasses import dataclass

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.defaults import fresh
from trilab.nos.features.monitor import Mirrors
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface

HELP = {
    "ip": "Global IP configuration subcommands",
    "routing": "Enable IP routing",
    "switchport": "Set switching mode characteristics",
}


@dataclass(frozen=True)
class Routing:
    """``ip routing``: the switch forwards between its VLAN interfaces and routed ports."""

    on: bool = False


def forwards(config: Config) -> bool:
    """Whether the device forwards packets between its interfaces."""
    return config.role != "switch" or config.parts[Routing].on


def commands() -> list[Command]:
    """``ip routing``, ``switchport`` and ``no switchport``."""
    return [
        Command(("config",), "ip routing", _routing, HELP, undo=_no_routing, roles=("switch",)),
        Command(("if-port",), "switchport", _switched, HELP, undo=_routed, roles=("switch",)),
        Command(("if-l3",), "switchport", _switched, HELP, undo=_routed, roles=("switch",)),
    ]


def _routing(c: Context, m: Match) -> None:
    c.config.parts.put(Routing(on=True))


def _no_routing(c: Context, m: Match) -> None:
    c.config.parts.put(Routing())


def _routed(c: Context, m: Match) -> None:
    mirrored = {name for one in c.config.parts[Mirrors].sessions for name, _ in one.sources}
    mirrored |= {str(one.destination) for one in c.config.parts[Mirrors].sessions}
    for interface in c.interfaces():
        if interface.name not in c.config.interfaces or interface.name.startswith("Port-channel"):
            raise CommandError("Command rejected: an EtherChannel is a switch port here.")
        if interface.channel is not None:
            raise CommandError(f"Command rejected: {interface.name} is a member of an etherchannel.")
        if interface.name in mirrored:
            raise CommandError(f"Command rejected: {interface.name} belongs to a monitor session.")
    _turn(c, routed=True)
    c.enter("if-l3", c.target, c.in_range)


def _switched(c: Context, m: Match) -> None:
    _turn(c, routed=False)
    c.enter("if-port", c.target, c.in_range)


def _turn(c: Context, *, routed: bool) -> None:
    """What belongs to the other layer is forgotten."""
    for interface in c.interfaces():
        if interface.routed != routed:
            new = fresh(c.config.role, interface.name)
            new.description, new.shutdown = interface.description, interface.shutdown
            new.speed, new.duplex, new.routed = interface.speed, interface.duplex, routed
            c.config.interfaces[interface.name] = new


def render(config: Config) -> list[str]:
    """``ip routing``."""
    return ["ip routing", "!"] if config.parts[Routing].on else []


def render_switchport(interface: Interface) -> list[str]:
    """``no switchport``: before everything else of a port."""
    return [" no switchport"] if interface.routed else []


AREA = Area(commands, render)
