"""``trilab labs``: what can be launched."""

from __future__ import annotations

import typer
from rich.markup import escape
from rich.table import Table

from trilab.cli.context import JsonOption, context_of
from trilab.lab import catalogue
from trilab.lab.subject import duration_text


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def labs(context: typer.Context, json: JsonOption = False) -> int:
        """Catalogue des labs : identifiant, titre, compétences, durée."""
        shared = context_of(context)
        entries = catalogue(shared.folders)
        if json:
            shared.output.json(
                [
                    {
                        "id": entry.id,
                        "title": entry.lab.title if entry.lab else None,
                        "competences": dict(entry.lab.competences) if entry.lab else {},
                        "duration": entry.lab.duration if entry.lab else None,
                        "criteria": len(entry.lab.criteria) if entry.lab else 0,
                        "error": str(entry.error) if entry.error else None,
                    }
                    for entry in entries
                ]
            )
            return 0
        table = Table("Lab", "Titre", "Compétences", "Durée", "Critères", title="Labs", title_justify="left")
        for entry in entries:
            if entry.lab is None:
                table.add_row(escape(entry.id), f"[red]illisible[/] : {escape(str(entry.error))}", "", "", "")
                continue
            numbers = ", ".join(str(number) for number in entry.lab.competences)
            length = duration_text(entry.lab.duration)
            table.add_row(escape(entry.id), escape(entry.lab.title), numbers, length, str(len(entry.lab.criteria)))
        shared.output.out.print(table)
        for entry in entries:
            if entry.error:
                shared.output.out.print(
                    f"Tout ce qui ne va pas : trilab check-lab {escape(str(entry.folder))}", soft_wrap=True
                )
        return 0
