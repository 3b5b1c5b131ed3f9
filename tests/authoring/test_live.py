"""The new lab for real: the solution is right in every criterion, the cheat is refused by those that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from trilab.access import play
from trilab.authoring import new_lab
from trilab.engine.native import NativeEngine
from trilab.graders import all_checks
from trilab.grading import grade
from trilab.grading.model import Verdict
from trilab.lab import Candidate, answer, answers, load_lab
from trilab.topology import plan


@pytest.mark.live
def test_the_new_lab_works_at_once(engine: NativeEngine, tmp_path: Path) -> None:
    lab = load_lab(new_lab("nouveau", tmp_path))
    values = lab.values(Candidate.parse("AUT1"))
    topology = lab.topology_for(values)
    verdicts = {}
    for info in (one for one in answers(lab) if one.kind != "alternative"):
        running = engine.up(plan(topology, lab.id, "AUT1"), lambda line: None)
        play(running, answer(lab, info.name, values), lambda line: None)
        record = grade(running, lab, "entrainement", tmp_path / "reports" / info.name, lambda line: None, all_checks())
        engine.down(running.spec.key)
        verdicts[info.name] = {one.id for one in record.criteria if one.finding.verdict is not Verdict.CONFORME}
        if info.kind == "cheat":
            refused = {one.id for one in record.criteria if one.finding.verdict is Verdict.NON_CONFORME}
            assert refused == set(info.caught_by)
    assert verdicts == {"solution": set(), "vlan-par-defaut": {"port-pc1", "port-pc2"}}
