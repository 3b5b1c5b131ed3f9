"""``trilab demo``: the main job from end to end."""

from __future__ import annotations

import typer

from trilab import report
from trilab.cli.commands.grade import Profile, default_folder, grade_into
from trilab.cli.commands.lifecycle import start
from trilab.cli.commands.solve import solve_with
from trilab.cli.context import DEFAULT_CANDIDATE, EngineOption, LabName, context_of
from trilab.lab import Candidate


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def demo(context: typer.Context, lab: LabName = "pme-voip", engine: EngineOption = None) -> int:
        """Démonstration : lance le lab, saisit la solution, note, écrit le rapport, arrête tout."""
        shared = context_of(context)
        definition = shared.definition(lab)
        running = start(shared, definition, Candidate.parse(DEFAULT_CANDIDATE), engine)
        try:
            solve_with(shared, definition, running, "solution")
            folder = default_folder(running)
            record = grade_into(shared, definition, running, Profile.ENTRAINEMENT, folder)
        finally:
            with shared.output.step(f"Arrêt de {running.spec.key}") as step:
                shared.engine.down(running.spec.key)
                step.done = f"{running.spec.key} arrêté, rien ne reste"
        shared.output.out.print(report.terminal(record))
        shared.output.out.print(f"Rapport : {folder / 'rapport.html'}, rapport.pdf, record.json", soft_wrap=True)
        shared.output.out.print(f"À vous : . .venv/bin/activate · trilab up {lab} --candidate TRI-07", soft_wrap=True)
        return 0
