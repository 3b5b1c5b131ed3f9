"""NAT as nftables text, a part of ``table ip trilab``. Pure.

IOS translates what comes in on an inside interface and leaves by an outside one; the reverse for what comes from
outside. A pool without overload gives each inside host an address of its own while there are some: one set of one
element for each address remembers who has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from trilab.nos.dataplane import names
from trilab.nos.dataplane.acl import counter, identifier, match
from trilab.nos.features.nat.model import Dynamic, Nat, Side, Static
from trilab.nos.model import Acl, Config

HITS, MISSES = "nat_hits", "nat_misses"
IDLE = "1d"  # IOS: a dynamic entry is forgotten after a day


@dataclass(frozen=True)
class Sides:
    """Devices of the inside and of the outside interfaces."""

    inside: tuple[str, ...]
    outside: tuple[str, ...]


def sides(config: Config) -> Sides:
    """Which interfaces have a side, and a device."""
    inner = names.layer3(config)
    found = {side: tuple(device for name, device in inner.items() if config.interfaces[name].parts[Side].side == side)
             for side in ("inside", "outside")}  # fmt: skip
    return Sides(found["inside"], found["outside"])


def active(config: Config) -> bool:
    """Whether anything is translated."""
    nat, both = config.parts[Nat], sides(config)
    return bool((nat.statics or nat.dynamics) and both.inside and both.outside)


def lists(config: Config) -> list[Acl]:
    """The access lists that choose what is translated; one that does not exist chooses nothing."""
    nat = config.parts[Nat]
    return [config.acls[one.acl] for one in nat.dynamics if one.acl in config.acls] if active(config) else []


def chains(config: Config) -> list[str]:
    """Declarations and chains; none when nothing is translated."""
    if not active(config):
        return []
    nat, both = config.parts[Nat], sides(config)
    text = [f"  counter {HITS} {{ }}", f"  counter {MISSES} {{ }}"]
    for number, dynamic in enumerate(nat.dynamics):
        if dynamic.acl in config.acls:
            text += _dynamic(config, number, dynamic)
    text += _prerouting(config, both)
    text += _postrouting(config, both)
    return text


def _names(devices: tuple[str, ...]) -> str:
    return "{ " + ", ".join(f'"{device}"' for device in devices) + " }"


def _prerouting(config: Config, both: Sides) -> list[str]:
    rules = [f"    iifname {_names(both.outside)} {rule}" for rule in map(_inwards(config), _ports_first(config))]
    return ["  chain nat_in {", "    type nat hook prerouting priority dstnat; policy accept;", *rules, "  }"]


def _ports_first(config: Config) -> list[Static]:
    return sorted(config.parts[Nat].statics, key=lambda static: not static.protocol)


class _inwards:
    """A static translation for what comes from outside."""

    def __init__(self, config: Config) -> None:
        self._devices: Mapping[str, str] = names.layer3(config)

    def __call__(self, static: Static) -> str:
        if static.outside is not None:
            target = f"ip daddr {static.outside}"
        else:
            target = f'iifname "{self._devices.get(static.interface or "", "none")}" fib daddr type local'
        if not static.protocol:
            return f"{target} counter name {MISSES} dnat to {static.local}"
        port = f"{static.protocol} dport {static.outside_port}"
        return f"{target} {port} counter name {MISSES} dnat to {static.local}:{static.local_port}"


def _postrouting(config: Config, both: Sides) -> list[str]:
    way = f"iifname {_names(both.inside)} oifname {_names(both.outside)}"
    rules = []
    for static in _ports_first(config):
        if not static.protocol:
            rules.append(f"ip saddr {static.local} counter name {MISSES} snat to {static.outside}")
        elif static.outside is not None:
            chosen = f"ip saddr {static.local} {static.protocol} sport {static.local_port}"
            rules.append(f"{chosen} counter name {MISSES} snat to {static.outside}:{static.outside_port}")
    for number, dynamic in enumerate(config.parts[Nat].dynamics):
        if dynamic.acl in config.acls:
            rules.append(f"jump nat_list_{number}")
    return [
        "  chain nat_out {",
        "    type nat hook postrouting priority srcnat; policy accept;",
        *(f"    {way} {rule}" for rule in rules),
        "  }",
        "  chain nat_count {",
        "    type filter hook postrouting priority 160; policy accept;",
        f"    ct status & (snat | dnat) != 0 counter name {HITS}",
        "  }",
    ]


def _dynamic(config: Config, number: int, dynamic: Dynamic) -> list[str]:
    """What the list permits goes to the chain that translates."""
    acl = config.acls[dynamic.acl]
    rules = [
        f"    {match(entry)} counter name {counter(acl.name, entry.sequence)} "
        f"{f'goto nat_do_{number}' if entry.action == 'permit' else 'return'}"
        for entry in acl.entries
        if entry.action != "remark"
    ]
    sets, action = _action(config, number, dynamic)
    return [
        *sets,
        f"  chain nat_do_{number} {{",
        f"    counter name {MISSES}",
        *(f"    {rule}" for rule in action),
        "  }",
        f"  chain nat_list_{number} {{",
        *rules,
        "  }",
    ]


def _action(config: Config, number: int, dynamic: Dynamic) -> tuple[list[str], list[str]]:
    """(sets, rules) of one dynamic translation."""
    nat = config.parts[Nat]
    if dynamic.interface is not None:
        interface = config.interfaces.get(dynamic.interface)
        known = interface.address if interface is not None else None
        return [], ["masquerade" if known is None else f"snat to {known.ip}"]
    pool = nat.pool(dynamic.pool)
    if pool is None:
        return [], ["drop"]
    if dynamic.overload:  # IOS fills the first address before it takes the next
        return [], [f"snat to {pool.first}"]
    owned = [(f"nat_{identifier(pool.name)}_{index}", address) for index, address in enumerate(pool.addresses)]
    options = f"type ipv4_addr; size 1; flags dynamic,timeout; timeout {IDLE};"
    found = [f"ip saddr @{name} snat to {address}" for name, address in owned]
    taken = [f"add @{name} {{ ip saddr }} snat to {address}" for name, address in owned]
    return [f"  set {name} {{ {options} }}" for name, _ in owned], [*found, *taken, "drop"]


def owners(config: Config) -> dict[str, IPv4Address]:
    """Set → the global address whose owner it remembers."""
    nat = config.parts[Nat]
    found: dict[str, IPv4Address] = {}
    for dynamic in nat.dynamics if active(config) else ():
        pool = nat.pool(dynamic.pool)
        if pool is not None and not dynamic.overload:
            found |= {f"nat_{identifier(pool.name)}_{i}": address for i, address in enumerate(pool.addresses)}
    return found


def answered(config: Config) -> frozenset[tuple[str, IPv4Address]]:
    """(device, global address) for which the router answers ARP, as IOS: on the outside network that holds it."""
    nat = config.parts[Nat]
    wanted = {static.outside for static in nat.statics if static.outside is not None}
    used = {dynamic.pool for dynamic in nat.dynamics}
    wanted |= {address for pool in nat.pools if pool.name in used for address in pool.addresses}
    inner = names.layer3(config)
    found = set()
    for name, interface in config.interfaces.items():
        if name in inner and interface.address is not None and interface.parts[Side].side == "outside":
            network = interface.address.network
            found |= {(inner[name], address) for address in wanted
                      if address in network and address != interface.address.ip}  # fmt: skip
    return frozenset(found) if active(config) else frozenset()
