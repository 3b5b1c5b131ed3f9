"""Answers shipped with a lab: the reference solution, other good ones, and cheats, as a candidate would type them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from trilab.errors import FileError, UnknownNameError
from trilab.lab.definition import LabDefinition
from trilab.topology import NOS_ROLES, Topology
from trilab.topology.template import render
from trilab.topology.validation import Strict, validate
from trilab.topology.yamlfile import parse, read_text

Kind = Literal["solution", "alternative", "cheat"]
Language = Literal["ios", "sh"]
SOLUTION, README, EXPECT = "solution", "README.md", "expect.yml"
_FOLDERS: tuple[tuple[str, Kind], ...] = (("alternatives", "alternative"), ("cheats", "cheat"))


@dataclass(frozen=True)
class AnswerInfo:
    """One answer of a lab, not rendered. ``description`` is French; ``caught_by``: criteria that a cheat must fail."""

    name: str
    kind: Kind
    description: str
    folder: Path
    caught_by: tuple[str, ...] = ()


class Expectation(Strict):
    """``expect.yml`` of a cheat: the criteria that must be «non conforme»."""

    caught_by: tuple[str, ...] = Field(alias="caught_by", min_length=1)


@dataclass(frozen=True)
class AnswerFile:
    """What is typed on one node: at the CLI from ``#`` (ios), or in bash (sh)."""

    node: str
    language: Language
    lines: tuple[str, ...]
    path: Path


@dataclass(frozen=True)
class Answer:
    """A rendered answer; ``files`` by node, in the order of the topology."""

    name: str
    kind: Kind
    description: str
    files: Mapping[str, AnswerFile]


def answers(lab: LabDefinition) -> list[AnswerInfo]:
    """Every answer: the solution first, then alternatives and cheats by name.

    Raises:
        FileError: no solution, no README, or one name used twice.
    """
    found = [_info(lab, folder, kind) for folder, kind in answer_folders(lab.folder)]
    seen: dict[str, Path] = {}
    for info in found:
        if info.name in seen:
            raise FileError(info.folder, f"ce nom de réponse est déjà celui de {seen[info.name]}.", hint="Renommez-la.")
        seen[info.name] = info.folder
    return found


def answer_folders(lab: Path) -> list[tuple[Path, Kind]]:
    """The folder of each answer of a lab's folder; the solution first, whether it is there or not."""
    found: list[tuple[Path, Kind]] = [(lab / SOLUTION, "solution")]
    for name, kind in _FOLDERS:
        if (lab / name).is_dir():
            found += [(path, kind) for path in sorted((lab / name).iterdir()) if path.is_dir()]
    return found


def _info(lab: LabDefinition, folder: Path, kind: Kind) -> AnswerInfo:
    return AnswerInfo(folder.name, kind, described(folder), folder, _caught_by(lab, folder, kind))


def described(folder: Path) -> str:
    """What an answer is: the first line of its README. Raises FileError."""
    if not folder.is_dir():
        raise FileError(folder, "dossier introuvable.", hint="Tout sujet est livré avec une solution de référence.")
    lines = read_text(folder / README).strip().splitlines()
    description = lines[0].lstrip("# ").strip() if lines else ""
    if not description:
        raise FileError(folder / README, "la première ligne doit dire ce qu'est cette réponse.", line=1)
    return description


def _caught_by(lab: LabDefinition, folder: Path, kind: Kind) -> tuple[str, ...]:
    names, faults = expectation(folder, kind, [criterion.id for criterion in lab.criteria])
    if faults:
        raise faults[0]
    return names


def expectation(folder: Path, kind: Kind, known: Sequence[str]) -> tuple[tuple[str, ...], list[FileError]]:
    """The criteria of ``expect.yml`` (none without that file), and an error for each that is not ``known``.

    Raises:
        FileError: not a cheat's, or not written as it must be.
    """
    path = folder / EXPECT
    if not path.exists():
        return (), []
    if kind != "cheat":
        raise FileError(path, "seule une tricherie est attendue en échec.", hint="Supprimez ce fichier.")
    source = parse(path, read_text(path))
    names = validate(Expectation, source).caught_by
    faults = []
    for index, name in enumerate(names):
        if name not in known:
            unknown = UnknownNameError("critère", name, known)
            faults.append(source.error(("caught_by", index), unknown.message, hint=unknown.hint))
    return names, faults


def answer(lab: LabDefinition, name: str, variables: Mapping[str, Any]) -> Answer:
    """Render one answer. A node that it does not mention is typed as in the solution.

    Raises:
        UnknownNameError: no such answer.
        FileError: a file for no node, in the wrong language, or a template fault (with its line).
    """
    known = {info.name: info for info in answers(lab)}
    if name not in known:
        raise UnknownNameError("réponse", name, known, where=lab.id)
    return _rendered(lab.topology_for(variables), known[SOLUTION], known[name], variables)


def all_answers(lab: LabDefinition, variables: Mapping[str, Any]) -> list[tuple[AnswerInfo, Answer]]:
    """Every answer, rendered; the solution first. Raises FileError as :func:`answers` and :func:`answer`."""
    known, topology = answers(lab), lab.topology_for(variables)
    return [(info, _rendered(topology, known[0], info, variables)) for info in known]


def _rendered(topology: Topology, solution: AnswerInfo, info: AnswerInfo, variables: Mapping[str, Any]) -> Answer:
    files = _files(topology, solution.folder, variables)
    files |= _files(topology, info.folder, variables)
    ordered = {node: files[node] for node in topology.nodes if node in files}
    return Answer(info.name, info.kind, info.description, ordered)


def check_answers(lab: LabDefinition, variables: Mapping[str, Any]) -> None:
    """Render every file of every answer once. Raises FileError at the first fault."""
    topology = lab.topology_for(variables)
    for info in answers(lab):
        _files(topology, info.folder, variables)


def _files(topology: Topology, folder: Path, variables: Mapping[str, Any]) -> dict[str, AnswerFile]:
    made: dict[str, AnswerFile] = {}
    for path in typed_files(folder):
        file = answer_file(topology, path, variables)
        if file.node in made:
            raise FileError(path, f"{file.node} a deux fichiers dans cette réponse.", hint="Gardez-en un.")
        made[file.node] = file
    return made


def typed_files(folder: Path) -> list[Path]:
    """The files of an answer that are typed, by name."""
    return [path for path in sorted(folder.iterdir()) if path.name not in (README, EXPECT) and path.name[0] != "."]


def answer_file(topology: Topology, path: Path, variables: Mapping[str, Any]) -> AnswerFile:
    """Render one file of an answer. Raises FileError."""
    node, language = path.stem, path.suffix.removeprefix(".")
    if node not in topology.nodes:
        unknown = UnknownNameError("nœud", node, topology.nodes)
        raise FileError(path, unknown.message, hint=unknown.hint)
    expected: Language = "ios" if topology.role(node) in NOS_ROLES else "sh"
    if language != expected:
        raise FileError(path, f"extension « .{language} » inattendue.", hint=f"Pour ce nœud : {node}.{expected}.")
    lines = render(path, read_text(path), variables).splitlines()
    if expected == "ios":  # an empty line at a CLI does nothing
        lines = [line.rstrip() for line in lines if line.strip()]
    return AnswerFile(node, expected, tuple(lines), path)
