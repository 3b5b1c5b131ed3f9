"""Texts as a reader should see them: outputs without control characters, French spacing, local times, decimals."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import datetime, timedelta, tzinfo

from trilab.french import NBSP as NBSP
from trilab.french import count as count
from trilab.french import number as number

_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
)
# ECMA-48: control strings (8.3.89 OSC, 8.3.27 DCS …), control sequences (5.4), escape sequences (5.3)
_ESCAPES = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
# Explicit directional formatting (Unicode UAX 9, 2): could show an output in another order than it has
_DIRECTION = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_WORD = re.compile(r"[0-9a-zà-ÿ][0-9a-zà-ÿ./:_-]*[0-9a-zà-ÿ]")
_PORT = re.compile(r"gi\d+/\d+(?:\.\d+)?")
_RULE = re.compile(r"[\s!=+|*_-]*")  # a line without content: blank, or drawn
NARROW = "\u202f"


def clean(text: str) -> str:
    """A terminal's output as text: escapes removed, backspaces and carriage returns applied, controls made visible."""
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    lines = (_typed(line) if "\b" in line or "\r" in line else line for line in text.split("\n"))
    return "\n".join("".join(_visible(char) for char in line) for line in lines)


def _typed(line: str) -> str:
    """What a screen shows after ``line``: ``\\b`` goes one column back, ``\\r`` to the first one."""
    screen: list[str] = []
    column = 0
    for char in line:
        if char == "\b":
            column = max(0, column - 1)
        elif char == "\r":
            column = 0
        else:
            screen[column : column + 1] = [char]
            column += 1
    return "".join(screen).rstrip()


def _visible(char: str) -> str:
    if char == "\t" or (char not in _DIRECTION and unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Co")):
        return char
    return "\ufffd"


def french(text: str) -> str:
    """A French sentence with its no-break spaces; nothing is inserted where no space stood."""
    text = re.sub(r"« ?", f"«{NBSP}", clean(text))
    text = re.sub(r" ?»", f"{NBSP}»", text)
    return re.sub(r" ([;!?])(?!\S)", rf"{NARROW}\1", re.sub(r" :(?!\S)", f"{NBSP}:", text))


def excerpt(text: str, about: str = "", lines: int = 3, width: int = 160) -> str:
    """A few consecutive lines, blank ones and rules left out, each cut at ``width`` characters.

    It starts at the port that ``about`` names, else at the line that shares its rarest words, else at the top; ``[…]``
    tells that lines stand before it.
    """
    kept = [line.rstrip() for line in text.split("\n") if _RULE.fullmatch(line) is None]
    start = _most_about(kept, about) if len(kept) > lines else 0
    start = max(0, min(start, len(kept) - lines))
    shown = [line if len(line) <= width else line[: width - 1] + "…" for line in kept[start : start + lines]]
    return "\n".join(["[…]", *shown] if start else shown)


def _most_about(lines: list[str], about: str) -> int:
    wanted = _words(about)
    words = [wanted & _words(line) for line in lines]
    ports = [index for index, found in enumerate(words) if any(_PORT.fullmatch(word) for word in found)]
    if ports:  # a port's block is told by its first line; its other lines look like those of other ports
        return ports[0]
    times = Counter(word for found in words for word in found)
    weights = [sum(1 / times[word] for word in found) for found in words]
    return weights.index(max(weights)) if any(weights) else 0


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.replace("GigabitEthernet", "Gi").lower()))


def shortened(text: str, width: int) -> str:
    """One line of at most ``width`` characters."""
    line = re.sub(r"[ \t\n]+", " ", text).strip()  # str.split would cut at no-break spaces
    return line if len(line) <= width else line[: max(0, width - 1)].rstrip() + "…"


def day(moment: datetime, zone: tzinfo | None = None) -> str:
    """``24 novembre 2026``, in local time."""
    local = moment.astimezone(zone)
    return f"{'1er' if local.day == 1 else local.day}{NBSP}{_MONTHS[local.month - 1]}{NBSP}{local.year}"


def clock(moment: datetime, zone: tzinfo | None = None) -> str:
    """``14:03:07``, in local time."""
    return f"{moment.astimezone(zone):%H:%M:%S}"


def zone_name(moment: datetime, zone: tzinfo | None = None) -> str:
    """``CET, UTC+01:00``: the zone that the report's times are in."""
    local = moment.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    minutes = round(abs(offset).total_seconds() / 60)
    written = f"UTC{'-' if offset < timedelta() else '+'}{minutes // 60:02}:{minutes % 60:02}" if minutes else "UTC"
    name = local.tzname() or ""
    return written if name.startswith(("UTC", "+", "-")) or not name else f"{name}, {written}"


def lasting(seconds: float) -> str:
    """A duration: ``3 h 25 min``, ``12 min 05 s``, ``8,4 s``."""
    if seconds < 60:
        return f"{number(seconds, 1)}{NBSP}s"
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours}{NBSP}h{NBSP}{minutes:02}{NBSP}min"
    return f"{minutes}{NBSP}min{NBSP}{left:02}{NBSP}s"


def seconds(value: float) -> str:
    """A time of a wire table, in seconds with milliseconds: ``0,042``."""
    return f"{value:.3f}".replace(".", ",")
