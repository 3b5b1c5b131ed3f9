"""Observations: what a check may ask of a lab. A check is pure over the answers, so a recorded run can be replayed.

A request is a frozen dataclass; an equal request is observed once and shared. A live observer keeps each answer as
evidence; a replay observer reads it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from trilab.grading.model import Row

A = TypeVar("A", bound="Answer")


@dataclass(frozen=True)
class Answer:
    """Base of every answer. ``evidence``: ids of the kept files."""

    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Request(Generic[A]):
    """Base of every request. ``exclusive`` names what must not be used by two requests at once (``"phones"``)."""

    exclusive: ClassVar[str] = ""


@dataclass(frozen=True)
class Text(Answer):
    """A command's output."""

    text: str


@dataclass(frozen=True)
class Cli(Request[Text]):
    """A ``show`` on a switch or router, at privilege 15."""

    node: str
    command: str


@dataclass(frozen=True)
class Shell(Request[Text]):
    """A command on a Linux node (IPBX, phone, PC), as root."""

    node: str
    command: str


@dataclass(frozen=True)
class Wire(Answer):
    """Decoded packets of a capture, oldest first."""

    rows: tuple[Row, ...]


class Observer(Protocol):
    """The only thing a check sees of a lab."""

    def ask(self, request: Request[A]) -> A:
        """Observe, or give the answer already observed. Raises ObservationError when it cannot be observed."""


def names(value: Any, node: str) -> bool:
    """Whether a request, as a tuple, speaks of a node, at any depth."""
    return value == node or (isinstance(value, tuple) and any(names(one, node) for one in value))
