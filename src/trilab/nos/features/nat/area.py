"""NAT as a feature area: its commands and its lines."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.features.acl import kind_of_number
from trilab.nos.features.ip import prefix_length
from trilab.nos.features.nat import show
from trilab.nos.features.nat.model import LARGEST, Dynamic, Nat, Pool, Side, Static
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface

HELP = {
    "ip": "Global IP configuration subcommands",
    "nat": "NAT configuration commands",
    "pool": "Define pool of addresses",
    "<pool>": "Pool name",
    "<first>": "Start IP address",
    "<last>": "End IP address",
    "netmask": "Specify the network mask",
    "<mask>": "Network mask",
    "prefix-length": "Specify the prefix length",
    "<length>": "Prefix length",
    "inside": "Inside address translation",
    "outside": "Outside address translation",
    "source": "Source address translation",
    "static": "Specify static local->global mapping",
    "list": "Specify access list describing local addresses",
    "<acl>": "Access list name or number for local addresses",
    "tcp": "Transmission Control Protocol",
    "udp": "User Datagram Protocol",
    "<local>": "Inside local IP address",
    "<local_port>": "Local UDP/TCP port",
    "<outside>": "Inside global IP address",
    "<outside_port>": "Global UDP/TCP port",
    "interface": "Specify interface for global address",
    "<interface>": "Interface",
    "overload": "Overload an address translation",
    "extendable": "Extend this translation when used",
}
_MODES = ("if-l3", "if-sub", "if-loop")
_PORT_RANGE = "int(1,65535)"
_STATIC = (
    "ip nat inside source static (<local:ip> <outside:ip>"
    f" | (tcp=protocol | udp=protocol) <local:ip> <local_port:{_PORT_RANGE}>"
    f" (<outside:ip> | interface <interface:ifname(port,sub,loop)>) <outside_port:{_PORT_RANGE}> [extendable])"
)
_DYNAMIC = (
    "ip nat inside source list <acl:word> (pool <pool:word> | interface <interface:ifname(port,sub,loop)>) [overload]"
)


def _commands() -> list[Command]:
    g = ("config",)
    made = [
        Command(g, "ip nat pool <pool:word> <first:ip> <last:ip>"
                " (netmask <mask:ip> | prefix-length <length:int(1,32)>)", _pool, HELP,
                no="ip nat pool <pool:word> [<rest:line>]", undo=_no_pool, roles=("router",)),
        Command(g, _STATIC, _static, HELP, undo=_no_static, roles=("router",)),
        Command(g, _DYNAMIC, _dynamic, HELP, no="ip nat inside source list <acl:word> [<rest:line>]",
                undo=_no_dynamic, roles=("router",)),
        Command(_MODES, "ip nat (inside=side | outside=side)", _side, HELP, undo=_no_side, roles=("router",)),
    ]  # fmt: skip
    return [*made, *show.commands()]


def _change(c: Context, **values: object) -> None:
    c.config.parts.put(replace(c.config.parts[Nat], **values))  # type: ignore[arg-type]


def _pool(c: Context, m: Match) -> None:
    first, last = m["first"], m["last"]
    length = m.get("length") or prefix_length(m.get("mask", IPv4Address(0)))
    if not length:
        raise CommandError("%Pool netmask is not valid")
    same = int(first) >> (32 - length) == int(last) >> (32 - length)
    if last < first or not same:
        raise CommandError("%Pool ranges must be in ascending order and in the same subnet")
    if int(last) - int(first) >= LARGEST:
        raise CommandError(f"%A pool has {LARGEST} addresses at most on this device")
    nat = c.config.parts[Nat]
    kept = [pool for pool in nat.pools if pool.name != m["pool"]]
    for pool in kept:
        if pool.first <= last and first <= pool.last:
            raise CommandError(f"%Pool {m['pool']} overlaps with pool {pool.name}")
    _change(c, pools=tuple([*kept, Pool(m["pool"], first, last, length)]))


def _no_pool(c: Context, m: Match) -> None:
    nat = c.config.parts[Nat]
    if nat.pool(m["pool"]) is None:
        raise CommandError(f"%Pool {m['pool']} not found")
    if any(dynamic.pool == m["pool"] for dynamic in nat.dynamics):
        raise CommandError(f"%Pool {m['pool']} in use, cannot destroy")
    _change(c, pools=tuple(pool for pool in nat.pools if pool.name != m["pool"]))


def _read_static(m: Match) -> Static:
    if not m.has("tcp") and not m.has("udp"):
        return Static(m["local"], m["outside"])
    return Static(
        m["local"], m.get("outside"), m["protocol"], m["local_port"], m["outside_port"], m.get("interface")
    )  # fmt: skip


def _static(c: Context, m: Match) -> None:
    made, nat = _read_static(m), c.config.parts[Nat]
    for other in nat.statics:
        if other != made and _outside(other) == _outside(made):
            raise CommandError(f"% {other.local} already mapped ({other.local} -> {other.outside or other.interface})")
        if other != made and not made.protocol and not other.protocol and other.local == made.local:
            raise CommandError(f"% {other.local} already mapped ({other.local} -> {other.outside})")
    _change(c, statics=tuple([*(other for other in nat.statics if other != made), made]))


def _outside(static: Static) -> tuple[object, ...]:
    return static.outside, static.interface, static.protocol, static.outside_port


def _no_static(c: Context, m: Match) -> None:
    gone, nat = _read_static(m), c.config.parts[Nat]
    if gone not in nat.statics:
        raise CommandError("%Translation not found")
    _change(c, statics=tuple(static for static in nat.statics if static != gone))


def _dynamic(c: Context, m: Match) -> None:
    nat, acl = c.config.parts[Nat], m["acl"]
    if not re.fullmatch(r"[A-Za-z][\w.-]*", acl) and kind_of_number(acl) is None:
        raise CommandError("% Invalid access list name.")
    pool, interface = m.get("pool"), m.get("interface")
    if pool is not None and nat.pool(pool) is None:
        raise CommandError(f"%Pool {pool} not found")
    made = Dynamic(acl, pool, interface, m.has("overload") or interface is not None)  # an interface is always shared
    _change(c, dynamics=tuple([*(known for known in nat.dynamics if known.acl != acl), made]))


def _no_dynamic(c: Context, m: Match) -> None:
    nat = c.config.parts[Nat]
    kept = tuple(known for known in nat.dynamics if known.acl != m["acl"])
    if len(kept) == len(nat.dynamics):
        raise CommandError("%Dynamic mapping not found")
    _change(c, dynamics=kept)


def _side(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        interface.parts.put(Side(m["side"]))


def _no_side(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        if interface.parts[Side].side == m["side"]:
            interface.parts.put(Side())


def _render(config: Config) -> list[str]:
    nat = config.parts[Nat]
    lines = [f"ip nat pool {pool.name} {pool.first} {pool.last} prefix-length {pool.length}" for pool in nat.pools]
    for dynamic in nat.dynamics:
        to = f"pool {dynamic.pool}" if dynamic.pool is not None else f"interface {dynamic.interface}"
        lines.append(f"ip nat inside source list {dynamic.acl} {to}{' overload' if dynamic.overload else ''}")
    lines += [_static_line(static) for static in nat.statics]
    return [*lines, "!"] if lines else []


def _static_line(static: Static) -> str:
    start = "ip nat inside source static"
    if not static.protocol:
        return f"{start} {static.local} {static.outside}"
    to = static.outside or f"interface {static.interface}"
    return f"{start} {static.protocol} {static.local} {static.local_port} {to} {static.outside_port}"


def _render_interface(config: Config, interface: Interface) -> list[str]:
    side = interface.parts[Side].side
    return [f" ip nat {side}"] if side else []


AREA = Area(_commands, _render, _render_interface)
