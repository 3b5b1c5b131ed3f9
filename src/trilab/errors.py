"""Every error that trilab raises on purpose: one tree, drawn here.

::

    TrilabError                    what the user reads: one French sentence, and what to do
    ├── InputError                 wrong input (exit code 2)
    │   ├── FileError              … in a file: path, line, column, field
    │   └── UnknownNameError       a lab, node, interface, check … that does not exist
    ├── StateError                 right input, wrong moment: already up, not running (exit code 2)
    ├── HostError                  the machine cannot do it: tool missing, disk full, no namespaces (exit code 3)
    └── ObservationError           the grader could not observe; becomes «inconclusif», never a verdict
        └── NotGradedError         … and never can on that device: «non évalué»
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class TrilabError(Exception):
    """Base of the tree. ``message`` is French and complete; ``hint`` says what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(TrilabError):
    """The user gave something that cannot be honoured."""

    exit_code = 2


class FileError(InputError):
    """Wrong content in a file, with the place: ``path:line:column``, and the field where known."""

    def __init__(
        self,
        path: Path | str,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        field: str = "",
        hint: str = "",
    ) -> None:
        self.path, self.line, self.column, self.field = Path(path), line, column, field
        self.text = message  # without the place
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place} : {f'champ « {field} » : ' if field else ''}{message}", hint)


_FEMININE = frozenset({"réponse", "étiquette", "Commande"})  # kinds of names that take «inconnue»


class UnknownNameError(InputError):
    """A name that does not exist; suggests the nearest and lists the known ones."""

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        names = sorted(known)
        near = get_close_matches(name, names, n=1)
        hint = f"Vouliez-vous dire « {near[0]} » ?" if near else ""
        if names:
            hint = f"{hint} Noms connus : {', '.join(names)}.".strip()
        place = f"{where} : " if where else ""
        told = kind[0].lower() + kind[1:] if where else kind
        super().__init__(f"{place}{told} « {name} » inconnu{'e' if kind in _FEMININE else ''}.", hint)


class StateError(TrilabError):
    """A right request at the wrong moment."""

    exit_code = 2


class HostError(TrilabError):
    """The machine lacks something: a tool, a right, space."""

    exit_code = 3


class ObservationError(TrilabError):
    """An observation could not be made (timeout, node dead, refused): the criterion is «inconclusif»."""


class NotGradedError(ObservationError):
    """What a criterion asks cannot be observed on that kind of device: the criterion is «non évalué»."""


_REASONS = {
    errno.ECONNREFUSED: "connexion refusée",
    errno.ECONNRESET: "connexion coupée",
    errno.EPIPE: "connexion coupée",
    errno.EHOSTUNREACH: "machine injoignable",
    errno.ENETUNREACH: "réseau injoignable",
    errno.ETIMEDOUT: "aucune réponse dans le délai",
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "le quota de disque est atteint",
    errno.EROFS: "le disque est en lecture seule",
    errno.EACCES: "accès interdit",
    errno.EPERM: "opération interdite",
    errno.ENOENT: "fichier ou programme absent",
    errno.EMFILE: "trop de fichiers ouverts",
    errno.ENFILE: "trop de fichiers ouverts sur la machine",
    errno.ENOMEM: "mémoire insuffisante",
}


def reason(error: OSError) -> str:
    """A system error in French; in the system's own words when it is a rare one."""
    if isinstance(error, TimeoutError):
        return _REASONS[errno.ETIMEDOUT]
    return _REASONS.get(error.errno or 0, error.strerror or str(error))
