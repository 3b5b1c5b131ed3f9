from __future__ import annotations

import os
from pathlib import Path

import pytest

from trilab.errors import HostError
from trilab.host import process, tools, userns


def test_first_range_of_the_user_that_is_large_enough(tmp_path: Path) -> None:
    path = tmp_path / "subuid"
    path.write_text("other:1:65536\nme:100000:1000\nme:200000:65536\nme:400000:65536\n# a comment\n")
    assert userns._first(path, {"me", "1000"}) == 200000
    assert userns._first(path, {"1000"}) is None
    assert userns._first(tmp_path / "absent", {"me"}) is None


def test_a_process_is_named_by_its_birth() -> None:
    born = process.born(os.getpid())
    assert born is not None
    assert process.alive(os.getpid(), born)
    assert not process.alive(os.getpid(), born + 1), "the same pid, another process"
    assert process.born(2**22 + 1) is None


def test_a_missing_tool_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find", lambda name: None)
    with pytest.raises(HostError, match="uidmap"):
        tools.need("newuidmap")
