"""The configuration of FRR as blocks of lines, and what to type to get from one to another. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from trilab.nos.dataplane.names import MANAGEMENT

Sections = dict[str, tuple[str, ...]]  # head of a block ("" for the margin) → its lines, without indentation
DATA, CLASSFUL = "data", "classful"  # route maps: nothing out of band; of that, only whole classes
# A line that starts so replaces the one before it: to remove that first would let a default act for a moment.
_REPLACED = ("ospf router-id", "ip ospf cost", "ip ospf hello-interval", "ip ospf dead-interval", "maximum-paths")

BASE: Sections = {
    "": (
        *(f"ip prefix-list {CLASSFUL} seq {number} permit {prefix} ge {length} le {length}"
          for number, prefix, length in ((5, "0.0.0.0/1", 8), (10, "128.0.0.0/2", 16), (15, "192.0.0.0/3", 24))),
        f"ip protocol any route-map {DATA}",
    ),
    f"route-map {DATA} deny 10": (f"match interface {MANAGEMENT}",),
    f"route-map {DATA} permit 20": (),
    f"route-map {CLASSFUL} deny 10": (f"match interface {MANAGEMENT}",),
    f"route-map {CLASSFUL} permit 20": (f"match ip address prefix-list {CLASSFUL}",),
}  # fmt: skip


def joined(parts: Sequence[Sections]) -> Sections:
    """The blocks of several areas as one."""
    found: Sections = {}
    for part in parts:
        for head, lines in part.items():
            found[head] = (*found.get(head, ()), *lines)
    return found


def changes(old: Sections, new: Sections) -> str:
    """A text for ``vtysh -f``; empty when nothing differs. Interfaces leave a protocol before it ends."""
    text: list[str] = []
    for head in sorted(old, key=_first_out):
        text += _removals(head, old[head], new.get(head))
    for head, lines in new.items():
        added = [line for line in lines if line not in old.get(head, ())]
        if added or head not in old:
            text += _block(head, added)
    return "".join(f"{line}\n" for line in text)


def _first_out(head: str) -> bool:
    return not head.startswith("interface ")


def _removals(head: str, old: tuple[str, ...], new: tuple[str, ...] | None) -> list[str]:
    if new is None and head and not head.startswith("interface "):
        return [f"no {head}"]
    kept = new or ()
    gone = [line for line in old if line not in kept and not _replaced(line, kept)]
    return _block(head, [_opposite(line) for line in reversed(gone)]) if gone else []


def _opposite(line: str) -> str:
    return line.removeprefix("no ") if line.startswith("no ") else f"no {line}"


def _replaced(line: str, new: tuple[str, ...]) -> bool:
    return any(line.startswith(start) and any(other.startswith(start) for other in new) for start in _REPLACED)


def _block(head: str, lines: list[str]) -> list[str]:
    return lines if not head else [head, *(f" {line}" for line in lines), "exit"]
