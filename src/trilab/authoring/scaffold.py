"""A first lab to start from: small, complete, and proved (``trilab prove`` finds no defect in it)."""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from trilab.errors import FileError, InputError, StateError, reason

MARK = "LAB_ID"  # stands for the lab's id in the template
MAX_LENGTH = 40
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def new_lab(name: str, parent: Path, known: Collection[str] = ()) -> Path:
    """Write a new lab in ``parent/name``; ``parent`` is made where it is missing.

    Parameters:
        known: the ids of other labs, which it must not take.

    Raises:
        InputError: the id is not one, or is taken.
        StateError: the folder exists: nothing is ever overwritten.
        FileError: it cannot be written.
    """
    if not _ID.fullmatch(name) or len(name) > MAX_LENGTH:
        raise InputError(
            f"« {name} » ne peut pas être l'identifiant d'un lab.",
            f"Attendu : minuscules sans accent, chiffres et tirets, {MAX_LENGTH} caractères au plus (exemple : "
            "mon-premier-lab).",
        )
    folder = parent / name
    if folder.exists() or folder.is_symlink():
        raise StateError(f"« {folder} » existe déjà : rien n'est écrasé.", "Choisissez un autre identifiant.")
    if name in known:
        raise InputError(f"Un lab s'appelle déjà « {name} ».", "Choisissez un autre identifiant.")
    try:
        folder.mkdir(parents=True)
        _copy(files("trilab.authoring") / "template", folder, name)
    except OSError as error:
        raise FileError(error.filename or folder, f"écriture impossible ({reason(error)}).") from error
    return folder


def _copy(source: Traversable, target: Path, name: str) -> None:
    for item in source.iterdir():
        place = target / item.name
        if item.is_dir():
            place.mkdir()
            _copy(item, place, name)
        else:
            with place.open("x", encoding="utf-8") as file:
                file.write(item.read_text(encoding="utf-8").replace(MARK, name))
