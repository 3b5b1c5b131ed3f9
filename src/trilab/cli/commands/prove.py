"""``trilab prove``: attack the graders of a lab and show what they let through."""

from __future__ import annotations

import json as jsonlib
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from trilab import images
from trilab.cli.context import Context, JsonOption, LabName, context_of
from trilab.french import count
from trilab.prove import Campaign, Judgement, default_jobs, prepare, show

FAILED = 1


def _run(shared: Context, campaign: Campaign, jobs: int) -> None:
    with shared.output.step("Image des équipements") as step:
        images.ensure(step)
        step.done = "Image des équipements prête"
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=shared.output.err) as bar:
        done = bar.add_task(f"Preuve de {campaign.lab.id}", total=len(campaign.tasks), completed=len(campaign.known))
        defects = 0
        with closing(campaign.run(jobs)) as judgements:  # closed at once on an interrupt: no lab is left
            for judgement in judgements:
                defects += not judgement.right
                if not judgement.right:
                    bar.console.print(_line(judgement))
                bar.update(done, advance=1, description=f"Preuve de {campaign.lab.id} ({count(defects, 'défaut')})")


def _line(judgement: Judgement) -> str:
    first = judgement.defects[0]
    more = f" (+ {len(judgement.defects) - 1})" if len(judgement.defects) > 1 else ""
    return f"[red]✗[/] {escape(judgement.task.id)} : {escape(first)}{more}"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def prove(
        context: typer.Context,
        lab: LabName,
        jobs: Annotated[
            int | None,
            typer.Option("--jobs", "-j", min=1, max=64, help="Labs menés de front (défaut : selon la machine)."),
        ] = None,
        only: Annotated[
            list[str] | None,
            typer.Option(
                "--only",
                metavar="MOT",
                help="solution, alternatives, cheats, mutants, equivalents ; un identifiant, un opérateur, un motif "
                "(« r1:* »). Répétable.",
            ),
        ] = None,
        sample: Annotated[
            int | None, typer.Option(min=0, metavar="N", help="N mutants au plus, tirés au sort.")
        ] = None,
        seed: Annotated[int, typer.Option(metavar="S", help="Graine du tirage : même graine, mêmes mutants.")] = 0,
        resume: Annotated[bool, typer.Option("--resume", help="Reprend une preuve interrompue.")] = False,
        output: Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Dossier.")] = None,
        listing: Annotated[
            bool, typer.Option("--list", help="Liste les réponses à prouver, sans rien lancer.")
        ] = False,
        json: JsonOption = False,
    ) -> int:
        """Met les contrôles d'un lab à l'épreuve : bonnes réponses, tricheries, et une faute à la fois (mutants)."""
        shared = context_of(context)
        definition = shared.definition(lab)
        out = output or Path("preuves") / definition.id
        campaign = prepare(definition, out, only or (), sample, seed, resume or listing)
        if listing:
            for task in campaign.tasks:
                shared.output.out.print(f"[bold]{escape(task.id)}[/]  {escape(task.description)}", soft_wrap=True)
            return 0
        if campaign.todo:
            _run(shared, campaign, jobs or default_jobs())
        report = campaign.report()
        (out / "preuve.json").write_text(
            jsonlib.dumps(show.as_json(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        show.write_matrix(report, out / "matrice.csv")
        if json:
            shared.output.json(show.as_json(report))
        else:
            shared.output.out.print(show.terminal(report))
            shared.output.out.print(f"Rapport : {out / 'preuve.json'} et matrice.csv", soft_wrap=True)
        return 0 if report.right else FAILED
