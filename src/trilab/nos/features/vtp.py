"""VTP: this switch keeps its VLANs in its own configuration, as in the modes transparent and off; no other mode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config
from trilab.nos.show.text import base_mac, dotted

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "vtp": "Configure global VTP state",
    "mode": "Configure VTP device mode",
    "transparent": "Set the device to transparent mode.",
    "off": "Set the device to off mode.",
    "domain": "Set the name of the VTP administrative domain.",
    "<name>": "The ascii name for the VTP administrative domain.",
    "show": "Show running system information",
    "status": "VTP domain status",
}


@dataclass(frozen=True)
class Vtp:
    """Mode and domain; neither sends anything."""

    mode: Literal["transparent", "off"] = "transparent"
    domain: str = ""


def commands() -> list[Command]:
    """``vtp`` and ``show vtp status``."""
    g = ("config",)
    made = [
        Command(g, "vtp mode (transparent=mode | off=mode)", _mode, HELP, no="vtp mode", undo=_no_mode),
        Command(g, "vtp domain <name:word>", _domain, HELP),
        Command(EXEC_MODES, "show vtp status", _status, HELP),
    ]
    return [replace(command, roles=("switch",)) for command in made]


def _mode(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Vtp], mode=m["mode"]))
    if c.interactive:
        c.say(f"Setting device to VTP {m['mode'].capitalize()} mode for VLANS.")


def _no_mode(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Vtp], mode="transparent"))


def _domain(c: Context, m: Match) -> None:
    if len(m["name"]) > 32:
        raise CommandError("% The VTP domain name is too long: at most 32 characters")
    before = c.config.parts[Vtp]
    c.config.parts.put(replace(before, domain=m["name"]))
    if c.interactive:
        c.say(f"Changing VTP domain name from {before.domain or 'NULL'} to {m['name']}")


def render(config: Config) -> list[str]:
    """The lines of the configuration."""
    vtp = config.parts[Vtp]
    return [*([f"vtp domain {vtp.domain}"] if vtp.domain else []), f"vtp mode {vtp.mode}", "!"]


def _status(s: Session, m: Match) -> None:
    vtp = s.device.config.parts[Vtp]
    rows = {
        "VTP Version capable": "1 to 3",
        "VTP version running": "1",
        "VTP Domain Name": vtp.domain,
        "VTP Pruning Mode": "Disabled",
        "VTP Traps Generation": "Disabled",
        "Device ID": dotted(base_mac(s)),
    }
    s.out("\n".join(f"{label:<32}: {value}" for label, value in rows.items()))
    s.out("\nFeature VLAN:\n--------------")
    rows = {
        "VTP Operating Mode": vtp.mode.capitalize(),
        "Maximum VLANs supported locally": "255",
        "Number of existing VLANs": str(len(s.device.config.vlans) + 4),
        "Configuration Revision": "0",
    }
    s.out("\n".join(f"{label:<34}: {value}" for label, value in rows.items()) + "\n")


AREA = Area(commands, render)
