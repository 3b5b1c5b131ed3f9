"""Spanning tree: one instance (IEEE 802.1D-2004) carries all VLANs, whatever VLANs a command names.

Open vSwitch runs one tree per bridge. A ``vlan`` list is kept as typed; two priorities for two lists would be two
trees, and are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from trilab.nos import vlans
from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface

HELP = {
    "spanning-tree": "Spanning Tree Subsystem",
    "mode": "Spanning tree operating mode",
    "pvst": "Per-Vlan spanning tree mode",
    "rapid-pvst": "Per-Vlan rapid spanning tree mode",
    "extend": "Spanning Tree 802.1t extensions",
    "system-id": "Extend system-id into priority portion of the bridge id",
    "vlan": "VLAN Switch Spanning Tree",
    "<vids>": "vlan range, example: 1,3-5,7,9-11",
    "priority": "Set the bridge priority for the spanning tree",
    "<priority>": "bridge priority in increments of 4096",
    "root": "Configure switch as root",
    "primary": "Configure this switch as primary root for this spanning tree",
    "secondary": "Configure switch as secondary root",
    "portfast": "Spanning tree portfast options",
    "default": "Enable portfast by default on all access ports",
    "bpduguard": "Don't accept BPDUs on this interface",
    "enable": "Enable BPDU guard for this interface",
    "disable": "Disable for this interface",
    "trunk": "Enable portfast on the interface even in trunk mode",
    "cost": "Change an interface's spanning tree port path cost",
    "<cost>": "port path cost",
    "port-priority": "Change an interface's spanning tree port priority",
    "<rank>": "port priority in increments of 16",
}
DEFAULT, PRIMARY, SECONDARY = 32768, 24576, 28672  # Catalyst 2960 command reference, "spanning-tree vlan"
PORT_PRIORITY = 128  # IEEE 802.1D-2004, table 17-2
_PORTFAST = """\
%Warning: portfast should only be enabled on ports connected to a single
 host. Connecting hubs, concentrators, switches, bridges, etc... to this
 interface  when portfast is enabled, can cause temporary bridging loops.
 Use with CAUTION
"""


@dataclass(frozen=True)
class Tree:
    """Settings of the device. ``legacy``: 802.1D-1998 behaviour (mode pvst)."""

    legacy: bool = False
    priority: int = DEFAULT
    priority_vlans: frozenset[int] = frozenset()  # as typed
    portfast: bool = False  # on every access port
    bpduguard: bool = False  # on every port that is an edge


@dataclass(frozen=True)
class TreePort:
    """Settings of a port. ``portfast`` and ``bpduguard``: ``None`` follows the device's default."""

    portfast: Literal["edge", "trunk", "disable"] | None = None
    bpduguard: bool | None = None
    cost: int | None = None  # None: from the speed
    priority: int = PORT_PRIORITY


def edge(config: Config, interface: Interface) -> bool:
    """Whether a port goes straight to forwarding: portfast counts on access ports, on trunks with ``trunk`` only."""
    own = interface.parts[TreePort].portfast
    if interface.mode == "trunk":
        return own == "trunk"
    return own in ("edge", "trunk") or (own is None and config.parts[Tree].portfast)


def guarded(config: Config, interface: Interface) -> bool:
    """Whether a BPDU disables the port (BPDU guard)."""
    own = interface.parts[TreePort].bpduguard
    return (config.parts[Tree].bpduguard and edge(config, interface)) if own is None else own


def commands() -> list[Command]:
    """``spanning-tree``, of the device and of ports."""
    g, p = ("config",), ("if-port",)
    start = "spanning-tree vlan <vids:vlans>"
    made = [
        Command(g, "spanning-tree mode (rapid-pvst=mode | pvst=mode)", _mode, HELP,
                no="spanning-tree mode [rapid-pvst | pvst]", undo=_no_mode),
        Command(g, "spanning-tree extend system-id", _nothing, HELP),
        Command(g, f"{start} priority <priority:int(0,61440)>", _priority, HELP,
                no=f"{start} priority [<priority:int(0,61440)>]", undo=_no_priority),
        Command(g, f"{start} root (primary | secondary)", _root, HELP, no=f"{start} root [primary | secondary]",
                undo=_no_priority),
        Command(g, "spanning-tree portfast default", _default, HELP, undo=_no_default),
        Command(g, "spanning-tree portfast bpduguard default", _default_guard, HELP, undo=_no_default_guard),
        Command(p, "spanning-tree portfast [disable=how | trunk=how]", _portfast, HELP,
                no="spanning-tree portfast [disable | trunk]", undo=_no_portfast),
        Command(p, "spanning-tree bpduguard (enable=how | disable=how)", _guard, HELP,
                no="spanning-tree bpduguard [enable | disable]", undo=_no_guard),
        Command(p, "spanning-tree cost <cost:int(1,200000000)>", _cost, HELP,
                no="spanning-tree cost [<cost:int(1,200000000)>]", undo=_no_cost),
        Command(p, "spanning-tree port-priority <rank:int(0,240)>", _rank, HELP,
                no="spanning-tree port-priority [<rank:int(0,240)>]", undo=_no_rank),
    ]  # fmt: skip
    return [replace(command, roles=("switch",)) for command in made]


def _set(c: Context, **values: object) -> None:
    c.config.parts.put(replace(c.config.parts[Tree], **values))  # type: ignore[arg-type]


def _set_ports(c: Context, **values: object) -> None:
    for interface in c.interfaces():
        interface.parts.put(replace(interface.parts[TreePort], **values))  # type: ignore[arg-type]


def _nothing(c: Context, m: Match) -> None:
    """What is always so."""


def _mode(c: Context, m: Match) -> None:
    _set(c, legacy=m["mode"] == "pvst")


def _no_mode(c: Context, m: Match) -> None:
    _set(c, legacy=False)


def _priority(c: Context, m: Match) -> None:
    if m["priority"] % 4096:
        raise CommandError(
            "% Bridge Priority must be in increments of 4096.\n% Allowed values are:\n"
            "  0     4096  8192  12288 16384 20480 24576 28672\n"
            "  32768 36864 40960 45056 49152 53248 57344 61440"
        )
    _prioritize(c, m["vids"], m["priority"])


def _root(c: Context, m: Match) -> None:
    _prioritize(c, m["vids"], _below_root(c) if m.has("primary") else SECONDARY)


def _below_root(c: Context) -> int:
    """24576, or 4096 less than a root that this would not beat (Catalyst 2960 command reference)."""
    tree = c.tree()
    if tree is None or tree.root_port is None or (tree.root_priority, tree.root_mac) > (PRIMARY, tree.mac):
        return PRIMARY
    if tree.root_priority == 0:
        raise CommandError(
            "% Failed to make the bridge root for vlan 1\n"
            "% It may be possible to make the bridge root by setting the priority\n"
            "% for some (or all) of these instances to zero."
        )
    return tree.root_priority - 4096


def _prioritize(c: Context, vids: frozenset[int], priority: int) -> None:
    tree = c.config.parts[Tree]
    others = tree.priority_vlans - vids
    if others and priority != tree.priority:
        if priority == DEFAULT:
            _set(c, priority_vlans=others)
            return
        raise CommandError(
            f"Command rejected: one spanning tree carries all VLANs of this switch,\n"
            f" and its priority is {tree.priority} (VLAN {vlans.text(others)})."
        )
    _set(c, priority=priority, priority_vlans=frozenset() if priority == DEFAULT else others | vids)


def _no_priority(c: Context, m: Match) -> None:
    left = c.config.parts[Tree].priority_vlans - m["vids"]
    _set(c, priority_vlans=left, **({} if left else {"priority": DEFAULT}))


def _default(c: Context, m: Match) -> None:
    _set(c, portfast=True)
    if c.interactive:
        c.say(
            "%Warning: this command enables portfast by default on all interfaces. You\n"
            " should now disable portfast explicitly on switched ports leading to hubs,\n"
            " switches and bridges as they may create temporary bridging loops.\n"
        )


def _no_default(c: Context, m: Match) -> None:
    _set(c, portfast=False)


def _default_guard(c: Context, m: Match) -> None:
    _set(c, bpduguard=True)


def _no_default_guard(c: Context, m: Match) -> None:
    _set(c, bpduguard=False)


def _portfast(c: Context, m: Match) -> None:
    how = m.get("how", "edge")
    _set_ports(c, portfast=how)
    if c.interactive and how != "disable":
        c.say(_PORTFAST)
        for interface in c.interfaces() if how == "edge" else ():
            c.say(f"%Portfast has been configured on {interface.name} but will only")
            c.say(" have effect when the interface is in a non-trunking mode.")


def _no_portfast(c: Context, m: Match) -> None:
    _set_ports(c, portfast=None)


def _guard(c: Context, m: Match) -> None:
    _set_ports(c, bpduguard=m["how"] == "enable")


def _no_guard(c: Context, m: Match) -> None:
    _set_ports(c, bpduguard=None)


def _cost(c: Context, m: Match) -> None:
    _set_ports(c, cost=m["cost"])


def _no_cost(c: Context, m: Match) -> None:
    _set_ports(c, cost=None)


def _rank(c: Context, m: Match) -> None:
    if m["rank"] % 16:
        allowed = "\n".join("  " + " ".join(f"{n:<3}" for n in range(at, at + 128, 16)).rstrip() for at in (0, 128))
        raise CommandError(f"% Port Priority in increments of 16 is required\n% Allowed values are:\n{allowed}")
    _set_ports(c, priority=m["rank"])


def _no_rank(c: Context, m: Match) -> None:
    _set_ports(c, priority=PORT_PRIORITY)


def render(config: Config) -> list[str]:
    """The device's lines."""
    tree = config.parts[Tree]
    lines = [f"spanning-tree mode {'pvst' if tree.legacy else 'rapid-pvst'}"]
    if tree.portfast:
        lines.append("spanning-tree portfast default")
    if tree.bpduguard:
        lines.append("spanning-tree portfast bpduguard default")
    lines.append("spanning-tree extend system-id")
    if tree.priority_vlans:
        lines += [
            f"spanning-tree vlan {part} priority {tree.priority}" for part in vlans.wrapped(tree.priority_vlans, 60)
        ]
    return [*lines, "!"]


def render_interface(config: Config, interface: Interface) -> list[str]:
    """The lines of a port."""
    port = interface.parts[TreePort]
    lines = [] if port.cost is None else [f" spanning-tree cost {port.cost}"]
    if port.priority != PORT_PRIORITY:
        lines.append(f" spanning-tree port-priority {port.priority}")
    if port.portfast is not None:
        lines.append(" spanning-tree portfast" + ("" if port.portfast == "edge" else f" {port.portfast}"))
    if port.bpduguard is not None:
        lines.append(f" spanning-tree bpduguard {'enable' if port.bpduguard else 'disable'}")
    return lines


AREA = Area(commands, render, render_interface)
