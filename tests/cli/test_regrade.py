"""``trilab regrade`` on a stored run of pme-voip, and what may have happened to it since."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from trilab import report
from trilab.cli.app import run
from trilab.graders import all_checks
from trilab.grading.model import Evidence, Record, Verdict
from trilab.grading.regrade import regrade
from trilab.grading.runner import tool_versions
from trilab.grading.store import FILE, ReplayObserver
from trilab.lab import Candidate, content_hash, load_lab
from trilab.report.sums import digest

RECORDED = Path(__file__).parent.parent / "recorded" / "pme-voip"
WHEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("trilab.report.writing.pdf", lambda html: b"%PDF")  # seconds, and not what is tested here


@pytest.fixture(scope="module")
def stored(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report folder as a grading of the recorded run leaves it."""
    folder = tmp_path_factory.mktemp("rapport") / "r"
    (folder / "evidence").mkdir(parents=True)
    shutil.copy(RECORDED / FILE, folder)
    (folder / "evidence" / "e1-sw1.txt").write_text("VLAN 10\n")
    definition = load_lab(repository / "labs" / "pme-voip")
    evidence = Evidence(
        id="e1",
        kind="command",
        node="sw1",
        title="show vlan brief",
        path="evidence/e1-sw1.txt",
        sha256=digest(folder / "evidence" / "e1-sw1.txt"),
        started_at=WHEN,
        duration=0.1,
    )
    blank = Record(
        lab=definition.id,
        lab_title=definition.title,
        lab_sha256=content_hash(definition),
        candidate="GR1",
        profile="jury",
        started_at=WHEN,
        finished_at=WHEN,
        lab_started_at=WHEN,
        tool=tool_versions("image-hash"),
        competences=dict(definition.competences),
        variables=definition.values(Candidate.parse("GR1")),
        criteria=(),
        evidence=(evidence,),
    )
    record = regrade(blank, definition, ReplayObserver(folder), all_checks(), lambda line: None)
    criteria = tuple(one.model_copy(update={"started_at": WHEN, "duration": 1.5}) for one in record.criteria)
    _write(record.model_copy(update={"criteria": criteria, "incidents": ()}), folder)
    return folder


def _write(record: Record, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("trilab.report.writing.pdf", lambda html: b"%PDF")
        report.write(record, folder)


@pytest.fixture
def folder(stored: Path, tmp_path: Path) -> Path:
    """A copy to be spoilt."""
    return Path(shutil.copytree(stored, tmp_path / "rapport"))


def _rejudge(folder: Path, criterion: str, verdict: Verdict) -> None:
    """As if an earlier check had said something else."""
    record = report.read(folder)

    def other(one: Any) -> Any:
        found = one.finding.model_copy(update={"verdict": verdict})
        return one.model_copy(update={"finding": found}) if one.id == criterion else one

    _write(record.model_copy(update={"criteria": tuple(map(other, record.criteria))}), folder)


def test_nothing_moves(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert run(["regrade", str(folder)]) == 0
    assert "Aucun verdict ne change" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_moved_verdict_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _rejudge(folder, "vlan-sw1", Verdict.INCONCLUSIF)
    assert run(["regrade", str(folder), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["criteria"] == len(report.read(folder).criteria) and said["lab_changed"] is False
    (move,) = said["moves"]
    assert (move["id"], move["before"], move["after"]) == ("vlan-sw1", "inconclusif", "conforme")
    assert run(["regrade", str(folder)]) == 1
    out = capsys.readouterr().out
    assert "vlan-sw1" in out and "inconclusif" in out and "conforme" in out


def test_a_changed_observation_moves_its_verdict_only_with_force(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = json.loads((folder / FILE).read_text())
    entry = next(one for one in data["observations"] if one["request"].get("command") == "show vlan brief")
    entry["answer"]["text"] = entry["answer"]["text"].replace("DONNEES", "DONNES")
    (folder / FILE).write_text(json.dumps(data))
    assert run(["regrade", str(folder)]) == 2
    assert "a changé depuis son écriture" in capsys.readouterr().err
    assert run(["regrade", str(folder), "--force", "--json"]) == 1
    moves = json.loads(capsys.readouterr().out)["moves"]
    assert {move["after"] for move in moves} == {"non conforme"}
    assert all(move["id"].startswith("vlan-") for move in moves)


@pytest.fixture
def labs(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the labs that stands for trilab's own."""
    for name in ("labs", "topologies"):
        shutil.copytree(repository / name, tmp_path / "own" / name)
    monkeypatch.setattr("trilab.lab.folders.builtin", lambda name: tmp_path / "own" / name)
    return tmp_path / "own" / "labs"


def _drop(text: str) -> str:
    head, rest = text.split("  - id: vlan-sw2", 1)
    return head + "  - id:" + rest.split("  - id:", 1)[1]


def test_another_lab_is_refused_and_can_be_forced(folder: Path, labs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (labs / "pme-voip" / "sujet.md").write_text("# Autre sujet\n")
    assert run(["regrade", str(folder)]) == 2
    assert "n'est plus celui de ce rapport" in capsys.readouterr().err
    assert run(["regrade", str(folder), "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lab_changed"] is True


def test_a_criterion_that_is_gone_is_a_move(folder: Path, labs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = labs / "pme-voip" / "lab.yml"
    path.write_text(_drop(path.read_text()))
    assert run(["regrade", str(folder), "--force", "--json"]) == 1
    (move,) = json.loads(capsys.readouterr().out)["moves"]
    assert (move["id"], move["after"]) == ("vlan-sw2", None)


def test_a_new_report_is_written_signed_and_tells_its_origin(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _rejudge(folder, "vlan-sw1", Verdict.NON_CONFORME)
    out = tmp_path / "neuf"
    assert run(["regrade", str(folder), "-o", str(out)]) == 1
    after = report.read(out)
    assert after.regraded_from == digest(folder / "record.json")
    assert after.tool["image"] == "image-hash" and after.candidate == "GR1"
    assert {one.finding.verdict for one in after.criteria if one.id == "vlan-sw1"} == {Verdict.CONFORME}
    assert {(one.started_at, one.duration) for one in after.criteria} == {(WHEN, 1.5)}
    assert "Verdicts recalculés" in after.incidents[-1].text
    assert report.verify(out).proved  # by the key that was made for it
    capsys.readouterr()
    assert run(["regrade", str(out)]) == 0
    assert run(["regrade", str(folder), "-o", str(out)]) == 2
    assert "n'est pas un dossier vide" in capsys.readouterr().err


def _outside(folder: Path) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_text("x")
    record = report.read(folder)
    away = record.evidence[0].model_copy(update={"path": "../secret.txt", "sha256": digest(secret)})
    _write(record.model_copy(update={"evidence": (away,)}), folder)


def _link(folder: Path) -> None:
    secret = folder.parent / "secret.txt"
    secret.write_bytes((folder / "evidence" / "e1-sw1.txt").read_bytes())
    (folder / "evidence" / "e1-sw1.txt").unlink()
    (folder / "evidence" / "e1-sw1.txt").symlink_to(secret)


@pytest.mark.parametrize("spoil", [_outside, _link])
def test_nothing_is_taken_from_outside_a_report(folder: Path, spoil: Callable[[Path], None], tmp_path: Path) -> None:
    spoil(folder)
    out = tmp_path / "ailleurs" / "neuf"
    assert run(["regrade", str(folder), "--force", "-o", str(out)]) == 0
    copied = {path.name for path in out.parent.rglob("*") if path.is_file()}
    assert copied == {FILE, "record.json", "rapport.html", "rapport.pdf", "SHA256SUMS", "SHA256SUMS.sig"}


def test_what_is_no_report_is_told(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["regrade", str(tmp_path / "absent")]) == 2
    assert "n'est pas un rapport" in capsys.readouterr().err
    (folder / FILE).unlink()
    assert run(["regrade", str(folder), "--force"]) == 2
    assert "observations illisibles" in capsys.readouterr().err
