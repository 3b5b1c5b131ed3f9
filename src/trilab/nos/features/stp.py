"""Spanning tree: one rapid instance for all VLANs, with the device's priority."""

from __future__ import annotations

from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config

HELP = {
    "spanning-tree": "Spanning Tree Subsystem",
    "mode": "Spanning tree operating mode",
    "rapid-pvst": "Per-Vlan rapid spanning tree mode",
    "vlan": "VLAN Switch Spanning Tree",
    "<vids>": "vlan range, example: 1,3-5,7,9-11",
    "priority": "Set the bridge priority for the spanning tree",
    "<priority>": "bridge priority in increments of 4096",
    "root": "Configure switch as root",
    "primary": "Configure this switch as primary root for this spanning tree",
    "secondary": "Configure switch as secondary root",
}
DEFAULT, PRIMARY, SECONDARY = 32768, 24576, 28672  # Catalyst 2960 command reference, "spanning-tree vlan"


def commands() -> list[Command]:
    """``spanning-tree vlan`` (the priority counts for every VLAN) and the only mode there is."""
    g = ("config",)
    start = "spanning-tree vlan <vids:vlans>"
    return [
        Command(g, "spanning-tree mode rapid-pvst", _mode, HELP, roles=("switch",)),
        Command(g, f"{start} priority <priority:int(0,61440)>", _priority, HELP,
                no=f"{start} priority [<priority:int(0,61440)>]", undo=_no_priority, roles=("switch",)),
        Command(g, f"{start} root (primary | secondary)", _root, HELP, no=f"{start} root [primary | secondary]",
                undo=_no_priority, roles=("switch",)),
    ]  # fmt: skip


def _mode(c: Context, m: Match) -> None:
    """The mode that runs already."""


def _priority(c: Context, m: Match) -> None:
    if m["priority"] % 4096:
        raise CommandError(
            "% Bridge Priority must be in increments of 4096.\n% Allowed values are:\n"
            "  0     4096  8192  12288 16384 20480 24576 28672\n"
            "  32768 36864 40960 45056 49152 53248 57344 61440"
        )
    c.config.stp_priority = m["priority"]


def _root(c: Context, m: Match) -> None:
    c.config.stp_priority = PRIMARY if m.has("primary") else SECONDARY


def _no_priority(c: Context, m: Match) -> None:
    c.config.stp_priority = DEFAULT


def render(config: Config) -> list[str]:
    """The mode, and the priority when it is not the default."""
    if config.role == "router":
        return []
    lines = ["spanning-tree mode rapid-pvst"]
    if config.stp_priority != DEFAULT:
        lines.append(f"spanning-tree vlan 1-4094 priority {config.stp_priority}")
    return [*lines, "!"]
