"""What was altered, added or removed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from trilab.errors import FileError, InputError
from trilab.report import Seal, Verification, verify
from trilab.report.sums import SUMS, digest

EVIDENCE = "evidence/e1-sw1.txt"


def test_a_fresh_report_is_intact(pristine: Path) -> None:
    result = verify(pristine)
    assert result.intact
    assert result.files == 9 + 4  # evidence; record, observations, HTML, PDF
    assert "13\u00a0fichiers vérifiés" in result.lines()[0]


@pytest.mark.parametrize("name", [EVIDENCE, "record.json", "rapport.html", "rapport.pdf", "observations.json"])
def test_one_changed_octet_is_found(written: Path, name: str) -> None:
    data = bytearray((written / name).read_bytes())
    data[-2] ^= 1
    (written / name).write_bytes(data)
    result = verify(written)
    assert not result.intact
    assert result.altered == (name,)
    assert (result.added, result.removed) == ((), ())
    assert f"✗ modifié : {name}" in result.lines()


@pytest.mark.parametrize("name", [EVIDENCE, "rapport.pdf", "record.json", "observations.json"])
def test_a_removed_file_is_found(written: Path, name: str) -> None:
    (written / name).unlink()
    assert verify(written).removed == (name,)


def test_a_removed_list_is_found_and_evidence_is_still_checked(written: Path) -> None:
    (written / SUMS).unlink()
    (written / EVIDENCE).write_text("autre")
    result = verify(written)
    assert result.removed == (SUMS,)
    assert result.altered == (EVIDENCE,)


def test_an_added_file_is_found_even_hidden_or_deep(written: Path) -> None:
    (written / "evidence" / "plus" / "loin").mkdir(parents=True)
    (written / "evidence" / "plus" / "loin" / "e10.txt").write_text("x")
    (written / ".cache").write_text("x")
    assert verify(written).added == (".cache", "evidence/plus/loin/e10.txt")


def _resign(folder: Path, name: str) -> None:
    lines = (folder / SUMS).read_text().splitlines()
    kept = [f"{digest(folder / name)}  {name}" if line.endswith(f"  {name}") else line for line in lines]
    (folder / SUMS).write_text("\n".join(kept) + "\n")


def test_evidence_changed_together_with_the_list_is_caught_by_the_record(written: Path) -> None:
    (written / EVIDENCE).write_text("autre")
    _resign(written, EVIDENCE)
    assert verify(written).altered == (EVIDENCE,)


def test_evidence_struck_from_the_list_is_told(written: Path) -> None:
    lines = [line for line in (written / SUMS).read_text().splitlines() if not line.endswith(EVIDENCE)]
    (written / SUMS).write_text("\n".join(lines) + "\n")
    result = verify(written)
    assert not result.intact
    assert result.problems == (f"preuve absente de {SUMS} : {EVIDENCE}",)


def test_a_link_instead_of_a_file_is_an_alteration(written: Path, tmp_path: Path) -> None:
    shutil.copy(written / EVIDENCE, tmp_path / "copie")
    (written / EVIDENCE).unlink()
    (written / EVIDENCE).symlink_to(tmp_path / "copie")
    assert verify(written).altered == (EVIDENCE,)


def test_a_record_that_is_none_is_told(written: Path) -> None:
    (written / "record.json").write_text("{")
    result = verify(written)
    assert result.altered == ("record.json",)
    assert "JSON mal formé" in result.problems[0]


def _outside(folder: Path) -> None:
    data = json.loads((folder / "record.json").read_text())
    data["evidence"][0]["path"] = "../copie.txt"
    (folder.parent / "copie.txt").write_bytes((folder / EVIDENCE).read_bytes())
    (folder / "record.json").write_text(json.dumps(data))


@pytest.mark.parametrize("spoil", [_outside])
def test_evidence_outside_the_folder_is_no_evidence(written: Path, spoil: Callable[[Path], None]) -> None:
    spoil(written)
    result = verify(written)
    assert "../copie.txt" in result.removed
    assert result.altered == ("record.json",)


def test_what_is_not_a_report_is_refused(tmp_path: Path, written: Path) -> None:
    with pytest.raises(InputError, match="n'existe pas"):
        verify(tmp_path / "absent")
    with pytest.raises(InputError, match="n'existe pas"):
        verify(written / "record.json")
    (tmp_path / "vide").mkdir()
    with pytest.raises(InputError, match="n'est pas un rapport"):
        verify(tmp_path / "vide")
    (written / SUMS).write_text("abc\n")
    with pytest.raises(FileError, match=f"{SUMS}:1"):
        verify(written)


def test_sha256sum_reads_the_list(pristine: Path) -> None:
    done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", SUMS], cwd=pristine, timeout=30)
    assert done.returncode == 0


def test_lines_name_everything() -> None:
    result = Verification("d", 1, Seal.TRUSTED, "SHA256:x", "n", "", ("a",), ("b",), ("c",), ("p",))
    found = ("✗ modifié : a", "✗ ajouté : b", "✗ retiré : c", "✗ p", "✓ signé par n (SHA256:x), clé de confiance.")
    assert result.lines() == ("✗ Ce rapport a changé depuis son écriture : d", *found)
