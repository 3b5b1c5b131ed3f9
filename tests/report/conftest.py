"""Written reports, made once per worker: laying out a PDF takes seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.report.sample import build
from trilab.grading.model import Record
from trilab.report import write

DIAGRAM = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10" role="img"><title>Schéma</title></svg>'


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole report in the training profile; not to be touched."""
    folder = tmp_path_factory.mktemp("rapport") / "r"
    record = build(folder)
    (folder / "observations.json").write_text("{}\n")
    write(record, folder, diagram=DIAGRAM)
    return folder


@pytest.fixture
def written(pristine: Path, tmp_path: Path) -> Path:
    """A copy of the report, to be spoilt."""
    return Path(shutil.copytree(pristine, tmp_path / "rapport"))


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """The sample; its evidence is in ``tmp_path/sample``."""
    return build(tmp_path / "sample")
