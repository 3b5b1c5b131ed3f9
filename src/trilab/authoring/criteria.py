"""The barème of a lab: points, competences, checks and their parameters, and what each criterion would observe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from trilab.authoring.inventory import requests_of
from trilab.authoring.model import Level, Problem
from trilab.errors import FileError, UnknownNameError
from trilab.french import number
from trilab.grading.binding import bind_one
from trilab.grading.registry import Check
from trilab.lab import Criterion, LabDefinition
from trilab.topology import Topology

Skipped = frozenset[int]


def kept(lab: LabDefinition, skipped: Skipped) -> Iterator[tuple[int, Criterion]]:
    """The criteria that could be read, with their rank."""
    return ((index, one) for index, one in enumerate(lab.criteria) if index not in skipped)


def _problem(error: FileError, level: Level = Level.ERROR) -> Problem:
    return Problem.of(error, error.path, level)


def check_points(lab: LabDefinition, skipped: Skipped) -> list[Problem]:
    """The points add up to ``total``; every declared competence is graded."""
    points: defaultdict[int, float] = defaultdict(float)
    for _, criterion in kept(lab, skipped):
        points[criterion.competence] += criterion.points
    total = sum(points.values())
    shown = ", ".join(f"compétence {one} : {number(points[one])}" for one in sorted(points))
    found = []
    if lab.total is None:
        text = f"« total » absent : la somme des points ({number(total)}) n'est pas vérifiée."
        found.append(_problem(lab.source.error((), text, hint=f"Ajoutez : total: {number(total)}"), Level.WARNING))
    elif not skipped and abs(total - lab.total) > 1e-6:
        text = f"les points des critères font {number(total)}, et non {number(lab.total)}."
        found.append(_problem(lab.source.error(("total",), text, hint=f"{shown[:1].upper()}{shown[1:]}.")))
    for competence in lab.competences:
        if competence not in points and not skipped:
            text = f"aucun critère n'évalue la compétence {competence}."
            hint = "Ajoutez un critère, ou retirez-la."
            found.append(_problem(lab.source.error(("competences", competence), text, key=True, hint=hint)))
    return found


def check_texts(lab: LabDefinition, skipped: Skipped) -> list[Problem]:
    """A criterion helps whoever fails it."""
    text, hint = "critère sans conseil.", "« hint » : dites où regarder, sans donner la réponse."
    without = [(index, one) for index, one in kept(lab, skipped) if not one.hint]
    return [_problem(lab.source.error(("criteria", index), text, hint=hint), Level.WARNING) for index, _ in without]


def check_observations(lab: LabDefinition, skipped: Skipped, checks: Mapping[str, Check]) -> list[Problem]:
    """A check that asks the observer nothing keeps no evidence."""
    found = []
    for index, criterion in kept(lab, skipped):
        check = checks.get(criterion.check)
        if check is not None and not requests_of(check):
            text = f"le contrôle « {check.name} » n'observe rien : ce critère n'aurait aucune preuve."
            found.append(_problem(lab.source.error(("criteria", index, "check"), text)))
    return found


def check_names(lab: LabDefinition, skipped: Skipped, checks: Mapping[str, Check]) -> list[Problem]:
    """The names of checks and parameters, where no value can be computed."""
    found = []
    for index, criterion in kept(lab, skipped):
        check = checks.get(criterion.check)
        if check is None:
            unknown = UnknownNameError("contrôle", criterion.check, checks)
            error = lab.source.error(("criteria", index, "check"), unknown.message, hint=unknown.hint)
            found.append(_problem(error))
            continue
        known = list(check.parameters.model_fields)
        for name in criterion.parameters:
            if name not in known:
                text = f"le contrôle « {check.name} » n'a pas de paramètre « {name} »."
                near = get_close_matches(str(name), known, n=1)
                hint = f"Vouliez-vous dire « {near[0]} » ?" if near else f"Paramètres : {', '.join(known)}."
                error = lab.source.error(("criteria", index, "with", name), text, key=True, hint=hint)
                found.append(_problem(error))
    return found


def check_parameters(
    lab: LabDefinition,
    skipped: Skipped,
    values: Mapping[str, Any],
    checks: Mapping[str, Check],
    topology: Topology | None,
) -> list[Problem]:
    """Checks and parameters that exist, with values of the right form, naming nodes of the topology."""
    found: list[Problem] = []
    for index, _ in kept(lab, skipped):
        try:
            criterion = lab.criterion_for(index, values)
        except FileError as error:
            found.append(_problem(error))
            continue
        made = bind_one(lab, criterion, checks, None if topology is None else topology.nodes)
        found += [_problem(error) for error in made] if isinstance(made, list) else []
    return found
