"""What a candidate's device or file name says stays text on the reader's terminal."""

from __future__ import annotations

import io

from rich.console import Console

from trilab.cli.output import Output
from trilab.errors import InputError


def test_an_error_cannot_drive_the_terminal() -> None:
    written = io.StringIO()
    output = Output(err=Console(file=written, force_terminal=True, width=200, highlight=False))
    output.error(InputError("R1 refuse « \x1b]0;titre\x07\x1b[2Jshow [bold]x[/] »."))
    said = written.getvalue()
    assert "show [bold]x[/]" in said
    assert "\x1b[2J" not in said and "\x1b]0;" not in said and "\x07" not in said


def test_no_line_of_an_error_begins_with_a_sign_that_holds_to_a_word() -> None:
    for width in range(20, 60):
        written = io.StringIO()
        output = Output(err=Console(file=written, width=width, highlight=False))
        output.error(InputError("Le lab « pme-voip » est inconnu : essayez « pme-wifi » ; sinon « trilab labs »."))
        assert not [line for line in written.getvalue().splitlines() if line.lstrip()[0] in "»:;"]


def test_off_a_terminal_what_goes_on_is_a_line_each() -> None:
    written = io.StringIO()
    output = Output(err=Console(file=written, width=40, highlight=False))
    with output.step("Démarrage de pme-voip pour A-01") as step:
        step("Construction de l'image des nœuds (une seule fois)")
        step("Décompression")
    first, second, last = written.getvalue().splitlines()
    assert first == "Démarrage de pme-voip pour A-01 Construction de l'image des nœuds (une seule fois)"
    assert second.endswith("Décompression") and last.startswith("✓ Démarrage")
