"""From ``lab.yml`` to checks ready to run: a missing check or a wrong parameter is an error with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from trilab.errors import FileError, UnknownNameError
from trilab.grading.registry import Check
from trilab.lab import Criterion, LabDefinition
from trilab.topology.validation import message


@dataclass(frozen=True)
class Bound:
    """One criterion with its check and validated parameters."""

    criterion: Criterion
    check: Check
    parameters: BaseModel


def bind(
    definition: LabDefinition, variables: Mapping[str, Any], checks: Mapping[str, Check], nodes: Iterable[str]
) -> list[Bound]:
    """Bind every criterion of a lab for one candidate's variables; ``nodes``: names of the topology.

    Raises:
        FileError: a missing check or parameter, a wrong value, with line and column in ``lab.yml``.
    """
    known = frozenset(nodes)
    bound = []
    for criterion in definition.criteria_for(variables):
        made = bind_one(definition, criterion, checks, known)
        if not isinstance(made, Bound):
            raise made[0]
        bound.append(made)
    return bound


def bind_one(
    definition: LabDefinition, criterion: Criterion, checks: Mapping[str, Check], nodes: Iterable[str] | None
) -> Bound | list[FileError]:
    """Bind one rendered criterion, or tell everything that is wrong with it. ``nodes`` None: any name will do."""
    check = checks.get(criterion.check)
    if check is None:
        unknown = UnknownNameError("contrôle", criterion.check, checks)
        return [definition.criterion_error(criterion.id, unknown.message, "check", hint=unknown.hint)]
    try:
        parameters = check.parameters.model_validate(
            criterion.parameters, context={"nodes": None if nodes is None else frozenset(nodes)}
        )
    except ValidationError as error:
        return [_error(definition, criterion, check, details) for details in error.errors(include_url=False)]
    return Bound(criterion, check, parameters)


def _error(definition: LabDefinition, criterion: Criterion, check: Check, details: ErrorDetails) -> FileError:
    keys = tuple(part for part in details["loc"] if part != "[key]")
    known = list(check.parameters.model_fields)
    if details["type"] == "missing":
        text = f"le contrôle « {check.name} » exige le paramètre « {keys[-1]} »."
        return definition.criterion_error(criterion.id, text, "with", hint=f"Paramètres : {', '.join(known)}.")
    if details["type"] == "extra_forbidden":
        near = get_close_matches(str(keys[-1]), known, n=1)
        text = f"le contrôle « {check.name} » n'a pas de paramètre « {keys[-1]} »."
        hint = f"Vouliez-vous dire « {near[0]} » ?" if near else f"Paramètres : {', '.join(known)}."
        return definition.criterion_error(criterion.id, text, "with", *keys, hint=hint)
    shown = details["input"]
    hint = f"Valeur lue : « {shown} »." if isinstance(shown, str | int | float | bool) else ""
    return definition.criterion_error(criterion.id, f"{message(details)}.", "with", *keys, hint=hint)
