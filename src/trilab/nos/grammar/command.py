"""One command, written once: where it exists, how it is typed, what it says in help, what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trilab.nos.model import Role

Binding = tuple[str, Any]


@dataclass(frozen=True)
class Match:
    """What a line gave to a command. ``answer`` is what the user typed at the command's own question."""

    bindings: tuple[Binding, ...]
    words: frozenset[str]  # keywords, in full
    answer: str = ""

    def __getitem__(self, name: str) -> Any:
        return next(value for key, value in reversed(self.bindings) if key == name)

    def get(self, name: str, default: Any = None) -> Any:
        """The last value bound to ``name``."""
        return self[name] if any(key == name for key, _ in self.bindings) else default

    def all(self, name: str) -> list[Any]:
        """Every value bound to ``name``, in the order typed."""
        return [value for key, value in self.bindings if key == name]

    def has(self, word: str) -> bool:
        """Whether the keyword was typed (abbreviated or not)."""
        return word in self.words


Handler = Callable[[Any, Match], None]
Question = Callable[[Any, Match], str]


@dataclass(frozen=True)
class Command:
    """A command.

    ``pattern`` and ``no`` (the negated form, without ``no``) use the notation of :mod:`pattern`. ``run`` and ``undo``
    get the session (exec modes) or the configuration context (other modes). ``ask`` runs before a configuration
    command is applied, and talks to the user.
    """

    modes: tuple[str, ...]
    pattern: str
    run: Handler | None
    help: Mapping[str, str]
    no: str = ""
    undo: Handler | None = None
    roles: tuple[Role, ...] = ("switch", "router", "ap")
    ask: Question | None = None
