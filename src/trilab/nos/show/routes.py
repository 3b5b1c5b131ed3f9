"""``show ip route``: the routing table in the form of IOS 15."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import groupby
from typing import TYPE_CHECKING

from trilab.nos.context import CommandError
from trilab.nos.dataplane.base import Route
from trilab.nos.features.multilayer import forwards
from trilab.nos.features.ospf.model import Ospf
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "show": "Show running system information",
    "ip": "IP information",
    "route": "IP routing table",
    "static": "Static routes",
    "connected": "Connected",
    "ospf": "Open Shortest Path First (OSPF)",
    "rip": "Routing Information Protocol (RIP)",
    "<process>": "Process ID",
    "<address>": "Network to display information about",
    "<mask>": "Network mask",
}
_CODES = """\
Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area 
       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2
       E1 - OSPF external type 1, E2 - OSPF external type 2
       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2
       ia - IS-IS inter area, * - candidate default, U - per-user static route
       o - ODR, P - periodic downloaded static route, H - NHRP, l - LISP
       a - application route
       + - replicated route, % - next hop override
"""
_LETTERS = {"connected": "C", "local": "L", "static": "S", "ospf": "O", "rip": "R"}
_TYPES = {"": "intra area", "IA": "inter area", "E1": "extern 1", "E2": "extern 2", "N1": "NSSA extern 1",
          "N2": "NSSA extern 2"}  # fmt: skip


def commands() -> list[Command]:
    """``show ip route`` of what routes."""
    return [
        Command(EXEC_MODES, "show ip route [static=source | connected=source | rip=source"
                " | ospf=source [<process:int(1,65535)>]]", _table, HELP, roles=("router", "switch")),
        Command(EXEC_MODES, "show ip route <address:ip> [<mask:ip>]", _entry, HELP, roles=("router", "switch")),
    ]  # fmt: skip


def _table(s: Session, m: Match) -> None:
    if not forwards(s.device.config):
        gateway = s.device.config.default_gateway
        s.out(f"Default gateway is {gateway or 'not set'}\n")
        s.out("Host               Gateway           Last Use    Total Uses  Interface\nICMP redirect cache is empty")
        return
    every = s.device.dataplane.routes()
    default = next((route for route in every if route.prefix.prefixlen == 0), None)
    s.out(_CODES)
    if default is None:
        s.out("Gateway of last resort is not set\n")
    else:
        s.out(f"Gateway of last resort is {default.next_hop or IPv4Address(0)} to network 0.0.0.0\n")
    source = m.get("source")
    wanted = {source, "local"} if source == "connected" else {source}
    routes = [route for route in every if source is None or route.source in wanted]
    for major, members in groupby(sorted(routes, key=_order), key=lambda route: classful(route.prefix)):
        s.out("\n".join(_group(major, list(members))))


def _order(route: Route) -> tuple[int, int, int]:
    return int(route.prefix.network_address), route.prefix.prefixlen, int(route.next_hop or 0)


def classful(prefix: IPv4Network) -> IPv4Network:
    """The class A, B or C network that holds a prefix (a shorter prefix is its own)."""
    first = int(prefix.network_address) >> 24
    length = 8 if first < 128 else 16 if first < 192 else 24
    return prefix if prefix.prefixlen <= length else prefix.supernet(new_prefix=length)


def _group(major: IPv4Network, members: list[Route]) -> list[str]:
    """One class network: its own route at the margin, or its subnets under a title."""
    prefixes = {route.prefix for route in members}
    lengths = {prefix.prefixlen for prefix in prefixes}
    alone = prefixes == {major}
    title = []
    if not alone:
        count = f"{len(prefixes)} subnet{'' if len(prefixes) == 1 else 's'}"
        title = (
            [f"      {major.network_address}/{min(lengths)} is subnetted, {count}"]
            if len(lengths) == 1
            else [f"      {major} is variably subnetted, {count}, {len(lengths)} masks"]
        )
    lines = []
    for prefix, same in groupby(members, key=lambda route: route.prefix):
        shown = str(prefix) if alone or len(lengths) > 1 else str(prefix.network_address)
        lines += _prefix(list(same), shown, 6 if alone else 9)
    return title + lines


def _prefix(routes: list[Route], shown: str, margin: int) -> list[str]:
    """The lines of one prefix: the first names it, the next ones are other ways to it."""
    lines: list[str] = []
    for route in routes:
        star = "*" if route.prefix.prefixlen == 0 else " "
        start = f"{_LETTERS[route.source] + star + route.kind:<{margin}}{shown} "
        lines.append((" " * len(start) if lines and route.next_hop is not None else start) + _way(route))
    return lines


def _way(route: Route) -> str:
    if route.next_hop is None:
        return f"is directly connected, {route.interface}"
    parts = [f"[{route.distance}/{route.metric}] via {route.next_hop}"]
    if route.age is not None:
        parts.append(age(route.age))
    if route.interface is not None:
        parts.append(route.interface)
    return ", ".join(parts)


def age(seconds: int) -> str:
    """``00:01:44``, then ``1d02h``, then ``2w3d``."""
    days, rest = divmod(seconds, 86400)
    if days >= 7:
        return f"{days // 7}w{days % 7}d"
    if days:
        return f"{days}d{rest // 3600:02d}h"
    return f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def _entry(s: Session, m: Match) -> None:
    """What the router would do with an address, or the entry of a network."""
    address, mask = m["address"], m.get("mask")
    every = s.device.dataplane.routes()
    if mask is None:
        matching = [route for route in every if address in route.prefix and route.prefix.prefixlen]
    else:
        matching = [r for r in every if r.prefix.network_address == address and r.prefix.netmask == mask]
    if not matching:
        known = any(classful(route.prefix).overlaps(classful(IPv4Network(address))) for route in every)
        raise CommandError("% Subnet not in table" if known else "% Network not in table")
    longest = max(route.prefix.prefixlen for route in matching)
    s.out("\n".join(_details(s.device.config, [r for r in matching if r.prefix.prefixlen == longest])))


def _details(config: Config, routes: list[Route]) -> list[str]:
    first = routes[0]
    process = config.parts[Ospf].process
    via = f"ospf {process.number}" if first.source == "ospf" and process else first.source
    known = "connected" if first.source == "local" else via
    more = f", type {_TYPES[first.kind]}" if first.source == "ospf" else ""
    if first.source in ("connected", "local"):
        more += " (connected, via interface)"
    lines = [
        f"Routing entry for {first.prefix}",
        f'  Known via "{known}", distance {first.distance}, metric {first.metric}{more}',
    ]
    if first.age is not None:
        lines.append(f"  Last update from {first.next_hop} on {first.interface}, {age(first.age)} ago")
    lines.append("  Routing Descriptor Blocks:")
    for number, route in enumerate(routes):
        if route.next_hop is None:
            way = f"directly connected, via {route.interface}"
        else:
            way = str(route.next_hop)
            if route.age is not None:
                way += f", from {route.next_hop}, {age(route.age)} ago"
            if route.interface is not None:
                way += f", via {route.interface}"
        lines.append(f"  {'*' if number == 0 else ' '} {way}")
        lines.append(f"      Route metric is {route.metric}, traffic share count is 1")
    return lines
