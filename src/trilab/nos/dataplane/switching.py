"""What Open vSwitch must hold for a configuration: bridges and ports, as values. Pure.

A switch is one bridge ``br0`` with rapid spanning tree. A router has one bridge per port that carries
subinterfaces, so nothing is bridged between its ports.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

from trilab.nos.dataplane import names
from trilab.nos.features import spanning
from trilab.nos.features.spanning import Tree, TreePort
from trilab.nos.model import Config, Interface

SWITCH = "br0"
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


@dataclass(frozen=True)
class Switching:
    """Everything that Open vSwitch must hold."""

    bridges: Mapping[str, Bridge]
    ports: Mapping[str, Port]


def desired(config: Config, macs: Mapping[str, str]) -> Switching:
    """``macs``: the device's cabled ports (``ethN``) and their addresses."""
    return _switch(config, macs.keys()) if config.role == "switch" else _router(config, macs)


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


def _switch(config: Config, cabled: Set[str]) -> Switching:
    existing = config.vlans.keys()
    ports = {}
    for name, interface in config.interfaces.items():
        device = names.device(config, name)
        vlan = names.svi_vlan(name)
        if vlan is not None:
            mode, tag, trunks = tagging(vlan, {vlan}) if vlan in existing else tagging(None, set())
            port = Port(f"sv{vlan}", SWITCH, mode, tag, trunks, _edge(vlan))
            ports[port.name] = port
        elif device in cabled and device is not None:
            ports[device] = Port(
                device, SWITCH, *tagging(*vlans_of(interface, existing)), _spanning_tree(config, interface)
            )
    return Switching({SWITCH: _switch_bridge(config)}, ports)


def _switch_bridge(config: Config) -> Bridge:
    """The smallest timers that IEEE 802.1D-2004 (17.14) allows: few seconds, still a real tree."""
    tree = config.parts[Tree]
    settings = (
        ("mac-aging-time", "300"),
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


def _spanning_tree(config: Config, interface: Interface) -> tuple[tuple[str, str], ...]:
    own = interface.parts[TreePort]
    return (
        ("rstp-path-cost", str(own.cost or _COSTS.get(interface.speed, 4))),
        ("rstp-port-admin-edge", "true" if spanning.edge(config, interface) else "false"),
        ("rstp-port-num", str(names.port_number(interface.name))),
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
