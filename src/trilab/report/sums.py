"""``SHA256SUMS``: one line per protected file, in the format of sha256sum (so that ``sha256sum -c`` reads it too).

The signature of a report (``SHA256SUMS.sig``) signs the octets of this file: everything else hangs on it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from trilab.errors import FileError

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
_LINE = re.compile(r"([0-9a-f]{64}) [ *](\S.*)")


def digest(path: Path) -> str:
    """SHA-256 of a file in hex. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sums(digests: Mapping[str, str]) -> bytes:
    """The file's octets: relative path → digest, sorted by path."""
    return "".join(f"{value}  {name}\n" for name, value in sorted(digests.items())).encode()


def read_sums(folder: Path) -> dict[str, str] | None:
    """Relative path → digest, or None when the file is missing.

    Raises:
        FileError: unreadable, with the line.
    """
    path = folder / SUMS
    found: dict[str, str] = {}
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = _LINE.fullmatch(line)
            if match is None:
                raise FileError(path, "ligne illisible : une empreinte SHA-256 et un nom attendus.", line=number)
            found[match[2]] = match[1]
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise FileError(path, "ce n'est pas un texte en UTF-8.") from error
    except OSError as error:
        raise FileError(path, f"lecture impossible ({error.strerror}).") from error
    return found
