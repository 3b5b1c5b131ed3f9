"""Comparing what was asked with what was seen, in French sentences; putting comparisons together into a finding."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from trilab.grading.model import Finding, Row, Verdict
from trilab.grading.observe import Answer

T = TypeVar("T")


@dataclass(frozen=True)
class Fact:
    """One comparison. ``ok`` None: it could not be observed, and ``observed`` says why."""

    ok: bool | None
    expected: str
    observed: str


_FEMININE = frozenset({"adresse", "bannière", "passerelle", "option", "étiquette"})  # what takes «aucune»


def none_of(what: str) -> str:
    """«aucun» or «aucune», as the first word of ``what`` wants it."""
    return "aucune" if what.partition(" ")[0].lower() in _FEMININE else "aucun"


def show(value: object, none: str = "aucun") -> str:
    """A value as a French reader expects it: lists with commas, nothing as ``none``."""
    if value is None or value == "":
        return none
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, str):
        return value
    if isinstance(value, Collection):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        return ", ".join(show(item) for item in items) if items else none
    return str(value)


def decimal(value: float, digits: int = 1) -> str:
    """A measure with a decimal comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def equal(what: str, expected: T, observed: T) -> Fact:
    """Both values must be the same."""
    none = none_of(what)
    return Fact(expected == observed, f"{what} : {show(expected, none)}", f"{what} : {show(observed, none)}")


def contains(what: str, needle: str, text: str) -> Fact:
    """The text must hold ``needle``, whatever the case and the spacing."""
    found = " ".join(needle.lower().split()) in " ".join(text.lower().split())
    seen = f"« {text.strip()} »" if text.strip() else none_of(what)
    return Fact(found, f"{what} contenant « {needle} »", f"{what} : {seen}")


def finding(
    facts: Sequence[Fact], answers: Iterable[Answer] = (), wire: Sequence[Row] = (), explanation: str = ""
) -> Finding:
    """A verdict from facts: one false makes «non conforme», else one unknown makes «inconclusif».

    Without any fact the verdict is «inconclusif»: a check starts at *not proven*. ``explanation`` (a quotation of the
    configuration) is added to what was observed when the verdict is not «conforme».
    """
    wrong = [fact for fact in facts if fact.ok is False]
    missing = [fact for fact in facts if fact.ok is None]
    if wrong:
        verdict, shown = Verdict.NON_CONFORME, wrong
    elif missing or not facts:
        verdict, shown = Verdict.INCONCLUSIF, missing
    else:
        verdict, shown = Verdict.CONFORME, list(facts)
    observed = _sentence(fact.observed for fact in shown)
    if explanation and verdict is not Verdict.CONFORME:
        observed = f"{observed} {explanation}".strip()
    return Finding(
        verdict=verdict,
        expected=_sentence(fact.expected for fact in facts),
        observed=observed,
        evidence=tuple(dict.fromkeys(name for answer in answers for name in answer.evidence)),
        wire=tuple(wire),
        reason=_sentence(fact.observed for fact in missing) if verdict is Verdict.INCONCLUSIF else "",
    )


def _sentence(parts: Iterable[str]) -> str:
    text = " ; ".join(dict.fromkeys(part for part in parts if part))
    first, space, rest = text.partition(" ")
    if first.isalpha():  # not a node's or an interface's name
        text = f"{first[0].upper()}{first[1:]}{space}{rest}"
    return f"{text}." if text and not text.endswith((".", "!")) else text
