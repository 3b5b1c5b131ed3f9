"""VLAN lists as IOS writes them: ``1,10,20-29``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from trilab.nos.model import VLAN_MAX, VLAN_MIN

_LIST = re.compile(r"\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*")
RESERVED = range(1002, 1006)  # FDDI and Token Ring defaults, IOS command reference "vlan"


def parse(text: str) -> frozenset[int] | None:
    """Read a list; None when malformed, reversed or outside 1–4094."""
    if not _LIST.fullmatch(text):
        return None
    vids: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if not VLAN_MIN <= low <= high <= VLAN_MAX:
            return None
        vids.update(range(low, high + 1))
    return frozenset(vids)


def text(vids: Iterable[int]) -> str:
    """Write a list with ranges for three or more in a row, as IOS does (``1,2,5-9``)."""
    return ",".join(pieces(vids))


def pieces(vids: Iterable[int]) -> list[str]:
    """The parts of :func:`text`, to be wrapped."""
    parts: list[str] = []
    for low, high in runs(vids):
        if high - low == 1:
            parts += [str(low), str(high)]
        else:
            parts.append(str(low) if low == high else f"{low}-{high}")
    return parts


def runs(vids: Iterable[int]) -> list[tuple[int, int]]:
    """The maximal runs of consecutive numbers, in order."""
    found: list[tuple[int, int]] = []
    for vid in sorted(vids):
        if found and vid == found[-1][1] + 1:
            found[-1] = (found[-1][0], vid)
        else:
            found.append((vid, vid))
    return found


def wrapped(vids: Iterable[int], width: int) -> list[str]:
    """The list cut at commas into lines of at most ``width`` characters."""
    lines: list[str] = []
    for part in pieces(vids):
        if lines and len(lines[-1]) + 1 + len(part) <= width:
            lines[-1] += "," + part
        else:
            lines.append(part)
    return lines
