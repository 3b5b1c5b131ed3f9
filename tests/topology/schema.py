"""containerlab's own schema of topology files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_TEXT = (Path(__file__).parents[1] / "data" / "clab.schema.json").read_text()
SCHEMA: dict[str, Any] = json.loads(_TEXT.replace(r"\\p{N}\\p{L}", r"\\w"))  # Python's re has no \p
