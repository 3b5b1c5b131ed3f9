"""An access point's bridge groups as one Open vSwitch. Pure.

Inside the bridge a group's VLAN is the one that it has on the wire, or a free one when the wire does not have it.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from trilab.nos.dataplane import names
from trilab.nos.dataplane.base import PortState
from trilab.nos.dataplane.hostapd import assigned, isolated, slots
from trilab.nos.dataplane.switching import NOWHERE, SWITCH, Bridge, Port, Switching, Tagging, tagging
from trilab.nos.model import VLAN_MAX, Config, Interface
from trilab.nos.names import BVI, RADIO, is_radio, is_subinterface

BVI_GROUP = 1


def subinterfaces(config: Config, parent: str) -> list[Interface]:
    """The bridged subinterfaces of an interface that are not shut down."""
    return [
        interface
        for name, interface in config.interfaces.items()
        if is_subinterface(name)
        and names.parent_of(name) == parent
        and interface.bridge_group is not None
        and interface.encapsulation is not None
        and not interface.shutdown
    ]


def tags(config: Config) -> dict[int, int]:
    """Bridge group → its VLAN inside the bridge."""
    bridged = [one for one in config.interfaces.values() if one.bridge_group is not None]
    found = {
        one.bridge_group: one.encapsulation
        for one in bridged
        if one.bridge_group is not None and one.encapsulation is not None and not is_radio(one.name)
    }
    free = (vlan for vlan in range(VLAN_MAX, 0, -1) if vlan not in found.values())
    others = sorted({one.bridge_group for one in bridged if one.bridge_group is not None} | {BVI_GROUP})
    return found | {group: next(free) for group in others if group not in found}


def _untagged_group(config: Config, name: str) -> int | None:
    """The bridge group of an interface's untagged frames: that of its native VLAN, else its own."""
    native = [sub for sub in subinterfaces(config, name) if sub.encapsulation_native]
    return native[0].bridge_group if native else config.interfaces[name].bridge_group


def desired(config: Config, cabled: Set[str], air: Set[str]) -> Switching:
    """``cabled``: the device's cabled ports (``ethN``); ``air``: the ports that lead to the radio (``airN``)."""
    vlans = tags(config)
    ports = {"sv1": Port("sv1", SWITCH, *tagging(vlans[BVI_GROUP], {vlans[BVI_GROUP]}))}
    for name in config.interfaces:
        device = names.device(config, name)
        if device in cabled and device is not None and not is_subinterface(name):
            ports[device] = Port(device, SWITCH, *_wire(config, name, vlans))
    for name, slot in slots(config).items():
        if slot in air:
            ssid = config.ssids[name]
            group = _radio_group(config, ssid.vlan)
            carried = NOWHERE if group is None else vlans[group]
            ports[slot] = Port(slot, SWITCH, *tagging(carried, {carried}), protected=isolated(config, ssid))
    for vlan, slot in assigned(config).items():
        if slot in air and slot not in ports:
            group = _radio_group(config, vlan)
            carried = NOWHERE if group is None else vlans[group]
            ports[slot] = Port(slot, SWITCH, *tagging(carried, {carried}))
    return Switching({SWITCH: Bridge(SWITCH, settings=(("mac-aging-time", "300"),), guarded=True)}, ports)


def _wire(config: Config, name: str, vlans: Mapping[int, int]) -> Tagging:
    untagged = _untagged_group(config, name)
    native = None if untagged is None else vlans[untagged]
    tagged = {sub.encapsulation for sub in subinterfaces(config, name) if not sub.encapsulation_native}
    carried = {vlan for vlan in tagged if vlan is not None} | ({native} if native is not None else set())
    return tagging(native, carried)


def _radio_group(config: Config, vlan: int | None) -> int | None:
    """The bridge group of an SSID's VLAN."""
    if vlan is None:
        return _untagged_group(config, RADIO)
    return next((sub.bridge_group for sub in subinterfaces(config, RADIO) if sub.encapsulation == vlan), None)


def states(config: Config, seen: Mapping[str, PortState]) -> dict[str, PortState]:
    """With BVI1 as it is on IOS: up while some interface of its bridge group is."""
    members = [name for name, one in config.interfaces.items() if one.bridge_group == BVI_GROUP]
    alive = any(seen[name].protocol for name in members)
    bvi = seen[BVI]
    return {**seen, BVI: replace(bvi, protocol=bvi.link and alive)}
