"""What there is to prove in a lab, what of it is chosen, and how a task is told apart from its former self."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from trilab.errors import InputError
from trilab.lab import Candidate, LabDefinition, all_answers
from trilab.prove import proof
from trilab.prove.model import Kind, Task
from trilab.prove.mutants import mutants_for, mutated

KINDS: Mapping[str, tuple[Kind, ...]] = {
    "solution": ("solution",),
    "alternatives": ("alternative",),
    "cheats": ("cheat",),
    "mutants": ("mutant", "equivalent"),
    "equivalents": ("equivalent",),
}
PREFIX = "preuve-"  # of the candidate codes under which labs are proved


def tasks_for(lab: LabDefinition, variables: Mapping[str, Any]) -> list[Task]:
    """Everything: the solution, alternatives, cheats, mutants, in this order.

    Raises:
        FileError: a fault in an answer or in ``proof.yml``.
    """
    found = []
    for info, made in all_answers(lab, variables):
        name = info.name if info.kind == "solution" else f"{info.kind}:{info.name}"
        found.append(Task(name, info.kind, info.description, made, caught_by=info.caught_by))
    known, solution = proof.load(lab, variables), found[0].answer
    for mutant in mutants_for(lab, variables):
        reason = known.equivalent(mutant)
        kind: Kind = "equivalent" if reason else "mutant"
        made = mutated(solution, mutant)
        found.append(Task(mutant.id, kind, mutant.description, made, line=mutant.line, reason=reason))
    return found


def select(tasks: Sequence[Task], only: Iterable[str], sample: int | None, seed: int) -> list[Task]:
    """The chosen tasks, in order. ``only``: kinds, ids, operators, or patterns of ids (``r1:*``); none means all.

    ``sample``: that many mutants at most, drawn by ``seed``; the other kinds stay whole.

    Raises:
        InputError: a word chooses nothing.
    """
    words = list(only)
    for word in words:
        if not any(_chosen(task, word) for task in tasks):
            hint = f"Genres : {', '.join(KINDS)} ; ou un identifiant, ou un motif comme « r1:*:oubli »."
            raise InputError(f"« {word} » ne désigne aucune réponse à prouver.", hint)
    chosen = [task for task in tasks if not words or any(_chosen(task, word) for word in words)]
    if sample is None:
        return chosen
    drawn = [task.id for task in chosen if task.kind in ("mutant", "equivalent")]
    kept = set(random.Random(seed).sample(drawn, min(sample, len(drawn))))
    return [task for task in chosen if task.id in kept or task.kind not in ("mutant", "equivalent")]


def _chosen(task: Task, word: str) -> bool:
    if word in KINDS:
        return task.kind in KINDS[word]
    operator = task.id.split(":")[-1].partition(".")[0]
    return fnmatchcase(task.id, word) or (task.line is not None and operator == word)


def candidate(number: int) -> Candidate:
    """The candidate under whose code the labs of one worker run."""
    return Candidate.parse(f"{PREFIX}{number}")


def fingerprint(task: Task, lab: LabDefinition, tool: str) -> str:
    """A hash over all that the outcome of a task depends on: what is typed, the criteria, the topology, the tool."""
    total = hashlib.sha256(tool.encode())
    for path in (lab.source.path, lab.topology_path):
        total.update(path.read_bytes())
    for node, file in task.answer.files.items():
        total.update(_typed(node, file.lines))
    return total.hexdigest()[:16]


def _typed(node: str, lines: Sequence[str]) -> bytes:
    return "\n".join((node, *lines, "")).encode()


def tool_hash() -> str:
    """A hash over trilab's own files: another tool proves nothing about this one."""
    root, total = Path(__file__).parent.parent, hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and "data" not in path.relative_to(root).parts[:1]:
            total.update(path.relative_to(root).as_posix().encode())
            total.update(path.read_bytes())
    return total.hexdigest()
