"""``trilab images``: what labs run on, built once and kept in the cache."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from rich.table import Table

from trilab import images
from trilab.cli.context import JsonOption, context_of
from trilab.french import count
from trilab.images import inventory

Built = Literal["node", "radio"]
PURPOSES = {"node": "image des nœuds", "radio": "noyau radio (Wi-Fi)", "layer": "fichiers de trilab dans les nœuds"}


def _mebibytes(size: int) -> str:
    return f"{size // 1024**2} Mio"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Image des nœuds et noyau radio : construire, lister, nettoyer.",
        no_args_is_help=True,
        add_completion=False,
    )

    @group.command("list")
    def list_(context: typer.Context, json: JsonOption = False) -> int:
        """Ce que le cache contient et ce qui sert encore."""
        output, found = context_of(context).output, inventory.entries()
        if json:
            output.json(
                [{"kind": e.kind, "id": e.id, "path": e.path, "bytes": e.size, "current": e.current} for e in found]
            )
            return 0
        table = Table("Quoi", "Recette", "Taille", "État", title="Cache de trilab", title_justify="left")
        for kind, purpose in PURPOSES.items():
            now = [entry for entry in found if entry.kind == kind and entry.current]
            old = [entry for entry in found if entry.kind == kind and not entry.current]
            for entry in now:
                table.add_row(purpose, entry.id, _mebibytes(entry.size), "à jour")
            if old:
                size = sum(entry.size for entry in old)
                table.add_row(purpose, f"{len(old)} de plus", _mebibytes(size), "anciens : trilab images clean")
        for kind in inventory.missing():
            table.add_row(PURPOSES[kind], "–", "–", f"à construire : trilab images build {kind}")
        output.out.print(table)
        return 0

    @group.command()
    def build(
        context: typer.Context,
        what: Annotated[Built, typer.Argument(metavar="node|radio", help="Ce qu'il faut construire.")],
    ) -> int:
        """Construit l'image des nœuds (une à cinq minutes) ou le noyau radio des labs Wi-Fi (quatre à dix)."""
        with context_of(context).output.step(PURPOSES[what].capitalize()) as step:
            if what == "node":
                images.ensure(step)
            else:
                images.ensure_radio(step)
        return 0

    @group.command()
    def push(
        context: typer.Context,
        where: Annotated[Literal["docker"], typer.Argument(metavar="docker", help="Où l'image doit aller.")],
    ) -> int:
        """Importe l'image des nœuds dans Docker, pour containerlab (« trilab/node:latest »)."""
        output = context_of(context).output
        with output.step(f"Import de l'image des nœuds dans {where}") as step:
            name = images.push_to_docker(step).name
            step.done = f"Image des nœuds dans Docker : {name}"
        return 0

    @group.command()
    def clean(
        context: typer.Context,
        where: Annotated[Literal["docker"] | None, typer.Argument(metavar="[docker]", help="Sinon le cache.")] = None,
    ) -> int:
        """Retire les anciennes images ; celles d'aujourd'hui et celles des labs en marche restent."""
        shared = context_of(context)
        if where == "docker":
            removed = images.clean_docker()
            shared.output.out.print(f"Docker : {count(removed, 'image retirée', 'images retirées')}.")
            return 0
        in_use = {lab.image for lab in shared.engine.labs()}
        freed = inventory.clean(in_use)
        shared.output.out.print(f"{freed // 1024**2} Mio libérés." if freed else "Rien à retirer.")
        return 0

    app.add_typer(group, name="images")
