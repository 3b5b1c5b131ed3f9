"""Counting: how many observations of each status, and points where the profile shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trilab.grading.model import Criterion, Record, Verdict
from trilab.report import text

SYMBOLS = {Verdict.CONFORME: "✓", Verdict.NON_CONFORME: "✗", Verdict.INCONCLUSIF: "?", Verdict.NON_EVALUE: "–"}

PLURALS = {
    Verdict.CONFORME: "conformes",
    Verdict.NON_CONFORME: "non conformes",
    Verdict.INCONCLUSIF: "inconclusifs",
    Verdict.NON_EVALUE: "non évalués",
}


@dataclass(frozen=True)
class Tally:
    """One competence, or the whole. ``open_points``: of criteria without a verdict (inconclusive, not evaluated)."""

    counts: dict[Verdict, int]
    earned: float
    possible: float
    open_points: float

    def counted(self) -> str:
        """``2 conformes, 1 inconclusif``: the statuses that occur."""
        found = (
            text.count(number, verdict.value, PLURALS[verdict]) for verdict, number in self.counts.items() if number
        )
        return ", ".join(found)

    def scored(self) -> str:
        """``4 points sur 7, dont 3 sans verdict``."""
        undecided = f", dont {text.number(self.open_points)} sans verdict" if self.open_points else ""
        unit = "points" if self.earned >= 2 else "point"
        return f"{text.number(self.earned)}{text.NBSP}{unit} sur {text.number(self.possible)}{undecided}"


@dataclass(frozen=True)
class Competence:
    """One competence with its criteria in the order of the lab."""

    number: int
    title: str
    criteria: tuple[Criterion, ...]
    tally: Tally


def tally(criteria: Iterable[Criterion]) -> Tally:
    """Count statuses and add up points: only ``conforme`` earns."""
    counts = dict.fromkeys(Verdict, 0)
    points = dict.fromkeys(Verdict, 0.0)
    for criterion in criteria:
        counts[criterion.finding.verdict] += 1
        points[criterion.finding.verdict] += criterion.points
    undecided = points[Verdict.INCONCLUSIF] + points[Verdict.NON_EVALUE]
    return Tally(counts, points[Verdict.CONFORME], sum(points.values()), undecided)


def points(criterion: Criterion) -> str:
    """``2/2``, ``0/2``, or ``–/2`` without a verdict."""
    verdict = criterion.finding.verdict
    earned = {Verdict.CONFORME: text.number(criterion.points), Verdict.NON_CONFORME: "0"}.get(verdict, "–")
    return f"{earned}/{text.number(criterion.points)}"


def competences(record: Record) -> tuple[Competence, ...]:
    """The competences of the record, by number; one without criteria is kept, with zeros."""
    numbers = sorted({*record.competences, *(criterion.competence for criterion in record.criteria)})
    found = []
    for number in numbers:
        mine = tuple(criterion for criterion in record.criteria if criterion.competence == number)
        found.append(Competence(number, record.competences.get(number, ""), mine, tally(mine)))
    return tuple(found)
