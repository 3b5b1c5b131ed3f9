"""Whether a report folder is as it was written: what was altered, added or removed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trilab.errors import FileError, InputError
from trilab.report.record import RECORD, read
from trilab.report.sums import SUMS, digest, read_sums
from trilab.report.text import count


@dataclass(frozen=True)
class Verification:
    """The outcome. Paths are relative to ``folder``. ``signed`` stays false: reports carry no signature yet."""

    folder: str
    files: int  # checked and unchanged
    altered: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # French sentences
    signed: bool = False

    @property
    def intact(self) -> bool:
        """Nothing changed."""
        return not (self.altered or self.added or self.removed or self.problems)

    def lines(self) -> tuple[str, ...]:
        """The outcome in French, one line per finding."""
        found = [
            *(f"✗ modifié : {name}" for name in self.altered),
            *(f"✗ ajouté : {name}" for name in self.added),
            *(f"✗ retiré : {name}" for name in self.removed),
            *(f"✗ {problem}" for problem in self.problems),
        ]
        if found:
            return (f"Ce rapport a changé depuis son écriture : {self.folder}", *found)
        return (
            f"✓ Rapport intact : {count(self.files, 'fichier vérifié', 'fichiers vérifiés')} par SHA-256.",
            "Ce rapport n'est pas signé : les empreintes révèlent une modification, "
            "pas un rapport réécrit en entier avec ses empreintes.",
        )


def verify(folder: Path) -> Verification:
    """Compare every file of a report with the fingerprints of ``SHA256SUMS`` and of the record.

    Raises:
        InputError: ``folder`` is not a folder, or holds no report at all.
        FileError: ``SHA256SUMS`` cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"Le dossier « {folder} » n'existe pas.", "Donnez le dossier d'un rapport.")
    listed = read_sums(folder)
    if listed is None and not (folder / RECORD).exists():
        raise InputError(
            f"« {folder} » n'est pas un rapport : ni {SUMS}, ni {RECORD}.", "Donnez le dossier du rapport."
        )
    recorded, problems = _recorded(folder, listed)
    expected = {**recorded, **(listed or {})}
    present = set(_files(folder))
    removed = sorted(set(expected) - present) + ([SUMS] if listed is None else [])
    altered = sorted(
        name
        for name in present & set(expected)
        if not _same(folder / name, expected[name]) or recorded.get(name, expected[name]) != expected[name]
    )
    added = sorted(present - set(expected) - {SUMS})
    files = len(present & set(expected)) - len(altered)
    return Verification(str(folder), files, tuple(altered), tuple(added), tuple(removed), tuple(problems))


def _recorded(folder: Path, listed: dict[str, str] | None) -> tuple[dict[str, str], list[str]]:
    """The fingerprints that the record itself holds, and what is wrong with the record."""
    if not (folder / RECORD).is_file():
        return {}, []  # told as removed
    try:
        record = read(folder)
    except FileError as error:
        return {}, [error.message]
    recorded = {one.path: one.sha256 for one in record.evidence}
    unlisted = sorted(set(recorded) - set(listed)) if listed is not None else []
    return recorded, [f"preuve absente de {SUMS} : {name}" for name in unlisted]


def _files(folder: Path) -> Iterator[str]:
    """Every file below ``folder``; a symbolic link counts as a file and is not followed."""
    for path in folder.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            yield path.relative_to(folder).as_posix()


def _same(path: Path, expected: str) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and digest(path) == expected
    except OSError:
        return False
