"""What a static check of a lab says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from trilab.errors import FileError, TrilabError


class Level(StrEnum):
    """An error makes the lab unusable or unfair; a warning is for the author to judge."""

    ERROR = "erreur"
    WARNING = "avertissement"


@dataclass(frozen=True)
class Problem:
    """One finding, with its place. ``message`` and ``hint`` are French; ``line`` and ``column`` count from 1."""

    level: Level
    path: Path
    line: int | None
    column: int | None
    field: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, error: TrilabError, path: Path, level: Level = Level.ERROR) -> Problem:
        """From an error; ``path``: the file meant by an error that names none."""
        if isinstance(error, FileError):
            return cls(level, error.path, error.line, error.column, error.field, error.text, error.hint)
        return cls(level, path, None, None, "", error.message, error.hint)

    @property
    def place(self) -> str:
        """``path:line:column``, as far as known."""
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
