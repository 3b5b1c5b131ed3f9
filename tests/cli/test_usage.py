"""Wrong input gets one French sentence, exit code 2, no traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trilab.cli.app import run


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRILAB_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("TRILAB_LABS", raising=False)


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = run(arguments)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.err


@pytest.mark.parametrize("arguments", [[], ["grade"], ["keys"], ["keys", "create"]])
def test_help_has_no_english_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*arguments, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Affiche cette aide." in shown and "Show this" not in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["up"], "L'argument LAB manque"),
        (["up", "pme-voi"], "Vouliez-vous dire « pme-voip »"),
        (["upp"], "Vouliez-vous dire « up »"),
        (["up", "--cand", "x"], "n'existe pas"),
        (["up", "pme-voip", "--candidate", "sans-numero"], "sans-numero"),
        (["grade", "pme-voip"], "ne tourne pas"),
        (["grade", "pme-voip", "--profile", "autre"], "(valeurs possibles : entrainement, jury)"),
        (["plan", "--candidates", "0"], "--candidates : valeur incorrecte (au moins 1)"),
        (["plan", "--candidates", "x"], "--candidates : valeur incorrecte (un nombre est attendu)"),
        (["grade", "pme-voip", "-c", "TRI-07"], "trilab up pme-voip -c TRI-07"),
        (["grade", "pme-voip", "-c", "TRI-01..02"], "TRI-02 : Le lab pme-voip ne tourne pas pour TRI-02."),
        (["up", "pme-voip", "-c", "TRI-03..02"], "n'est pas une suite de candidats"),
        (["down", "pme-voip", "-c", "TRI-1..x"], "n'est pas une suite de candidats"),
        (["ssh", "pme-voip", "sw1"], "ne tourne pas"),
        (["ssh", "inconnu", "sw1"], "inconnu"),
        (["capture", "pme-voip", "sw1"], "ne tourne pas"),
        (["solve", "pme-voip"], "ne tourne pas"),
        (["down"], "Donnez un LAB"),
        (["down", "pme-voip", "--all"], "Donnez un LAB"),
        (["down", "pme-voip"], "ne tourne pas"),
        (["down", "pme-vo"], "Vouliez-vous dire « pme-voip »"),
        (["report", "verify", "/nulle/part"], "/nulle/part"),
        (["--labs", "/nulle/part", "labs"], "/nulle/part"),
    ],
)
def test_wrong_input(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, err = said(arguments, capsys)
    assert code == 2
    assert words in " ".join(err.split())


def lab(folder: Path, text: str) -> list[str]:
    (folder / "mine").mkdir(parents=True)
    (folder / "mine" / "lab.yml").write_text(text)
    (folder / "mine" / "sujet.md").write_text("# Sujet\n")
    return ["--labs", str(folder)]


def test_malformed_yaml_has_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = lab(tmp_path / "labs", "id: mine\ntitle: [oops\n")
    code, err = said([*options, "up", "mine"], capsys)
    assert code == 2
    assert "lab.yml:" in err


def test_unknown_key_has_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = lab(tmp_path / "labs", "id: mine\ntitre: Mon lab\n")
    code, err = said([*options, "up", "mine"], capsys)
    assert code == 2
    assert "lab.yml:2:1" in err and "titre" in err


def test_a_broken_lab_hides_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = lab(tmp_path / "labs", "id: mine\ntitre: Mon lab\n")
    assert run([*options, "labs", "--json"]) == 0
    listed = {entry["id"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert "lab.yml:2:1" in listed["mine"]["error"]
    assert listed["pme-voip"]["error"] is None and listed["pme-voip"]["criteria"] > 0


@pytest.mark.parametrize(
    "command",
    ["doctor", "labs", "up", "ps", "ssh", "console", "capture", "solve", "grade", "regrade", "keys", "report", "down"],
)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert command in capsys.readouterr().out


def test_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ps", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(["down", "--all"]) == 0


def test_a_missing_check_is_told_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = """id: mine
title: Essai
summary: Essai.
duration: 10
topology: pme.clab.yml
competences: {1: Commutation}
criteria:
  - id: un
    competence: 1
    points: 1
    title: VLAN
    asked: Les VLAN.
    check: vlan.exist
    with: {node: sw1, vlans: {10: A}}
"""
    options = lab(tmp_path / "labs", text)
    code, err = said([*options, "up", "mine"], capsys)
    assert code == 2
    assert "lab.yml:13" in err and "vlan.exists" in err
