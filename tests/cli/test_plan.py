"""``trilab plan``: what a class needs."""

from __future__ import annotations

import json

import pytest

from trilab.cli.app import run


def test_the_table_names_its_sources(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["plan", "--candidates", "200"]) == 0
    out = capsys.readouterr().out
    assert "pme-voip pour 200\u00a0candidats" in out and "Mesures : novembre 2026" in out
    assert "containerlab" in out and "containerlab*" not in out and "kubernetes*" in out and "…" not in out


def test_json_and_one_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--candidates", "12", "--engine", "native", "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["engine"] == "native" and one["nodes"] == 108 and one["machines"] == 1


def test_what_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "--candidates", "2", "--engine", "nativ"]) == 2
    assert "Vouliez-vous dire « native »" in " ".join(capsys.readouterr().err.split())
    assert run(["plan", "--candidates", "2", "--lab", "pme-wifi", "--engine", "kubernetes"]) == 2
    assert "Wi-Fi" in capsys.readouterr().err
    assert run(["plan", "--candidates", "0"]) == 2
