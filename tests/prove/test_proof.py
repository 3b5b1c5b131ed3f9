"""``proof.yml``: what it covers, and its faults with their place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from trilab.errors import FileError
from trilab.lab import LabDefinition, all_answers, load_lab
from trilab.prove import proof
from trilab.prove.mutants import Mutant, mutants_for
from trilab.prove.tasks import candidate

VARIABLES_OF = candidate(1)


@pytest.fixture
def lab(tmp_path: Path, repository: Path) -> LabDefinition:
    """A copy of a real lab, without its proof."""
    folder = tmp_path / "labs" / "pme-voip"
    shutil.copytree(repository / "labs" / "pme-voip", folder)
    shutil.copytree(repository / "topologies", tmp_path / "topologies")
    (folder / proof.FILE).unlink(missing_ok=True)
    return load_lab(folder)


def read(lab: LabDefinition, text: str) -> proof.Proof:
    (lab.folder / proof.FILE).write_text(text, encoding="utf-8")
    return proof.load(lab, lab.values(VARIABLES_OF))


def mutant(lab: LabDefinition, operator: str, place: str) -> Mutant:
    every = mutants_for(lab, lab.values(VARIABLES_OF))
    return next(one for one in every if one.operator == operator and one.line.place.startswith(place))


def test_without_a_file_nothing_is_covered(lab: LabDefinition) -> None:
    assert not proof.load(lab, lab.values(VARIABLES_OF)).covers


def test_patterns_groups_and_variables(lab: LabDefinition) -> None:
    known = read(
        lab,
        "groups:\n  vlans: ['sw1 > vlan {{ vlan_data }}( |$)']\n  both: ['@vlans', 'sw1 > hostname']\n"
        "criteria:\n  vlan-sw1: {covers: ['@both']}\n  nom-sw1: {depends: ['@vlans']}\n",
    )
    line = mutant(lab, "numero-vlan", f"sw1 > vlan {lab.values(VARIABLES_OF)['vlan_data']}").line
    assert known.covering(line) == {"vlan-sw1"}
    assert known.depending(line) == {"nom-sw1"}
    assert not known.covering(mutant(lab, "numero-vlan", "sw2 > vlan").line)


def test_an_equivalence_holds_for_its_operators_only(lab: LabDefinition) -> None:
    known = read(lab, "equivalent:\n  - {lines: ['sw1 > hostname'], operators: [oubli], reason: 'Essai.'}\n")
    assert known.equivalent(mutant(lab, "oubli", "sw1 > hostname")) == "Essai."
    assert known.equivalent(mutant(lab, "faute-de-frappe", "sw1 > hostname")) == ""


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("criteria:\n  vlan-sw3: {}\n", "2:3", "« vlan-sw3 »"),
        ("criteria:\n  vlan-sw1: {covers: ['sw1 > (']}\n", "2:23", "expression rationnelle"),
        ("criteria:\n  vlan-sw1: {covers: ['@rien']}\n", "2:23", "groupe « rien »"),
        ("groups: {a: ['@b'], b: ['@a']}\ncriteria:\n  vlan-sw1: {covers: ['@a']}\n", "1:", "se contient lui-même"),
        ("criteria:\n  vlan-sw1: {covers: ['{{ rien }}']}\n", "2:23", "« rien »"),
        ("equivalent:\n  - {lines: [a], operators: [oublie], reason: b}\n", "2:30", "oubli"),
        ("equivalent:\n  - {lines: [a]}\n", "2:", "absent"),
        ("critere: {}\n", "1:1", "clé inconnue"),
    ],
)
def test_faults_have_a_place(lab: LabDefinition, text: str, place: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        read(lab, text)
    assert f"{proof.FILE}:{place}" in caught.value.message
    assert words in str(caught.value)


def test_every_criterion_of_every_lab_covers_a_mutant_or_refuses_a_cheat(repository: Path) -> None:
    for file in sorted((repository / "labs").glob("*/proof.yml")):
        shipped = load_lab(file.parent)
        variables = shipped.values(VARIABLES_OF)
        known, lines = proof.load(shipped, variables), [one.line for one in mutants_for(shipped, variables)]
        covered = {name for line in lines for name in known.covering(line)}
        refusing = {name for info, _ in all_answers(shipped, variables) for name in info.caught_by}
        assert covered | refusing == {criterion.id for criterion in shipped.criteria}, shipped.id


def test_every_line_of_every_solution_is_covered_or_equivalent(repository: Path) -> None:
    for file in sorted((repository / "labs").glob("*/proof.yml")):
        shipped = load_lab(file.parent)
        variables = shipped.values(VARIABLES_OF)
        known = proof.load(shipped, variables)
        bare = [
            one.id for one in mutants_for(shipped, variables) if not (known.equivalent(one) or known.covering(one.line))
        ]
        assert bare == [], shipped.id
