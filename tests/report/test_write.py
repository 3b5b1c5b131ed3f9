"""The files of a report: all of them, or none."""

from __future__ import annotations

import errno
import os
import re
import sys
import zlib
from pathlib import Path

import pytest

from trilab.errors import HostError
from trilab.grading.model import Record
from trilab.report import canonical, verify, write
from trilab.report.files import write_all
from trilab.report.pdf import pdf


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_every_file_is_there_and_nothing_else(pristine: Path) -> None:
    files = {"record.json", "rapport.html", "rapport.pdf", "SHA256SUMS"}
    assert _names(pristine) == files | {"evidence", "observations.json"}
    assert {(pristine / name).stat().st_mode & 0o777 for name in files} == {0o644}


def test_the_pdf_is_tagged_and_has_language_and_title(pristine: Path) -> None:
    raw = (pristine / "rapport.pdf").read_bytes()
    assert raw.startswith(b"%PDF-1.7")
    streams = re.findall(rb"/FlateDecode.*?stream\r?\n(.*?)\nendstream", raw, re.DOTALL)
    data = b"\n".join(zlib.decompress(one) for one in streams)
    for mark in (b"pdfuaid", b"/StructTreeRoot", b"/MarkInfo", b"/DisplayDocTitle true", b"/Lang (fr)", b"/Figure"):
        assert mark in data, mark
    assert str(pristine).encode() not in data and b"file:" not in data


@pytest.mark.parametrize(
    ("code", "said"), [(errno.ENOSPC, "disque est plein"), (errno.EROFS, "lecture seule"), (errno.EIO, "Input/output")]
)
def test_a_disk_that_refuses_leaves_no_half_report(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str
) -> None:
    folder = tmp_path / "sample"
    monkeypatch.setattr("trilab.report.writing.pdf", lambda html: b"%PDF")
    calls = 0

    def refuse(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(HostError, match=said) as caught:
        write(record, folder)
    assert str(folder) in caught.value.message
    assert _names(folder) == {"evidence"}


def test_a_former_report_survives_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_all(tmp_path, {"a": b"1", "b": b"1"})

    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(HostError):
        write_all(tmp_path, {"a": b"2", "b": b"2"})
    assert ((tmp_path / "a").read_bytes(), (tmp_path / "b").read_bytes()) == (b"1", b"1")
    assert _names(tmp_path) == {"a", "b"}


def test_what_a_killed_writer_left_goes(tmp_path: Path) -> None:
    (tmp_path / ".rapport-abc").mkdir()
    (tmp_path / ".rapport-abc" / "a").write_bytes(b"half")
    write_all(tmp_path, {"a": b"1"})
    assert _names(tmp_path) == {"a"}


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    for place in (tmp_path / "f", tmp_path / "f" / "dessous"):
        with pytest.raises(HostError, match="ce n'est pas un dossier"):
            write_all(place, {"a": b"1"})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_rights_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(HostError, match="accessible en écriture"):
            write_all(tmp_path, {"a": b"1"})
    finally:
        tmp_path.chmod(0o700)


@pytest.fixture
def without_pango(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing WeasyPrint fails as it does where Pango is missing."""
    fake = tmp_path / "fake" / "weasyprint"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(fake.parent))


@pytest.mark.usefixtures("without_pango")
def test_without_pango_the_packages_are_named_and_the_record_is_kept(record: Record, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    (folder / "rapport.pdf").write_bytes(b"of an earlier grading")
    with pytest.raises(HostError, match=r"libpango-1\.0-0.*fonts-dejavu-core") as caught:
        write(record, folder)
    assert "record.json et rapport.html sont écrits" in caught.value.message
    assert (folder / "record.json").read_bytes() == canonical(record)
    assert not (folder / "rapport.pdf").exists()
    assert verify(folder).intact


def test_the_pdf_takes_nothing_from_outside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "secret.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    address = (tmp_path / "secret.svg").as_uri()
    pdf(f'<html lang="fr"><title>t</title><body><img src="{address}" alt="image"></body></html>')
    assert any("disallowed protocol" in record.getMessage() for record in caplog.records)
