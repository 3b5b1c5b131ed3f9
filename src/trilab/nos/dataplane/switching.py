"""What Open vSwitch must hold for a configuration: bridges and ports, as values. Pure.

A switch is one bridge ``br0`` with rapid spanning tree. An EtherChannel is one port ``poN`` of it: a patch to a bridge
``bpoN`` without tree, whose other port is the bond (Open vSwitch runs no tree on bonds). A router has one bridge per
port that carries subinterfaces, so nothing is bridged between its ports.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

from trilab.nos.dataplane import names
from trilab.nos.features import etherchannel, monitor, spanning
from trilab.nos.features.dot1x import Gate
from trilab.nos.features.mac_table import MacTable
from trilab.nos.features.spanning import Tree, TreePort
from trilab.nos.model import Config, Interface
from trilab.nos.names import CHANNEL, is_channel

SWITCH = "br0"
INNER = 100  # OpenFlow port, in a channel's own bridge, of the patch to the switch
NOWHERE = 4095  # reserved (IEEE 802.1Q-2018, 9.6): a port with only this VLAN forwards nothing
Mode = Literal["access", "trunk", "native-untagged"]
Tagging = tuple[Mode, int | None, tuple[int, ...]]  # (vlan_mode, tag, trunks)

# Path costs of IEEE 802.1D-1998 (the "short" method of IOS), by speed in Mbit/s.
_COSTS = {"10": 100, "100": 19, "1000": 4, "auto": 4}


@dataclass(frozen=True)
class Bridge:
    """One bridge. ``settings`` is OVSDB's other_config; ``guarded``: storms are limited, from its birth on."""

    name: str
    rstp: bool = False
    settings: tuple[tuple[str, str], ...] = ()
    guarded: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Port:
    """One port of a bridge. ``settings`` is OVSDB's other_config; ``mac`` only counts for an internal port."""

    name: str
    bridge: str
    mode: Mode
    tag: int | None = None
    trunks: tuple[int, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    internal: bool = False
    mac: str | None = None
    number: int | None = None  # OpenFlow port
    members: tuple[str, ...] = ()  # of a bond; else the port is its own and only interface
    lacp: Literal["active", "passive"] | None = None
    peer: str | None = None  # the other end of a patch
    protected: bool = False  # exchanges nothing with another protected port


@dataclass(frozen=True)
class Switching:
    """Everything that Open vSwitch must hold."""

    bridges: Mapping[str, Bridge]
    ports: Mapping[str, Port]


def desired(config: Config, macs: Mapping[str, str], idle: Set[int] = frozenset()) -> Switching:
    """``macs``: the device's cabled ports (``ethN``) and their addresses; ``idle``: channels that carry nothing."""
    return _switch(config, macs.keys(), idle) if config.role == "switch" else _router(config, macs)


def vlans_of(interface: Interface, existing: Set[int]) -> tuple[int | None, frozenset[int]]:
    """(VLAN of the untagged frames or ``None``, all VLANs carried), for a switch port. IOS 15 rules:

    a VLAN that the database lacks carries nothing; an access port takes its voice VLAN tagged; a trunk carries what is
    allowed and exists, the native VLAN untagged; ``dynamic auto`` facing equipment without DTP is an access port.
    """
    if interface.mode == "trunk":
        carried: Set[int] = interface.allowed & existing
        native = interface.native_vlan
    else:
        carried = existing & {interface.access_vlan, interface.voice_vlan or interface.access_vlan}
        native = interface.access_vlan
    return (native if native in carried else None), frozenset(carried)


def tagging(untagged: int | None, carried: Set[int]) -> Tagging:
    """The same as Open vSwitch says it."""
    if untagged is None:
        return "trunk", None, tuple(sorted(carried)) or (NOWHERE,)  # an empty "trunks" would mean every VLAN
    if carried == {untagged}:
        return "access", untagged, ()
    return "native-untagged", untagged, tuple(sorted(carried))


def _switch(config: Config, cabled: Set[str], idle: Set[int]) -> Switching:
    existing = config.vlans.keys()
    bridges, ports = {SWITCH: _switch_bridge(config)}, dict[str, Port]()
    copies = monitor.destinations(config)  # untagged copies come out there, and nothing else
    for name, interface in config.interfaces.items():
        device = names.device(config, name)
        vlan = names.svi_vlan(name)
        if vlan is not None:
            mode, tag, trunks = tagging(vlan, {vlan}) if vlan in existing else tagging(None, set())
            port = Port(f"sv{vlan}", SWITCH, mode, tag, trunks, _edge(vlan))
            ports[port.name] = port
        elif is_channel(name):
            group = int(name.removeprefix(CHANNEL))
            bundle = bundled(config, group, cabled)
            if bundle:
                bridges[f"b{device}"] = Bridge(f"b{device}", settings=(("forward-bpdu", "true"),))
                ports |= {port.name: port for port in _bundle(config, interface, group, bundle, idle)}
        elif device in cabled and device is not None and interface.channel is None and not interface.routed:
            settings, number = _spanning_tree(config, interface), names.port_number(name)
            nowhere = name in copies or interface.parts[Gate].closed
            how = ("access", NOWHERE, ()) if nowhere else tagging(*vlans_of(interface, existing))
            ports[device] = Port(device, SWITCH, *how, settings, number=number)
    return Switching(bridges, ports)


def bundled(config: Config, group: int, cabled: Set[str]) -> dict[str, Interface]:
    """Device → port, of the ports of a channel that may carry its frames."""
    found = {names.device(config, port.name): port for port in etherchannel.members(config, group)}
    return {d: p for d, p in found.items() if d in cabled and d is not None and etherchannel.fits(config, p)}


def _bundle(
    config: Config, channel: Interface, group: int, ports: Mapping[str, Interface], idle: Set[int]
) -> list[Port]:
    """The ports of a channel's own bridge, and its patch in the switch while it carries frames."""
    device, modes = f"po{group}", [port.channel_mode for port in ports.values()]
    bridge = f"b{device}"
    made = []
    if "on" in modes:  # one port each: Open vSwitch has no bond without LACP whose other end may do what it likes
        made += [Port(name, bridge, "trunk", number=names.port_number(port.name)) for name, port in ports.items()]
    else:
        lacp: Literal["active", "passive"] = "active" if "active" in modes else "passive"
        settings = (("lacp-time", "fast"),)
        made.append(Port(f"ag{group}", bridge, "trunk", settings=settings, members=tuple(sorted(ports)), lacp=lacp))
    if group not in idle:
        vlans = tagging(*vlans_of(channel, config.vlans.keys()))
        tree = _spanning_tree(config, channel, len(ports))
        made.append(Port(f"u{device}", bridge, "trunk", number=INNER, peer=device))
        made.append(Port(device, SWITCH, *vlans, tree, number=names.channel_number(group), peer=f"u{device}"))
    return made


def _switch_bridge(config: Config) -> Bridge:
    """The smallest timers that IEEE 802.1D-2004 (17.14) allows: few seconds, still a real tree."""
    tree = config.parts[Tree]
    settings = (
        ("mac-aging-time", str(config.parts[MacTable].aging)),
        ("rstp-force-protocol-version", "0" if tree.legacy else "2"),
        ("rstp-forward-delay", "4"),
        ("rstp-max-age", "6"),
        ("rstp-priority", str(tree.priority)),
    )
    return Bridge(SWITCH, rstp=True, settings=settings, guarded=True)


def _edge(vlan: int) -> tuple[tuple[str, str], ...]:
    """An SVI never makes a loop. Its number stays clear of the front ports' ones, which Open vSwitch would shift."""
    number = 64 + vlan
    return (("rstp-port-admin-edge", "true"), *((("rstp-port-num", str(number)),) if number <= 4095 else ()))


def _spanning_tree(config: Config, interface: Interface, links: int = 1) -> tuple[tuple[str, str], ...]:
    """``links``: ports of an EtherChannel, whose cost is that of their sum (3 for two gigabits, as on IOS)."""
    own, cost = interface.parts[TreePort], _COSTS.get(interface.speed, 4)
    number = names.port_number(interface.name) or names.channel_number(int(interface.name.removeprefix(CHANNEL)))
    return (
        ("rstp-path-cost", str(own.cost or (cost if links == 1 else max(1, round(cost * 0.66))))),
        ("rstp-port-admin-edge", "true" if spanning.edge(config, interface) else "false"),
        ("rstp-port-num", str(number)),
        ("rstp-port-priority", str(own.priority)),
    )


def _router(config: Config, macs: Mapping[str, str]) -> Switching:
    bridges, ports = {}, {}
    for parent in names.bridged(config):
        number = names.port_number(parent)
        wire, bridge = f"eth{number}", f"br{number}"
        if wire not in macs:
            continue
        subs = names.subinterfaces(config, parent)
        native = next((sub.encapsulation for sub in subs if sub.encapsulation_native), None)
        untagged = NOWHERE if native is None else native  # NOWHERE: the parent's own untagged frames
        carried = {untagged} | {sub.encapsulation for sub in subs if sub.encapsulation is not None}
        bridges[bridge] = Bridge(bridge)
        ports[wire] = Port(wire, bridge, *tagging(untagged, carried))
        inner = [(names.device(config, sub.name), sub.encapsulation) for sub in subs]
        for device, vlan in [*inner, (f"{wire}u", NOWHERE)]:
            if device is not None:
                ports[device] = Port(device, bridge, "access", vlan, internal=True, mac=macs[wire])
    return Switching(bridges, ports)
