"""The static check of a lab: everything that can be told about it without starting it, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trilab.authoring import answers, criteria, proof, subject, variables
from trilab.authoring.model import Problem
from trilab.authoring.reading import Reading, read
from trilab.errors import FileError, InputError, TrilabError
from trilab.grading.registry import Check
from trilab.lab import Candidate, LabDefinition
from trilab.topology import Topology, native_refusals, plan

CANDIDATES = tuple(Candidate.parse(f"demo{number}") for number in (1, 2, 3))
"""Sample candidates: what is by chance in the subject of one of them is not in that of the others."""


def check_lab(folder: Path, checks: Mapping[str, Check]) -> list[Problem]:
    """Every problem of a lab's folder, by file and line; none when all is well.

    Parameters:
        checks: the known checks, by name.
    """
    reading = read(folder)
    found = list(reading.problems)
    if reading.lab is not None:
        found += _of_definition(reading.lab, reading, checks)
    return sorted(set(found), key=lambda one: (str(one.path), one.line or 0, one.column or 0, one.message))


def _of_definition(lab: LabDefinition, reading: Reading, checks: Mapping[str, Check]) -> list[Problem]:
    found = criteria.check_points(lab, reading.skipped) + criteria.check_texts(lab, reading.skipped)
    found += criteria.check_observations(lab, reading.skipped, checks)
    found += variables.check_use(lab)
    drawn, problems = _draws(lab)
    found += problems
    if not drawn:  # nothing can be rendered: what needs no value is told all the same
        return found + criteria.check_names(lab, reading.skipped, checks)
    topology, problems = _topology(lab, drawn[0][1])
    found += problems
    for _, values in drawn:
        found += criteria.check_parameters(lab, reading.skipped, values, checks, topology)
    found += subject.check_subject(lab, reading.skipped, [values for _, values in drawn], topology)
    if topology is not None:
        found += answers.check_answers(lab, topology, drawn[0][1], reading.ids)
        found += [] if reading.skipped else proof.check_proof(lab, drawn[0][1])
    return found


def _draws(lab: LabDefinition) -> tuple[Sequence[tuple[Candidate, Mapping[str, Any]]], list[Problem]]:
    """The variables of the sample candidates; one whose number does not fit a slot is left out."""
    drawn: list[tuple[Candidate, Mapping[str, Any]]] = []
    for candidate in CANDIDATES:
        try:
            drawn.append((candidate, lab.values(candidate)))
        except FileError as error:
            return (), [Problem.of(error, lab.source.path)]
        except InputError as error:
            if not drawn:
                return (), [Problem.of(lab.source.error(("variables",), error.message, hint=error.hint), Path())]
    return drawn, []


def _topology(lab: LabDefinition, values: Mapping[str, Any]) -> tuple[Topology | None, list[Problem]]:
    """The topology, and what is wrong with it or cannot be honoured by the native engine."""
    try:
        topology = lab.topology_for(values)
    except TrilabError as error:
        return None, [Problem.of(error, lab.source.path)]
    refusals: list[TrilabError] = list(native_refusals(topology))
    if not refusals:
        try:
            plan(topology, lab.id, CANDIDATES[0].code)
        except TrilabError as error:
            refusals = [error]
    return topology, [Problem.of(error, lab.topology_path) for error in refusals]
