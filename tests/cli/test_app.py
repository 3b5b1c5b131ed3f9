"""The application finds the file of a command without reading the others."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import typer

from trilab.cli.app import FILES, build, run


@pytest.mark.parametrize("file", dict.fromkeys(FILES.values()))
def test_every_command_of_a_file_is_listed(file: str) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    import_module(f"trilab.cli.commands.{file}").register(app)
    group = typer.main.get_command(app)
    assert sorted(group.commands) == sorted(name for name, its in FILES.items() if its == file)  # type: ignore[attr-defined]


def test_one_command_or_all() -> None:
    assert set(typer.main.get_command(build("ps")).commands) == {"up", "ps", "down"}  # type: ignore[attr-defined]
    assert set(typer.main.get_command(build("pss")).commands) == set(FILES)  # type: ignore[attr-defined]


@pytest.mark.parametrize("arguments", [["--help"], ["--help", "ps"], ["--labs=x", "--help", "ps"]])
def test_the_help_names_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 0
    shown = capsys.readouterr().out
    assert all(f" {name} " in shown for name in FILES)


def test_an_option_before_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["--labs", str(tmp_path), "plan", "--help"]) == 0
    assert "--candidates" in capsys.readouterr().out
