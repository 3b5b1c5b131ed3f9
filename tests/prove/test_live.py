"""A small proof on real labs: the solution is accepted, mistakes are caught, nothing is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trilab.cli.app import run
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live
CHOSEN = ["solution", "sw2:2:oubli", "r1:65:sans-enregistrer", "tel2:3:secret"]


def test_the_solution_and_three_mutants(
    engine: NativeEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for name in CHOSEN for word in ("--only", name)]
    code = run(["prove", "pme-voip", *words, "--jobs", "2", "--json", "-o", str(tmp_path)])
    report = json.loads(capsys.readouterr().out)
    assert [answer["defects"] for answer in report["answers"]] == [[], [], [], []]
    assert (code, report["score"]) == (0, {"caught": 3, "mutants": 3})
    caught = {answer["id"]: answer["caught_by"] for answer in report["answers"]}
    assert caught["sw2:2:oubli"] == ["ssh-sw2", "nom-sw2"]
    assert caught["tel2:3:secret"][0] == "compte-tel2"
    assert not [key for key in engine.leftovers() if key.startswith("pme-voip@preuve")]
    assert list((tmp_path / "preuves").iterdir()) == []
    assert run(["prove", "pme-voip", *words, "--resume", "-o", str(tmp_path)]) == 0
