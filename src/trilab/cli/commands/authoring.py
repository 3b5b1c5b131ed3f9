"""``trilab new-lab``, ``checks``, ``check-lab``: writing labs."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from trilab.authoring import Described, Level, Problem, check_lab, describe, new_lab
from trilab.cli.context import Context, JsonOption, context_of
from trilab.cli.output import Output, plain
from trilab.errors import InputError, UnknownNameError
from trilab.french import count
from trilab.graders import all_checks
from trilab.lab import catalogue, locate
from trilab.lab.catalogue import names
from trilab.lab.definition import FILE
from trilab.lab.folders import lab_folders

WRONG = 2  # exit code


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("new-lab")
    def new(
        context: typer.Context,
        lab: Annotated[str, typer.Argument(metavar="ID", help="Identifiant : minuscules, chiffres et tirets.")],
        folder: Annotated[
            Path, typer.Option("--dir", metavar="DIR", help="Dossier de vos labs ; le lab y aura le sien.")
        ] = Path(),
    ) -> int:
        """Écrit un petit lab complet, qui marche aussitôt, à transformer en le vôtre. N'écrase jamais rien."""
        shared = context_of(context)
        made = new_lab(lab, folder, names(shared.folders))
        out = shared.output.out
        out.print(f"Lab écrit dans {plain(str(made))} : lab.yml, sujet.md, le réseau, les réponses.", soft_wrap=True)
        if (where := folder.resolve()) not in lab_folders(shared.folders):
            out.print("Pour que trilab le trouve, une fois par terminal :")
            out.print(f"  export TRILAB_LABS={plain(shlex.quote(str(where)))}", soft_wrap=True)
        steps = " · ".join(f"trilab {command} {lab}" for command in ("check-lab", "up", "solve", "grade"))
        out.print(f"Ensuite : {steps}", soft_wrap=True)
        return 0

    @app.command()
    def checks(
        context: typer.Context,
        name: Annotated[
            str | None, typer.Argument(metavar="NOM", help="Un contrôle (vlan.trunk) ou un domaine (vlan).")
        ] = None,
        json: JsonOption = False,
    ) -> int:
        """Ce qui peut être noté : chaque contrôle, ses paramètres, et ce qu'il observe."""
        shared = context_of(context)
        output = shared.output
        found = [describe(check) for check in all_checks().values()]
        chosen = [one for one in found if name in (None, one.name, one.name.partition(".")[0])]
        if not chosen:
            raise UnknownNameError("contrôle", str(name), [one.name for one in found])
        if json:
            output.json([asdict(one) for one in chosen])
        elif name and "." in name:
            _show_check(output, chosen[0], _example(shared, name))
        else:
            _show_checks(output, chosen)
        return 0

    @app.command("check-lab")
    def check(
        context: typer.Context,
        lab: Annotated[str, typer.Argument(metavar="LAB|DIR", help="Identifiant d'un lab, ou son dossier.")],
        json: JsonOption = False,
    ) -> int:
        """Relit un lab sans le lancer : barème, contrôles, sujet, variables, réponses. Dit tout en une fois.

        Code de sortie : 2 s'il y a une erreur, 0 s'il n'y a que des avertissements, ou rien.
        """
        shared = context_of(context)
        folder = _folder(shared, lab)
        problems = [replace(one, path=_relative(one.path)) for one in check_lab(folder, all_checks())]
        errors = sum(one.level is Level.ERROR for one in problems)
        if json:
            shared.output.json({"lab": folder.resolve().name, "errors": errors, "problems": _rows(problems)})
        else:
            _show_problems(shared.output, folder, problems, errors)
        return WRONG if errors else 0


def _folder(shared: Context, lab: str) -> Path:
    """The folder meant: a path where it holds a ``lab.yml`` or looks like one, else a lab by its id."""
    path = Path(lab).expanduser()
    if "/" in lab or (path / FILE).is_file():
        if not path.is_dir():
            raise InputError(f"Le dossier « {path} » n'existe pas.", "Corrigez ce chemin, ou donnez un identifiant.")
        return path
    return locate(lab, shared.folders)


def _relative(path: Path) -> Path:
    """Seen from the current folder, where it is inside."""
    whole, here = path.absolute(), Path.cwd()
    return whole.relative_to(here) if whole.is_relative_to(here) else whole


def _rows(problems: Sequence[Problem]) -> list[dict[str, object]]:
    return [{**asdict(one), "level": one.level.value, "path": str(one.path)} for one in problems]


def _show_problems(output: Output, folder: Path, problems: Sequence[Problem], errors: int) -> None:
    for one in problems:
        colour = "red" if one.level is Level.ERROR else "yellow"
        field = f"champ « {plain(one.field)} » : " if one.field else ""
        text = f"{plain(one.place)} : [{colour}]{one.level.value}[/] : {field}{plain(one.message)}"
        output.out.print(text, soft_wrap=True)
        if one.hint:
            output.out.print(f"  → {plain(one.hint)}", soft_wrap=True)
    said = [count(errors, "erreur")] if errors else []
    if warnings := len(problems) - errors:
        said.append(count(warnings, "avertissement"))
    name = plain(folder.resolve().name)
    output.out.print(f"{name} : {', '.join(said)}." if said else f"{name} : rien à redire.")


def _show_checks(output: Output, chosen: Sequence[Described]) -> None:
    table = Table(title="Contrôles", title_justify="left")
    table.add_column("Contrôle", no_wrap=True)
    table.add_column("Ce qu'il vérifie")
    table.add_column("Paramètres (facultatifs)")
    for check in chosen:
        listed = [one.name if one.default is None else f"({one.name})" for one in check.parameters]
        table.add_row(check.name, plain(check.title.rstrip(".")), ", ".join(listed))
    output.out.print(table)
    output.out.print("Le détail d'un contrôle : trilab checks NOM")


def _example(shared: Context, check: str) -> str:
    """Where a lab uses a check; empty when none does."""
    for entry in catalogue(shared.folders):
        for index, criterion in enumerate(entry.lab.criteria if entry.lab else ()):
            if entry.lab and criterion.check == check:
                line = entry.lab.source.place(("criteria", index)).line
                return f"critère « {criterion.id} » du lab {entry.id} ({_relative(entry.lab.source.path)}:{line})"
    return ""


def _show_check(output: Output, one: Described, example: str) -> None:
    output.out.print(f"[bold]{one.name}[/] : {plain(one.title)}")
    table = Table("Paramètre", "Sens", "Forme", "Par défaut", title="Paramètres (« with »)", title_justify="left")
    for parameter in one.parameters:
        default = "obligatoire" if parameter.default is None else plain(parameter.default)
        table.add_row(parameter.name, plain(parameter.meaning), plain(parameter.form), default)
    output.out.print(table)
    output.out.print("Il observe :")
    for line in one.observes:
        output.out.print(f"  – {plain(line)}", soft_wrap=True)
    output.out.print(f"Règle (en anglais) : {plain(one.source)}", soft_wrap=True)
    if example:
        output.out.print(f"Un exemple : {plain(example)}", soft_wrap=True)
