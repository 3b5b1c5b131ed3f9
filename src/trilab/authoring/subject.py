"""Whether the subject says what is graded.

Two rules, on the subject as candidates read it (without Markdown, whatever the spacing):

* ``asked`` quotes it: each clause of ``asked`` stands in it, whatever the case;
* a value that ``with`` takes from the candidate's variables stands in it: nobody can guess it. A value that is the
  same for everybody is only a warning. Left out: names of nodes, which the table of accesses holds, and values that say
  how to observe (:func:`trilab.graders.glossary.unsaid`).

An address is also told without its prefix length, the end of a range by its last byte (« .29 »), an interface by its
short name, inside a range (« Gi0/3 à Gi0/6 »), and a subinterface by its port.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from trilab.authoring.criteria import Skipped, kept
from trilab.authoring.model import Level, Problem
from trilab.capture.names import ios_name, short_name
from trilab.errors import FileError, InputError
from trilab.graders.glossary import unsaid
from trilab.lab import LabDefinition
from trilab.lab.definition import SUBJECT
from trilab.lab.subject import nodes_of
from trilab.topology import Topology
from trilab.topology.template import evaluate, render
from trilab.topology.yamlfile import Loc, read_text

Values = Mapping[str, Any]
_CLAUSES = re.compile(r"[.;,:!?](?:\s|\Z)|\s[;:!?](?:\s|\Z)|\s*(?:\[…\]|…)\s*")
_MARKUP = re.compile(r"[*`_]")
_PORTS = re.compile(r"gi0/(\d+)\s*(?:à|-|–|au|jusqu'à)\s*(?:gi0/)?(\d+)")


def check_subject(
    lab: LabDefinition, skipped: Skipped, draws: Sequence[Values], topology: Topology | None
) -> list[Problem]:
    """What ``asked`` says and the subject does not, and graded values that are not in it; for each draw."""
    path = lab.folder / SUBJECT
    if not path.is_file():
        return []
    found: dict[tuple[Loc, str], Problem] = {}
    for values in draws:
        try:
            nodes = nodes_of(topology) if topology is not None else {}
            text = unmarked(render(path, read_text(path), {**values, "nodes": nodes}))
        except FileError as error:
            return [Problem.of(error, path)]
        for index, criterion in kept(lab, skipped):
            for loc, problem in (
                *_not_quoted(lab, index, criterion.asked, values, text.lower()),
                *(_not_told(lab, index, criterion.check, values, text, nodes) if nodes else ()),
            ):
                found.setdefault((loc, problem.message if loc[-1] == "asked" else ""), problem)
    return list(found.values())


def unmarked(text: str) -> str:
    """A text without markup, with single spaces."""
    return " ".join(_MARKUP.sub("", text.replace("’", "'")).split())


def _not_quoted(lab: LabDefinition, index: int, asked: str, values: Values, text: str) -> Iterator[tuple[Loc, Problem]]:
    loc: Loc = ("criteria", index, "asked")
    try:
        quoted = unmarked(str(evaluate(asked, values, lab.source, loc))).lower()
    except FileError:  # told with the parameters
        return
    for clause in filter(None, (part.strip() for part in _CLAUSES.split(quoted))):
        if clause not in text:
            near = get_close_matches(clause, [part.strip() for part in _CLAUSES.split(text)], n=1, cutoff=0.5)
            hint = f"Le plus proche : « {near[0]} »." if near else "Reprenez les mots du sujet, ou ajoutez la demande."
            error = lab.source.error(loc, f"« {clause} » n'est pas dans {SUBJECT}.", hint=hint)
            yield loc, Problem.of(error, error.path)


def _not_told(
    lab: LabDefinition, index: int, check: str, values: Values, text: str, nodes: Collection[str]
) -> Iterator[tuple[Loc, Problem]]:
    for name, parameter in lab.criteria[index].parameters.items():
        if unsaid(check, str(name)):
            continue
        for loc, written in _leaves(parameter, ("criteria", index, "with", name)):
            try:
                value = evaluate(written, values, lab.source, loc)
            except FileError:
                return
            missing = [one for _, one in _leaves(value, loc) if str(one) not in nodes and not _told(one, text)]
            if not missing:
                continue
            own = isinstance(written, str) and "{{" in written
            message = f"{SUBJECT} ne donne pas la valeur notée « {missing[0]} »."
            hint = "Un candidat ne peut pas la deviner : écrivez-la dans le sujet." if own else "Est-ce voulu ?"
            error = lab.source.error(loc, message, hint=hint)
            yield loc, Problem.of(error, error.path, Level.ERROR if own else Level.WARNING)


def _leaves(value: Any, loc: Loc) -> Iterator[tuple[Loc, Any]]:
    """The texts and numbers of a value, keys of tables included; neither null nor true nor false."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(key, (*loc, key))
            yield from _leaves(item, (*loc, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, (*loc, index))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield loc, value


def _told(value: Any, text: str) -> bool:
    written = unmarked(str(value))
    if _stands(written, text):
        return True
    first, dash, last = written.partition("-")
    if dash and _address(first) and _address(last):
        return all(_stands(end, text) or _stands(f".{end.rpartition('.')[2]}", text) for end in (first, last))
    address, slash, _ = written.partition("/")
    if slash and _address(address):
        return _stands(address, text)
    return _interface_told(written, text.lower())


def _stands(word: str, text: str) -> bool:
    """Whether a word stands in a text, not as a part of a longer number, name or address."""
    return re.search(rf"(?<![\w.]){re.escape(word)}(?!\w|\.\d)", text) is not None


def _address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _interface_told(name: str, text: str) -> bool:
    try:
        known = ios_name(name)
    except InputError:
        return False
    if known.startswith("Vlan"):
        return _stands(f"vlan {known.removeprefix('Vlan')}", text)
    short = short_name(known).lower().partition(".")[0]
    port = int(short.rpartition("/")[2])
    return (
        _stands(short, text)
        or _stands(f"gigabitethernet0/{port}", text)
        or any(int(first) <= port <= int(last) for first, last in _PORTS.findall(text))
    )
