"""Where and how commands speak: French sentences on stderr, results on stdout, JSON where a script asks for it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rich.console import Console, Group
from rich.markup import escape

from trilab.errors import TrilabError
from trilab.report.tables import Cell
from trilab.report.text import NBSP, clean, french, number


def plain(text: str) -> str:
    """A text that may quote a device or a file's name: no markup of Rich, no escape sequence for the terminal."""
    return escape(clean(text))


@dataclass
class Output:
    """The two streams of a command."""

    out: Console = field(default_factory=lambda: Console(highlight=False))
    err: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    def json(self, value: Any) -> None:
        """Print a JSON document on standard output."""
        print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201

    def error(self, error: TrilabError) -> None:
        """Say what went wrong and what to do."""
        told = Cell(f"Erreur{NBSP}: {french(error.message)}")
        told.stylize("bold red", 0, len("Erreur"))
        self.err.print(Group(told))  # a text printed alone loses its class
        if error.hint:
            self.err.print(Group(Cell(f"  → {french(error.hint)}")))

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show a step while it lasts, and its time once done; off a terminal, what goes on is a line each."""
        step = Step(title)
        with self.err.status(title) as status:
            step.status = status.update if self.err.is_terminal else partial(self.err.print, soft_wrap=True)
            yield step
        self.err.print(f"[green]✓[/] {plain(step.done or title)} [dim]({number(step.elapsed, 1)} s)[/]")


@dataclass
class Step:
    """One long step: call it with what is going on; set ``done`` for the closing line."""

    title: str
    done: str = ""
    started: float = field(default_factory=time.monotonic)
    status: Any = None

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self.started

    def __call__(self, line: str) -> None:
        if self.status is not None:
            self.status(f"{escape(self.title)} [dim]{plain(line)}[/]")
