"""Pydantic's verdicts as one French error with its place in the file."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from trilab.errors import FileError
from trilab.french import count
from trilab.topology.yamlfile import Loc, Source

M = TypeVar("M", bound=BaseModel)

_MISSING = "champ obligatoire absent."  # told after the others: a misspelt key makes one unknown and one missing
_EXPECTED = {  # pydantic's error type (or its start) → what was expected
    "string": "un texte",
    "int": "un nombre entier",
    "float": "un nombre",
    "bool": "true ou false",
    "list": "une liste",
    "tuple": "une liste",
    "dict": "une table (clé : valeur)",
    "model": "une table (clé : valeur)",
    "ip_v4": "une adresse IPv4",
    "ip_v6": "une adresse IPv6",
}
_LIMITS = {
    "greater_than": ("gt", "la valeur doit être supérieure à {}"),
    "greater_than_equal": ("ge", "la valeur doit être au moins {}"),
    "less_than": ("lt", "la valeur doit être inférieure à {}"),
    "less_than_equal": ("le", "la valeur doit être au plus {}"),
    "string_too_short": ("min_length", "le texte est trop court (au moins {} caractère)"),
    "too_short": ("min_length", "la liste est trop courte (au moins {} élément)"),
    "too_long": ("max_length", "la liste est trop longue (au plus {} éléments)"),
    "string_pattern_mismatch": ("pattern", "la valeur ne respecte pas la forme {}"),
}


class Strict(BaseModel):
    """Base of the models read from files: frozen, no unknown key; ``mgmt_ipv4`` is written ``mgmt-ipv4``."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )


def validate(model: type[M], source: Source) -> M:
    """Build ``model`` from a parsed file.

    Raises:
        FileError: the first fault in the order of the file, missing keys last; the hint counts the others.
    """
    if not isinstance(source.data, dict):
        raise source.error((), "le fichier doit contenir une table (clé : valeur), pas autre chose.")
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        faults = [fault for _, fault in faults_of(model, source, error)]
        first = min(faults, key=lambda fault: (fault.message.endswith(_MISSING), fault.line or 0, fault.column or 0))
        if len(faults) > 1:
            first.hint = (
                f"{first.hint} (Et {count(len(faults) - 1, 'autre erreur', 'autres erreurs')} plus loin.)".strip()
            )
        raise first from error


def faults_of(model: type[BaseModel], source: Source, error: ValidationError) -> list[tuple[Loc, FileError]]:
    """Every fault that pydantic found, with its place."""
    return [
        (tuple(part for part in details["loc"] if part != "[key]"), _fault(model, source, details))
        for details in error.errors(include_url=False)
    ]


def _fault(model: type[BaseModel], source: Source, details: ErrorDetails) -> FileError:
    loc: Loc = tuple(part for part in details["loc"] if part != "[key]")
    if details["type"] == "extra_forbidden":
        near = get_close_matches(str(loc[-1]), _known(model, loc[:-1]), n=1)
        hint = f"Vouliez-vous dire « {near[0]} » ?" if near else "Retirez-la, ou corrigez son nom."
        return source.error(loc, "clé inconnue.", key=True, hint=hint)
    if details["type"] == "missing":
        return source.error(loc, _MISSING)
    return source.error(loc, f"{message(details)}.", hint=_shown(details["input"]))


def message(details: ErrorDetails) -> str:
    """One pydantic fault in French, without the final full stop."""
    kind, context = details["type"], details.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(context["error"]).rstrip(".")
    if kind == "literal_error":
        return f"valeurs permises : {str(context['expected']).replace(' or ', ' ou ')}"
    if kind in _LIMITS:
        name, text = _LIMITS[kind]
        return text.format(context[name])
    start = next((word for word in _EXPECTED if kind.startswith(word)), None)
    return f"attendu : {_EXPECTED[start]}" if start else "valeur incorrecte"


def _shown(value: Any) -> str:
    if isinstance(value, str | int | float | bool):
        return f"Valeur lue : « {value} »."
    return ""


def _known(model: type[BaseModel], loc: Loc) -> list[str]:
    """Names of the fields that the model at ``loc`` accepts; empty where it cannot be told."""
    schema: dict[str, Any] = model.model_json_schema()
    definitions = schema.get("$defs", {})
    current: dict[str, Any] = schema
    for part in loc:
        current = _resolve(current, definitions)
        step = current.get("items") if isinstance(part, int) else current.get("properties", {}).get(part)
        current = step if isinstance(step, dict) else _extra(current)
    return list(_resolve(current, definitions).get("properties", {}))


def _extra(schema: dict[str, Any]) -> dict[str, Any]:
    extra = schema.get("additionalProperties")
    return extra if isinstance(extra, dict) else {}


def _resolve(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    for option in schema.get("anyOf", ()):
        if "$ref" in option:
            schema = option
    reference = schema.get("$ref", "")
    found: dict[str, Any] = definitions.get(reference.rsplit("/", 1)[-1], schema) if reference else schema
    return found
