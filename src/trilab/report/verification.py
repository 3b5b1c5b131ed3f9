"""Whether a report folder is as it was sealed: who signed it, and what was altered, added or removed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from trilab.errors import FileError, InputError
from trilab.grading.model import Record
from trilab.report import sshsig, text
from trilab.report.keyring import Keyring
from trilab.report.record import RECORD, read
from trilab.report.sums import SIGNATURE, SUMS, digest, read_sums


class Seal(StrEnum):
    """What the signature of ``SHA256SUMS`` is worth."""

    TRUSTED = "trusted"  # right, by this machine's key or one that its user trusts
    UNKNOWN = "unknown"  # right, by a key that nobody here knows
    WRONG = "wrong"  # of another list, or damaged
    MISSING = "missing"


_WRONG = (
    f"✗ signature fausse : {SIGNATURE} ne correspond pas à {SUMS}. La liste des empreintes a été changée, ou la "
    "signature vient d'un autre rapport."
)
_MISSING = (
    "✗ rapport non signé : les empreintes révèlent une modification, "
    "pas un rapport réécrit en entier avec ses empreintes."
)


@dataclass(frozen=True)
class Verification:
    """The outcome. Paths are relative to ``folder``. ``fingerprint``, ``signer``: of the key that signed, when known.

    ``about``: whose report it is, in French; empty when the record cannot be read.
    """

    folder: str
    files: int  # checked and unchanged
    seal: Seal
    fingerprint: str = ""
    signer: str = ""
    about: str = ""
    altered: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()  # French sentences

    @property
    def intact(self) -> bool:
        """Nothing changed, as far as fingerprints and the record can tell."""
        return not (self.altered or self.added or self.removed or self.problems) and self.seal is not Seal.WRONG

    @property
    def proved(self) -> bool:
        """Nothing changed, and a trusted key vouches for it."""
        return self.intact and self.seal is Seal.TRUSTED

    def lines(self) -> tuple[str, ...]:
        """The outcome in French, one line per finding."""
        found = [
            *(f"✗ modifié : {name}" for name in self.altered),
            *(f"✗ ajouté : {name}" for name in self.added),
            *(f"✗ retiré : {name}" for name in self.removed),
            *(f"✗ {problem}" for problem in self.problems),
        ]
        if self.intact:
            head = f"✓ Rapport intact : {text.count(self.files, 'fichier vérifié', 'fichiers vérifiés')} par SHA-256."
        else:
            head = f"✗ Ce rapport a changé depuis son écriture : {self.folder}"
        return (head, *([self.about] if self.about else []), *found, *self._seal_lines())

    def _seal_lines(self) -> tuple[str, ...]:
        who = f"{self.signer} ({self.fingerprint})" if self.signer else self.fingerprint
        if self.seal is Seal.TRUSTED:
            return (f"✓ signé par {who}, clé de confiance.",)
        if self.seal is Seal.UNKNOWN:
            return (
                f"✗ signé par une clé inconnue : {self.fingerprint}. N'importe qui a pu la créer.",
                "  Demandez au centre sa clé publique et l'empreinte, comparez, puis : trilab keys trust FICHIER",
            )
        return (_MISSING,) if self.seal is Seal.MISSING else (_WRONG,)


@dataclass(frozen=True)
class _Recorded:
    """What the record itself says. ``digests``: evidence path → SHA-256."""

    digests: dict[str, str] = field(default_factory=dict)
    about: str = ""
    problems: tuple[str, ...] = ()


def verify(folder: Path, keyring: Keyring | None = None) -> Verification:
    """Check the signature, and every file of a report against ``SHA256SUMS`` and the record. Needs no network.

    Parameters:
        keyring: which keys are trusted; the user's by default.

    Raises:
        InputError: ``folder`` is not a folder, or holds no report at all.
        FileError: ``SHA256SUMS`` or a trusted key cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"Le dossier « {folder} » n'existe pas.", "Donnez le dossier d'un rapport.")
    listed = read_sums(folder)
    if listed is None and not (folder / RECORD).exists():
        raise InputError(
            f"« {folder} » n'est pas un rapport : ni {SUMS}, ni {RECORD}.", "Donnez le dossier du rapport."
        )
    seal, fingerprint, signer = _seal(folder, keyring or Keyring())
    recorded = _recorded(folder, listed)
    expected = {**recorded.digests, **(listed or {})}
    present = set(_files(folder))
    altered = sorted(
        name
        for name in present & set(expected)
        if not _same(folder / name, expected[name]) or recorded.digests.get(name, expected[name]) != expected[name]
    )
    return Verification(
        folder=str(folder),
        files=len(present & set(expected)) - len(altered),
        seal=seal,
        fingerprint=fingerprint,
        signer=signer,
        about=recorded.about,
        altered=tuple(altered),
        added=tuple(sorted(present - set(expected) - {SUMS, SIGNATURE})),
        removed=(*sorted(set(expected) - present), *([SUMS] if listed is None else [])),
        problems=recorded.problems,
    )


def _seal(folder: Path, keyring: Keyring) -> tuple[Seal, str, str]:
    """The worth of the signature, the fingerprint of its key, and the name of a known key."""
    path, sums = folder / SIGNATURE, folder / SUMS
    if not path.exists():
        return Seal.MISSING, "", ""
    try:
        signature = sshsig.parse(path.read_bytes())
        right = sums.is_file() and sshsig.matches(signature, sums.read_bytes())
    except (OSError, ValueError):
        return Seal.WRONG, "", ""
    if not right:
        return Seal.WRONG, "", ""
    known = keyring.known(signature.key)
    fingerprint = sshsig.fingerprint(signature.key)
    return (Seal.UNKNOWN, fingerprint, "") if known is None else (Seal.TRUSTED, fingerprint, known.name)


def _recorded(folder: Path, listed: dict[str, str] | None) -> _Recorded:
    """What the record holds, and what is wrong with it."""
    if not (folder / RECORD).is_file():
        return _Recorded()  # told as removed
    try:
        record = read(folder)
    except FileError as error:
        return _Recorded(problems=(error.message,))
    digests = {one.path: one.sha256 for one in record.evidence}
    unlisted = sorted(set(digests) - set(listed)) if listed is not None else []
    return _Recorded(digests, _about(record), tuple(f"preuve absente de {SUMS} : {name}" for name in unlisted))


def _about(record: Record) -> str:
    when = f"{text.day(record.started_at)} à {text.clock(record.started_at)}"
    return f"  Candidat {text.clean(record.candidate)}, lab {text.clean(record.lab)}, noté le {when}."


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
