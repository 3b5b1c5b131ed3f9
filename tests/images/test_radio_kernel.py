from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from trilab.errors import HostError
from trilab.host import tools
from trilab.images import inventory, radio_kernel, recipe, sandbox, store


def test_the_recipe_travels_as_text(tmp_path: Path) -> None:
    """The hook writes the script into the new root and gives it the configuration; "chroot" here is a stand-in."""
    stand_in = tmp_path / "bin" / "chroot"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\ncat >"$1/config"\n')
    stand_in.chmod(0o755)
    environment = {"PATH": f"{stand_in.parent}:/usr/bin:/bin"}
    subprocess.run(["sh", "-c", radio_kernel.hook(), "hook", str(tmp_path)], check=True, env=environment)
    assert (tmp_path / "build.sh").read_text() == (radio_kernel.HERE / "build.sh").read_text()
    assert (tmp_path / "config").read_text() == (radio_kernel.HERE / "kernel.config").read_text()
    subprocess.run(["bash", "-n", str(tmp_path / "build.sh")], check=True)


def test_the_hash_follows_script_and_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    radio_kernel.recipe_hash.cache_clear()
    before = radio_kernel.recipe_hash()
    radio_kernel.recipe_hash.cache_clear()
    monkeypatch.setattr(radio_kernel, "hook", lambda: "other")
    assert radio_kernel.recipe_hash() != before
    radio_kernel.recipe_hash.cache_clear()


def test_without_room_nothing_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRILAB_CACHE", str(tmp_path))
    monkeypatch.setattr(radio_kernel, "SPACE_NEEDED", 2**62)
    monkeypatch.setattr(radio_kernel.tools, "need", lambda name: "/bin/false")
    with pytest.raises(HostError, match="noyau radio"):
        radio_kernel.ensure()
    assert [path.name for path in (tmp_path / "radio").iterdir()] == ["lock"]


def test_a_failed_build_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRILAB_CACHE", str(tmp_path))
    monkeypatch.setattr(radio_kernel, "SPACE_NEEDED", 0)
    monkeypatch.setattr(radio_kernel.tools, "need", lambda name: "/bin/false")
    with pytest.raises(HostError, match="construction a échoué"):
        radio_kernel.ensure()
    assert [path.name for path in (tmp_path / "radio").iterdir()] == ["lock"]
    assert not radio_kernel.built()


def test_without_its_tool_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No compiler is asked of the machine: it comes into the build root with mmdebstrap."""
    monkeypatch.setenv("TRILAB_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools, "SBIN", str(tmp_path))
    with pytest.raises(HostError, match="mmdebstrap") as caught:
        radio_kernel.ensure()
    assert "apt install mmdebstrap" in str(caught.value.hint) and not radio_kernel.built()
    assert {"gcc", "make"} <= set(radio_kernel.packages())


def test_a_disk_that_fills_up_meanwhile_is_named() -> None:
    script = "echo 'gcc: fatal error: a.o: No space left on device'; seq 100; exit 2"
    with pytest.raises(HostError, match="No space left on device"):
        sandbox.run_reported(["sh", "-c", script], lambda line: None)


def test_the_words_that_explain_a_failure_are_kept() -> None:
    script = "echo 'a.c:1:1: error: no such thing'; seq 100; exit 2"
    with pytest.raises(HostError, match="no such thing"):
        sandbox.run_reported(["sh", "-c", script], lambda line: None)


def test_clean_keeps_today_and_what_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRILAB_CACHE", str(tmp_path))
    for name in (recipe.recipe_hash(), "running", "old"):
        (tmp_path / "images" / name).mkdir(parents=True)
        (tmp_path / "images" / name / "file").write_bytes(bytes(9000))
    assert inventory.missing() == ["radio"]
    freed = inventory.clean({"running+layer"})
    assert freed >= 9000
    left = {path.name for path in (tmp_path / "images").iterdir() if path.is_dir()}
    assert left == {recipe.recipe_hash(), "running"}
    with store.locked(tmp_path / "images" / "lock"):
        pass
