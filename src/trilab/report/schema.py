"""The JSON Schema of ``record.json``: ``python -m trilab.report.schema`` writes it to standard output."""

from __future__ import annotations

import sys
from typing import Any

from trilab.grading.model import Record
from trilab.report.record import as_json


def schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of ``record.json``, records of earlier releases included.

    A field that has a default is not required: releases that did not have it yet wrote the same version.
    """
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Record.model_json_schema()}


if __name__ == "__main__":
    sys.stdout.buffer.write(as_json(schema()))
