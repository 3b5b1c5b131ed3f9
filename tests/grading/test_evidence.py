"""Files of evidence."""

from __future__ import annotations

from pathlib import Path

from trilab.grading.evidence import Keeper


def test_a_file_name_keeps_the_letters_of_a_french_title(tmp_path: Path) -> None:
    Keeper(tmp_path).text("probe", "pc1", "Accessibilité reçue", "vu\n", 0.0, 1.0)
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == ["e1-pc1-accessibilite-recue.txt"]
