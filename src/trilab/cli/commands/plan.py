"""``trilab plan``: what a class needs, per engine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from trilab.cli.context import EngineOption, JsonOption, context_of
from trilab.engine import figures
from trilab.engine.choice import names
from trilab.engine.sizing import Machine, Plan, plans
from trilab.errors import InputError, UnknownNameError
from trilab.french import count, number
from trilab.lab import Candidate
from trilab.topology import plan as specify

LIMITS = {"memory": "mémoire", "cpu": "processeur", "pods": "pods"}


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def plan(
        context: typer.Context,
        candidates: Annotated[int, typer.Option("--candidates", min=1, max=100_000, help="Nombre de candidats.")],
        lab: Annotated[str, typer.Option("--lab", metavar="LAB", help="Identifiant du lab.")] = figures.MEASURED_LAB,
        engine: EngineOption = None,
        cores: Annotated[int, typer.Option("--cores", min=1, help="Cœurs d'une machine.")] = 8,
        memory: Annotated[int, typer.Option("--memory", min=1, help="Mémoire d'une machine, en Gio.")] = 32,
        minutes: Annotated[
            int, typer.Option("--minutes", min=1, help="Délai pour noter tous les candidats, en minutes.")
        ] = 15,
        json: JsonOption = False,
    ) -> int:
        """Machines, mémoire et processeur pour une classe, par moteur, d'après des mesures."""
        shared = context_of(context)
        engines = names()
        if engine is not None and engine not in engines:
            raise UnknownNameError("Moteur", engine, engines)
        definition = shared.definition(lab)
        candidate = Candidate.parse("plan-0")
        spec = specify(definition.topology_for(definition.values(candidate)), lab, candidate.code)
        machine = Machine(cores, memory)
        found = plans(spec, candidates, machine, minutes, [engine] if engine else engines)
        if not found:
            raise InputError(f"{lab} a besoin du Wi-Fi, que le moteur {engine} n'a pas.", "Prenez --engine native.")
        if json:
            shared.output.json([asdict(one) for one in found])
            return 0
        title = f"{lab} pour {count(candidates, 'candidat', 'candidats')}, machines de {cores} cœurs et {memory} Gio"
        shared.output.out.print(_table(found, title))
        for line in _notes(found, lab, minutes):
            shared.output.out.print(line)
        return 0


def _table(found: list[Plan], title: str) -> Table:
    head = ("Moteur", "Machines", "Limite", "Mémoire", "Cœurs", "Démarrage", "Notation")
    table = Table(*head, title=title, title_justify="left")
    for one in found:
        table.add_row(
            f"{one.engine}{'*' if one.estimated else ''}",
            str(one.machines),
            LIMITS[one.limit],
            f"{number(one.memory, 1 if one.memory < 10 else 0)} Gio",
            number(one.cores, 1),
            _seconds(one.start),
            _seconds(one.grade),
        )
    return table


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{number(value, 0)} s"


def _notes(found: list[Plan], lab: str, minutes: int) -> list[str]:
    share = round(figures.SPARE * 100)
    lines = [
        f"Une machine est remplie à {share} % ; tous les candidats sont notés en {minutes} min au plus.",
        "Mesures : novembre 2026, 2 cœurs (src/trilab/engine/figures.py) ; notation : moteur natif.",
    ]
    if lab != figures.MEASURED_LAB:
        lines.append(f"Le temps processeur d'un démarrage et d'une notation est celui de {figures.MEASURED_LAB}.")
    if any(one.limit == "pods" for one in found):
        lines.append(f"Pods : une machine d'un cluster en porte {figures.PODS} (valeur par défaut de Kubernetes).")
    if any(one.estimated for one in found):
        lines.append("* Estimation : mesures des autres moteurs. Rien n'a été mesuré sur un cluster.")
    return lines
