"""Writing files whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from trilab.errors import HostError

_STAGING = ".rapport-"
_REASONS = {
    errno.ENOSPC: ("le disque est plein", "Libérez de la place, ou choisissez un autre dossier avec « -o »."),
    errno.EDQUOT: (
        "le quota de disque est atteint",
        "Libérez de la place, ou choisissez un autre dossier avec « -o ».",
    ),
    errno.EACCES: ("le dossier n'est pas accessible en écriture", "Choisissez un autre dossier avec « -o »."),
    errno.EPERM: ("l'écriture y est interdite", "Choisissez un autre dossier avec « -o »."),
    errno.EROFS: ("le disque est en lecture seule", "Choisissez un autre dossier avec « -o »."),
    errno.ENOTDIR: ("ce n'est pas un dossier", "Choisissez un autre dossier avec « -o »."),
    errno.EEXIST: ("ce n'est pas un dossier", "Choisissez un autre dossier avec « -o »."),
}


def write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write several files of ``folder``: all are on disk under another name before the first takes its place.

    Parameters:
        contents: file name → octets, in the order in which they take their place.

    Raises:
        HostError: one of them could not be written; none was replaced, unless the disk failed during the renames.
    """
    staging: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob(f"{_STAGING}*"):  # of a writer that was killed
            shutil.rmtree(stale, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
        for name, data in contents.items():
            _write(staging / name, data)
        for name in contents:
            (staging / name).replace(folder / name)
    except OSError as error:
        reason, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), ""))
        raise HostError(f"Le rapport n'a pas pu être écrit dans « {folder} » : {reason}.", hint) from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    path.chmod(0o644)
