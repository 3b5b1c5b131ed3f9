"""A session on a node that is not there to answer: told at once, not by ssh(1)."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from trilab.cli.app import run
from trilab.cli.context import Context


@pytest.mark.parametrize("command", ["ssh", "console"])
def test_a_node_that_died(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    alive: Callable[[str], bool] = lambda name: False  # noqa: E731
    lab = SimpleNamespace(spec=SimpleNamespace(lab="pme-voip"), nodes={"sw1": SimpleNamespace(open=True)}, alive=alive)
    monkeypatch.setattr(Context, "running", lambda self, lab_id, candidate: lab)
    assert run([command, "pme-voip", "sw1"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "Le nœud sw1 ne tourne plus." in said and "trilab down pme-voip, puis trilab up pme-voip" in said
