from __future__ import annotations

from pathlib import Path

import pytest

from tests.nos import templates
from trilab.nos import interpreter
from trilab.nos.grammar.graph import Grammar
from trilab.nos.grammar.parser import Failure
from trilab.nos.reference import REFUSED, document, readable


def test_the_reference_is_up_to_date(repository: Path) -> None:
    written = (repository / "docs" / "nos.md").read_text(encoding="utf-8")
    assert written == document(), "the devices' commands changed: run make reference"


@pytest.mark.parametrize(("role", "mode", "line", "why"), REFUSED)
def test_what_is_said_to_be_refused_is(grammars: dict[str, Grammar], role: str, mode: str, line: str, why: str) -> None:
    found, _ = interpreter.resolve(grammars[role], mode, line)
    assert isinstance(found, Failure)
    assert why


def test_patterns_are_readable() -> None:
    assert readable("monitor session <number:int(1,2)> (both=way | rx=way) <port:ifname(port,channel)>") == (
        "monitor session <1-2> (both | rx) INTERFACE")  # fmt: skip
    assert readable("enable [<level:int(15,15)>]") == "enable [15]"


def test_the_list_of_templates_is_up_to_date(repository: Path, grammars: dict[str, Grammar]) -> None:
    """Whatever release of ntc-templates is installed: the devices' side of the list is what must be right."""
    written = (repository / "docs" / "nos-ntc-templates.md").read_text(encoding="utf-8")
    rows = [line for line in written.splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    devices = [grammars["switch"], grammars["router"], grammars["ap"]]
    assert rows == [templates.row(devices, line.split("`")[1]) for line in rows], "run make reference"
