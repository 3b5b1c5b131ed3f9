"""``trilab checks``: an author finds what can be graded."""

from __future__ import annotations

import json

import pytest

from trilab.cli.app import run
from trilab.graders import all_checks


def test_all_of_them(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["checks"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in all_checks())
    assert run(["checks", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in told} == set(all_checks())


def test_a_domain_and_one_check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["checks", "dhcp"]) == 0
    out = capsys.readouterr().out
    assert "dhcp.lease" in out and "vlan.trunk" not in out
    assert run(["checks", "vlan.access_port"]) == 0
    out = capsys.readouterr().out
    assert "le VLAN voix du port" in out and "obligatoire" in out and "« show »" in out
    assert "critère « port-tel1 » du lab pme-voip" in out


def test_an_unknown_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["checks", "vlan.trunks"]) == 2
    assert "Vouliez-vous dire « vlan.trunk »" in " ".join(capsys.readouterr().err.split())
