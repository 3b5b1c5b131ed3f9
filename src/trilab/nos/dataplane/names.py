"""IOS interface names ↔ kernel devices.

============================  ==========================================================================
``GigabitEthernet0/N``        ``ethN``; on a router with subinterfaces its untagged part is ``ethNu``
``GigabitEthernet0/N.M``      ``ethN.M``: an Open vSwitch internal port (the kernel need not have 802.1Q)
``Port-channelN``             ``poN``: the switch's end of a patch to the bridge ``bpoN`` that holds the ports
``VlanN``                     ``VlanN``, a veth whose other end ``svN`` is a port of the bridge
``GigabitEthernetN``          ``eth(N+1)``, on an access point; its subinterfaces have no device
``BVI1``                      ``BVI1``, a veth whose other end ``sv1`` is a port of the bridge
``LoopbackN``                 ``loN``, a veth whose other end ``lpN`` leads nowhere (kernels may lack ``dummy``)
============================  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from trilab.nos.model import Config, Interface
from trilab.nos.names import CHANNEL, is_channel

MANAGEMENT = "eth0"  # out of band: never shown, never routed, never changed
LONGEST = 15  # characters of a device name (IFNAMSIZ)
_PORT = re.compile(r"(?:[A-Za-z]+\d+/(?P<port>\d+)|GigabitEthernet(?P<flat>\d+))(?:\.(?P<sub>\d+))?")
_SVI = re.compile(r"(?:Vlan|BVI)(\d+)")
_LOOPBACK = re.compile(r"Loopback(\d+)")
_LOOPBACK_DEVICE = re.compile(r"lo(\d+)")


def port_number(name: str) -> int | None:
    """``GigabitEthernet0/7``, ``GigabitEthernet0/7.10``, an access point's ``GigabitEthernet6`` → 7; else ``None``."""
    match = _PORT.fullmatch(name)
    if match is None:
        return None
    return int(match["port"]) if match["port"] else int(match["flat"]) + 1


def channel_number(group: int) -> int:
    """An EtherChannel's number among the ports of the switch: behind the front ports of a Catalyst, before its SVIs."""
    return 55 + group


def is_subinterface(name: str) -> bool:
    """Whether the name is ``….M``."""
    return "." in name


def is_loopback(name: str) -> bool:
    """Whether the name is ``LoopbackN``."""
    return _LOOPBACK.fullmatch(name) is not None


def parent_of(name: str) -> str:
    """``GigabitEthernet0/7.10`` → ``GigabitEthernet0/7``."""
    return name.partition(".")[0]


def svi_vlan(name: str) -> int | None:
    """``Vlan99`` → 99, ``BVI1`` → 1; ``None`` for anything else."""
    match = _SVI.fullmatch(name)
    return int(match[1]) if match else None


def twin(device: str) -> str | None:
    """The other end of a device that is a veth pair of ours; ``None`` for any other device."""
    vlan, loopback = svi_vlan(device), _LOOPBACK_DEVICE.fullmatch(device)
    if vlan is not None:
        return f"sv{vlan}"
    return f"lp{loopback[1]}" if loopback else None


def subinterfaces(config: Config, parent: str) -> list[Interface]:
    """Subinterfaces of a router's port that have an encapsulation; the others carry nothing on IOS either."""
    return [
        interface
        for name, interface in config.interfaces.items()
        if is_subinterface(name) and parent_of(name) == parent and interface.encapsulation is not None
    ]


def bridged(config: Config) -> list[str]:
    """Router ports that need a bridge, because subinterfaces share them."""
    if config.role != "router":
        return []
    return [
        name
        for name in config.interfaces
        if port_number(name) and not is_subinterface(name) and subinterfaces(config, name)
    ]


def device(config: Config, name: str) -> str | None:
    """The device that carries the interface's frames as the port sees them: untagged ones for a router port."""
    if svi_vlan(name) is not None:
        return name
    loopback = _LOOPBACK.fullmatch(name)
    if loopback is not None:
        return f"lo{loopback[1]}"
    if is_channel(name):
        return f"po{name.removeprefix(CHANNEL)}"
    match = _PORT.fullmatch(name)
    if match is None:
        return None
    if config.role == "ap":
        return None if match["sub"] else f"eth{port_number(name)}"
    if match["sub"] is not None:
        interface = config.interfaces.get(name)
        if interface is None or interface.encapsulation is None:
            return None
        inner = f"eth{match['port']}.{match['sub']}"
        return inner if len(inner) <= LONGEST else f"e{inner[3:]}"
    if config.role == "router" and subinterfaces(config, name):
        return f"eth{match['port']}u"
    return f"eth{match['port']}"


def layer3(config: Config) -> Mapping[str, str]:
    """Interface name → device, for the interfaces that may have an address."""
    found = {}
    for name in config.interfaces:
        if config.role != "router" and svi_vlan(name) is None and not config.interfaces[name].routed:
            continue
        dev = device(config, name)
        if dev is not None:
            found[name] = dev
    return found


def enabled(config: Config, name: str) -> bool:
    """Neither the interface nor its parent is shut down."""
    chain = (name, parent_of(name))
    return all(not config.interfaces[each].shutdown for each in chain if each in config.interfaces)
