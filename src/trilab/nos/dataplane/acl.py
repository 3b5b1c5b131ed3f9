"""Access lists as nftables text. Pure.

A list becomes one chain per use; its entries share one named counter per sequence number, so a list counts all its uses
together, and counters outlive a reload of the rules.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from trilab.nos.dataplane import acllog
from trilab.nos.dataplane.acllog import COPIED, GROUP
from trilab.nos.model import Acl, AclEntry

_ONES = 0xFFFFFFFF

# ICMP message names of the IOS command reference ("access-list (IP extended)") → type, code (None: any).
ICMP = {
    "echo-reply": (0, None),
    "unreachable": (3, None),
    "net-unreachable": (3, 0),
    "host-unreachable": (3, 1),
    "protocol-unreachable": (3, 2),
    "port-unreachable": (3, 3),
    "packet-too-big": (3, 4),
    "administratively-prohibited": (3, 13),
    "source-quench": (4, None),
    "redirect": (5, None),
    "echo": (8, None),
    "router-advertisement": (9, None),
    "router-solicitation": (10, None),
    "time-exceeded": (11, None),
    "ttl-exceeded": (11, 0),
    "reassembly-timeout": (11, 1),
    "parameter-problem": (12, None),
    "timestamp-request": (13, None),
    "timestamp-reply": (14, None),
    "information-request": (15, None),
    "information-reply": (16, None),
    "mask-request": (17, None),
    "mask-reply": (18, None),
    "traceroute": (30, None),
}


def identifier(name: str) -> str:
    """An nft identifier that is one-to-one with an access list's name."""
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name)


def counter(name: str, sequence: int) -> str:
    """Name of the counter of one entry."""
    return f"c_{identifier(name)}.{sequence}"


def match_address(side: str, pair: tuple[IPv4Address, IPv4Address]) -> str:
    """``side`` (saddr, daddr) against an IOS address and wildcard: the bits that are 1 in the wildcard are ignored."""
    address, mask = int(pair[0]), int(pair[1]) ^ _ONES
    if mask == 0:
        return ""
    inverse = mask ^ _ONES
    value = IPv4Address(address & mask)
    if inverse & (inverse + 1) == 0:  # contiguous
        return f"ip {side} {value}/{32 - inverse.bit_length()}" if inverse else f"ip {side} {value}"
    return f"ip {side} & {IPv4Address(mask)} == {value}"


def match_port(side: str, protocol: str, condition: tuple[str, tuple[int, ...]] | None) -> str:
    """``side`` (sport, dport) against an IOS port operator."""
    if condition is None:
        return ""
    operator, numbers = condition
    text = {
        "eq": f"{{ {', '.join(map(str, numbers))} }}",
        "neq": f"!= {{ {', '.join(map(str, numbers))} }}",
        "gt": f"> {numbers[0]}",
        "lt": f"< {numbers[0]}",
        "range": f"{min(numbers)}-{max(numbers)}",
    }[operator]
    return f"{protocol} {side} {text}"


def match(entry: AclEntry) -> str:
    """The whole condition of one entry; empty for «ip any any»."""
    parts = [match_address("saddr", entry.source), match_address("daddr", entry.destination)]
    protocol = {"6": "tcp", "17": "udp", "1": "icmp"}.get(entry.protocol, entry.protocol)
    if protocol != "ip":
        parts.insert(0, f"meta l4proto {protocol}")
    parts.append(match_port("sport", protocol, entry.source_port))
    parts.append(match_port("dport", protocol, entry.destination_port))
    if entry.established:  # IOS: ACK or RST set
        parts.append("tcp flags & (ack | rst) != 0")
    if entry.icmp_type is not None:
        parts.append(_icmp(entry.icmp_type))
    return " ".join(part for part in parts if part)


def _icmp(name: str) -> str:
    if name in ICMP:
        kind, code = ICMP[name]
    else:  # "8" or "8 0"
        numbers = [int(word) for word in name.split()]
        kind, code = numbers[0], numbers[1] if len(numbers) > 1 else None
    return f"icmp type {kind}" + (f" icmp code {code}" if code is not None else "")


def _log(acl: Acl, entry: AclEntry) -> str:
    if not entry.log:
        return ""
    mark = acllog.prefix(acl.name, acl.kind, entry.action)
    return f'log prefix "{mark}" group {GROUP} snaplen {COPIED} queue-threshold 1 '


def chain(prefix: str, acl: Acl, refusal: str) -> str:
    """One list as a chain: a permitted packet returns to the caller, the rest goes to ``refusal``."""
    rules = []
    for entry in acl.entries:
        if entry.action != "remark":
            verdict = "return" if entry.action == "permit" else f"goto {refusal}"
            counted = f"counter name {counter(acl.name, entry.sequence)}"
            rules.append(f"    {match(entry)} {counted} {_log(acl, entry)}{verdict}")
    return "\n".join([f"  chain {prefix}_{identifier(acl.name)} {{", *rules, f"    goto {refusal}", "  }"])
