"""``trilab keys`` and what ``trilab report verify`` answers: exit code and sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.report.sample import build
from trilab import report
from trilab.cli.app import run
from trilab.cli.commands.keys import signer
from trilab.cli.output import Output


@pytest.fixture(autouse=True)
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty configuration folder, and no PDF, which takes seconds."""
    monkeypatch.setenv("TRILAB_CONFIG", str(tmp_path / "centre"))
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("trilab.report.writing.pdf", lambda html: b"%PDF")
    return tmp_path / "centre"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A report signed as ``trilab grade`` does it."""
    place = tmp_path / "rapport"
    report.write(build(place), place, signer=signer(Output()))
    return place


def test_the_first_signature_makes_a_key_and_says_where(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = signer(Output())
    said = capsys.readouterr().err
    assert str(centre / "id_ed25519") in said and first.public.fingerprint in said and "trilab keys show" in said
    assert signer(Output()).public == first.public
    assert capsys.readouterr().err == ""


def test_create_show_list(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "show"]) == 2
    assert "trilab keys create" in capsys.readouterr().err
    assert run(["keys", "create", "--name", "Centre [bold] de Rennes"]) == 0
    capsys.readouterr()
    assert run(["keys", "create"]) == 2
    assert "existe déjà" in capsys.readouterr().err
    assert run(["keys", "show"]) == 0
    captured = capsys.readouterr()
    assert captured.out == (centre / "id_ed25519.pub").read_text()
    assert run(["keys", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["name"] == "Centre [bold] de Rennes" and shown["fingerprint"] in captured.err
    assert run(["keys", "list"]) == 0
    assert f"Centre [bold] de Rennes : {shown['fingerprint']}" in capsys.readouterr().out


def test_verify_answers_by_the_trust_in_the_key(
    folder: Path, centre: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", "verify", str(folder)]) == 0
    assert "clé de confiance" in capsys.readouterr().out
    monkeypatch.setenv("TRILAB_CONFIG", str(tmp_path / "jury"))
    assert run(["report", "verify", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "✓ Rapport intact" in said and "clé inconnue" in said
    assert run(["keys", "trust", str(centre / "id_ed25519.pub"), "--name", "Centre de Rennes"]) == 0
    fingerprint = next(word for word in capsys.readouterr().out.split() if word.startswith("SHA256:"))
    assert run(["report", "verify", str(folder), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["seal"], result["signer"], result["fingerprint"]) == ("trusted", "Centre de Rennes", fingerprint)
    assert result["intact"] and result["proved"]
    assert run(["keys", "forget", fingerprint]) == 0
    assert run(["report", "verify", str(folder)]) == 1
    (folder / "SHA256SUMS.sig").unlink()
    capsys.readouterr()
    assert run(["report", "verify", str(folder)]) == 1
    assert "non signé" in capsys.readouterr().out


def test_an_altered_report_is_refused_with_its_changes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "evidence" / "e1-sw1.txt").write_text("x")
    (folder / "evidence" / "plus.txt").write_text("x")
    (folder / "rapport.html").unlink()
    capsys.readouterr()
    assert run(["report", "verify", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "modifié : evidence/e1-sw1.txt" in said
    assert "ajouté : evidence/plus.txt" in said and "retiré : rapport.html" in said


def test_a_private_key_is_never_trusted(centre: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "create"]) == 0
    assert run(["keys", "trust", str(centre / "id_ed25519")]) == 2
    assert "clé privée" in " ".join(capsys.readouterr().err.split())
