"""Where labs and topologies are: trilab's own, and those of a centre."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import trilab
from trilab.errors import InputError

VARIABLE = "TRILAB_LABS"


def builtin(what: Literal["labs", "topologies"]) -> Path:
    """trilab's own folder: in the installed package, else in the checkout."""
    package = Path(trilab.__file__).resolve().parent
    installed = package / "data" / what
    return installed if installed.is_dir() else package.parents[1] / what


def lab_folders(extra: Iterable[Path] = (), environment: Mapping[str, str] | None = None) -> tuple[Path, ...]:
    """Every folder that may hold labs: trilab's own, ``extra`` (``--labs``), then those of ``TRILAB_LABS``.

    Raises:
        InputError: one of them does not exist.
    """
    written = (os.environ if environment is None else environment).get(VARIABLE, "")
    named = [(Path(part).expanduser(), VARIABLE) for part in written.split(os.pathsep) if part]
    places = [*((path.expanduser(), "--labs") for path in extra), *named]
    for path, origin in places:
        if not path.is_dir():
            raise InputError(f"{origin} : le dossier de labs {path} n'existe pas.", "Corrigez ce chemin.")
    return tuple(dict.fromkeys(path.resolve() for path in (builtin("labs"), *(path for path, _ in places))))
