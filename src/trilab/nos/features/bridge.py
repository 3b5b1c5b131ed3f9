"""Bridge groups of an access point: which VLAN of the air is which VLAN of the wire.

A bridge group joins interfaces and subinterfaces; here it carries one VLAN on the wire, whatever its number on the air.
"""

from __future__ import annotations

from trilab.nos.context import AP_MODES, CommandError, Context
from trilab.nos.features import ip
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface
from trilab.nos.names import is_radio, is_subinterface

HELP = {
    **ip.HELP,
    "bridge-group": "Transparent bridging interface parameters",
    "<group>": "Assign an interface to a Bridge Group",
    "port-protected": "There will be no traffic between this interface and other protected ports",
    "spanning-disabled": "Disable spanning tree on a bridge group",
    "bridge": "Bridge Group",
    "irb": "Integrated routing and bridging",
    "route": "Specify a protocol to be routed in a Bridge Group",
}


_NATIVE = "% The native VLAN of an access point is in bridge group 1"


def commands() -> list[Command]:
    """``bridge-group``, ``encapsulation`` and the bridge's own two lines."""
    number = "<group:int(1,255)>"
    made = [
        Command(("if-bridged",), "encapsulation dot1Q <vid:int(1,4094)> [native]", _encapsulation, HELP,
                no="encapsulation [dot1Q [<vid:int(1,4094)> [native]]]", undo=_decapsulate),
        Command(AP_MODES, f"bridge-group {number}", _group, HELP, undo=_no_group),
        Command(AP_MODES, f"bridge-group {number} port-protected", _protected, HELP, undo=_no_protected),
        Command(AP_MODES, f"bridge-group {number} spanning-disabled", _present, HELP),
        Command(("config",), "bridge irb", _present, HELP),
        Command(("config",), "bridge <group:int(1,1)> route ip", _present, HELP),
    ]  # fmt: skip
    return [Command(c.modes, c.pattern, c.run, c.help, c.no, c.undo, roles=("ap",)) for c in made]


def _present(c: Context, m: Match) -> None:
    """What an access point does already: no spanning tree, BVI1 on bridge group 1."""


def _encapsulation(c: Context, m: Match) -> None:
    ip.encapsulate(c, m)
    for interface in c.interfaces():
        if m.has("native"):
            for other in c.config.interfaces.values():
                same = other.name.partition(".")[0] == interface.name.partition(".")[0]
                if same and other is not interface and other.encapsulation_native:
                    raise CommandError(f"% {other.name} has the native VLAN already")
            interface.bridge_group = 1  # IOS: the native VLAN of an access point is in bridge group 1
    check(c.config)


def _decapsulate(c: Context, m: Match) -> None:
    ip.decapsulate(c, m)
    for interface in c.interfaces():
        interface.bridge_group, interface.protected = None, False


def _group(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        if is_subinterface(interface.name) and interface.encapsulation is None:
            raise CommandError("% Configure encapsulation dot1Q on this subinterface first")
        if interface.encapsulation_native and m["group"] != 1:
            raise CommandError(_NATIVE)
        if interface.bridge_group != m["group"]:
            interface.bridge_group, interface.protected = m["group"], False
    check(c.config)


def _no_group(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        if interface.encapsulation_native:
            raise CommandError(_NATIVE)
        if interface.bridge_group == m["group"]:
            interface.bridge_group, interface.protected = None, False


def _protected(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        if not is_radio(interface.name):
            raise CommandError("% port-protected is supported on radio interfaces only")
        if interface.bridge_group != m["group"]:
            raise CommandError(f"% {interface.name} is not in bridge group {m['group']}")
        interface.protected = True


def _no_protected(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        interface.protected = False


def check(config: Config) -> None:
    """One VLAN of the wire per bridge group, and the other way round. Raises CommandError."""
    vlans: dict[int, Interface] = {}
    groups: dict[int, Interface] = {}
    for one in config.interfaces.values():
        if one.bridge_group is None or one.encapsulation is None or is_radio(one.name):
            continue
        other = vlans.setdefault(one.bridge_group, one)
        if other.encapsulation != one.encapsulation:
            raise CommandError(
                f"% Bridge group {one.bridge_group} carries VLAN {other.encapsulation} on {other.name}: "
                "one VLAN per bridge group is supported"
            )
        other = groups.setdefault(one.encapsulation, one)
        if other.bridge_group != one.bridge_group:
            raise CommandError(
                f"% VLAN {one.encapsulation} is in bridge group {other.bridge_group} on {other.name}: "
                "one bridge group per VLAN is supported"
            )


def render(interface: Interface) -> list[str]:
    """``bridge-group`` lines."""
    group = interface.bridge_group
    if group is None:
        return []
    protected = [f" bridge-group {group} port-protected"] if interface.protected else []
    return [f" bridge-group {group}", *protected, f" bridge-group {group} spanning-disabled"]


def render_head(config: Config) -> list[str]:
    """``bridge irb``."""
    return ["bridge irb", "!"] if config.role == "ap" else []


def render_tail(config: Config) -> list[str]:
    """``bridge 1 route ip``."""
    return ["bridge 1 route ip", "!"] if config.role == "ap" else []
