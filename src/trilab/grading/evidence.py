"""Keeping evidence: every observation becomes a file of the report directory, with its hash and its time."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from trilab.grading.model import Evidence

FOLDER = "evidence"
Kind = Literal["command", "probe", "pcap", "audio", "file"]


class Keeper:
    """Writes evidence files under ``out/evidence`` and lists them; usable from several threads."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._kept: list[Evidence] = []
        self._last = 0
        (out / FOLDER).mkdir(parents=True, exist_ok=True)
        for stale in (out / FOLDER).glob("e[0-9]*-*"):  # of an earlier grading into the same directory
            stale.unlink()

    def _next(self) -> str:
        with self._lock:
            self._last += 1
            return f"e{self._last}"

    def data(
        self, kind: Kind, node: str, title: str, content: bytes, suffix: str, started: float, finished: float
    ) -> str:
        """Keep ``content`` (times in Unix seconds) and return the id of the evidence."""
        name = self._next()
        plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()  # é as e
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50]
        path = Path(FOLDER) / "-".join(part for part in (name, node, slug) if part)
        path = path.with_name(f"{path.name}{suffix}")
        (self._out / path).write_bytes(content)
        kept = Evidence(
            id=name,
            kind=kind,
            node=node,
            title=title,
            path=path.as_posix(),
            sha256=hashlib.sha256(content).hexdigest(),
            started_at=datetime.fromtimestamp(started, UTC),
            duration=round(finished - started, 3),
        )
        with self._lock:
            self._kept.append(kept)
        return name

    def text(self, kind: Kind, node: str, title: str, content: str, started: float, finished: float) -> str:
        """Keep a text (UTF-8)."""
        return self.data(kind, node, title, content.encode(), ".txt", started, finished)

    def file(self, kind: Kind, node: str, title: str, path: Path, started: float, finished: float) -> str:
        """Keep a copy of a file, with its suffix."""
        return self.data(kind, node, title, path.read_bytes(), path.suffix, started, finished)

    @property
    def kept(self) -> tuple[Evidence, ...]:
        """All evidence so far, in the order of its ids."""
        with self._lock:
            return tuple(sorted(self._kept, key=lambda one: int(one.id[1:])))
