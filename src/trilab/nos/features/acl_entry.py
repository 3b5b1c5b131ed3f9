"""One access list entry: its grammar, how it is read and how it is written."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import Literal

from trilab.nos import ports
from trilab.nos.context import CommandError
from trilab.nos.grammar.command import Match
from trilab.nos.model import AclEntry

Pair = tuple[IPv4Address, IPv4Address]
Condition = tuple[str, tuple[int, ...]]
ANY: Pair = (IPv4Address(0), IPv4Address(0xFFFFFFFF))
HELP = {
    "permit": "Specify packets to forward",
    "deny": "Specify packets to reject",
    "remark": "Access list entry comment",
    "<remark>": "Comment up to 100 characters",
    "any": "Any source or destination host",
    "host": "A single host",
    "ip": "Any Internet Protocol",
    "tcp": "Transmission Control Protocol",
    "udp": "User Datagram Protocol",
    "icmp": "Internet Control Message Protocol",
    "<number>": "An IP protocol number",
    "eq": "Match only packets on a given port number",
    "gt": "Match only packets with a greater port number",
    "lt": "Match only packets with a lower port number",
    "neq": "Match only packets not on a given port number",
    "range": "Match only packets in the range of port numbers",
    "established": "Match established connections",
    "log": "Log matches against this entry",
    "<sequence>": "Sequence Number",
    "<src_port>": "Port number",
    "<dst_port>": "Port number",
    "<message>": "ICMP message",
    "<type>": "ICMP message type",
    "<code>": "ICMP message code",
    "<src_host>": "Host address",
    "<dst_host>": "Host address",
    "<src>": "Source address",
    "<dst>": "Destination address",
    "<src_wildcard>": "Source wildcard bits",
    "<dst_wildcard>": "Destination wildcard bits",
}


def _address(side: str) -> str:
    return f"(any={side}_any | host <{side}_host:ip> | <{side}:ip> <{side}_wildcard:ip>)"


def _port(side: str, protocol: str) -> str:
    one = f"<{side}_port:port({protocol})>"
    several, single = f"(eq={side}_op | neq={side}_op) {one}+", f"(gt={side}_op | lt={side}_op) {one}"
    return f"[{several} | {single} | range={side}_op {one} {one}]"


def standard() -> str:
    """Pattern of a standard entry after its number or sequence."""
    return "(permit=action | deny=action) (any=src_any | host <src_host:ip> | <src:ip> [<src_wildcard:ip>]) [log]"


def extended() -> list[str]:
    """Patterns of extended entries, one per family of protocols."""
    start, src, dst = "(permit=action | deny=action)", _address("src"), _address("dst")
    others = " | ".join(f"{name}=protocol" for name in ("ip", *ports.PROTOCOLS))
    tcp = f"tcp=protocol {src} {_port('src', 'tcp')} {dst} {_port('dst', 'tcp')} [established] [log]"
    udp = f"udp=protocol {src} {_port('src', 'udp')} {dst} {_port('dst', 'udp')} [log]"
    icmp = f"icmp=protocol {src} {dst} [<message:message> | <type:int(0,255)> [<code:int(0,255)>]] [log]"
    plain = f"({others} | <number:int(0,255)>) {src} {dst} [log]"
    return [f"{start} {body}" for body in (plain, tcp, udp, icmp)]


def read(m: Match) -> AclEntry:
    """The entry of a line (sequence 0: not yet placed)."""
    action: Literal["permit", "deny"] = m["action"]
    protocol = _protocol(m)
    return AclEntry(
        0,
        action,
        protocol,
        _pair(m, "src"),
        _pair(m, "dst"),
        _condition(m, "src", protocol),
        _condition(m, "dst", protocol),
        m.has("established"),
        _message(m),
        m.has("log"),
    )


def _protocol(m: Match) -> str:
    number = m.get("number")
    if number is None:
        named: str = m.get("protocol", "ip")
        return str(ports.PROTOCOL_NUMBERS[named]) if named in ports.PROTOCOLS else named
    return {1: "icmp", 6: "tcp", 17: "udp"}.get(number, str(number))


def _pair(m: Match, side: str) -> Pair:
    host = m.get(f"{side}_host")
    if host is not None:
        return host, IPv4Address(0)
    address = m.get(side)
    if address is None:
        return ANY
    wildcard = m.get(f"{side}_wildcard", IPv4Address(0))
    return IPv4Address(int(address) & ~int(wildcard) & 0xFFFFFFFF), wildcard


def _condition(m: Match, side: str, protocol: str) -> Condition | None:
    operator: str | None = m.get(f"{side}_op")
    if operator is None:
        return None
    numbers = tuple(m.all(f"{side}_port"))
    if len(numbers) > 10:
        raise CommandError("% At most 10 ports in one entry")
    return operator, tuple(sorted(numbers)) if operator == "range" else numbers


def _message(m: Match) -> str | None:
    kind = m.get("type")
    if kind is None:
        name: str | None = m.get("message")
        return name
    return f"{kind} {m['code']}" if m.get("code") is not None else str(kind)


def write(entry: AclEntry, kind: str) -> str:
    """The entry as running-config holds it, without sequence."""
    if entry.action == "remark":
        return f"remark {entry.remark}"
    log = " log" if entry.log else ""
    if kind == "standard":
        return f"{entry.action} {_standard_source(entry.source)}{log}"
    return f"{entry.action} {_extended(entry)}{log}"


def show(entry: AclEntry, kind: str) -> str:
    """The entry as ``show access-lists`` prints it."""
    if kind == "standard":
        address, wildcard = entry.source
        log = " log" if entry.log else ""
        if entry.source == ANY or int(wildcard) == 0:
            return f"{entry.action} {_standard_source(entry.source)}{log}"
        return f"{entry.action} {address}, wildcard bits {wildcard}{log}"
    return write(entry, kind)


def _standard_source(pair: Pair) -> str:
    if pair == ANY:
        return "any"
    return str(pair[0]) if int(pair[1]) == 0 else f"{pair[0]} {pair[1]}"


def _extended(entry: AclEntry) -> str:
    parts = [_protocol_name(entry.protocol), _side(entry.source)]
    parts += _ports(entry, entry.source_port)
    parts.append(_side(entry.destination))
    parts += _ports(entry, entry.destination_port)
    if entry.established:
        parts.append("established")
    if entry.icmp_type is not None:
        parts.append(entry.icmp_type)
    return " ".join(parts)


def _protocol_name(protocol: str) -> str:
    return next((name for name in ports.PROTOCOLS if str(ports.PROTOCOL_NUMBERS[name]) == protocol), protocol)


def _side(pair: Pair) -> str:
    if pair == ANY:
        return "any"
    return f"host {pair[0]}" if int(pair[1]) == 0 else f"{pair[0]} {pair[1]}"


def _ports(entry: AclEntry, condition: Condition | None) -> list[str]:
    if condition is None:
        return []
    operator, numbers = condition
    return [operator, *(ports.name_of(entry.protocol, number) for number in numbers)]


def same(one: AclEntry, other: AclEntry) -> bool:
    """Whether two entries say the same, wherever they stand."""
    return replace(one, sequence=0, log=False) == replace(other, sequence=0, log=False)
