"""``trilab up``, ``ps``, ``down``: labs come and go."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from trilab.cli import cohort
from trilab.cli.context import (
    DEFAULT_CANDIDATE,
    ClassOption,
    Context,
    EngineOption,
    JsonOption,
    LabName,
    context_of,
)
from trilab.engine.base import Lab
from trilab.engine.choice import Engines
from trilab.errors import InputError, ObservationError
from trilab.graders import all_checks
from trilab.grading.binding import bind
from trilab.lab import Candidate, LabDefinition, diagram, subject, subject_html
from trilab.topology import plan
from trilab.topology.drawing import ROLE_NAMES


def start(
    shared: Context, lab: LabDefinition, candidate: Candidate, engine: str | None = None, registry: str | None = None
) -> Lab:
    """Start a lab with progress on an engine, and put its subject and drawing in the lab's folder."""
    engines = shared.engine if engine is registry is None else Engines(engine, registry)
    variables = lab.values(candidate)
    topology = lab.topology_for(variables)
    bind(lab, variables, all_checks(), topology.nodes)  # a criterion that cannot be graded is told now, not at the end
    spec = plan(topology, lab.id, candidate.code, lab.vendor_devices())
    with shared.output.step(f"Démarrage de {lab.id} pour {candidate.code}") as step:
        running = engines.up(spec, step)
        step.done = f"{lab.id} démarré pour {candidate.code} : {len(running.nodes)} équipements répondent en SSH"
    addresses = {node.name: str(node.mgmt_ip) for node in running.nodes.values()}
    (running.folder / "sujet.md").write_text(subject(lab, candidate, addresses))
    (running.folder / "sujet.html").write_text(subject_html(lab, candidate, addresses))
    (running.folder / "schema.svg").write_text(diagram(lab, candidate))
    return running


def _start_class(shared: Context, words: Sequence[str], codes: Sequence[str], as_json: bool) -> int:
    """Start a lab for every candidate of a class; one line each."""
    done = cohort.each(shared, f"Démarrage de {len(codes)} labs", codes, lambda code: words)
    if not as_json:
        table = Table("Candidat", "Équipements", title=words[1], title_justify="left")
        table.add_column("Sujet", overflow="fold")
        for one in done:
            if one.result is not None:
                table.add_row(one.candidate, str(len(one.result["nodes"])), f"{one.result['folder']}/sujet.html")
        shared.output.out.print(table)
    return cohort.finish(shared, done, as_json)


def _show(shared: Context, lab: LabDefinition, running: Lab) -> None:
    out = shared.output.out
    who = "" if running.spec.candidate == DEFAULT_CANDIDATE else f" -c {running.spec.candidate}"
    table = Table("Équipement", "Rôle", "Adresse", "Accès", title="Équipements", title_justify="left")
    for node in running.nodes.values():
        command = f"trilab ssh{who} {lab.id} {node.name}" if node.open else "aucun (décor ou correction)"
        table.add_row(node.name, ROLE_NAMES.get(node.role, node.role), str(node.mgmt_ip), command)
    out.print(f"[bold]{escape(lab.title)}[/]\n{escape(lab.summary)}\n")
    out.print(table)
    out.print("Compte : [bold]admin[/], mot de passe [bold]admin[/] (accès d'administration, hors du réseau du lab).")
    out.print(f"Sujet : {running.folder / 'sujet.html'}\nSchéma : {running.folder / 'schema.svg'}", soft_wrap=True)
    out.print(f"Ensuite : trilab grade{who} {lab.id} · trilab down{who} {lab.id}")


def _age(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60:02}" if minutes >= 60 else f"{minutes} min {int(seconds % 60):02} s"


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command()
    def up(
        context: typer.Context,
        lab: LabName,
        candidate: ClassOption = None,
        engine: EngineOption = None,
        registry: Annotated[
            str | None,
            typer.Option("--registry", metavar="REGISTRE", help="Moteur kubernetes : d'où vient l'image des nœuds."),
        ] = None,
        json: JsonOption = False,
    ) -> int:
        """Lance un lab pour un candidat ; montre le sujet, les accès et le plan."""
        shared = context_of(context)
        definition = shared.definition(lab)
        first, *others = Candidate.span(candidate or DEFAULT_CANDIDATE)
        if others:
            options = {"--engine": engine, "--registry": registry}
            words = ["up", lab, *(word for name, value in options.items() if value for word in (name, value))]
            return _start_class(shared, words, [first.code, *(one.code for one in others)], json)
        running = start(shared, definition, first, engine, registry)
        if json:
            shared.output.json(_summary(running))
        else:
            _show(shared, definition, running)
        return 0

    @app.command()
    def ps(context: typer.Context, json: JsonOption = False) -> int:
        """Labs en cours : pour qui, depuis quand, mémoire."""
        shared = context_of(context)
        running = shared.engine.labs()
        if json:
            shared.output.json([_summary(lab) for lab in running])
            return 0
        table = Table(
            "Lab", "Candidat", "Depuis", "Équipements", "Mémoire", title="Labs en cours", title_justify="left"
        )
        for lab in running:
            alive = sum(lab.alive(node) for node in lab.nodes)
            nodes = f"{alive}/{len(lab.nodes)}"
            used = _memory(lab)
            memory = "–" if used is None else f"{used / 1024**2:.0f} Mio"
            table.add_row(lab.spec.lab, lab.spec.candidate, _age(time.time() - lab.started_at), nodes, memory)
        shared.output.out.print(table if running else "Aucun lab en cours.")
        dead = set(shared.engine.leftovers()) - {lab.spec.key for lab in running}
        if dead:
            shared.output.out.print(f"Arrêtés sans « down » : {', '.join(sorted(dead))}. → trilab down --all")
        return 0

    @app.command()
    def down(
        context: typer.Context,
        lab: Annotated[str | None, typer.Argument(metavar="LAB", help="Identifiant du lab.")] = None,
        candidate: ClassOption = None,
        every: Annotated[bool, typer.Option("--all", help="Tous les labs de cette machine.")] = False,
    ) -> int:
        """Arrête un lab et supprime tout ce qu'il a créé, même après un plantage."""
        shared = context_of(context)
        if every == bool(lab):
            raise InputError("Donnez un LAB, ou --all pour tout arrêter.", "Aide : trilab down --help")
        codes = [one.code for one in Candidate.span(candidate)] if candidate else []
        keys = [key for key in shared.engine.leftovers() if every or _matches(key, lab, codes)]
        if lab and not keys:
            shared.running(lab, codes[0] if codes else None)  # says what is wrong
        if lab and candidate is None and len(keys) > 1:
            names = ", ".join(key.partition("@")[2] for key in keys)
            raise InputError(
                f"Le lab {lab} existe pour plusieurs candidats ({names}).", "Précisez --candidate, ou --all."
            )
        for key in keys:
            with shared.output.step(f"Arrêt de {key}") as step:
                shared.engine.down(key)
                step.done = f"{key} arrêté, rien ne reste"
        if not keys:
            shared.output.out.print("Aucun lab en cours.")
        return 0


def _matches(key: str, lab: str | None, codes: Sequence[str]) -> bool:
    name, _, code = key.partition("@")
    return name == lab and (not codes or code in codes)


def _memory(lab: Lab) -> int | None:
    """Bytes; None where the engine cannot know."""
    try:
        return lab.memory()
    except ObservationError:
        return None


def _summary(lab: Lab) -> dict[str, object]:
    return {
        "lab": lab.spec.lab,
        "candidate": lab.spec.candidate,
        "started_at": lab.started_at,
        "memory": _memory(lab),
        "folder": lab.folder,
        "nodes": {
            node.name: {"role": node.role, "mgmt": node.mgmt_ip, "alive": lab.alive(node.name)}
            for node in lab.nodes.values()
        },
    }
