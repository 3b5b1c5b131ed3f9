"""``trilab solve``: type an answer on a running lab."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trilab.access import play
from trilab.cli.context import CandidateOption, Context, LabName, context_of
from trilab.engine.base import Lab
from trilab.lab import Candidate, LabDefinition, answer, answers

KINDS = {"solution": "solution", "alternative": "autre bonne réponse", "cheat": "tricherie"}


def solve_with(shared: Context, lab: LabDefinition, running: Lab, name: str) -> None:
    """Type an answer, with progress. Raises FileError where a device refused a line."""
    chosen = answer(lab, name, lab.values(Candidate.parse(running.spec.candidate)))
    lines = sum(len(file.lines) for file in chosen.files.values())
    with shared.output.step(f"Saisie de « {name} » par SSH") as step:
        play(running, chosen, step)
        step.done = f"« {name} » saisie : {lines} lignes sur {len(chosen.files)} équipements"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def solve(
        context: typer.Context,
        lab: LabName,
        name: Annotated[str, typer.Option("--with", metavar="NOM", help="Réponse à saisir.")] = "solution",
        candidate: CandidateOption = None,
        show: Annotated[bool, typer.Option("--list", help="Liste les réponses du lab, sans rien saisir.")] = False,
    ) -> int:
        """Saisit la solution (ou une autre réponse) sur les équipements, pour les formateurs et les essais."""
        shared = context_of(context)
        definition = shared.definition(lab)
        if show:
            table = Table("Réponse", "Genre", "Description", title=escape(definition.title), title_justify="left")
            for info in answers(definition):
                table.add_row(escape(info.name), KINDS[info.kind], escape(info.description))
            shared.output.out.print(table)
            return 0
        solve_with(shared, definition, shared.running(lab, candidate), name)
        return 0
