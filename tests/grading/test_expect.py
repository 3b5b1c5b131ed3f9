"""Facts and findings."""

from __future__ import annotations

from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Verdict
from trilab.grading.observe import Text


def test_nothing_proven_is_inconclusive() -> None:
    assert expect.finding([]).verdict is Verdict.INCONCLUSIF


def test_a_false_fact_wins_over_an_unknown_one() -> None:
    facts = [Fact(True, "a", "a vu"), Fact(None, "b", "b inconnu"), Fact(False, "c", "c faux")]
    found = expect.finding(facts, [Text(("e1", "e2"), ""), Text(("e1",), "")])
    assert found.verdict is Verdict.NON_CONFORME
    assert found.observed == "C faux."
    assert found.evidence == ("e1", "e2")
    assert found.reason == ""


def test_an_unknown_fact_gives_its_reason() -> None:
    found = expect.finding([Fact(True, "a", "a"), Fact(None, "b", "témoin muet")], explanation="config")
    assert (found.verdict, found.reason) == (Verdict.INCONCLUSIF, "Témoin muet.")
    assert found.observed.endswith("config")


def test_names_of_nodes_keep_their_case() -> None:
    assert expect.finding([Fact(True, "x", "sw1 vu")]).observed == "sw1 vu."
    assert expect.finding([Fact(True, "x", "mode vu")], explanation="no").observed == "Mode vu."


def test_equal_and_contains() -> None:
    assert expect.equal("adresse de sw1", "10.0.0.1/24", None).observed == "adresse de sw1 : aucune"
    assert expect.contains("bannière", "ACCES", "").observed == "bannière : aucune"
    assert expect.equal("nom", "SW1", None) == Fact(False, "nom : SW1", "nom : aucun")
    assert expect.equal("actif", True, True).observed == "actif : oui"
    assert expect.contains("bannière", "accès  réservé", "ACCÈS\nRÉSERVÉ").ok
    assert not expect.contains("bannière", "x", "").ok
