"""The regulatory database of the guest: the channels that labs use, so that a scan takes one second, not seven.

Format: ``net/wireless/reg.c`` of Linux (``struct fwdb_header`` …, version 20). Limits: ETSI EN 300 328 and EN 301 893
for Europe, 47 CFR part 15 for the United States (channels 1 to 11 only). Without channels that need radar detection,
and without the 6 GHz band.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

ETSI, FCC, WORLD = 2, 1, 0  # enum nl80211_dfs_regions
NO_OUTDOOR, NO_IR, AUTO_BW = 1 << 1, 1 << 3, 1 << 4
EUROPE = ("AT", "BE", "CH", "DE", "ES", "FR", "GB", "IE", "IT", "LU", "NL", "PT")


class Rule(NamedTuple):
    """A range of frequencies in MHz, the widest channel in MHz, the power in dBm."""

    start: int
    end: int
    width: int
    power: int
    flags: int = 0


_EUROPE = (Rule(2400, 2483, 40, 20), Rule(5150, 5250, 80, 23, NO_OUTDOOR | AUTO_BW))
_AMERICA = (Rule(2400, 2472, 40, 30), Rule(5150, 5250, 80, 23, AUTO_BW))
_WORLD = (Rule(2402, 2472, 40, 20), Rule(2457, 2482, 20, 20, NO_IR), Rule(5170, 5250, 80, 20, NO_IR | AUTO_BW))


def database() -> bytes:
    """The content of ``regulatory.db``."""
    countries = [("00", WORLD, _WORLD), *((name, ETSI, _EUROPE) for name in EUROPE), ("US", FCC, _AMERICA)]
    head = struct.pack(">II", 0x52474442, 20)
    place = len(head) + 4 * (len(countries) + 1)  # an empty country ends the list
    table, content = b"", b""
    for name, region, rules in countries:
        part = _collection(region, rules, place + len(content))
        table += name.encode() + struct.pack(">H", (place + len(content)) // 4)
        content += part
    return head + table + bytes(4) + content


def _collection(region: int, rules: Sequence[Rule], place: int) -> bytes:
    """A country's rules; pointers count in units of four bytes from the start of the file."""
    head = struct.pack("BBBx", 4, len(rules), region)
    pointers_size = (2 * len(rules) + 3) & ~3
    first = (place + len(head) + pointers_size) // 4
    pointers = struct.pack(f">{len(rules)}H", *(first + 4 * rank for rank in range(len(rules))))
    return head + pointers.ljust(pointers_size, b"\0") + b"".join(map(_rule, rules))


def _rule(rule: Rule) -> bytes:
    limits = (rule.power * 100, rule.start * 1000, rule.end * 1000, rule.width * 1000)
    return struct.pack(">BBHIII", 16, rule.flags, *limits)
