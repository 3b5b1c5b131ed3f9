"""The catalogue: every lab that can be found, the broken ones with their error."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from trilab.errors import InputError, TrilabError, UnknownNameError
from trilab.lab.answers import check_answers
from trilab.lab.definition import FILE, SAMPLE, LabDefinition, load_lab
from trilab.lab.folders import lab_folders
from trilab.lab.subject import subject


@dataclass(frozen=True)
class Entry:
    """One lab of the catalogue: either ``lab`` or ``error`` is there."""

    id: str
    folder: Path
    lab: LabDefinition | None = None
    error: TrilabError | None = None


def catalogue(extra: Iterable[Path] = ()) -> list[Entry]:
    """Every lab by id. A broken one is listed with its error and hides no other.

    Raises:
        InputError: a folder given by ``--labs`` or ``TRILAB_LABS`` does not exist.
    """
    return [_entry(name, folders) for name, folders in sorted(_found(extra).items())]


def get(lab_id: str, extra: Iterable[Path] = ()) -> LabDefinition:
    """One lab, with its variables and criteria tried out; its answers only when they are used.

    Raises:
        UnknownNameError: none has that id; suggests the nearest.
        InputError: it is broken, or two folders hold that id.
    """
    return load_lab(locate(lab_id, extra))


def locate(lab_id: str, extra: Iterable[Path] = ()) -> Path:
    """The folder of a lab, whatever is in it.

    Raises:
        UnknownNameError: none has that id; suggests the nearest.
        InputError: two folders hold that id.
    """
    found = _found(extra)
    if lab_id not in found:
        raise UnknownNameError("Lab", lab_id, found)
    if len(found[lab_id]) > 1:
        raise _twice(lab_id, found[lab_id])
    return found[lab_id][0]


def names(extra: Iterable[Path] = ()) -> tuple[str, ...]:
    """The ids of all labs, sorted. Raises InputError as :func:`catalogue`."""
    return tuple(sorted(_found(extra)))


def check(folder: Path) -> LabDefinition:
    """Load a lab and try out everything in it with a sample candidate: criteria, topology, subject, answers.

    Raises:
        TrilabError: whatever is wrong first.
    """
    lab = load_lab(folder)
    subject(lab, SAMPLE)
    check_answers(lab, lab.values(SAMPLE))
    return lab


def content_hash(lab: LabDefinition) -> str:
    """SHA-256 (hex) over the lab's files and its topology, for the record: name and content of each, sorted.

    Hidden files are left out, and what Python or an editor leaves beside (``__pycache__``, ``~``).
    """
    files = {path.relative_to(lab.folder).as_posix(): path for path in lab.folder.rglob("*") if path.is_file()}
    kept = {name: path for name, path in files.items() if not _noise(name)}
    total = hashlib.sha256()
    for name, path in [*sorted(kept.items()), (f"topology:{lab.topology}", lab.topology_path)]:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{len(name)}:{name}:{content}\n".encode())
    return total.hexdigest()


def _noise(name: str) -> bool:
    return any(part.startswith(".") or part == "__pycache__" or part.endswith("~") for part in name.split("/"))


def _found(extra: Iterable[Path]) -> dict[str, list[Path]]:
    """Folders that hold a ``lab.yml``, by name."""
    found: dict[str, list[Path]] = {}
    for root in lab_folders(extra):
        for folder in sorted(root.iterdir()) if root.is_dir() else ():
            if (folder / FILE).is_file():
                found.setdefault(folder.name, []).append(folder)
    return found


def _entry(name: str, folders: list[Path]) -> Entry:
    if len(folders) > 1:
        return Entry(name, folders[0], error=_twice(name, folders))
    try:
        return Entry(name, folders[0], lab=check(folders[0]))
    except TrilabError as error:
        return Entry(name, folders[0], error=error)


def _twice(name: str, folders: list[Path]) -> InputError:
    where = " et ".join(str(folder) for folder in folders)
    return InputError(f"Le lab « {name} » existe deux fois : {where}.", "Renommez l'un des deux.")
