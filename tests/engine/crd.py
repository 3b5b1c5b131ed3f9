"""Objects against the schemas of clabernetes's own CRDs, as an API server checks them (unknown fields refused)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[1] / "data" / "c9s"


@cache
def _validator(plural: str) -> jsonschema.Draft202012Validator:
    crd = YAML(typ="safe").load(FOLDER / f"c9s.run_{plural}.yaml")
    (version,) = crd["spec"]["versions"]
    assert (crd["spec"]["group"], version["name"], crd["spec"]["scope"]) == ("c9s.run", "v1alpha1", "Namespaced")
    return jsonschema.Draft202012Validator(_closed(version["schema"]["openAPIV3Schema"]))


def _closed(schema: Any) -> Any:
    """A structural schema prunes unknown fields in silence: here they are errors."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if isinstance(closed.get("properties"), dict) and "additionalProperties" not in closed and "type" in closed:
        closed["additionalProperties"] = False
    return closed


def validate(one: dict[str, Any], plural: str) -> None:
    """Raises jsonschema.ValidationError."""
    _validator(plural).validate(one)
