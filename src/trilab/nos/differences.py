"""What two configuration texts differ in, in the notation of IOS ("Contextual Configuration Diff Utility")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

Entry = tuple[str, ...]  # a line after the lines that it stands under


def entries(text: str) -> list[Entry]:
    """The lines of a configuration, each with the lines that it stands under; comments and ``end`` are left out."""
    found: list[Entry] = []
    above: list[tuple[int, str]] = []  # indentation, line
    for line in text.splitlines():
        words = line.strip()
        if not words or words.startswith("!") or line.rstrip() == "end":
            continue
        indent = len(line) - len(line.lstrip())
        while above and above[-1][0] >= indent:
            above.pop()
        above.append((indent, words))
        found.append(tuple(each for _, each in above))
    return found


def contextual(old: str, new: str) -> str:
    """``show archive config differences``: what ``new`` adds and lacks, under its headings."""
    lines = list(_headed(_changes(entries(old), entries(new))))
    return "\n".join(["!Contextual Config Diffs:", *(lines or ["!No changes were found"])])


def incremental(running: str, text: str, *, ignore_case: bool = False) -> str:
    """``show archive config incremental-diffs``: the lines of ``text`` that the running configuration has not."""

    def key(entry: Entry) -> Entry:
        return tuple(line.lower() for line in entry) if ignore_case else entry

    known = {key(entry) for entry in entries(running)}
    lines = list(_headed(("", entry) for entry in entries(text) if key(entry) not in known))
    return "\n".join(["!List of Commands:", *lines, "end", *([] if lines else ["!No changes were found"])])


def _changes(old: list[Entry], new: list[Entry]) -> Iterator[tuple[str, Entry]]:
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from (("-", entry) for entry in old[start:end])
            yield from (("+", entry) for entry in new[new_start:new_end])


def _headed(changes: Iterable[tuple[str, Entry]]) -> Iterator[str]:
    """Lines with their sign, after the headings that the line before does not stand under."""
    last: Entry = ()
    for sign, entry in changes:
        for depth in range(len(entry) - 1):
            if last[: depth + 1] != entry[: depth + 1]:
                yield f"{' ' * depth}{entry[depth]}"
        yield f"{' ' * (len(entry) - 1)}{sign}{entry[-1]}"
        last = entry
