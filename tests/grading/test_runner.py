"""One check's trouble is its own."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, cast

import pytest

from trilab.errors import ObservationError
from trilab.grading.binding import Bound
from trilab.grading.evidence import FOLDER, Keeper
from trilab.grading.model import Finding, Verdict
from trilab.grading.observe import A, Answer, Cli, Observer, Request, Text
from trilab.grading.registry import Registry
from trilab.grading.requests import DeadNodes, DeadSeen, Window, WindowSeen
from trilab.grading.runner import Incidents, judge_all, tool_versions
from trilab.lab import Criterion


class Nothing:
    """An observer that sees nothing."""

    def ask(self, request: Request[A]) -> A:
        raise ObservationError("Le nœud sw1 ne tourne plus.")


def bounds() -> list[Bound]:
    registry = Registry()

    @registry.check("t.good")
    def good(lab: Observer) -> Finding:
        """Bon."""
        return Finding(verdict=Verdict.CONFORME, expected="x", observed="x")

    @registry.check("t.dead")
    def dead(lab: Observer) -> Finding:
        """Mort."""
        raise ObservationError("Le nœud sw1 ne tourne plus.")

    @registry.check("t.broken")
    def broken(lab: Observer) -> Finding:
        """Cassé."""
        raise ZeroDivisionError("division")

    found = []
    for name, check in registry.checks.items():
        values = {
            "id": name.replace(".", "-"),
            "competence": 1,
            "points": 1,
            "title": name,
            "asked": name,
            "check": name,
        }
        found.append(Bound(Criterion.model_validate(values), check, check.parameters()))
    return found


def test_faults_are_inconclusive_and_an_unexpected_one_is_an_incident() -> None:
    incidents, said = Incidents(), list[str]()
    criteria = {one.check: one.finding for one in judge_all(bounds(), Nothing(), said.append, incidents)}
    assert criteria["t.good"].verdict is Verdict.CONFORME
    assert criteria["t.dead"].verdict is Verdict.INCONCLUSIF
    assert criteria["t.dead"].reason == "Le nœud sw1 ne tourne plus."
    assert criteria["t.broken"].verdict is Verdict.INCONCLUSIF
    (incident,) = incidents.all
    assert "t.broken" in incident.text and "ZeroDivisionError" in incident.text
    assert len(said) == 3 and any("[3/3]" in line for line in said)


def test_evidence_is_kept_with_its_hash_and_stale_files_go(tmp_path: Path) -> None:
    first = Keeper(tmp_path)
    first.text("command", "sw1", "show old", "x", 1.0, 2.0)
    keeper = Keeper(tmp_path)
    name = keeper.text("command", "sw1", "show vlan brief", "été", 1.0, 1.5)
    (kept,) = keeper.kept
    assert (kept.id, kept.duration, kept.path) == (name, 0.5, f"{FOLDER}/e1-sw1-show-vlan-brief.txt")
    assert kept.sha256 == hashlib.sha256("été".encode()).hexdigest()
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["e1-sw1-show-vlan-brief.txt"]


def test_versions_name_what_took_part() -> None:
    found = tool_versions("abc")
    assert found["image"] == "abc"
    assert {"trilab", "python", "linux", "netmiko", "paramiko", "scapy", "numpy", "pydantic", "ntc-templates"} <= set(
        found
    )
    assert all(found.values())


class Dead:
    """An observer of a lab whose sw2 was killed; everything else looks wrong."""

    def ask(self, request: Request[A]) -> A:
        answers: dict[type, Answer] = {
            DeadNodes: DeadSeen((), ("sw2",)),
            Cli: Text((), ""),
            Window: WindowSeen((), (), ()),
        }
        return cast(A, answers[type(request)])


def wrong(*requests: Request[Any]) -> Bound:
    registry = Registry()

    @registry.check("t.wrong")
    def check(lab: Observer) -> Finding:
        """Faux."""
        for request in requests:
            lab.ask(request)
        return Finding(verdict=Verdict.NON_CONFORME, expected="x", observed="y")

    found = registry.checks["t.wrong"]
    values = {"id": "t", "competence": 1, "points": 1, "title": "t", "asked": "t", "check": "t.wrong"}
    return Bound(Criterion.model_validate(values), found, found.parameters())


@pytest.mark.parametrize(
    ("requests", "verdict"),
    [
        ((Cli("sw1", "show running-config"),), Verdict.NON_CONFORME),
        ((Cli("sw1", "show interfaces"),), Verdict.INCONCLUSIF),  # a port is down when its neighbour is dead
        ((Cli("sw1", "show running-config"), Window(())), Verdict.INCONCLUSIF),
    ],
)
def test_a_dead_node_blames_nobody(requests: tuple[Request[Any], ...], verdict: Verdict) -> None:
    incidents = Incidents()
    (criterion,) = judge_all([wrong(*requests)], Dead(), lambda line: None, incidents)
    assert criterion.finding.verdict is verdict
    assert (verdict is Verdict.INCONCLUSIF) == ("sw2" in criterion.finding.reason)
    assert [one.text for one in incidents.all] == ["Le nœud sw2 ne tourne plus à la fin de la notation."]
