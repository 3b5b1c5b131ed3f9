"""The answers of a lab: files for nodes that exist, cheats that name criteria that exist, no answer typed twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trilab.authoring.model import Level, Problem
from trilab.errors import FileError
from trilab.lab import LabDefinition
from trilab.lab.answers import EXPECT, Kind, answer_file, answer_folders, described, expectation, typed_files
from trilab.topology import Topology

Typed = dict[str, tuple[str, ...]]


def check_answers(
    lab: LabDefinition, topology: Topology, values: Mapping[str, Any], criteria: Sequence[str]
) -> list[Problem]:
    """Every fault of every answer. ``criteria``: the ids that a cheat may name."""
    found: list[Problem] = []
    solution: Typed = {}
    for folder, kind in answer_folders(lab.folder):
        try:
            described(folder)
        except FileError as error:
            found.append(Problem.of(error, folder))
        if not folder.is_dir():
            continue
        found += _expectation(folder, kind, criteria)
        typed = _typed(topology, folder, values, found)
        if kind == "solution":
            solution = typed
        elif not typed or all(solution.get(node) == lines for node, lines in typed.items()):
            text = "cette réponse saisit exactement la même chose que la solution."
            found.append(Problem(Level.ERROR, folder, None, None, "", text, "Écrivez ce qui change, ou retirez-la."))
    return found


def _expectation(folder: Path, kind: Kind, criteria: Sequence[str]) -> list[Problem]:
    path = folder / EXPECT
    try:
        names, faults = expectation(folder, kind, criteria)
    except FileError as error:
        return [Problem.of(error, path)]
    if kind == "cheat" and not names:
        hint = "Écrivez : caught_by: [critère, …]"
        text = "cette tricherie ne dit pas quels critères doivent la refuser."
        return [Problem(Level.WARNING, path, None, None, "", text, hint)]
    return [Problem.of(fault, path) for fault in faults]


def _typed(topology: Topology, folder: Path, values: Mapping[str, Any], found: list[Problem]) -> Typed:
    """What is typed on each node; a fault of a file is put in ``found``."""
    made: Typed = {}
    for path in typed_files(folder):
        try:
            file = answer_file(topology, path, values)
        except FileError as error:
            found.append(Problem.of(error, path))
            continue
        if file.node in made:
            text = f"{file.node} a deux fichiers dans cette réponse."
            found.append(Problem(Level.ERROR, path, None, None, "", text, "Gardez-en un."))
        made[file.node] = file.lines
    return made
