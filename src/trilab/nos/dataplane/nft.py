"""Access lists and the device's own rules as nftables text. Pure.

Tables: ``netdev trilab`` keeps the kernel from seeing frames that Open vSwitch switches; ``ip trilab`` holds the access
lists. Each list becomes one chain per use (``a_…`` on interfaces, ``v_…`` on terminal lines); its entries share one
named counter per sequence number, so a list counts all its uses together, and counters outlive a reload of the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address

from trilab.nos.dataplane import names
from trilab.nos.dataplane.names import MANAGEMENT
from trilab.nos.model import Acl, AclEntry, Config, Line

TABLE = "ip trilab"
PORTS = {"ssh": 22, "telnet": 23}
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


def chain(prefix: str, acl: Acl, refusal: str) -> str:
    """One list as a chain: a permitted packet returns to the caller, the rest goes to ``refusal``."""
    rules = []
    for entry in acl.entries:
        if entry.action != "remark":
            verdict = "return" if entry.action == "permit" else f"goto {refusal}"
            rules.append(f"    {match(entry)} counter name {counter(acl.name, entry.sequence)} {verdict}")
    return "\n".join([f"  chain {prefix}_{identifier(acl.name)} {{", *rules, f"    goto {refusal}", "  }"])


def effective(config: Config, name: str | None) -> Acl | None:
    """The list, when it exists and has an entry; IOS lets everything pass through an undefined or empty list."""
    acl = config.acls.get(name) if name is not None else None
    return acl if acl is not None and any(entry.action != "remark" for entry in acl.entries) else None


def vty_line(config: Config, transport: str) -> Line | None:
    """The line that takes an incoming session: IOS gives the first one whose ``transport input`` has it."""
    lines = sorted((line for line in config.lines if line.kind == "vty"), key=lambda line: line.first)
    return next((line for line in lines if transport in line.transport), None)


def _uses(config: Config) -> tuple[list[tuple[str, Acl]], list[tuple[str, Acl]], list[tuple[int, Acl]]]:
    """(inbound device → list, outbound device → list, port of a terminal service → list)."""
    inbound, outbound, vty = [], [], []
    for name, device in names.layer3(config).items():
        interface = config.interfaces[name]
        if (acl := effective(config, interface.acl_in)) is not None:
            inbound.append((device, acl))
        if (acl := effective(config, interface.acl_out)) is not None:
            outbound.append((device, acl))
    for transport, port in PORTS.items():
        line = vty_line(config, transport)
        if line is not None and (acl := effective(config, line.access_class)) is not None:
            vty.append((port, acl))
    return inbound, outbound, vty


def filters(config: Config) -> str:
    """The content of ``table ip trilab``: own rules first, so that management never depends on the candidate's.

    Outbound lists see routed packets only: IOS does not filter what the router itself sends.
    """
    inbound, outbound, vty = _uses(config)
    lists = {acl.name: acl for _, acl in (*inbound, *outbound)}
    lines = {acl.name: acl for _, acl in vty}
    counters = [
        counter(acl.name, entry.sequence)
        for acl in ({**lists, **lines}).values()
        for entry in acl.entries
        if entry.action != "remark"
    ]
    jumps_in = [f'    iifname "{device}" jump a_{identifier(acl.name)}' for device, acl in inbound]
    jumps_out = [f'    oifname "{device}" jump a_{identifier(acl.name)}' for device, acl in outbound]
    jumps_vty = [
        f"    tcp dport {port} tcp flags & (syn | ack) == syn jump v_{identifier(acl.name)}" for port, acl in vty
    ]
    return "\n".join(
        [
            f"table {TABLE} {{",
            *[f"  counter {name} {{ }}" for name in counters],
            "  chain prohibited {\n    reject with icmp type admin-prohibited\n  }",
            "  chain refused {\n    meta l4proto tcp reject with tcp reset\n  }",
            *[chain("a", acl, "prohibited") for acl in lists.values()],
            *[chain("v", acl, "refused") for acl in lines.values()],
            "  chain input {",
            "    type filter hook input priority filter; policy accept;",
            f'    iifname {{ "lo", "{MANAGEMENT}" }} accept',
            *jumps_in,
            *jumps_vty,
            "  }",
            "  chain forward {",
            "    type filter hook forward priority filter; policy accept;",
            f'    iifname "{MANAGEMENT}" drop',
            f'    oifname "{MANAGEMENT}" drop',
            *jumps_in,
            *jumps_out,
            "  }",
            "}",
            "",
        ]
    )


def declared(text: str, kind: str) -> list[str]:
    """Names of the chains or counters that a text of :func:`filters` declares."""
    return [line.split()[1] for line in text.splitlines() if line.startswith(f"  {kind} ")]


def replacement(old: str | None, new: str) -> str:
    """A script that turns ``old`` into ``new`` in one transaction and keeps the counters that both have."""
    if old is None:
        return f"table {TABLE} {{ }}\ndelete table {TABLE}\n{new}"
    gone = [
        f"delete {kind} {TABLE} {name}\n"
        for kind in ("chain", "counter")
        for name in _missing(declared(old, kind), declared(new, kind))
    ]
    return f"flush table {TABLE}\n{''.join(gone)}{new}"


def _missing(old: Sequence[str], new: Iterable[str]) -> list[str]:
    kept = set(new)
    return [name for name in old if name not in kept]


def switched(devices: Iterable[str]) -> str:
    """Keep the kernel's own stack off the member ports, where it would answer ARP; Open vSwitch and tcpdump see all."""
    members = ", ".join(f'"{device}"' for device in sorted(devices))
    hook = f"type filter hook ingress devices = {{ {members} }} priority -500; policy drop;"
    chains = f"  chain ingress {{\n    {hook}\n  }}\n" if members else ""
    table = "table netdev trilab"
    return f"{table} {{ }}\ndelete {table}\n{table} {{\n{chains}}}\n"
