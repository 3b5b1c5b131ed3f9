"""``trilab report``: what can be done with a report folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from trilab import report as reports
from trilab.cli.context import JsonOption, context_of
from trilab.cli.output import plain


def register(app: typer.Typer) -> None:
    """Add the group and its commands."""
    group = typer.Typer(help="Rapports de notation.", no_args_is_help=True)
    app.add_typer(group, name="report")

    @group.callback()
    def root() -> None:
        """Rapports de notation."""

    @group.command()
    def verify(
        context: typer.Context,
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="Dossier du rapport.")],
        json: JsonOption = False,
    ) -> int:
        """Vérifie, hors ligne, qui a signé un rapport, et que rien n'y a été modifié, ajouté ou retiré.

        Code de sortie : 0 si le rapport est intact et signé par une clé de confiance, 1 sinon.
        """
        output = context_of(context).output
        result = reports.verify(folder)
        if json:
            output.json({**asdict(result), "intact": result.intact, "proved": result.proved})
        else:
            for line in result.lines():
                output.out.print(plain(line), soft_wrap=True)
        return 0 if result.proved else 1
