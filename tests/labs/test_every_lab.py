"""Every lab that is shipped passes its own static check."""

from __future__ import annotations

from pathlib import Path

import pytest

from trilab.authoring import Level, check_lab
from trilab.graders import all_checks

LABS = sorted(path.parent for path in (Path(__file__).resolve().parents[2] / "labs").glob("*/lab.yml"))


@pytest.mark.parametrize("folder", LABS, ids=lambda folder: folder.name)
def test_no_error(folder: Path) -> None:
    assert [one for one in check_lab(folder, all_checks()) if one.level is Level.ERROR] == []
