"""What every command shares: the labs that can be found, the engine, the output."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from trilab.cli.output import Output
from trilab.engine.base import Lab
from trilab.engine.choice import Engines
from trilab.lab import LabDefinition, get

LabName = Annotated[str, typer.Argument(metavar="LAB", help="Identifiant du lab (voir « trilab labs »).")]
CandidateOption = Annotated[
    str | None,
    typer.Option("--candidate", "-c", metavar="CODE", help="Code du candidat, terminé par 1 à 3 chiffres : TRI-07."),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="MOTEUR",
        help="Moteur du lab : native (par défaut), containerlab ou kubernetes (voir TRILAB_ENGINE).",
    ),
]
ClassOption = Annotated[
    str | None,
    typer.Option(
        "--candidate",
        "-c",
        metavar="CODE",
        help="Code du candidat, terminé par 1 à 3 chiffres : TRI-07 ; ou toute une classe : TRI-01..12.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Résultat en JSON sur la sortie standard.")]
DEFAULT_CANDIDATE = "demo-0"


@dataclass
class Context:
    """Made once per command line."""

    folders: tuple[Path, ...]
    output: Output = field(default_factory=Output)
    engine: Engines = field(default_factory=Engines)

    def definition(self, lab: str) -> LabDefinition:
        """The definition of a lab. Raises UnknownNameError, FileError."""
        return get(lab, self.folders)

    def running(self, lab: str, candidate: str | None) -> Lab:
        """A running lab; an unknown name is said as such. Raises UnknownNameError, StateError."""
        if lab not in {one.spec.lab for one in self.engine.labs()}:
            self.definition(lab)
        return self.engine.get(lab, candidate)


def context_of(context: typer.Context) -> Context:
    """The shared context of a command."""
    assert isinstance(context.obj, Context)
    return context.obj
