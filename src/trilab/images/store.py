"""The cache on the host: one builder at a time, and enough room before it starts."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from trilab.errors import HostError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path``; waits while another trilab builds the same thing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def need_space(folder: Path, needed: int, purpose: str, remedy: str) -> None:
    """Raise HostError unless ``folder`` has ``needed`` bytes free; ``purpose`` ends the French sentence."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise HostError(
            f"Il reste {free // 1024**2} Mio dans {folder} ; il en faut {needed // 1024**2} pour {purpose}.", remedy
        )
