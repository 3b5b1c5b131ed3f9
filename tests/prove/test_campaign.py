"""Choosing tasks, keeping results, taking up again; workers that die."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from trilab.errors import FileError, InputError
from trilab.lab import LabDefinition, load_lab
from trilab.prove import fleet, prepare
from trilab.prove.model import Outcome, Task
from trilab.prove.results import FILE, Results
from trilab.prove.show import as_json, terminal, write_matrix


@pytest.fixture
def lab(repository: Path) -> LabDefinition:
    return load_lab(repository / "labs" / "pme-voip")


def chosen(lab: LabDefinition, out: Path, *only: str, sample: int | None = None, seed: int = 0) -> list[str]:
    return [task.id for task in prepare(lab, out, only, sample, seed).tasks]


def test_kinds_ids_patterns_and_operators_choose(lab: LabDefinition, tmp_path: Path) -> None:
    assert chosen(lab, tmp_path, "solution") == ["solution"]
    assert chosen(lab, tmp_path, "alternatives")[0].startswith("alternative:")
    assert set(chosen(lab, tmp_path, "tel1:*")) < set(chosen(lab, tmp_path, "mutants"))
    assert all(name.split(":")[2] == "permit-deny" for name in chosen(lab, tmp_path, "permit-deny"))
    with pytest.raises(InputError, match="rien"):
        chosen(lab, tmp_path, "rien")


def test_a_sample_is_drawn_by_its_seed_among_mutants_only(lab: LabDefinition, tmp_path: Path) -> None:
    first = chosen(lab, tmp_path, sample=5, seed=1)
    assert first == chosen(lab, tmp_path, sample=5, seed=1) != chosen(lab, tmp_path, sample=5, seed=2)
    assert sum(name.count(":") == 2 for name in first) == 5
    assert "solution" in first and any(name.startswith("cheat:") for name in first)


def kept(campaign_out: Path, task: Task, fingerprint: str) -> None:
    outcome = Outcome(id=task.id, kind=task.kind, candidate="preuve-1", fingerprint=fingerprint)
    Results(campaign_out).add(outcome)


def test_a_campaign_takes_up_where_it_was_interrupted(lab: LabDefinition, tmp_path: Path) -> None:
    first = prepare(lab, tmp_path, ["tel1:*", "solution"])
    for task in first.tasks[:3]:
        kept(tmp_path, task, first.fingerprints[task.id])
    with (tmp_path / FILE).open("a") as file:
        file.write('{"id": "tel1:')  # cut short by a crash
    again = prepare(lab, tmp_path, ["tel1:*", "solution"], resume=True)
    assert [task.id for task in again.todo] == [task.id for task in first.tasks[3:]]
    assert not again.report().complete
    assert prepare(lab, tmp_path, ["tel1:*", "solution"]).todo == list(first.tasks)


def test_results_of_another_answer_do_not_count(lab: LabDefinition, tmp_path: Path) -> None:
    kept(tmp_path, prepare(lab, tmp_path, ["solution"]).tasks[0], "former")
    assert len(prepare(lab, tmp_path, ["solution"], resume=True).todo) == 1


def test_a_damaged_results_file_is_told(lab: LabDefinition, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{}\n")
    with pytest.raises(FileError, match=f"{FILE}:1"):
        prepare(lab, tmp_path, ["solution"], resume=True)


def test_reports_can_be_written(lab: LabDefinition, tmp_path: Path) -> None:
    campaign = prepare(lab, tmp_path, ["solution", "tel1:1:*"])
    for task in campaign.tasks:
        kept(tmp_path, task, campaign.fingerprints[task.id])
    report = campaign.report()
    assert report.complete and not report.right and report.score[0] == 0
    assert json.dumps(as_json(report))
    assert terminal(report)
    write_matrix(report, tmp_path / "m.csv")
    assert (tmp_path / "m.csv").read_text().splitlines()[0].startswith("critère,solution,tel1:1:")


def test_a_worker_ends_when_its_orders_end(lab: LabDefinition) -> None:
    command = [sys.executable, "-m", "trilab.prove.worker", str(lab.folder), "240"]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_worker_that_dies_is_a_failure_and_not_a_verdict(lab: LabDefinition, tmp_path: Path) -> None:
    worker = fleet.Worker(lab, 241, tmp_path / "log")
    try:
        (task,) = prepare(lab, tmp_path / "out", ["solution"]).tasks
        broken = Task("nothing", "mutant", "", task.answer)
        assert "n'existe pas" in worker.prove(broken, tmp_path).failure
        assert worker._process is not None
        worker._process.kill()
        worker._process.wait()
        assert "n'existe pas" in worker.prove(broken, tmp_path).failure  # a new one was started
    finally:
        worker.stop()
        worker.wait()
