"""``trilab new-lab``: a lab that is right as it is, written where nothing was."""

from __future__ import annotations

from pathlib import Path

import pytest

from trilab.authoring import check_lab, new_lab
from trilab.cli.app import run
from trilab.errors import FileError, InputError, StateError
from trilab.graders import all_checks
from trilab.lab import check


def test_the_new_lab_is_complete_and_right(tmp_path: Path) -> None:
    folder = new_lab("mon-lab", tmp_path)
    assert check_lab(folder, all_checks()) == []
    lab = check(folder)
    assert (lab.id, lab.total) == ("mon-lab", 20)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"lab.yml", "sujet.md", "proof.yml", "expect.yml", "sw1.ios", "pc1.sh"} <= {path.name for path in files}
    assert not any("LAB_ID" in path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("name", ["", "Mon Lab", "été", "-a", "a-", "a--b", "../a", "a" * 41, "A1"])
def test_bad_ids(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="identifiant d'un lab"):
        new_lab(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").write_text("à moi")
    (tmp_path / "c").symlink_to(tmp_path / "nowhere")
    for name in "abc":
        with pytest.raises(StateError, match="existe déjà"):
            new_lab(name, tmp_path)
    assert (tmp_path / "b").read_text() == "à moi"
    assert list((tmp_path / "a").iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


def test_a_taken_id(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="s'appelle déjà"):
        new_lab("pme-voip", tmp_path, ("pme-voip",))


def test_a_missing_folder_is_made_and_a_file_is_none(tmp_path: Path) -> None:
    assert (new_lab("a", tmp_path / "mes" / "labs") / "lab.yml").is_file()
    (tmp_path / "fichier").write_text("à moi")
    with pytest.raises(FileError, match="écriture impossible"):
        new_lab("a", tmp_path / "fichier")


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "lab.yml")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(FileError, match="le disque est plein"):
        new_lab("a", tmp_path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new-lab", "essai"]) == 0
    assert "TRILAB_LABS" in capsys.readouterr().out
    assert run(["check-lab", "essai"]) == 0
    assert "rien à redire" in capsys.readouterr().out
    assert run(["--labs", str(tmp_path), "check-lab", "essai"]) == 0
    assert run(["new-lab", "essai"]) == 2
    assert run(["new-lab", "pme-voip"]) == 2
    assert "s'appelle déjà" in capsys.readouterr().err
