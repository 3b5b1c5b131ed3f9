"""What the cache holds, what of it is still of use, and removing the rest."""

from __future__ import annotations

import os
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from trilab.host.paths import cache_dir
from trilab.images import node_layer, radio_kernel, recipe, sandbox, store

Kind = Literal["node", "radio", "layer"]
FOLDERS: dict[Kind, str] = {"node": "images", "radio": "radio", "layer": "layers"}
LOCKS: dict[Kind, str] = {"node": "images/lock", "radio": "radio/lock", "layer": "images/lock"}


@dataclass(frozen=True)
class Entry:
    """One thing in the cache. ``id``: the hash of its recipe; ``size``: bytes on disk; ``current``: today's recipe."""

    kind: Kind
    id: str
    path: Path
    size: int
    current: bool


def _today() -> dict[Kind, str]:
    return {"node": recipe.recipe_hash(), "radio": radio_kernel.recipe_hash(), "layer": node_layer.layer_hash()}


def entries() -> list[Entry]:
    """Everything in the cache, finished or not."""
    found = []
    for kind, today in _today().items():
        folder = cache_dir() / FOLDERS[kind]
        if folder.exists():
            found += [
                Entry(kind, path.name, path, _size(path), path.name == today)
                for path in sorted(folder.iterdir())
                if path.is_dir()
            ]
    return found


def missing() -> list[Kind]:
    """What today's recipes name and the cache lacks (the layer is made in a second: never missing)."""
    have = {(entry.kind, entry.id) for entry in entries()}
    kinds: tuple[Kind, ...] = ("node", "radio")
    return [kind for kind in kinds if (kind, _today()[kind]) not in have]


def _size(path: Path) -> int:
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            try:
                total += (Path(folder) / name).lstat().st_blocks * 512
            except OSError:  # readable by root of the user namespace only
                continue
    return total


def clean(in_use: Set[str]) -> int:
    """Remove what no recipe of today names and no running lab uses; gives the bytes freed.

    ``in_use``: the ``image`` of every running lab (image hash ``+`` layer hash).
    """
    used = {part for image in in_use for part in image.split("+")}
    freed = 0
    for entry in entries():
        if entry.current or entry.id in used:
            continue
        with store.locked(cache_dir() / LOCKS[entry.kind]):  # what somebody builds now is finished first
            sandbox.remove(entry.path)
        freed += entry.size
    return freed
