"""``proof.yml``: which lines of the solution each criterion covers, and which mutants change nothing.

A pattern is a regular expression matched at the start of a line's place, ``r1 > ip dhcp pool VOIX > network …``; it
may hold Jinja over the candidate's variables. ``@name`` stands for the patterns of a group, which may name others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from trilab.errors import UnknownNameError
from trilab.lab import LabDefinition
from trilab.prove.lines import Line
from trilab.prove.mutants import Mutant, all_operators
from trilab.topology.template import evaluate
from trilab.topology.validation import Strict, validate
from trilab.topology.yamlfile import Loc, Source, parse, read_text

FILE = "proof.yml"
Text = Annotated[str, Field(min_length=1)]
Patterns = tuple[Text, ...]
Compiled = tuple[re.Pattern[str], ...]


class Scope(Strict):
    """Of one criterion. ``covers``: a mistake in such a line must make it turn, or another that covers the line.

    ``depends``: a mistake in such a line may make it turn too, as a consequence (no address, no call).
    """

    covers: Patterns = ()
    depends: Patterns = ()


class Equivalence(Strict):
    """Mutants that change nothing of what the subject asks for. ``operators`` empty: all. ``reason`` is French."""

    lines: Patterns = Field(min_length=1)
    operators: tuple[Text, ...] = ()
    reason: Text


class ProofFile(Strict):
    """The whole file."""

    groups: dict[str, Patterns] = Field(default_factory=dict)
    criteria: dict[str, Scope] = Field(default_factory=dict)
    equivalent: tuple[Equivalence, ...] = ()


@dataclass(frozen=True)
class Proof:
    """Rendered and compiled for a candidate's variables."""

    covers: Mapping[str, Compiled]
    depends: Mapping[str, Compiled]
    equivalences: tuple[tuple[Compiled, frozenset[str], str], ...]

    def covering(self, line: Line) -> frozenset[str]:
        """The criteria that cover a line."""
        return _matching(self.covers, line)

    def depending(self, line: Line) -> frozenset[str]:
        """The criteria that may turn as a consequence of a mistake in a line."""
        return _matching(self.depends, line)

    def equivalent(self, mutant: Mutant) -> str:
        """Why a mutant changes nothing (French); empty when it does."""
        for patterns, operators, reason in self.equivalences:
            if (not operators or mutant.operator in operators) and _any(patterns, mutant.line):
                return reason
        return ""


def _any(patterns: Iterable[re.Pattern[str]], line: Line) -> bool:
    return any(pattern.match(line.place) for pattern in patterns)


def _matching(table: Mapping[str, Compiled], line: Line) -> frozenset[str]:
    return frozenset(name for name, patterns in table.items() if _any(patterns, line))


def load(lab: LabDefinition, variables: Mapping[str, Any]) -> Proof:
    """Read ``proof.yml`` beside ``lab.yml``; without one, nothing is covered.

    Raises:
        FileError: with the place: unknown criterion or operator, a pattern that is no regular expression.
    """
    path = lab.folder / FILE
    if not path.is_file():
        return Proof({}, {}, ())
    source = parse(path, read_text(path))
    written = validate(ProofFile, source)
    _check_names(lab, written, source)
    compiler = _Compiler(written.groups, variables, source)
    covers, depends = {}, {}
    for name, scope in written.criteria.items():
        covers[name] = compiler.patterns(scope.covers, ("criteria", name, "covers"))
        depends[name] = compiler.patterns(scope.depends, ("criteria", name, "depends"))
    equivalences = tuple(
        (compiler.patterns(one.lines, ("equivalent", index, "lines")), frozenset(one.operators), one.reason)
        for index, one in enumerate(written.equivalent)
    )
    return Proof(covers, depends, equivalences)


def _check_names(lab: LabDefinition, written: ProofFile, source: Source) -> None:
    criteria = [criterion.id for criterion in lab.criteria]
    for name in written.criteria:
        if name not in criteria:
            unknown = UnknownNameError("critère", name, criteria)
            raise source.error(("criteria", name), unknown.message, key=True, hint=unknown.hint)
    known = [operator.id for operator in all_operators()]
    for index, one in enumerate(written.equivalent):
        for position, operator in enumerate(one.operators):
            if operator not in known:
                unknown = UnknownNameError("opérateur", operator, known)
                loc = ("equivalent", index, "operators", position)
                raise source.error(loc, unknown.message, hint=unknown.hint)


@dataclass(frozen=True)
class _Compiler:
    """Renders and compiles patterns, groups included."""

    groups: Mapping[str, Patterns]
    variables: Mapping[str, Any]
    source: Source

    def patterns(self, written: Patterns, loc: Loc, inside: frozenset[str] = frozenset()) -> Compiled:
        """``inside``: the groups being read, to find one that contains itself."""
        made: list[re.Pattern[str]] = []
        for index, pattern in enumerate(written):
            place = (*loc, index)
            if not pattern.startswith("@"):
                made.append(self._compile(pattern, place))
                continue
            name = pattern.removeprefix("@")
            if name not in self.groups:
                unknown = UnknownNameError("groupe", name, self.groups)
                raise self.source.error(place, unknown.message, hint=unknown.hint)
            if name in inside:
                raise self.source.error(place, f"le groupe « {name} » se contient lui-même.")
            made += self.patterns(self.groups[name], ("groups", name), inside | {name})
        return tuple(made)

    def _compile(self, pattern: str, loc: Loc) -> re.Pattern[str]:
        text = str(evaluate(pattern, self.variables, self.source, loc))
        try:
            return re.compile(text)
        except re.error as error:
            message = f"expression rationnelle incorrecte ({error.msg})."
            raise self.source.error(loc, message, hint=f"Expression lue : « {text} ».") from error
