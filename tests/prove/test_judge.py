"""Judgements: what is a defect of the graders, and what is not."""

from __future__ import annotations

import re

import pytest

from trilab.grading.model import Verdict
from trilab.lab import Answer
from trilab.prove.judge import judge
from trilab.prove.lines import Line
from trilab.prove.model import Judgement, Kind, Outcome, Seen, Task
from trilab.prove.proof import Proof

PROOF = Proof(
    covers={"vlan": (re.compile("sw > vlan"),), "nom": (re.compile("sw > hostname"),)},
    depends={"appel": (re.compile("sw > vlan"),)},
    equivalences=(),
)
BAD, UNSEEN = Verdict.NON_CONFORME, Verdict.INCONCLUSIF


def judged(kind: Kind, caught_by: tuple[str, ...] = (), failure: str = "", **turned: Verdict) -> Judgement:
    line = Line("sw", "switch", 1, "vlan 10", "ios") if kind in ("mutant", "equivalent") else None
    task = Task("t", kind, "", Answer("t", "solution", "", {}), line, caught_by)
    seen = {name: Seen(verdict=verdict, observed="vu") for name, verdict in turned.items()}
    return judge(task, Outcome(id="t", kind=kind, candidate="c-1", turned=seen, failure=failure), PROOF)


@pytest.mark.parametrize("kind", ["solution", "alternative", "equivalent"])
def test_a_good_answer_turns_nothing(kind: Kind) -> None:
    assert judged(kind).right
    assert not judged(kind, vlan=BAD).right
    assert not judged(kind, vlan=UNSEEN).right


def test_a_cheat_is_refused_by_every_criterion_that_must() -> None:
    assert judged("cheat", ("vlan",), vlan=BAD, nom=UNSEEN).right
    assert not judged("cheat", ("vlan", "nom"), vlan=BAD).right
    assert not judged("cheat", ("vlan",), vlan=UNSEEN).right
    assert judged("cheat", nom=BAD).right
    assert not judged("cheat").right


def test_a_mutant_is_caught_by_what_covers_its_line() -> None:
    found = judged("mutant", vlan=BAD, appel=UNSEEN)
    assert (found.right, found.caught, found.consequences) == (True, ("vlan",), ("appel",))


def test_a_mutant_that_nothing_catches_survives() -> None:
    assert "survit" in judged("mutant").defects[0]
    assert "survit" in judged("mutant", vlan=UNSEEN).defects[0]


def test_a_mutant_caught_by_a_consequence_only_is_a_defect() -> None:
    assert "couvrent la ligne" in judged("mutant", appel=BAD).defects[0]


def test_an_unrelated_criterion_must_not_turn() -> None:
    found = judged("mutant", vlan=BAD, nom=UNSEEN)
    assert found.caught == ("vlan",)
    assert found.defects == ("sans rapport : nom inconclusif (vu)",)


def test_what_could_not_be_run_is_not_proved() -> None:
    assert not judged("mutant", failure="panne").right


def test_what_could_not_be_observed_is_observed_again() -> None:
    assert judged("solution", vlan=UNSEEN).unobserved
    assert judged("mutant", vlan=BAD, nom=UNSEEN).unobserved
    assert judged("mutant", failure="panne").unobserved
    assert judged("cheat", ("vlan", "nom"), vlan=BAD, nom=UNSEEN).unobserved
    assert not judged("solution", vlan=UNSEEN, nom=BAD).unobserved
    assert not judged("mutant", nom=UNSEEN).unobserved
    assert not judged("mutant", vlan=BAD).unobserved
    assert not judged("cheat", ("vlan", "nom"), vlan=BAD).unobserved
    assert not judged("solution").unobserved
