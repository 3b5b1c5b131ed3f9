"""``trilab regrade``: judge a stored grading again, without the lab."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trilab import report
from trilab.cli.commands.keys import signer
from trilab.cli.context import Context, JsonOption, context_of
from trilab.cli.output import Output, plain
from trilab.errors import HostError, InputError, StateError
from trilab.graders import all_checks
from trilab.grading.model import Record, Verdict
from trilab.lab import Candidate, LabDefinition, content_hash, diagram
from trilab.report.record import RECORD
from trilab.report.sums import digest
from trilab.report.writing import COMPANIONS

if TYPE_CHECKING:
    from trilab.grading.regrade import Move

FORCE = "Pour recalculer quand même : --force"
MOVED = 1  # exit code


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def regrade(
        context: typer.Context,
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="Dossier d'un rapport.")],
        output: Annotated[
            Path | None, typer.Option("--output", "-o", metavar="DIR", help="Écrit et signe un nouveau rapport.")
        ] = None,
        force: Annotated[
            bool, typer.Option("--force", help="Même si le lab ou les fichiers du rapport ont changé depuis.")
        ] = False,
        json: JsonOption = False,
    ) -> int:
        """Recalcule chaque verdict d'un rapport, sans le lab, avec les contrôles d'aujourd'hui ; montre ce qui change.

        Code de sortie : 0 si aucun verdict ne change, 1 sinon.
        """
        from trilab.grading import regrade as judging  # with it come the packet and SSH libraries
        from trilab.grading.store import ReplayObserver

        shared = context_of(context)
        before = report.read(folder)
        definition = shared.definition(before.lab)
        changed = _check(folder, before, definition, force)
        if output is not None:
            _must_be_free(output)
        with shared.output.step(f"Verdicts de {before.lab} pour {before.candidate}") as step:
            observer = ReplayObserver(folder)
            source = digest(folder / RECORD)
            after = judging.regrade(before, definition, observer, all_checks(), step, source)
            moves = judging.moves(before, after)
            step.done = f"{len(after.criteria)} critères recalculés, {len(moves)} changent de verdict"
        if output is not None:
            _write(shared, after, definition, folder, output)
        if json:
            shared.output.json(_as_json(after, moves, changed))
        else:
            _show(shared.output, before, moves, output)
        return MOVED if moves else 0


def _check(folder: Path, record: Record, definition: LabDefinition, force: bool) -> bool:
    """Whether the lab changed since. Raises StateError when that, or an altered report, was not accepted."""
    if not report.verify(folder).intact and not force:
        raise StateError(
            "Ce rapport a changé depuis son écriture : ses observations ne prouvent plus rien.",
            f"Le détail : trilab report verify {folder}. {FORCE}",
        )
    changed = content_hash(definition) != record.lab_sha256
    if changed and not force:
        raise StateError(
            f"Le lab {record.lab} n'est plus celui de ce rapport : ses fichiers ont changé "
            f"({record.lab_sha256[:12]}… alors, {content_hash(definition)[:12]}… aujourd'hui).",
            f"Ce qui n'a pas été observé alors serait « inconclusif ». {FORCE}",
        )
    return changed


def _must_be_free(output: Path) -> None:
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"« {output} » n'est pas un dossier vide.", "Un rapport n'en remplace jamais un autre.")


def _write(shared: Context, record: Record, definition: LabDefinition, folder: Path, output: Path) -> None:
    key = signer(shared.output)
    with shared.output.step("Rédaction du rapport") as step:
        _copy(record, folder, output)
        try:
            drawing = diagram(definition, Candidate.parse(record.candidate))
            report.write(record, output, diagram=drawing, signer=key)
            step.done = f"Rapport rédigé (JSON, HTML, PDF) et signé ({key.public.name})"
        except HostError as error:  # no PDF on this machine: the rest is written
            shared.output.error(error)
            step.done = "Rapport rédigé, incomplet"


def _copy(record: Record, folder: Path, output: Path) -> None:
    """The observations, and the evidence that is what the record says: nothing from outside, no link."""
    kept = {one.path: one.sha256 for one in record.evidence}
    for name in (*COMPANIONS, *kept):
        source = folder / name
        if ".." in Path(name).parts or Path(name).is_absolute() or source.is_symlink() or not source.is_file():
            continue
        if kept.get(name, digest(source)) == digest(source):
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, output / name)


def _show(output: Output, record: Record, moves: tuple[Move, ...], written: Path | None) -> None:
    if moves:
        table = Table(
            "Critère", "Alors", "Aujourd'hui", "Pourquoi", title="Verdicts qui changent", title_justify="left"
        )
        for move in moves:
            name = f"{plain(move.title)} [dim]({plain(move.id)})[/]"
            table.add_row(name, _said(move.before), _said(move.after), plain(move.why))
        output.out.print(table)
    else:
        output.out.print(f"Aucun verdict ne change : {len(record.criteria)} critères, les mêmes qu'alors.")
    if written is not None:
        output.out.print(f"Rapport : {escape(str(written / 'rapport.html'))}", soft_wrap=True)


def _said(verdict: Verdict | None) -> str:
    return "—" if verdict is None else verdict.value


def _as_json(record: Record, moves: tuple[Move, ...], changed: bool) -> dict[str, object]:
    return {
        "lab": record.lab,
        "candidate": record.candidate,
        "lab_changed": changed,
        "criteria": len(record.criteria),
        "moves": [
            {"id": move.id, "title": move.title, "before": move.before, "after": move.after, "why": move.why}
            for move in moves
        ],
    }
