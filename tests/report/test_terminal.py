"""The report in a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.padding import Padding

from tests.report.sample import build
from trilab.report import terminal
from trilab.report.tables import Cell


def _drawn(record: object, width: int, color: bool = False) -> str:
    out = io.StringIO()
    system = "truecolor" if color else None
    console = Console(file=out, width=width, force_terminal=color, color_system=system, highlight=False)  # type: ignore[arg-type]
    console.print(record)
    return out.getvalue()


def test_training_shows_verdicts_in_words_points_and_totals(tmp_path: Path) -> None:
    shown = _drawn(terminal(build(tmp_path / "r")), 120)
    for word in ("✓ conforme", "✗ non conforme", "? inconclusif", "– non évalué", "Points", "0/2,5", "–/3"):
        assert word in shown
    assert "17,5\u00a0points sur 28, dont 5 sans verdict" in shown
    assert shown.index("Compétence\u00a01") < shown.index("Compétence\u00a03") if "Compétence\u00a01" in shown else True


def test_jury_shows_no_points(tmp_path: Path) -> None:
    shown = _drawn(terminal(build(tmp_path / "r", "jury")), 120)
    assert "✗ non conforme" in shown and "Le jury seul décide" in shown
    assert "Ensemble" not in shown and "points sur" not in shown and "Points" not in shown


@pytest.mark.parametrize("profile", ["entrainement", "jury"])
@pytest.mark.parametrize("width", [200, 80, 71, 40, 24])
def test_any_width_is_kept_and_nothing_is_lost(tmp_path: Path, width: int, profile: str) -> None:
    shown = _drawn(terminal(build(tmp_path / "r", profile)), width)  # type: ignore[arg-type]
    assert max(map(len, shown.splitlines())) <= width
    assert shown.count("✓ conforme") == 7
    assert shown.count("✗ non") == 3
    assert shown.count("? inconclusif") == 1


def test_candidate_text_is_neither_markup_nor_escape(tmp_path: Path) -> None:
    shown = _drawn(terminal(build(tmp_path / "r")), 200)
    assert "[bold]gras[/bold]" in shown
    assert "\x1b" not in shown
    assert "\x1b[31mrouge" not in _drawn(terminal(build(tmp_path / "c")), 200, color=True)


def test_a_no_break_space_never_ends_a_line() -> None:
    sentence = "VLAN\u00a015 «\u00a0DONNEES\u00a0»\u202f; VLAN\u00a0125 «\u00a0VOIX\u00a0»"
    lines = _drawn(Padding(Cell(sentence), 0), 20).splitlines()
    assert [line.strip() for line in lines] == [
        "VLAN\u00a015",
        "«\u00a0DONNEES\u00a0»\u202f;",
        "VLAN\u00a0125 «\u00a0VOIX\u00a0»",
    ]
