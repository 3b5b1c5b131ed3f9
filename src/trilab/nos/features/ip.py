"""IP on interfaces, static routes, default gateway."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from trilab.nos.context import AP_MODES, L3_MODES, CommandError, Context
from trilab.nos.features.dhcp_client import DhcpClient
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface, StaticRoute
from trilab.nos.names import is_subinterface

HELP = {
    "ip": "Interface Internet Protocol config commands",
    "address": "Set the IP address of an interface",
    "<address>": "IP address",
    "<mask>": "IP subnet mask",
    "helper-address": "Specify a destination address for UDP broadcasts",
    "<helper>": "IP destination address",
    "encapsulation": "Set encapsulation type for an interface",
    "dot1Q": "IEEE 802.1Q Virtual LAN",
    "<vid>": "IEEE 802.1Q VLAN ID",
    "native": "Make this as native vlan",
    "access-group": "Specify access control for packets",
    "<acl>": "IP access list",
    "in": "inbound packets",
    "out": "outbound packets",
}
GLOBAL_HELP = {
    "ip": "Global IP configuration subcommands",
    "default-gateway": "Specify default gateway (if not routing IP)",
    "<gateway>": "IP address of default gateway",
    "route": "Establish static routes",
    "<prefix>": "Destination prefix",
    "<mask>": "Destination prefix mask",
    "<hop>": "Forwarding router's address",
    "<interface>": "Outgoing interface",
    "<distance>": "Distance metric for this route",
    "name": "Specify name of the next hop",
    "<label>": "Name of the next hop",
}
ROUTE = "ip route <prefix:ip> <mask:ip> (<hop:ip> | <interface:ifname(port,sub,svi,null)> [<hop:ip>])"
_ROUTE_END = "[<distance:int(1,255)>] [name <label:word>]"


def commands() -> list[Command]:
    """Layer 3 commands of interfaces and of the device."""
    g, router = ("config",), ("if-l3", "if-sub")
    return [
        Command(L3_MODES, "ip address <address:ip> <mask:ip>", _address, HELP,
                no="ip address [<address:ip> <mask:ip>]", undo=_no_address),
        Command((*router, "if-svi"), "ip helper-address <helper:ip>", _helper, HELP,
                no="ip helper-address [<helper:ip>]", undo=_no_helper),
        Command((*router, "if-svi", "if-bvi"), "ip access-group <acl:word> (in | out)", _group, HELP,
                no="ip access-group [<acl:word>] (in | out)", undo=_no_group),
        Command(AP_MODES, "ip address", None, HELP, undo=_no_address, roles=("ap",)),
        Command(("if-sub",), "encapsulation dot1Q <vid:int(1,4094)> [native]", encapsulate, HELP,
                no="encapsulation [dot1Q [<vid:int(1,4094)> [native]]]", undo=decapsulate, roles=("router",)),
        Command(g, "ip default-gateway <gateway:ip>", _gateway, GLOBAL_HELP, no="ip default-gateway [<gateway:ip>]",
                undo=_no_gateway, roles=("switch", "ap")),
        Command(g, f"{ROUTE} {_ROUTE_END}", _route, GLOBAL_HELP,
                no="ip route <prefix:ip> <mask:ip> [<hop:ip> | <interface:ifname(port,sub,svi,null)> [<hop:ip>]]"
                   f" {_ROUTE_END}", undo=_no_route, roles=("router", "switch")),
    ]  # fmt: skip


def prefix_length(mask: IPv4Address) -> int | None:
    """Bits of a contiguous mask, or None."""
    inverse = int(mask) ^ 0xFFFFFFFF
    return 32 - inverse.bit_length() if inverse & (inverse + 1) == 0 else None


def _read_address(m: Match) -> IPv4Interface:
    address, mask = m["address"], m["mask"]
    length = prefix_length(mask)
    if length is None or length == 0:
        raise CommandError(f"Bad mask 0x{int(mask):08X} for address {address}")
    value = IPv4Interface((address, length))
    if address.is_multicast or address.is_loopback or int(address) >> 24 in (0, 255) or int(address) >> 28 == 15:
        raise CommandError(f"Not a valid host address - {address}")
    if length < 31 and address in (value.network.network_address, value.network.broadcast_address):
        raise CommandError(f"Bad mask /{length} for address {address}")
    return value


def _address(c: Context, m: Match) -> None:
    value = _read_address(m)
    if len(c.target) > 1:
        raise CommandError("% This command is not allowed on a range of interfaces")
    for interface in c.interfaces():
        if is_subinterface(interface.name) and interface.encapsulation is None:
            raise CommandError(
                "\n% Configuring IP routing on a LAN subinterface is only allowed if that\n"
                "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\n"
                "or ISL vLAN.\n"
            )
        for other in c.config.interfaces.values():
            if other is not interface and other.address and other.address.network.overlaps(value.network):
                raise CommandError(f"% {value.network.network_address} overlaps with {other.name}")
        interface.address = value
        interface.parts.put(DhcpClient())


def _no_address(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        interface.address = None
        interface.parts.put(DhcpClient())


def _helper(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        if m["helper"] not in interface.helpers:
            interface.helpers.append(m["helper"])


def _no_helper(c: Context, m: Match) -> None:
    gone = m.get("helper")
    for interface in c.interfaces():
        interface.helpers = [helper for helper in interface.helpers if gone is not None and helper != gone]


def _group(c: Context, m: Match) -> None:
    side = "acl_in" if m.has("in") else "acl_out"
    for interface in c.interfaces():
        setattr(interface, side, m["acl"])


def _no_group(c: Context, m: Match) -> None:
    side = "acl_in" if m.has("in") else "acl_out"
    for interface in c.interfaces():
        setattr(interface, side, None)


def encapsulate(c: Context, m: Match) -> None:
    """``encapsulation dot1Q``."""
    for interface in c.interfaces():
        parent = interface.name.partition(".")[0]
        for other in c.config.interfaces.values():
            same = other.name.partition(".")[0] == parent and other.encapsulation == m["vid"]
            if same and other is not interface:
                raise CommandError(
                    "%Configuration of multiple subinterfaces of the same main\n"
                    f"interface with the same VID ({m['vid']}) is not permitted.\n"
                    f"This VID is already configured on {other.name}."
                )
        interface.encapsulation, interface.encapsulation_native = m["vid"], m.has("native")


def decapsulate(c: Context, m: Match) -> None:
    """``no encapsulation``."""
    for interface in c.interfaces():
        interface.encapsulation, interface.encapsulation_native, interface.address = None, False, None


def _gateway(c: Context, m: Match) -> None:
    c.config.default_gateway = m["gateway"]


def _no_gateway(c: Context, m: Match) -> None:
    c.config.default_gateway = None


def _prefix(m: Match) -> IPv4Network:
    length = prefix_length(m["mask"])
    if length is None or int(m["prefix"]) & ~int(m["mask"]) & 0xFFFFFFFF:
        raise CommandError("%Inconsistent address and mask")
    return IPv4Network((m["prefix"], length))


def _route(c: Context, m: Match) -> None:
    prefix, hop = _prefix(m), m.get("hop")
    if any(interface.address and interface.address.ip == hop for interface in c.config.interfaces.values()):
        raise CommandError("%Invalid next hop address (it's this router)")
    route = StaticRoute(prefix, hop, m.get("interface"), m.get("distance", 1), m.get("label", ""))
    same = [r for r in c.config.routes if (r.prefix, r.next_hop, r.interface) == (prefix, hop, route.interface)]
    c.config.routes = sorted(
        [r for r in c.config.routes if r not in same] + [route],
        key=lambda r: (int(r.prefix.network_address), r.prefix.prefixlen, r.distance),
    )


def _no_route(c: Context, m: Match) -> None:
    prefix, hop, interface = _prefix(m), m.get("hop"), m.get("interface")
    gone = [
        route
        for route in c.config.routes
        if route.prefix == prefix
        and (hop is None or route.next_hop == hop)
        and (interface is None or route.interface == interface)
    ]
    if not gone:
        raise CommandError("%No matching route to delete")
    c.config.routes = [route for route in c.config.routes if route not in gone]


def render(interface: Interface) -> list[str]:
    """The layer 3 lines of an interface."""
    lines = []
    if interface.encapsulation is not None:
        native = " native" if interface.encapsulation_native else ""
        lines.append(f" encapsulation dot1Q {interface.encapsulation}{native}")
    if interface.parts[DhcpClient].enabled:
        lines.append(" ip address dhcp")
    elif interface.address is None:
        if not is_subinterface(interface.name) or interface.encapsulation is not None:
            lines.append(" no ip address")
    else:
        lines.append(f" ip address {interface.address.ip} {interface.address.netmask}")
    for side, acl in (("in", interface.acl_in), ("out", interface.acl_out)):
        if acl is not None:
            lines.append(f" ip access-group {acl} {side}")
    return lines + [f" ip helper-address {helper}" for helper in interface.helpers]


def render_routes(config: Config) -> list[str]:
    """``ip default-gateway`` and ``ip route``."""
    lines = [] if config.default_gateway is None else [f"ip default-gateway {config.default_gateway}"]
    for route in config.routes:
        line = f"ip route {route.prefix.network_address} {route.prefix.netmask}"
        line += "".join(f" {part}" for part in (route.interface, route.next_hop) if part is not None)
        line += f" {route.distance}" if route.distance != 1 else ""
        lines.append(line + (f" name {route.name}" if route.name else ""))
    return [*lines, "!"] if lines else []
