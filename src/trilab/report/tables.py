"""The report in a terminal: one table per competence, or a list where the terminal is narrow."""

from __future__ import annotations

from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, JustifyMethod, OverflowMethod, RenderResult
from rich.containers import Lines
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from trilab.grading.model import Criterion, Record, Verdict
from trilab.report import summary, text

_STYLES = {
    Verdict.CONFORME: "green",
    Verdict.NON_CONFORME: "red",
    Verdict.INCONCLUSIF: "yellow",
    Verdict.NON_EVALUE: "",
}
NARROW = 72  # columns below which a table is not readable
_HELD = {ord(text.NBSP): "\ue000", ord(text.NARROW): "\ue001"}  # private use: never in a cleaned text
_FREED = {ord(stand_in): chr(space) for space, stand_in in _HELD.items()}
OBSERVED = 220  # characters of an observation; the report has it whole


def terminal(record: Record) -> RecordTables:
    """A rich renderable of ``record``: verdict as symbol and word, points and totals in the training profile only."""
    return RecordTables(record)


class Cell(Text):
    """A text whose no-break spaces hold: rich alone breaks a line at any white space."""

    def wrap(
        self,
        console: Console,
        width: int,
        *,
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        tab_size: int = 8,
        no_wrap: bool | None = None,
    ) -> Lines:
        """The lines for ``width`` columns."""
        held = self.copy()
        held.plain = held.plain.translate(_HELD)
        lines = held.wrap(console, width, justify=justify, overflow=overflow, tab_size=tab_size, no_wrap=no_wrap)
        for line in lines:
            line.plain = line.plain.translate(_FREED)
        return lines


@dataclass(frozen=True)
class RecordTables:
    """What :func:`terminal` gives; it draws itself for the width at hand."""

    record: Record

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw for the width at hand."""
        record = self.record
        yield Text(f"{text.french(record.lab_title)} – candidat {text.clean(record.candidate)}", style="bold")
        for competence in summary.competences(record):
            yield Text()
            yield Text(f"Compétence {competence.number}{text.NBSP}: {text.french(competence.title)}", style="bold")
            if competence.criteria:
                narrow = options.max_width < NARROW
                yield from self._list(competence) if narrow else (self._table(competence),)
                yield Text(self._tally(competence.tally))
        yield Text()
        for incident in record.incidents:
            yield Text(f"Incident à {text.clock(incident.at)}{text.NBSP}: {text.french(incident.text)}")
        if self._training:
            yield Text(f"Ensemble{text.NBSP}: {self._tally(summary.tally(record.criteria))}", style="bold")
        else:
            yield Text("Le jury seul décide : ni points, ni total dans ce profil.".replace(" :", f"{text.NBSP}:"))

    @property
    def _training(self) -> bool:
        return self.record.profile == "entrainement"

    def _table(self, competence: summary.Competence) -> Table:
        table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False)
        table.add_column("Critère", ratio=3)
        table.add_column("Verdict", no_wrap=True, min_width=14)
        table.add_column("Observé", ratio=5)
        if self._training:
            table.add_column("Points", justify="right", no_wrap=True)
        for criterion in competence.criteria:
            cells = [
                Cell(text.french(criterion.title)),
                _verdict(criterion.finding.verdict),
                Cell(_observed(criterion)),
            ]
            if self._training:
                cells.append(Text(summary.points(criterion)))
            table.add_row(*cells)
        return table

    def _list(self, competence: summary.Competence) -> RenderResult:
        for criterion in competence.criteria:
            line = _verdict(criterion.finding.verdict)
            line.append(f"{text.NBSP}: {text.french(criterion.title)}", style="default")
            yield line.append(f" ({summary.points(criterion)})" if self._training else "", style="default")
            yield Padding(Cell(_observed(criterion), style="dim"), (0, 0, 0, 2))

    def _tally(self, tally: summary.Tally) -> str:
        return f"{tally.counted()}{text.NARROW}; {tally.scored()}" if self._training else tally.counted()


def _verdict(verdict: Verdict) -> Text:
    return Text(f"{summary.SYMBOLS[verdict]} {verdict.value}", style=_STYLES[verdict])


def _observed(criterion: Criterion) -> str:
    finding = criterion.finding
    return text.shortened(text.french(finding.observed or finding.reason), OBSERVED)
