"""``lab.yml`` read in spite of its faults, so that one fault does not hide the others."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from trilab.authoring.model import Problem
from trilab.errors import FileError
from trilab.lab.definition import FILE, LabDefinition
from trilab.topology.validation import faults_of
from trilab.topology.yamlfile import Loc, Source, parse, read_text

_FILL: dict[str, Any] = {"title": "?", "summary": "?", "duration": 1, "total": None}


@dataclass(frozen=True)
class Reading:
    """``lab``: None when too much is wrong. ``skipped``: indexes of criteria that could not be read."""

    lab: LabDefinition | None
    skipped: frozenset[int]
    ids: tuple[str, ...]  # of all criteria, skipped ones included
    problems: tuple[Problem, ...]


def read(folder: Path) -> Reading:
    """Read ``folder/lab.yml``; what is wrong in it becomes problems."""
    path = folder / FILE
    try:
        source = parse(path, read_text(path))
        if not isinstance(source.data, dict):
            raise source.error((), "le fichier doit contenir une table (clé : valeur), pas autre chose.")
    except FileError as error:
        return Reading(None, frozenset(), (), (Problem.of(error, path),))
    faults: list[tuple[Loc, FileError]] = []
    data: Any = source.data
    skipped: frozenset[int] = frozenset()
    try:
        lab: LabDefinition | None = LabDefinition.model_validate(data)
    except ValidationError as error:
        faults = faults_of(LabDefinition, source, error)
        lab, skipped = _repaired(source, [loc for loc, _ in faults])
    problems = [Problem.of(fault, path) for _, fault in faults]
    if lab is not None:
        lab = LabDefinition.of(lab, source)
        problems += [Problem.of(fault, path) for fault in lab.faults()]
    return Reading(lab, skipped, _ids(source), tuple(problems))


def _ids(source: Source) -> tuple[str, ...]:
    criteria = source.data.get("criteria")
    listed = criteria if isinstance(criteria, list) else []
    return tuple(str(one["id"]) for one in listed if isinstance(one, dict) and "id" in one)


def _repaired(source: Source, wrong: Iterable[Loc]) -> tuple[LabDefinition | None, frozenset[int]]:
    """The definition without its wrong parts: a wrong criterion keeps its rank, so that the others keep their place."""
    data = deepcopy(source.data)
    skipped = set()
    for loc in wrong:
        if len(loc) > 1 and loc[0] == "criteria" and isinstance(loc[1], int):
            skipped.add(loc[1])
        elif len(loc) > 1 and loc[0] == "competences":
            data["competences"].pop(loc[1], None)
        elif loc[0] in _FILL:
            data[loc[0]] = _FILL[str(loc[0])]
        else:
            data.pop(loc[0], None)  # an unknown key; a missing or wrong one that is needed stops below
    competence = next(iter(data.get("competences") or (1,)))
    for index in skipped:
        data["criteria"][index] = {
            "id": f"illisible-{index + 1}",
            "competence": competence,
            "points": 1,
            "title": "?",
            "asked": "?",
            "check": "x.x",
        }
    try:
        return LabDefinition.model_validate(data), frozenset(skipped)
    except ValidationError:
        return None, frozenset(skipped)
