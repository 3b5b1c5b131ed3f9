"""The file system ``flash:`` of a device: one folder of files, none outside of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident

TOTAL = 16 * 1024 * 1024  # bytes that the file system says it has
_NAME = r"\w[\w.-]{0,62}"
RUNNING, STARTUP = "system:running-config", "nvram:startup-config"


def name_in(text: str) -> str | None:
    """The name in ``flash:NAME`` or ``flash:/NAME``, a file without folder."""
    found = re.fullmatch(rf"flash:/?({_NAME})", text)
    return found[1] if found is not None else None


def prefix_in(text: str) -> str | None:
    """What archives are called, in ``flash:PREFIX``; ``$h`` stands for the host name (IOS: "path")."""
    found = re.fullmatch(r"flash:/?((?:\$h|\w)(?:\$h|[\w.-]){0,62})", text)
    return found[1] if found is not None else None


def location(text: str) -> str | None:
    """A configuration's place, spelt in one way: in flash, what runs, or what is saved."""
    spelt = text.replace(":/", ":", 1)
    return spelt if spelt in (RUNNING, STARTUP) or name_in(spelt) is not None else None


@dataclass(frozen=True)
class Flash:
    """The files in ``folder``. Names are those that :func:`name_in` gives."""

    folder: Path

    def files(self) -> list[Path]:
        """All files, by name."""
        return sorted(self.folder.iterdir()) if self.folder.exists() else []

    def free(self) -> int:
        """Bytes left."""
        return TOTAL - sum(path.stat().st_size for path in self.files())

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.folder / name).exists()

    def content(self, name: str) -> bytes:
        """Raises FileNotFoundError."""
        return (self.folder / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Keep a file, in place of the one that had its name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        new = self.folder.with_name(f"flash-{get_ident()}.new")
        new.write_bytes(content)
        new.replace(self.folder / name)

    def delete(self, name: str) -> None:
        """Forget a file, if there is one."""
        (self.folder / name).unlink(missing_ok=True)
