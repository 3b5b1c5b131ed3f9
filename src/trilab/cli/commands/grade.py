"""``trilab grade``: observe a running lab and write the report."""

from __future__ import annotations

import json as jsonlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trilab import report
from trilab.cli import cohort
from trilab.cli.commands.keys import signer
from trilab.cli.context import ClassOption, Context, JsonOption, LabName, context_of
from trilab.engine.base import Lab
from trilab.errors import HostError
from trilab.french import count
from trilab.graders import all_checks
from trilab.grading import grade as observe
from trilab.grading.model import Record, Verdict
from trilab.lab import Candidate, LabDefinition, diagram
from trilab.report.summary import PLURALS, SYMBOLS


class Profile(StrEnum):
    """Who reads the report."""

    ENTRAINEMENT = "entrainement"
    JURY = "jury"


def grade_into(shared: Context, lab: LabDefinition, running: Lab, profile: Profile, folder: Path) -> Record:
    """Grade with progress, and write and sign every file of the report in ``folder``."""
    key = signer(shared.output)  # a key that cannot be used is told before the grading, not after it
    with shared.output.step(f"Notation de {running.spec.key}") as step:
        record = observe(running, lab, profile.value, folder, step, all_checks())
        good = sum(criterion.finding.verdict is Verdict.CONFORME for criterion in record.criteria)
        step.done = f"{count(len(record.criteria), 'critère observé', 'critères observés')}, {count(good, 'conforme')}"
    with shared.output.step("Rédaction du rapport") as step:
        try:
            drawing = diagram(lab, Candidate.parse(running.spec.candidate))
            report.write(record, folder, diagram=drawing, signer=key)
            step.done = f"Rapport rédigé (JSON, HTML, PDF) et signé ({key.public.name})"
        except HostError as error:  # no PDF on this machine: the rest is written
            shared.output.error(error)
            step.done = "Rapport rédigé, incomplet"
    return record


def default_folder(running: Lab) -> Path:
    """``reports/LAB-CANDIDATE-DATE`` in the current folder."""
    return Path("reports") / f"{running.spec.lab}-{running.spec.candidate}-{datetime.now():%Y%m%d-%H%M%S}"


def _grade_class(
    shared: Context, lab: str, codes: Sequence[str], profile: Profile, output: Path | None, as_json: bool
) -> int:
    """Grade the labs of a class side by side: a report each, one line each."""
    parent = output or Path("reports") / f"{lab}-{datetime.now():%Y%m%d-%H%M%S}"

    def words(code: str) -> list[str]:
        return ["grade", lab, "--profile", profile.value, "--output", str(parent / code)]

    done = cohort.each(shared, f"Notation de {len(codes)} candidats", codes, words)
    if not as_json:
        table = Table(
            "Candidat",
            *(f"{SYMBOLS[verdict]} {PLURALS[verdict]}" for verdict in Verdict),
            title=lab,
            title_justify="left",
        )
        for one in done:
            if one.result is not None:
                found = Counter(criterion.finding.verdict for criterion in Record.model_validate(one.result).criteria)
                table.add_row(one.candidate, *(str(found[verdict]) for verdict in Verdict))
        shared.output.out.print(table)
        shared.output.out.print(f"Rapports : {parent}/CANDIDAT/rapport.html et rapport.pdf", soft_wrap=True)
    return cohort.finish(shared, done, as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def grade(
        context: typer.Context,
        lab: LabName,
        profile: Annotated[
            Profile, typer.Option(help="entrainement : points et conseils ; jury : observations seules.")
        ] = Profile.ENTRAINEMENT,
        output: Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Dossier.")] = None,
        candidate: ClassOption = None,
        json: JsonOption = False,
    ) -> int:
        """Note un lab en cours, sans rien y changer, et écrit le rapport."""
        shared = context_of(context)
        definition = shared.definition(lab)
        if candidate and len(codes := Candidate.span(candidate)) > 1:
            return _grade_class(shared, lab, [one.code for one in codes], profile, output, json)
        running = shared.running(lab, candidate)
        folder = output or default_folder(running)
        record = grade_into(shared, definition, running, profile, folder)
        if json:
            shared.output.json(jsonlib.loads(record.model_dump_json()))
        else:
            shared.output.out.print(report.terminal(record))
            shared.output.out.print(f"Rapport : {folder / 'rapport.html'} et rapport.pdf", soft_wrap=True)
        return 0
