"""A report on the terminal, as JSON, and as a table for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trilab.french import NBSP, count
from trilab.grading.expect import decimal
from trilab.grading.model import Verdict
from trilab.prove.campaign import Report
from trilab.prove.model import Judgement, Kind

_KINDS: dict[Kind, str] = {
    "solution": "Solution",
    "alternative": "Autres bonnes réponses",
    "cheat": "Tricheries",
    "mutant": "Mutants",
    "equivalent": "Mutants équivalents",
}
_MARKS = {Verdict.NON_CONFORME: "N", Verdict.INCONCLUSIF: "I", Verdict.NON_EVALUE: "E"}
_SHOWN = 40  # defects told on a terminal; the JSON report has all


def terminal(report: Report) -> RenderableType:
    """Summary, matrix by criterion, defects."""
    parts: list[RenderableType] = [_matrix(report), "", _summary(report)]
    if report.defects:
        parts += ["", _defects(report)]
        if len(report.defects) > _SHOWN:
            parts.append(f"… et {count(len(report.defects) - _SHOWN, 'autre')} : voir le rapport JSON.")
    return Group(*parts)


def _summary(report: Report) -> Table:
    table = Table("Réponses", "Prouvées", "Défauts", title="Preuve des contrôles", title_justify="left")
    for kind, name in _KINDS.items():
        found = report.of(kind)
        if found:
            table.add_row(name, str(len(found)), str(sum(not one.right for one in found)) if found else "")
    caught, total = report.score
    if total:
        table.add_row(
            "[bold]Score de mutation[/]", f"[bold]{decimal(100 * caught / total)}{NBSP}%[/]", f"{caught} sur {total}"
        )
    return table


def _matrix(report: Report) -> Group:
    """Criterion × answer, one letter each, and the sums over the mutants."""
    answers = report.of("solution", "alternative", "cheat")
    mutants = report.of("mutant")
    heads = [index for index in range(1, len(answers) + 1)]
    ruler = Text(
        "".join(str(index // 10 or " ") for index in heads) + "\n" + "".join(str(index % 10) for index in heads)
    )
    table = Table(title=f"{report.lab.id} : critères et réponses", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("Critère", vertical="bottom")
    table.add_column(ruler if answers else "", no_wrap=True)
    table.add_column("Mutants\nattrapés", justify="right")
    table.add_column("Mutants\nentraînés", justify="right")
    for criterion in report.lab.criteria:
        cells = "".join(_cell(one, criterion.id) for one in answers)
        caught = sum(criterion.id in one.caught for one in mutants)
        follows = sum(criterion.id in one.outcome.turned and criterion.id not in one.caught for one in mutants)
        table.add_row(criterion.id, cells, str(caught or "–"), str(follows or "–"))
    lines = [Text(f"{index:>3}  {one.task.id}") for index, one in zip(heads, answers, strict=True)]
    legend = Text("· conforme   N non conforme   I inconclusif   E non évalué   ? non prouvé")
    return Group(table, legend, *lines)


def _cell(judgement: Judgement, criterion: str) -> str:
    seen = judgement.outcome.turned.get(criterion)
    if judgement.outcome.failure:
        return "?"
    return "·" if seen is None else _MARKS[seen.verdict]


def _defects(report: Report) -> Table:
    table = Table("Réponse", "Défaut", title="Défauts des contrôles ou du lab", title_justify="left", show_lines=True)
    for one in report.defects[:_SHOWN]:
        table.add_row(f"{escape(one.task.id)}\n[dim]{escape(one.task.description)}[/]", escape("\n".join(one.defects)))
    return table


def as_json(report: Report) -> dict[str, Any]:
    """The whole report as plain values."""
    caught, total = report.score
    return {
        "lab": report.lab.id,
        "complete": report.complete,
        "right": report.right,
        "score": {"caught": caught, "mutants": total},
        "criteria_that_refused_nothing": report.silent,
        "answers": [_answer(one) for one in report.judgements],
    }


def _answer(one: Judgement) -> dict[str, Any]:
    outcome = one.outcome
    return {
        "id": one.task.id,
        "kind": one.task.kind,
        "description": one.task.description,
        "right": one.right,
        "defects": list(one.defects),
        "caught_by": list(one.caught),
        "consequences": list(one.consequences),
        "equivalence": one.task.reason,
        "turned": {name: seen.model_dump(mode="json") for name, seen in outcome.turned.items()},
        "refused_lines": list(outcome.refused),
        "candidate": outcome.candidate,
        "seconds": dict(outcome.seconds),
    }


def write_matrix(report: Report, path: Path) -> None:
    """Criterion × answer as CSV: ``N`` non conforme, ``I`` inconclusif, empty when conforme."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_rows(report))


def _rows(report: Report) -> Iterator[list[str]]:
    yield ["critère", *(one.task.id for one in report.judgements)]
    for criterion in report.lab.criteria:
        marks = (one.outcome.turned.get(criterion.id) for one in report.judgements)
        yield [criterion.id, *("" if seen is None else _MARKS[seen.verdict] for seen in marks)]
