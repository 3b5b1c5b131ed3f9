"""Outcomes against expectations: what a good answer, a cheat and a mutant must bring about."""

from __future__ import annotations

from trilab.grading.model import Verdict
from trilab.prove.model import Judgement, Outcome, Task
from trilab.prove.proof import Proof


def judge(task: Task, outcome: Outcome, proof: Proof) -> Judgement:
    """What is wrong with the graders, if anything, after this outcome."""
    if outcome.failure:
        return Judgement(task, outcome, defects=(f"non prouvé : {outcome.failure}",))
    if task.kind == "cheat":
        return _cheat(task, outcome)
    if task.kind == "mutant":
        return _mutant(task, outcome, proof)
    return _good(task, outcome)


def _good(task: Task, outcome: Outcome) -> Judgement:
    """Nothing may turn, and no line may be refused."""
    word = "mutant dit équivalent, mais" if task.kind == "equivalent" else "bonne réponse, mais"
    defects = [f"{word} {name} {seen.verdict.value} : {_why(outcome, name)}" for name, seen in outcome.turned.items()]
    if task.kind != "equivalent":
        defects += [f"saisie refusée : {line}" for line in outcome.refused]
    return Judgement(task, outcome, unexpected=tuple(outcome.turned), defects=tuple(defects))


def _cheat(task: Task, outcome: Outcome) -> Judgement:
    """Every criterion of ``expect.yml`` refuses it; without one, at least one does."""
    refusing = [name for name, seen in outcome.turned.items() if seen.verdict is Verdict.NON_CONFORME]
    missing = [name for name in task.caught_by if name not in refusing]
    defects = [f"tricherie acceptée par {name} : {_why(outcome, name)}" for name in missing]
    if not task.caught_by and not refusing:
        defects = ["tricherie acceptée par tous les critères"]
    wanted = task.caught_by or tuple(refusing)
    caught = tuple(name for name in wanted if name in refusing)
    others = tuple(name for name in outcome.turned if name not in caught)
    blind = tuple(name for name in missing if name in outcome.turned)
    return Judgement(task, outcome, caught, others, blind, tuple(defects))


def _mutant(task: Task, outcome: Outcome, proof: Proof) -> Judgement:
    """A covering criterion refuses it, and nothing turns but what covers the line or depends on it."""
    assert task.line is not None
    covering, depending = proof.covering(task.line), proof.depending(task.line)
    turned = outcome.turned
    refusing = [name for name in turned if turned[name].verdict is Verdict.NON_CONFORME]
    caught = tuple(name for name in refusing if name in covering)
    unrelated = [name for name in turned if name not in covering | depending]
    defects = [f"sans rapport : {name} {turned[name].verdict.value} ({_why(outcome, name)})" for name in unrelated]
    if not caught:
        defects.insert(0, _survival(refusing, covering))
    consequences = tuple(name for name in turned if name not in caught and name not in unrelated)
    return Judgement(task, outcome, caught, consequences, tuple(unrelated), tuple(defects))


def _survival(refusing: list[str], covering: frozenset[str]) -> str:
    if not covering:
        return "aucun critère ne couvre cette ligne (proof.yml)"
    wanted = ", ".join(sorted(covering))
    if not refusing:
        return f"survit : aucun critère ne le refuse (attendu : {wanted})"
    return f"refusé par d'autres critères que ceux qui couvrent la ligne (attendu : {wanted})"


def _why(outcome: Outcome, name: str) -> str:
    seen = outcome.turned.get(name)
    if seen is None:
        return "conforme"
    return (seen.reason or seen.observed).strip()
