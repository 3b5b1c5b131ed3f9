"""The record as bytes, always the same for the same record, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trilab.errors import FileError
from trilab.grading.model import RECORD_VERSION, Record

RECORD = "record.json"


def canonical(record: Record) -> bytes:
    """The record as JSON in UTF-8: keys sorted, two spaces of indentation, one final newline."""
    return as_json(json.loads(record.model_dump_json()))


def as_json(value: Any) -> bytes:
    """Any JSON value in the same canonical form."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False) + "\n").encode()


def read(folder: Path) -> Record:
    """The record of a report folder.

    Raises:
        FileError: it is missing, is not JSON (with the line and column), or is not such a record (with the field).
    """
    path = folder / RECORD
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(data, dict) and data.get("version", 1) != RECORD_VERSION:
            message = f"version {data['version']} du format, au lieu de {RECORD_VERSION}."
            raise FileError(path, message, field="version", hint="Utilisez la version de trilab qui l'a écrit.")
        return Record.model_validate(data)
    except FileNotFoundError as error:
        raise FileError(path, "fichier absent : ce dossier n'est pas un rapport.") from error
    except OSError as error:
        raise FileError(path, f"lecture impossible ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise FileError(path, "ce n'est pas un texte en UTF-8.") from error
    except json.JSONDecodeError as error:
        raise FileError(path, "JSON mal formé.", line=error.lineno, column=error.colno) from error
    except ValidationError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: ValidationError) -> FileError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":  # docs/dev/record.md: a later release may add fields to this version
        message = "champ inconnu : cet enregistrement vient peut-être d'une version plus récente de trilab."
        return FileError(path, message, field=field, hint="Mettez trilab à jour.")
    return FileError(path, "valeur refusée : ce n'est pas l'enregistrement d'une notation.", field=field)
