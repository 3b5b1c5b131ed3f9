from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from trilab.errors import HostError
from trilab.images import image, node_layer, recipe, sandbox


def test_the_hash_follows_what_decides_the_content(monkeypatch: pytest.MonkeyPatch) -> None:
    before = recipe.recipe_hash()
    recipe.recipe_hash.cache_clear()
    assert recipe.recipe_hash() == before
    recipe.recipe_hash.cache_clear()
    monkeypatch.setattr(recipe, "packages", lambda: ["one"])
    assert recipe.recipe_hash() != before
    recipe.recipe_hash.cache_clear()


def test_the_command_names_no_mirror_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRILAB_MIRROR", raising=False)
    command = recipe.build_command("mmdebstrap", Path("/x/node.tar"))
    assert command[-2:] == [recipe.SUITE, "/x/node.tar"]
    monkeypatch.setenv("TRILAB_MIRROR", "file:///mirror")
    assert recipe.build_command("mmdebstrap", Path("/x/node.tar"))[-1] == "file:///mirror"


def test_the_layer_belongs_to_root_and_keeps_what_is_executable() -> None:
    with tarfile.open(fileobj=io.BytesIO(node_layer.archive())) as tar:
        members = {member.name: member for member in tar.getmembers()}
    assert members["usr/lib/trilab/init"].mode == 0o755
    assert members["usr/lib/trilab/python/trilab/nos/daemon.py"].mode == 0o644
    assert all(member.uid == 0 and member.gid == 0 for member in members.values())
    assert not any("pycache" in name for name in members)
    names = list(members)
    assert all(names.index(str(Path(name).parent)) < names.index(name) for name in names if "/" in name)


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(image, "SPACE_NEEDED", 2**62)
    monkeypatch.setattr(image.tools, "need", lambda name: name)
    monkeypatch.setenv("TRILAB_CACHE", str(tmp_path))
    with pytest.raises(HostError, match=r"Il reste .* Mio"):
        image.ensure()
    assert not list((tmp_path / "images").glob("*.tmp"))


def test_a_failed_build_keeps_its_last_words(tmp_path: Path) -> None:
    said: list[str] = []
    script = "echo 'I: first step'; echo 'E: no network' >&2; exit 7"
    with pytest.raises(HostError, match="no network"):
        sandbox.run_reported(["sh", "-c", script], said.append)
    assert said == ["first step"]
