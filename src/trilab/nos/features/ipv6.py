"""IPv6 on interfaces, static routes, router advertisements (RFC 4861), and their shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address, IPv6Interface, IPv6Network
from typing import TYPE_CHECKING, Any, Literal

from trilab.nos.area import Area
from trilab.nos.context import L3_MODES, CommandError, Context
from trilab.nos.dataplane import names
from trilab.nos.dataplane.frrtext import Sections
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.names import is_loopback
from trilab.nos.show.text import state_of, status_words

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "ipv6": "IPv6 interface subcommands",
    "address": "Configure IPv6 address on interface",
    "<address>": "IPv6 prefix",
    "<local>": "IPv6 link-local address",
    "eui-64": "Use eui-64 interface identifier",
    "link-local": "Use link-local address",
    "enable": "Enable IPv6 on interface",
    "unicast-routing": "Enable unicast routing",
    "route": "Configure static routes",
    "<prefix>": "IPv6 prefix",
    "<hop>": "IPv6 address of next-hop",
    "<interface>": "Outgoing interface",
    "<distance>": "Administrative distance",
    "show": "Show running system information",
    "interface": "IPv6 interface status and configuration",
    "brief": "Brief summary of IPv6 status and configuration",
    "nd": "IPv6 interface Neighbor Discovery subcommands",
    "ra": "Router Advertisement control",
    "suppress": "Suppress IPv6 Router Advertisements",
    "all": "Suppress all IPv6 RA",
}
_CODES = """\
Codes: C - Connected, L - Local, S - Static, U - Per-user Static route
       B - BGP, R - RIP, H - NHRP, I1 - ISIS L1
       I2 - ISIS L2, IA - ISIS interarea, IS - ISIS summary, D - EIGRP
       EX - EIGRP external, ND - ND Default, NDp - ND Prefix, DCE - Destination
       NDr - Redirect, O - OSPF Intra, OI - OSPF Inter, OE1 - OSPF ext 1
       OE2 - OSPF ext 2, ON1 - OSPF NSSA ext 1, ON2 - OSPF NSSA ext 2"""
_LETTERS = {"connected": "C", "local": "L", "static": "S", "ospf6": "O"}


@dataclass(frozen=True)
class Route:
    """``ipv6 route``."""

    prefix: IPv6Network
    hop: IPv6Address | None = None
    interface: str | None = None
    distance: int = 1


@dataclass(frozen=True)
class Ipv6:
    """The device's part."""

    routing: bool = False
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True)
class Address:
    """``ipv6 address …``: with ``eui64`` the kernel's MAC gives the lower half."""

    value: IPv6Interface
    eui64: bool = False


@dataclass(frozen=True)
class Port:
    """An interface's part."""

    enabled: bool = False  # "ipv6 enable"
    link_local: IPv6Address | None = None
    addresses: tuple[Address, ...] = ()
    suppress: bool = False  # router advertisements

    @property
    def active(self) -> bool:
        """Whether the interface speaks IPv6."""
        return self.enabled or self.link_local is not None or bool(self.addresses)


@dataclass(frozen=True)
class Held:
    """The addresses that the system has now, by interface."""

    addresses: Mapping[str, tuple[IPv6Interface, ...]] = field(default_factory=dict)


def sections(config: Config) -> Sections:
    """Static routes and advertisements for FRR; empty when there is nothing to do."""
    part, devices = config.parts[Ipv6], names.layer3(config)
    if not part.routing and not part.routes:
        return {}
    lines = []
    for route in part.routes:
        device = "Null0" if route.interface == "Null0" else devices.get(route.interface or "", "")
        if route.interface is None or device:
            words = ["ipv6 route", str(route.prefix), str(route.hop or ""), device, str(route.distance)]
            lines.append(" ".join(word for word in words if word))
    found: Sections = {"": tuple(lines)}
    for name, device in devices.items():
        own = config.interfaces[name].parts[Port]
        if part.routing and own.active and not own.suppress and not is_loopback(name):
            prefixes = [address.value.network for address in own.addresses]
            found[f"interface {device}"] = (
                "no ipv6 nd suppress-ra",
                *(f"ipv6 nd prefix {prefix}" for prefix in prefixes),
            )
    return found


def _commands() -> list[Command]:
    g, r = ("config",), L3_MODES
    only: tuple[Literal["router"]] = ("router",)
    route = "ipv6 route <prefix:net6> (<hop:ip6> | <interface:ifname(port,sub,loop,null)> [<hop:ip6>])"
    made: list[tuple[tuple[str, ...], str, Any, str, Any]] = [
        (g, "ipv6 unicast-routing", _routing, "", _no_routing),
        (g, f"{route} [<distance:int(1,254)>]", _route,
         "ipv6 route <prefix:net6> [<hop:ip6> | <interface:ifname(port,sub,loop,null)> [<hop:ip6>]]"
         " [<distance:int(1,254)>]", _no_route),
        (r, "ipv6 enable", _enable, "", _no_enable),
        (r, "ipv6 address <address:addr6> [eui-64]", _address, "ipv6 address [<address:addr6> [eui-64]]", _no_address),
        (r, "ipv6 address <local:ip6> link-local", _link_local, "", _no_link_local),
        (r, "ipv6 nd ra suppress [all]", _suppress, "", _no_suppress),
    ]  # fmt: skip
    name = "<name:ifname(port,sub,svi,loop)>"
    return [
        *(Command(modes, text, run, HELP, no, undo, only) for modes, text, run, no, undo in made),
        Command(EXEC_MODES, f"show ipv6 interface [{name}]", _interface, HELP, roles=only),
        Command(EXEC_MODES, f"show ipv6 interface [{name}] brief", _brief, HELP, roles=only),
        Command(EXEC_MODES, f"show ipv6 interface brief {name}", _brief, HELP, roles=only),
        Command(EXEC_MODES, "show ipv6 route", _show_routes, HELP, roles=only),
    ]


def _routing(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Ipv6], routing=True))


def _no_routing(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Ipv6], routing=False))


def _route(c: Context, m: Match) -> None:
    hop, interface = m.get("hop"), m.get("interface")
    if hop is not None and hop.is_link_local and interface is None:
        raise CommandError("% Interface has to be specified for a link-local nexthop")
    made, part = Route(m["prefix"], hop, interface, m.get("distance", 1)), c.config.parts[Ipv6]
    kept = [r for r in part.routes if (r.prefix, r.hop, r.interface) != (made.prefix, hop, interface)]
    routes = sorted([*kept, made], key=lambda r: (int(r.prefix.network_address), r.prefix.prefixlen, r.distance))
    c.config.parts.put(replace(part, routes=tuple(routes)))


def _no_route(c: Context, m: Match) -> None:
    part, hop, interface = c.config.parts[Ipv6], m.get("hop"), m.get("interface")
    kept = [r for r in part.routes
            if r.prefix != m["prefix"] or hop not in (None, r.hop) or interface not in (None, r.interface)]  # fmt: skip
    if len(kept) == len(part.routes):
        raise CommandError("%No matching route to delete")
    c.config.parts.put(replace(part, routes=tuple(kept)))


def _change(c: Context, **values: Any) -> None:
    for interface in c.interfaces():
        interface.parts.put(replace(interface.parts[Port], **values))


def _enable(c: Context, m: Match) -> None:
    _change(c, enabled=True)


def _no_enable(c: Context, m: Match) -> None:
    _change(c, enabled=False)


def _address(c: Context, m: Match) -> None:
    given = Address(m["address"], m.has("eui-64"))
    value = given.value.ip
    if value.is_multicast or value.is_unspecified or value.is_loopback or value.is_link_local:
        raise CommandError(f"%{str(value).upper()} is not a valid address on an interface")
    if given.eui64 and given.value.network.prefixlen != 64:
        raise CommandError("%eui-64 needs a prefix of 64 bits on this device")
    for interface in c.interfaces():
        for other in c.config.interfaces.values():
            for known in other.parts[Port].addresses:
                if other is not interface and known.value.network.overlaps(given.value.network):
                    raise CommandError(f"%Error: {given.value.network} is overlapping with {known.value.network}"
                                       f" on {other.name}")  # fmt: skip
        own = interface.parts[Port]
        kept = [known for known in own.addresses if known.value != given.value]
        interface.parts.put(replace(own, addresses=tuple([*kept, given])))


def _no_address(c: Context, m: Match) -> None:
    gone = m.get("address")
    for interface in c.interfaces():
        own = interface.parts[Port]
        if gone is None:
            interface.parts.put(replace(own, addresses=(), link_local=None))
        else:
            interface.parts.put(replace(own, addresses=tuple(a for a in own.addresses if a.value != gone)))


def _link_local(c: Context, m: Match) -> None:
    if not m["local"].is_link_local:
        raise CommandError("% Invalid link-local address")
    _change(c, link_local=m["local"])


def _no_link_local(c: Context, m: Match) -> None:
    _change(c, link_local=None)


def _suppress(c: Context, m: Match) -> None:
    _change(c, suppress=True)


def _no_suppress(c: Context, m: Match) -> None:
    _change(c, suppress=False)


def _render(config: Config) -> list[str]:
    part = config.parts[Ipv6]
    lines = []
    for route in part.routes:
        parts = [f"ipv6 route {upper(route.prefix)}", route.interface or "", upper(route.hop) if route.hop else "",
                 str(route.distance) if route.distance != 1 else ""]  # fmt: skip
        lines.append(" ".join(word for word in parts if word))
    return [*lines, "!"] if lines else []


def render_routing(config: Config) -> list[str]:
    """``ipv6 unicast-routing``, which stands before the interfaces."""
    return ["ipv6 unicast-routing", "!"] if config.parts[Ipv6].routing else []


def _render_interface(config: Config, interface: Interface) -> list[str]:
    own = interface.parts[Port]
    lines = [] if own.link_local is None else [f" ipv6 address {upper(own.link_local)} link-local"]
    lines += [f" ipv6 address {upper(one.value)}{' eui-64' if one.eui64 else ''}" for one in own.addresses]
    if own.enabled:
        lines.append(" ipv6 enable")
    return lines + ([" ipv6 nd ra suppress"] if own.suppress else [])


def upper(value: IPv6Address | IPv6Interface | IPv6Network) -> str:
    """As IOS writes addresses."""
    return str(value).upper()


def _brief(s: Session, m: Match) -> None:
    states, held = s.device.dataplane.ports(), s.device.dataplane.observe(Held).addresses
    for interface in s.device.config.interfaces.values():
        if m.get("name", interface.name) == interface.name:
            status, protocol = status_words(interface, state_of(states, interface))
            s.out(f"{interface.name:<22} [{status}/{protocol}]")
            mine = sorted(held.get(interface.name, ()), key=lambda one: not one.ip.is_link_local)
            for line in [upper(one.ip) for one in mine] or ["unassigned"]:
                s.out(f"    {line}")


def _interface(s: Session, m: Match) -> None:
    states, held = s.device.dataplane.ports(), s.device.dataplane.observe(Held).addresses
    for interface in s.device.config.interfaces.values():
        if m.get("name", interface.name) == interface.name and interface.parts[Port].active:
            state = state_of(states, interface)
            status, protocol = status_words(interface, state)
            s.out(f"{interface.name} is {status}, line protocol is {protocol}")
            s.out("\n".join([*_address_lines(held.get(interface.name, ())), f"  MTU is {state.mtu} bytes"]))


def _address_lines(held: tuple[IPv6Interface, ...]) -> list[str]:
    local = next((upper(one.ip) for one in held if one.ip.is_link_local), None)
    own = [one for one in held if not one.ip.is_link_local]
    lines = [
        f"  IPv6 is enabled, link-local address is {local} " if local else "  IPv6 is stalled, no link-local address"
    ]
    lines.append("  Global unicast address(es):" if own else "  No global unicast address is configured")
    return lines + [f"    {upper(one.ip)}, subnet is {upper(one.network)} " for one in own]


def _show_routes(s: Session, m: Match) -> None:
    rows = _rows(s)
    s.out(f"IPv6 Routing Table - default - {len(rows) + 1} entries")
    s.out(_CODES)
    for code, prefix, distance, ways in rows:
        s.out("\n".join([f"{code:<3} {upper(prefix)} [{distance}]", *(f"     via {way}" for way in ways)]))
    s.out("L   FF00::/8 [0/0]\n     via Null0, receive")


def _rows(s: Session) -> list[tuple[str, IPv6Network, str, list[str]]]:
    """(code, prefix, distance/metric, ways), by prefix: own networks, then what FRR has installed."""
    config, held = s.device.config, s.device.dataplane.observe(Held).addresses
    states = s.device.dataplane.ports()
    found: list[tuple[str, IPv6Network, str, list[str]]] = []
    for name, addresses in held.items():
        if states[name].protocol:
            for one in addresses:
                if not one.ip.is_link_local:
                    found.append(("C", one.network, "0/0", [f"{name}, directly connected"]))
                    found.append(("L", IPv6Network(one.ip), "0/0", [f"{name}, receive"]))
    answer = s.device.dataplane.ask("zebra", "show ipv6 route json") or {}
    device_names = {device: name for name, device in names.layer3(config).items()}
    kinds = s.device.dataplane.ask("ospf6d", "show ipv6 ospf6 route json") or {}
    for entries in answer.values():
        for entry in entries:
            if entry["protocol"] in ("static", "ospf6") and entry.get("installed"):
                code = _LETTERS[entry["protocol"]] + _ospf_kind(kinds, entry)
                distance = f"{entry['distance']}/{entry['metric']}"
                found.append((code, IPv6Network(entry["prefix"]), distance, _ways(config, entry, device_names)))
    return sorted(found, key=lambda row: (int(row[1].network_address), row[1].prefixlen))


def _ospf_kind(known: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    if entry["protocol"] != "ospf6":
        return ""
    row = known.get("routes", {}).get(entry["prefix"], {})
    rows = row if isinstance(row, list) else [row]
    return {"IE": "I", "E1": "E1", "E2": "E2"}.get(str(rows[0].get("pathType", "")), "") if rows else ""


def _ways(config: Config, entry: Mapping[str, Any], device_names: Mapping[str, str]) -> list[str]:
    hop_only = {(route.prefix, route.hop) for route in config.parts[Ipv6].routes if route.interface is None}
    ways = []
    for hop in entry["nexthops"]:
        if hop.get("resolver") or not hop.get("active"):
            continue
        device = "Null0" if hop.get("blackhole") else device_names.get(hop.get("interfaceName", ""), "")
        if "ip" not in hop:
            ways.append(f"{device}, directly connected")
            continue
        address = IPv6Address(hop["ip"])
        alone = (IPv6Network(entry["prefix"]), address) in hop_only
        ways.append(upper(address) + ("" if alone or not device else f", {device}"))
    return ways


AREA = Area(_commands, _render, _render_interface)
