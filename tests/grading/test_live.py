"""The lab pme-voip for real: typed, graded, replayed, and left as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from trilab.access import Sessions, graders, play
from trilab.engine.native import NativeEngine
from trilab.graders import all_checks
from trilab.grading import grade, store
from trilab.grading.binding import bind
from trilab.grading.model import Verdict
from trilab.grading.runner import Incidents, judge_all
from trilab.lab import Candidate, answer, load_lab
from trilab.topology import plan

VOICEMAIL = "find /var/spool/asterisk/voicemail -type f"


@pytest.mark.live
def test_the_reference_solution(engine: NativeEngine, repository: Path, tmp_path: Path) -> None:
    definition = load_lab(repository / "labs" / "pme-voip")
    values = definition.values(Candidate.parse("GRADE7"))
    lab = engine.up(plan(definition.topology_for(values), definition.id, "GRADE7"), lambda line: None)
    said: list[str] = []
    play(lab, answer(definition, "solution", values), said.append)
    assert len(said) == 6

    with Sessions(lab, graders(lab)) as sessions:
        before = [sessions.cli(node).show("show running-config") for node in ("r1", "sw1", "sw2")]
        record = grade(lab, definition, "jury", tmp_path, said.append, all_checks())
        after = [sessions.cli(node).show("show running-config") for node in ("r1", "sw1", "sw2")]

    verdicts = {one.id: one.finding for one in record.criteria}
    assert {name: found for name, found in verdicts.items() if found.verdict is not Verdict.CONFORME} == {}
    assert record.incidents == ()
    assert all((tmp_path / kept.path).is_file() for kept in record.evidence)
    known = {kept.id for kept in record.evidence}
    assert all(found.evidence and set(found.evidence) <= known for found in verdicts.values())

    # nothing is left in the candidate's work
    assert before == after
    assert lab.run("ipbx", ["sh", "-c", VOICEMAIL]).stdout.strip() == ""
    assert not (tmp_path / ".work").exists()

    # every verdict can be computed again without the lab
    engine.down(lab.spec.key)
    bounds = bind(definition, values, all_checks(), [node.name for node in lab.spec.nodes])
    again = judge_all(bounds, store.ReplayObserver(tmp_path), lambda line: None, Incidents())
    assert [one.finding for one in again] == [one.finding for one in record.criteria]
