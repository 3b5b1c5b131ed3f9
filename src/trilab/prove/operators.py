"""Mutation operators: the mistakes that a candidate makes, one small class each.

An operator looks at one line of an answer and gives the wrong ways of writing it. Here are the base classes and the
operators of every language; :mod:`trilab.prove.operators_ios` and :mod:`trilab.prove.operators_linux` hold the others.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import ClassVar

from trilab.prove.lines import Kind, Line


@dataclass(frozen=True)
class Change:
    """Lines ``start`` to ``stop`` (numbers from 1, ``stop`` excluded) become ``lines``. ``what`` is French."""

    start: int
    stop: int
    lines: tuple[str, ...]
    what: str
    variant: str = ""  # told apart where an operator gives several changes of one line


@dataclass(frozen=True)
class Setting:
    """What an operator may know of the whole answer: its lines, and the values that occur in it."""

    lines: Sequence[Line]
    files: dict[str, tuple[str, ...]]  # node → all its typed lines
    vlans: tuple[int, ...]  # sorted
    extensions: tuple[str, ...]  # of the Asterisk endpoints, in order


class Operator(ABC):
    """One kind of mistake. ``id`` is part of a mutant's stable name; ``title`` is French."""

    id: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def changes(self, line: Line, setting: Setting) -> Iterator[Change]:
        """The wrong ways of writing ``line``; none where the operator has nothing to say."""


class Rewrite(Operator):
    """Base: replace the group ``x`` of a pattern by other values."""

    kinds: ClassVar[frozenset[Kind]] = frozenset({"ios"})
    pattern: ClassVar[re.Pattern[str]]

    @abstractmethod
    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        """What stands in place of ``found["x"]``."""

    def changes(self, line: Line, setting: Setting) -> Iterator[Change]:
        if line.kind not in self.kinds:
            return
        matches = list(self.pattern.finditer(line.text))
        for index, found in enumerate(matches):
            for number, value in enumerate(self.values(found, line, setting)):
                if value != found["x"]:
                    start, stop = found.span("x")
                    text = f"{line.text[:start]}{value}{line.text[stop:]}"
                    what = f"« {line.text.strip()} » devient « {text.strip()} »"
                    variant = ".".join(str(part + 1) for part in (index, number)[: 2 if number else 1])
                    variant = variant if index or number else ""
                    yield Change(line.number, line.number + 1, (text,), what, variant)


class Drop(Operator):
    """A line is forgotten; for the header of a section or a here-document, all of it."""

    id, title = "oubli", "oubli"
    _SAVE = re.compile(r"(?:do )?(?:wr(?:ite)?\b|copy run)", re.IGNORECASE)

    def changes(self, line: Line, setting: Setting) -> Iterator[Change]:
        if line.kind == "ios" and self._SAVE.match(line.text.strip()):
            return
        what = f"« {line.text.strip()} »" + (" et tout ce qui en dépend" if line.opens else "")
        yield Change(line.number, self._stop(line, setting), (), what)

    @staticmethod
    def _stop(line: Line, setting: Setting) -> int:
        """The end of what is forgotten: with an ``exit`` that would otherwise leave the configuration mode."""
        if line.kind != "ios" or not line.opens:
            return line.stop
        typed = setting.files[line.node]
        follows = typed[line.stop - 1].strip() if line.stop <= len(typed) else ""
        before = next((one for one in setting.lines if (one.node, one.stop) == (line.node, line.number)), None)
        inside = before is not None and (bool(before.section) or before.opens)
        return line.stop + 1 if follows == "exit" and not inside else line.stop


class NeighbourAddress(Rewrite):
    """An address of a host: the one beside it."""

    id, title = "adresse", "adresse voisine"
    kinds = frozenset({"ios", "interfaces", "asterisk", "shell", "file"})
    pattern = re.compile(r"(?<![\d.])(?P<x>\d+\.\d+\.\d+\.\d+)(?![\d.])")
    _AFTER_MASK = re.compile(r"\s+\d+\.\d+\.\d+\.\d+")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        address = IPv4Address(found["x"])
        rest, text = line.text[found.end() :], line.text.strip()
        before = line.text[: found.start()].rstrip()
        if int(address) == 0 or str(address).startswith(("255.", "0.", "127.")) or "excluded-address" in text:
            return
        if self._AFTER_MASK.match(rest) and not text.startswith("ip address"):
            return  # a network: see the operator of networks
        if re.search(r"\d+\.\d+\.\d+\.\d+\Z", before) and not text.startswith("ip route"):
            return  # a mask
        step = -1 if (int(address) & 0xFF) in (254, 255) else 1
        yield str(address + step)


class WrongSecret(Rewrite):
    """A password or secret with one letter changed."""

    id, title = "secret", "mot de passe faux"
    kinds = frozenset({"ios", "asterisk", "shell"})
    pattern = re.compile(r"(?:\bsecret(?: 0)? |--secret |^\s*password\s*=>?\s*)(?P<x>\S+)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield found["x"][:-1] + ("x" if found["x"][-1] != "x" else "y")
