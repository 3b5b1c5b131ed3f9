"""Variables of a lab that nothing uses, and names that no variable has, in every file of the lab."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from trilab.authoring.model import Level, Problem
from trilab.errors import FileError
from trilab.lab import LabDefinition
from trilab.lab.answers import answer_folders, typed_files
from trilab.lab.definition import SUBJECT
from trilab.lab.variables import RESERVED
from trilab.prove.proof import FILE as PROOF
from trilab.topology.template import undeclared, unknown_variable
from trilab.topology.yamlfile import Loc, read_text

_RENDERED = ("title", "asked", "hint", "with")  # of a criterion
_ALWAYS = RESERVED - {"nodes"}


def check_use(lab: LabDefinition) -> list[Problem]:
    """Every use of a name that is not defined where it stands, and every variable without a use."""
    found: list[Problem] = []
    used: set[str] = set()
    needs: dict[str, set[str]] = {}
    defined: list[str] = []
    for name in lab.variables:
        needs[name] = _in_values(lab, ("variables", name), lab.variables[name], {*_ALWAYS, *defined}, found)
        defined.append(name)
    everything = {*_ALWAYS, *defined}
    for index, criterion in enumerate(lab.source.data.get("criteria", ())):
        for key in _RENDERED if isinstance(criterion, dict) else ():
            used |= _in_values(lab, ("criteria", index, key), criterion.get(key), everything, found)
    for path, known in _files(lab, everything):
        used |= _in_file(path, known, found)
    while more := {name for one in used for name in needs.get(one, ())} - used:
        used |= more
    for name in lab.variables:
        if name not in used:
            error = lab.source.error(("variables", name), "variable définie, jamais utilisée.", key=True)
            found.append(Problem.of(error, error.path, Level.WARNING))
    return found


def _files(lab: LabDefinition, everything: set[str]) -> Iterator[tuple[Path, set[str]]]:
    """The templates of a lab, with the names that each may use."""
    yield lab.folder / SUBJECT, {*everything, "nodes"}
    with suppress(FileError):  # told with the definition
        yield lab.topology_path, everything
    yield lab.folder / PROOF, everything
    for folder, _ in answer_folders(lab.folder):
        for path in typed_files(folder) if folder.is_dir() else ():
            yield path, everything


def _in_file(path: Path, known: set[str], found: list[Problem]) -> set[str]:
    if not path.is_file():
        return set()
    try:
        names = undeclared(path, read_text(path))
    except FileError as error:
        found.append(Problem.of(error, path))
        return set()
    for name, line in names:
        if name not in known:
            message, hint = unknown_variable(name, known)
            found.append(Problem(Level.ERROR, path, line, None, "", message, hint))
    return {name for name, _ in names}


def _in_values(lab: LabDefinition, loc: Loc, value: Any, known: set[str], found: list[Problem]) -> set[str]:
    names: set[str] = set()
    for place, text in _texts(value, loc):
        try:
            inside = [name for name, _ in undeclared(lab.source.path, text)]
        except FileError as error:
            found.append(Problem.of(lab.source.error(place, error.text, hint=error.hint), error.path))
            continue
        for name in inside:
            if name not in known:
                message, hint = unknown_variable(name, known)
                found.append(Problem.of(lab.source.error(place, message, hint=hint), lab.source.path))
        names.update(inside)
    return names


def _texts(value: Any, loc: Loc) -> Iterator[tuple[Loc, str]]:
    """Every text of a value, keys of tables included."""
    if isinstance(value, str):
        yield loc, value
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _texts(item, (*loc, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(key, str):
                yield (*loc, key), key
            yield from _texts(item, (*loc, key))
