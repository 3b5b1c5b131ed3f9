"""Active translations, from what conntrack(8) lists. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address

_FIELD = re.compile(r"\b(src|dst|sport|dport|id)=(\S+)")


@dataclass(frozen=True, order=True)
class Translation:
    """One active flow, or (no protocol) one whole address."""

    protocol: str
    inside_global: tuple[IPv4Address, int]
    inside_local: tuple[IPv4Address, int]
    outside: tuple[IPv4Address, int] | None = None


def parse(text: str) -> list[Translation]:
    """``conntrack -L --any-nat``: of each flow its original and its reply direction are given."""
    found = []
    for line in text.splitlines():
        fields = _FIELD.findall(line)
        half = len(fields) // 2
        if half < 3:
            continue
        protocol, sent, back = line.split()[0], dict(fields[:half]), dict(fields[half:])
        source, target = _end(sent, "src", "sport"), _end(sent, "dst", "dport")
        answerer, answered = _end(back, "src", "sport"), _end(back, "dst", "dport")
        if source != answered:
            found.append(Translation(protocol, answered, source, target))
        elif target != answerer:
            found.append(Translation(protocol, target, answerer, source))
    return sorted(found)


def _end(fields: dict[str, str], address: str, port: str) -> tuple[IPv4Address, int]:
    """Address and port; ICMP has an identifier in its place."""
    return IPv4Address(fields[address]), int(fields.get(port, fields.get("id", "0")))
