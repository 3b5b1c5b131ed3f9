"""Whether the criteria of a lab are put to the proof: which mistakes and cheats each of them must refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trilab.authoring.model import Level, Problem
from trilab.errors import FileError
from trilab.lab import LabDefinition, answers
from trilab.prove import proof
from trilab.prove.mutants import mutants_for


def check_proof(lab: LabDefinition, values: Mapping[str, Any]) -> list[Problem]:
    """A criterion that nothing attacks, a line of the solution that no criterion covers."""
    path = lab.folder / proof.FILE
    try:
        known = proof.load(lab, values)
    except FileError as error:
        return [Problem.of(error, path)]
    if not path.is_file():
        text = "fichier absent : « trilab prove » ne saura pas quel critère doit refuser quelle faute."
        return [Problem(Level.WARNING, path, None, None, "", text, "Voyez docs/guide-auteur.md, « Prouver ».")]
    found: list[Problem] = []
    try:
        made = mutants_for(lab, values)
        attacked = {name for info in answers(lab) for name in info.caught_by}
    except FileError:  # a fault of an answer: told with the answers
        return found
    attacked |= {name for mutant in made for name in known.covering(mutant.line)}
    for index, criterion in enumerate(lab.criteria):
        if criterion.id not in attacked:
            text = "rien ne met ce critère à l'épreuve : ni faute (proof.yml, « covers »), ni tricherie (expect.yml)."
            place = lab.source.error(("criteria", index, "id"), text)
            found.append(Problem.of(place, path, Level.WARNING))
    for mutant in made:
        if not known.covering(mutant.line) and not known.equivalent(mutant):
            text = f"aucun critère ne couvre « {mutant.line.place} » ({proof.FILE})."
            hint = "Ajoutez cette ligne à un « covers », ou une équivalence avec sa raison."
            found.append(Problem(Level.WARNING, mutant.file.path, None, None, "", text, hint))
    return found
