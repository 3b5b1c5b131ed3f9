"""Where each line of an answer stands: its section, its file inside a here-document, what belongs to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from trilab.lab import Answer, AnswerFile

Kind = Literal["ios", "asterisk", "interfaces", "file", "shell"]
SEPARATOR = " > "  # between the parts of a place: "r1 > ip dhcp pool VOIX > network 10.1.20.0 255.255.255.0"
_IOS_HEADER = re.compile(
    r"(interface( range)?|vlan \d+|ip dhcp pool|ip access-list|line (con|vty|console)|router|wlan|dot11|radius server"
    r"|aaa group)\b",
    re.IGNORECASE,
)
_IOS_LEAVE = re.compile(r"(exit|end|configure terminal|conf t|enable)\Z", re.IGNORECASE)
_HERE = re.compile(r"<<-?\s*(['\"]?)(?P<mark>\w+)\1")
_TARGET = re.compile(r"(?:\btee(?:\s+-a)?\s+|>>?\s*)(?P<path>/(?!dev/)[^\s'\"<>|]+)")
_TYPE = re.compile(r"\s*type\s*=>?\s*(?P<type>[\w-]+)")


@dataclass(frozen=True)
class Line:
    """One typed line. ``number`` counts from 1, as :func:`trilab.access.play` tells it.

    ``section`` is the header that it stands under, ``stop`` (a number, excluded) the end of what it opens: the next
    line for an ordinary line, the end of the section for a header, of the here-document for the command before it.
    """

    node: str
    role: str
    number: int
    text: str
    kind: Kind
    section: str = ""
    stop: int = 0
    label: str = ""  # how patterns see the line, where that is not its text: "[101] endpoint"

    @property
    def opens(self) -> bool:
        """Whether other lines belong to it."""
        return self.stop > self.number + 1

    @property
    def place(self) -> str:
        """What the patterns of ``proof.yml`` are matched with."""
        return SEPARATOR.join(part for part in (self.node, self.section, self.label or self.text.strip()) if part)


def lines_of(answer: Answer, roles: dict[str, str]) -> list[Line]:
    """Every line of an answer that means something, in order: no empty line, no comment, no end of section."""
    found: list[Line] = []
    for file in answer.files.values():
        read = _ios if file.language == "ios" else _shell
        found += read(file, roles.get(file.node, ""))
    return found


def _ios(file: AnswerFile, role: str) -> list[Line]:
    indented = any(line.startswith(" ") for line in file.lines)
    found: list[Line] = []
    section = ""
    for number, text in enumerate(file.lines, start=1):
        word = text.strip()
        if _IOS_LEAVE.match(word):
            section = ""
            continue
        if word.startswith("!"):
            continue
        if _IOS_HEADER.match(word) and not text.startswith(" "):
            section = word
            stop = _ios_stop(file.lines, number, indented)
            found.append(Line(file.node, role, number, text, "ios", "", stop))
            continue
        if indented and not text.startswith(" "):
            section = ""
        found.append(Line(file.node, role, number, text, "ios", section, number + 1))
    return found


def _ios_stop(lines: Sequence[str], header: int, indented: bool) -> int:
    """The number of the first line after the section that line ``header`` opens."""
    for number in range(header + 1, len(lines) + 1):
        text = lines[number - 1]
        if text.startswith(" "):
            continue
        if indented or _IOS_LEAVE.match(text.strip()) or _IOS_HEADER.match(text.strip()):
            return number
    return len(lines) + 1


def _shell(file: AnswerFile, role: str) -> list[Line]:
    found: list[Line] = []
    number = 1
    while number <= len(file.lines):
        text = file.lines[number - 1]
        here = _HERE.search(text)
        if here is None:
            if text.strip() and not text.lstrip().startswith("#"):
                found.append(Line(file.node, role, number, text, "shell", "", number + 1))
            number += 1
            continue
        end = _end_of_document(file.lines, number, here["mark"])
        target = _TARGET.search(text)
        path = target["path"] if target else "document"
        found.append(Line(file.node, role, number, text, "shell", "", end + 1))
        found += _document(file, role, path, range(number + 1, end))
        number = end + 1
    return found


def _end_of_document(lines: Sequence[str], start: int, mark: str) -> int:
    for number in range(start + 1, len(lines) + 1):
        if lines[number - 1].strip() == mark:
            return number
    return len(lines)


def _document(file: AnswerFile, role: str, path: str, numbers: range) -> list[Line]:
    kind: Kind = "file"
    if path.startswith("/etc/asterisk/"):
        kind = "asterisk"
    elif path.startswith("/etc/network/"):
        kind = "interfaces"
    found: list[Line] = []
    section = ""
    for number in numbers:
        text = file.lines[number - 1]
        if not text.strip() or text.lstrip()[0] in "#;":
            continue
        stop = number + 1
        if (kind == "asterisk" and text.startswith("[")) or (kind == "interfaces" and text.startswith("iface ")):
            stop = _document_stop(file.lines, number, numbers, kind)
            section = _section(file.lines, number, stop)
            found.append(Line(file.node, role, number, text, kind, path, stop, section))
            continue
        if kind == "interfaces" and not text.startswith((" ", "\t")):
            section = ""
        where = SEPARATOR.join(part for part in (path, section) if part)
        found.append(Line(file.node, role, number, text, kind, where, stop))
    return found


def _document_stop(lines: Sequence[str], start: int, numbers: range, kind: Kind) -> int:
    for number in range(start + 1, numbers.stop):
        text = lines[number - 1]
        if kind == "asterisk" and text.startswith("["):
            return number
        if kind == "interfaces" and text.strip() and not text.startswith((" ", "\t")):
            return number
    return numbers.stop


def _section(lines: Sequence[str], header: int, stop: int) -> str:
    """``[101] endpoint`` for an Asterisk section with a type, else the header itself."""
    for text in lines[header : stop - 1]:
        if match := _TYPE.match(text):
            return f"{lines[header - 1].strip()} {match['type']}"
    return lines[header - 1].strip()
