"""``trilab doctor``: what this machine can do."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.markup import escape
from rich.table import Table

from trilab.cli.context import JsonOption, context_of
from trilab.host import checks

MARKS = {"ok": "[green]✓ bon[/]", "warning": "[yellow]! à savoir[/]", "error": "[red]✗ manque[/]"}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def doctor(context: typer.Context, json: JsonOption = False) -> int:
        """Dit ce que cette machine permet, ce qui manque et comment l'obtenir."""
        output = context_of(context).output
        found = checks.run_all()
        failed = any(check.level == "error" for check in found)
        if json:
            output.json([asdict(check) for check in found])
            return 3 if failed else 0
        table = Table("État", "Besoin", "Constat", title="Cette machine et trilab", title_justify="left")
        for check in found:
            detail = escape(check.detail) + (f"\n[bold]→ {escape(check.remedy)}[/]" if check.remedy else "")
            table.add_row(MARKS[check.level], check.name, detail)
        output.out.print(table)
        output.out.print("Il manque quelque chose." if failed else "Tout est là : trilab labs, puis trilab up LAB.")
        return 3 if failed else 0
