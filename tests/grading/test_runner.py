"""One check's trouble is its own."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from trilab.errors import ObservationError
from trilab.grading.binding import Bound
from trilab.grading.evidence import FOLDER, Keeper
from trilab.grading.model import Finding, Verdict
from trilab.grading.observe import A, Answer, Cli, Observer, Request, Text
from trilab.grading.registry import Registry
from trilab.grading.requests import (
    Asterisk,
    DeadNodes,
    DeadSeen,
    Dial,
    DialSeen,
    Trouble,
    Troubles,
    TroublesSeen,
    Try,
    Window,
    WindowSeen,
)
from trilab.grading.runner import Incidents, judge_all, tool_versions
from trilab.grading.wifi_requests import Beacons, BeaconsHeard
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
    assert len(said) == 3 and any("[3/3]" in line for line in said)
    assert criteria["t.good"].verdict is Verdict.CONFORME
    assert criteria["t.dead"].verdict is Verdict.INCONCLUSIF
    assert criteria["t.dead"].reason == "Le nœud sw1 ne tourne plus."
    assert criteria["t.broken"].verdict is Verdict.INCONCLUSIF
    assert len(incidents.all) == 2
    noted = "\n".join(one.text for one in incidents.all)
    assert "t.broken" in noted and "ZeroDivisionError" in noted
    assert "Observation impossible : Le nœud sw1 ne tourne plus." in noted


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


class Ailing:
    """An observer of a lab where something broke; everything else looks wrong."""

    def __init__(self, *troubles: Trouble) -> None:
        self.troubles = troubles

    def ask(self, request: Request[A]) -> A:
        answers: dict[type, Answer] = {
            Troubles: TroublesSeen((), self.troubles),
            Cli: Text((), ""),
            Asterisk: Text((), ""),
            Window: WindowSeen((), (), ()),
            Beacons: BeaconsHeard((), (), ()),
            Dial: DialSeen((), False, None, (), "", "", False, ""),
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


RUNNING = Cli("sw1", "show running-config")
SILENT = Window(())


@pytest.mark.parametrize(
    ("kind", "requests", "verdict"),
    [
        ("dead", (RUNNING,), Verdict.NON_CONFORME),
        ("dead", (Cli("sw1", "show interfaces"),), Verdict.INCONCLUSIF),  # a port is down when its neighbour is dead
        ("dead", (RUNNING, SILENT), Verdict.INCONCLUSIF),
        ("full", (SILENT,), Verdict.INCONCLUSIF),
        ("full", (RUNNING,), Verdict.NON_CONFORME),
        ("hung", (Dial("tel1", "101"),), Verdict.INCONCLUSIF),
        ("hung", (Asterisk("ipbx"),), Verdict.INCONCLUSIF),
        ("hung", (Asterisk("other"),), Verdict.NON_CONFORME),
        ("hung", (SILENT,), Verdict.NON_CONFORME),
        ("access", (SILENT, Dial("tel1", "101")), Verdict.NON_CONFORME),
        ("air", (Beacons(),), Verdict.INCONCLUSIF),
        ("air", (Window((Try("ipbx", "pc1"),)),), Verdict.INCONCLUSIF),  # a station is only pinged
        ("air", (Window((Try("pc1", "pc2"),)), RUNNING), Verdict.NON_CONFORME),
    ],
)
def test_what_is_broken_blames_nobody(
    kind: Literal["dead", "full", "hung", "access", "air"], requests: tuple[Request[Any], ...], verdict: Verdict
) -> None:
    incidents = Incidents()
    observer = Ailing(Trouble("ipbx", kind, "ne va pas"))
    (criterion,) = judge_all([wrong(*requests)], observer, lambda line: None, incidents)
    assert criterion.finding.verdict is verdict
    assert (verdict is Verdict.INCONCLUSIF) == ("ipbx : ne va pas" in criterion.finding.reason)
    assert [one.text for one in incidents.all] == ["À la fin de la notation, ipbx : ne va pas."]


class Earlier(Nothing):
    """Observations of a release that only asked which nodes were dead."""

    def ask(self, request: Request[A]) -> A:
        answers: dict[type, Answer] = {DeadNodes: DeadSeen((), ("sw2",)), Window: WindowSeen((), (), ())}
        return cast(A, answers[type(request)]) if type(request) in answers else super().ask(request)


def test_earlier_observations_tell_dead_nodes() -> None:
    (criterion,) = judge_all([wrong(SILENT)], Earlier(), lambda line: None, Incidents())
    assert criterion.finding.verdict is Verdict.INCONCLUSIF and "sw2 : nœud arrêté" in criterion.finding.reason
