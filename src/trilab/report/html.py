"""The report as one HTML page: for the screen, or for paper (what WeasyPrint lays out)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from trilab.grading.model import Criterion, Record, Verdict
from trilab.report import summary, text
from trilab.report.exhibits import KINDS, PAPER, SCREEN, exhibits
from trilab.report.ladder import MOST, dscp_name, ladder_rows, ladders

_SLUGS = {
    Verdict.CONFORME: "conforme",
    Verdict.NON_CONFORME: "non-conforme",
    Verdict.INCONCLUSIF: "inconclusif",
    Verdict.NON_EVALUE: "non-evalue",
}
PAPER_LADDER = 8  # arrows of one drawing, which no page break cuts
PAPER_ROWS = 24  # of a wire table; the HTML has all of them


def page(record: Record, folder: Path, *, diagram: str = "", paper: bool = False, zone: tzinfo | None = None) -> str:
    """The whole page.

    Parameters:
        folder: holds the evidence files.
        diagram: trusted SVG of the network.
        paper: no folding and no link to files; the outputs follow in an annex.
        zone: time zone of the times shown; None = the machine's.
    """
    environment = _environment(zone)
    shown = exhibits(folder, record.evidence, PAPER if paper else SCREEN)
    cited: dict[str, list[Criterion]] = {}
    for criterion in record.criteria:
        for identifier in criterion.finding.evidence:
            cited.setdefault(identifier, []).append(criterion)
    return environment.get_template("rapport.html.jinja").render(
        record=record,
        jury=record.profile == "jury",
        paper=paper,
        diagram=Markup(diagram),
        competences=summary.competences(record),
        whole=summary.tally(record.criteria),
        exhibits=shown,
        cited=cited,
        most_rows=PAPER_ROWS if paper else None,
        ladders=partial(_ladders, most=PAPER_LADDER if paper else MOST),
        verdicts=tuple(Verdict),
        symbols=summary.SYMBOLS,
        slugs=_SLUGS,
        kinds=KINDS,
        style=Markup(_style(environment, paper)),
        anchor=_anchor,
    )


def _environment(zone: tzinfo | None) -> Environment:
    environment = Environment(
        loader=PackageLoader("trilab.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    local: dict[str, Callable[[datetime], str]] = {
        "day": partial(text.day, zone=zone),
        "clock": partial(text.clock, zone=zone),
        "zone": partial(text.zone_name, zone=zone),
    }
    environment.filters |= local | {
        "fr": text.french,
        "clean": text.clean,
        "lasting": text.lasting,
        "number": text.number,
        "seconds": text.seconds,
        "count": text.count,
        "dscp": dscp_name,
        "href": quote,
        "value": _value,
        "points": summary.points,
    }
    return environment


def _style(environment: Environment, paper: bool) -> str:
    names = ("base.css", "paper.css") if paper else ("base.css", "screen.css")
    assert environment.loader is not None
    return "\n".join(environment.loader.get_source(environment, name)[0] for name in names)


def _ladders(criterion: Criterion, most: int) -> tuple[tuple[Markup, ...], int]:
    """The drawings of a criterion's wire rows, and how many rows they show."""
    rows = criterion.finding.wire
    drawings = tuple(Markup(one) for one in ladders(rows, f"echange-{_anchor(criterion.id)}", most))
    return drawings, len(ladder_rows(rows))


def _anchor(identifier: str) -> str:
    """An HTML id made of safe characters only, different for different identifiers."""
    if identifier.isascii() and identifier.replace("-", "").replace("_", "").isalnum():
        return identifier
    return hashlib.sha256(identifier.encode()).hexdigest()[:12]


def _value(value: Any) -> str:
    """A variable of the candidate as one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} : {_value(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_value(one) for one in value)
    return text.number(value, 6) if isinstance(value, float) else text.clean(str(value))
