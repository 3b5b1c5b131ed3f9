"""The notation of commands, read into a graph.

::

    keyword          typed in full or abbreviated; ``keyword=name`` also binds it
    <name:type>      a typed argument; ``<n:int(1,5)>``; see :mod:`arguments`
    (a | b)          one of
    [a]  [a | b]     optional
    {a | b}          any number, in any order
    x+               once or more
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from trilab.nos.grammar.arguments import Kind
from trilab.nos.grammar.command import Command

_PART = re.compile(
    r"<(?P<name>\w+):(?P<kind>\w+)(?:\((?P<parameters>[^)]*)\))?>|(?P<mark>[][(){}|+])|(?P<word>[^][(){}|+<\s]+)"
)


@dataclass(frozen=True, slots=True)
class Keyword:
    """A fixed word. ``name`` is the binding it makes, if any."""

    text: str
    help: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Argument:
    """A typed word."""

    name: str
    kind: Kind
    help: str


@dataclass(frozen=True, slots=True)
class Action:
    """The end of a line: the command, and whether it was negated."""

    command: Command
    negated: bool


@dataclass(eq=False, slots=True)
class Node:
    """A state of the graph: labelled edges, free edges, and the action of a complete line."""

    edges: list[tuple[Keyword | Argument, Node]] = field(default_factory=list)
    free: list[Node] = field(default_factory=list)
    action: Action | None = None


MakeKind = Callable[[str, tuple[str, ...]], Kind]


class Builder:
    """Adds the patterns of one command to a graph."""

    def __init__(self, text: str, help_of: Callable[[str], str], make: MakeKind) -> None:
        self._parts = [found for found in _PART.finditer(text)]
        self._at = 0
        self._help, self._make = help_of, make

    def build(self, start: Node) -> Node:
        """Append the whole pattern after ``start``; returns its last node."""
        return self._sequence(start, "")

    def _mark(self) -> str:
        return (self._parts[self._at]["mark"] or "") if self._at < len(self._parts) else ""

    def _sequence(self, node: Node, until: str) -> Node:
        while self._at < len(self._parts) and (not self._mark() or self._mark() not in until):
            node = self._item(node)
        return node

    def _item(self, start: Node) -> Node:
        part = self._parts[self._at]
        self._at += 1
        if part["mark"]:
            end = self._group(start, part["mark"])
        else:
            end = Node()
            start.edges.append((self._terminal(part), end))
        if self._mark() == "+":
            self._at += 1
            end.free.append(start)
        return end

    def _group(self, before: Node, mark: str) -> Node:
        start, end = Node(), Node()
        before.free.append(start)
        close = {"(": ")", "[": "]", "{": "}"}[mark]
        while True:
            branch = Node()
            start.free.append(branch)
            self._sequence(branch, f"|{close}").free.append(end)
            done = self._mark() == close
            self._at += 1
            if done:
                break
        if mark in "[{":
            start.free.append(end)
        if mark == "{":
            end.free.append(start)
        return end

    def _terminal(self, part: re.Match[str]) -> Keyword | Argument:
        if part["word"]:
            word, _, name = part["word"].partition("=")
            return Keyword(word, self._help(word), name)
        parameters = tuple(part["parameters"].split(",")) if part["parameters"] else ()
        return Argument(part["name"], self._make(part["kind"], parameters), self._help(f"<{part['name']}>"))
