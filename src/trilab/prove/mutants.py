"""Mutants: the reference solution with one mistake in it, generated in a fixed order under stable names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from trilab.lab import Answer, AnswerFile, LabDefinition, answer
from trilab.prove import operators_ios, operators_linux, operators_wifi
from trilab.prove.lines import Line, lines_of
from trilab.prove.operators import Drop, NeighbourAddress, Operator, Setting, WrongSecret

_VLAN = re.compile(r"^vlan (\d+)", re.IGNORECASE)
_ENDPOINT = re.compile(r"^\[(\d+)\]")


@dataclass(frozen=True)
class Mutant:
    """One mistake. ``id`` is ``node:line:operator``; ``description`` is French; ``line`` what was mutated."""

    id: str
    operator: str
    description: str
    line: Line
    file: AnswerFile


def all_operators() -> tuple[Operator, ...]:
    """Every operator, those of every language first."""
    common = (Drop(), NeighbourAddress(), WrongSecret())
    return (*common, *operators_ios.operators(), *operators_linux.operators(), *operators_wifi.operators())


def mutants(solution: Answer, roles: Mapping[str, str]) -> list[Mutant]:
    """Every mutant of an answer; of those that type the same thing only the first is kept."""
    lines = lines_of(solution, dict(roles))
    setting = _setting(solution, lines)
    found: list[Mutant] = []
    seen = {(node, file.lines) for node, file in solution.files.items()}
    for line in lines:
        for operator in all_operators():
            for mutant in _by(operator, line, setting, solution.files[line.node]):
                typed = (line.node, mutant.file.lines)
                if typed not in seen:
                    seen.add(typed)
                    found.append(mutant)
    return found


def _by(operator: Operator, line: Line, setting: Setting, file: AnswerFile) -> list[Mutant]:
    made = []
    for change in operator.changes(line, setting):
        name = f"{line.node}:{line.number}:{operator.id}" + (f".{change.variant}" if change.variant else "")
        typed = (*file.lines[: change.start - 1], *change.lines, *file.lines[change.stop - 1 :])
        description = f"{line.node}, saisie {line.number}, {operator.title} : {change.what}"
        made.append(Mutant(name, operator.id, description, line, replace(file, lines=typed)))
    return made


def _setting(solution: Answer, lines: list[Line]) -> Setting:
    vlans = {int(found[1]) for line in lines if line.kind == "ios" and (found := _VLAN.match(line.text))}
    numbers = [found[1] for line in lines if line.kind == "asterisk" and (found := _ENDPOINT.match(line.text))]
    files = {node: file.lines for node, file in solution.files.items()}
    return Setting(lines, files, tuple(sorted(vlans)), tuple(dict.fromkeys(numbers)))


def mutants_for(lab: LabDefinition, variables: Mapping[str, Any]) -> list[Mutant]:
    """The mutants of a lab's reference solution for a candidate's variables."""
    topology = lab.topology_for(variables)
    return mutants(answer(lab, "solution", variables), {node: topology.role(node) or "" for node in topology.nodes})


def mutated(solution: Answer, mutant: Mutant) -> Answer:
    """The whole answer with the mistake in it."""
    return replace(solution, name=mutant.id, files={**solution.files, mutant.line.node: mutant.file})
