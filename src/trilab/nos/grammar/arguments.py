"""Typed arguments. Each one reads words at a position and says how it shows in ``?`` help."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Interface, IPv6Network
from typing import Any

from trilab.nos import flash, ports, vlans
from trilab.nos.grammar.tokens import Line
from trilab.nos.names import Names

Taken = tuple[Any, int]  # the value, and how many words it took


class Unfinished(Exception):
    """The words so far are right, and the line ended before the argument did."""


@dataclass(frozen=True)
class Kind:
    """An argument type.

    ``read`` gives the value and the number of words, or None when the word does not fit. ``help`` is a list of
    (display, text): an empty text stands for the help of the command.
    """

    read: Callable[[Line, int], Taken | None]
    help: tuple[tuple[str, str], ...]
    words: tuple[str, ...] = ()  # what Tab completes


def _one(convert: Callable[[str], Any], display: str) -> Kind:
    def read(line: Line, index: int) -> Taken | None:
        value = convert(line.tokens[index].text)
        return None if value is None else (value, 1)

    return Kind(read, ((display, ""),))


def address(text: str) -> IPv4Address | None:
    """A dotted quad, or None."""
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isdecimal() and part.isascii() and len(part) <= 3 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    return IPv4Address(bytes(numbers)) if max(numbers) <= 255 else None


def _integer(low: int, high: int) -> Kind:
    def convert(text: str) -> int | None:
        if not (text.isascii() and text.isdecimal() and len(text) <= 10):
            return None
        return int(text) if low <= int(text) <= high else None

    return _one(convert, f"<{low}-{high}>")


def _abbreviated(word: str, names: Iterable[str]) -> str | None:
    """The one name that ``word`` is, or begins."""
    found = [name for name in names if name.startswith(word.lower())]
    return word.lower() if word.lower() in found else found[0] if len(found) == 1 else None


def _port(protocol: str) -> Kind:
    table, number = ports.table(protocol), _integer(0, 65535)

    def read(line: Line, index: int) -> Taken | None:
        name = _abbreviated(line.tokens[index].text, table)
        return number.read(line, index) if name is None else (table[name], 1)

    named = tuple((name, f"{name} ({value})") for name, value in sorted(table.items()))
    return Kind(read, (*number.help, *named), tuple(table))


def _named(names: tuple[str, ...]) -> Kind:
    """One of fixed names, abbreviated or not. Lighter than as many keywords."""

    def read(line: Line, index: int) -> Taken | None:
        name = _abbreviated(line.tokens[index].text, names)
        return None if name is None else (name, 1)

    return Kind(read, tuple((name, "") for name in names), names)


def _rest(*, blanks: bool = False) -> Kind:
    """The rest of the line; with ``blanks``, those at its end too."""

    def read(line: Line, index: int) -> Taken:
        text = line.text[line.tokens[index].start :] if blanks else line.rest(index)
        return text, len(line.tokens) - index

    return Kind(read, (("LINE", ""),))


def _clock(text: str) -> tuple[int, int, int] | None:
    found = re.fullmatch(r"(\d{1,2}):(\d{1,2}):(\d{1,2})", text)
    if found is None:
        return None
    hour, minute, second = (int(part) for part in found.groups())
    return (hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _mac(text: str) -> str | None:
    found = re.fullmatch(r"([0-9a-f]{4})\.([0-9a-f]{4})\.([0-9a-f]{4})", text.lower())
    if found is None:
        return None
    digits = "".join(found.groups())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _ipv6(kind: Callable[[str], Any], marks: str) -> Callable[[str], Any]:
    """Text with every one of ``marks`` that the library reads as ``kind``; None for other text."""

    def convert(text: str) -> Any:
        if not all(mark in text for mark in marks) or "%" in text:
            return None
        try:
            return kind(text)
        except ValueError:
            return None

    return convert


_SIMPLE: dict[str, tuple[Callable[[str], Any], str]] = {
    "ip": (address, "A.B.C.D"),
    "word": (str, "WORD"),
    "reader": (lambda text: None if text.lower() in ("rw", "view") else text, "WORD"),  # of a community: nobody writes
    "flash": (flash.name_in, "flash:"),
    "prefix": (flash.prefix_in, "flash:"),
    "stored": (flash.location, "flash:"),
    "vlans": (vlans.parse, "WORD"),
    "clock": (_clock, "hh:mm:ss"),
    "mac": (_mac, "H.H.H"),
    "ip6": (_ipv6(IPv6Address, ":"), "X:X:X:X::X"),
    "addr6": (_ipv6(IPv6Interface, ":/"), "X:X:X:X::X/<0-128>"),
    "net6": (_ipv6(lambda text: IPv6Network(text, strict=False), ":/"), "X:X:X:X::X/<0-128>"),
}
_INTERFACE_HELP = {
    "port": ("GigabitEthernet", "GigabitEthernet IEEE 802.3z"),
    "channel": ("Port-channel", "Ethernet Channel of interfaces"),
    "svi": ("Vlan", "Catalyst Vlans"),
    "loop": ("Loopback", "Loopback interface"),
    "null": ("Null", "Null interface"),
    "radio": ("Dot11Radio", "Dot11 interface"),
    "bvi": ("BVI", "Bridge-Group Virtual Interface"),
}


def _interface(names: Names, wanted: tuple[str, ...]) -> Kind:
    kinds = [kind for kind in names.kinds() if kind in wanted]
    help_lines = tuple(_INTERFACE_HELP[kind] for kind in kinds if kind in _INTERFACE_HELP)

    def read(line: Line, index: int) -> Taken | None:
        word = line.tokens[index].text
        found = names.parse(word)
        if found is not None:
            return (found[1], 1) if found[0] in wanted else None
        kind = names.kind_of(word)
        if kind is None or (kind not in wanted and "sub" not in wanted):
            return None
        if index + 1 >= len(line.tokens):
            raise Unfinished
        found = names.number(kind, line.tokens[index + 1].text)
        return (found[1], 2) if found is not None and found[0] in wanted else None

    return Kind(read, help_lines, tuple(word for word, _ in help_lines))


def _interface_range(names: Names) -> Kind:
    def read(line: Line, index: int) -> Taken | None:
        found = expand_range(names, line.rest(index))
        return None if found is None else (found, len(line.tokens) - index)

    return Kind(read, tuple(_INTERFACE_HELP[kind] for kind in names.kinds() if kind in ("port", "channel", "svi")))


_RANGE = re.compile(r"\s*([a-z]+(?:-[a-z]*)?)\s*(0/)?(\d+)(?:\s*-\s*(?:[a-z]*\s*0/)?(\d+))?\s*", re.IGNORECASE)


def expand_range(names: Names, text: str) -> tuple[str, ...] | None:
    """Read ``gi0/1 - 4 , gi0/7, vlan 10-12``: at most 5 groups (IOS); None when malformed."""
    groups = text.split(",")
    if len(groups) > 5:
        return None
    found: list[str] = []
    for group in groups:
        match = _RANGE.fullmatch(group)
        kind = names.kind_of(match[1]) if match else None
        if match is None or kind not in ("port", "channel", "svi"):
            return None
        for number in range(int(match[3]), int(match[4] or match[3]) + 1):
            one = names.number(kind, f"{match[2] or ''}{number}")
            if one is None:
                return None
            found.append(one[1])
    return tuple(dict.fromkeys(found)) or None


def make(name: str, parameters: tuple[str, ...], names: Names) -> Kind:
    """The argument type that a pattern calls ``name``.

    Raises:
        KeyError: no such type.
    """
    if name == "int":
        return _integer(int(parameters[0]), int(parameters[1]))
    if name == "ifname":
        return _interface(names, parameters)
    if name == "ifrange":
        return _interface_range(names)
    if name in ("line", "raw"):
        return _rest(blanks=name == "raw")
    if name == "port":
        return _port(parameters[0])
    if name == "message":
        return _named(ports.ICMP)
    return _one(*_SIMPLE[name])
