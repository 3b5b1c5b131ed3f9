"""The record as a file, and its published schema."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.report.sample import build
from trilab.errors import FileError
from trilab.grading.model import RECORD_VERSION, Record
from trilab.report import canonical, read
from trilab.report.schema import schema


def test_the_record_comes_back_the_same(tmp_path: Path) -> None:
    record = build(tmp_path)
    (tmp_path / "record.json").write_bytes(canonical(record))
    again = read(tmp_path)
    assert canonical(again) == canonical(record)
    assert again.criteria[0].finding == record.criteria[0].finding


def test_the_form_is_canonical(tmp_path: Path) -> None:
    record = build(tmp_path)
    shuffled = Record.model_validate(dict(reversed(list(record.model_dump().items()))))
    data = canonical(record)
    assert data == canonical(shuffled)
    assert data.endswith(b"\n") and "é".encode() in data and b"\\u00e9" not in data

    def is_sorted(value: Any) -> bool:
        if isinstance(value, dict):
            return list(value) == sorted(value) and all(map(is_sorted, value.values()))
        return all(map(is_sorted, value)) if isinstance(value, list) else True

    assert is_sorted(json.loads(data))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "n'est pas un rapport"),
        (b'{"a": 1,\n  oops}', "record.json:2:3"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"version": 99}', "version 99"),
        (b'{"version": 1, "lab": "x"}', "lab_title"),
        (b"[]", "valeur refusée"),
        (b'{"version": 2}', "version 2"),
    ],
)
def test_a_bad_record_is_told_with_its_place(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "record.json").write_bytes(content)
    with pytest.raises(FileError, match=said):
        read(tmp_path)


def _shape(node: Any) -> Any:
    """A schema without titles, descriptions and defaults, which pydantic words as it likes."""
    if isinstance(node, dict):
        return {
            key: {name: _shape(one) for name, one in value.items()} if key in ("properties", "$defs") else _shape(value)
            for key, value in node.items()
            if key not in ("title", "description", "default")
        }
    return [_shape(one) for one in node] if isinstance(node, list) else node


def test_the_published_schema_is_the_model(repository: Path) -> None:
    published = json.loads((repository / "docs" / "record.schema.json").read_text(encoding="utf-8"))
    assert _shape(published) == _shape(json.loads(json.dumps(schema())))


def test_the_schema_accepts_a_record_and_refuses_an_unknown_field(tmp_path: Path, repository: Path) -> None:
    published = json.loads((repository / "docs" / "record.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    data = json.loads(canonical(build(tmp_path)))
    jsonschema.validate(data, published)
    data["criteria"][0]["finding"]["verdict"] = "acquis"
    with pytest.raises(jsonschema.ValidationError, match="acquis"):
        jsonschema.validate(data, published)
    data["criteria"][0]["finding"]["verdict"] = "conforme"
    data["name"] = "Jean"
    with pytest.raises(jsonschema.ValidationError, match="name"):
        jsonschema.validate(data, published)


RECORDS = Path(__file__).parent.parent / "recorded" / "records"


@pytest.mark.parametrize("path", sorted(RECORDS.glob("v*[0-9].json")), ids=lambda path: path.stem)
def test_records_of_earlier_releases_are_read(path: Path, tmp_path: Path, repository: Path) -> None:
    shutil.copy(path, tmp_path / "record.json")
    record = read(tmp_path)
    assert len(record.criteria) == 12 and record.evidence
    published = json.loads((repository / "docs" / "record.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), published)


def _objects(published: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"Record": published, **{name: one for name, one in published["$defs"].items() if "properties" in one}}


def test_within_a_version_fields_are_only_added_with_a_default() -> None:
    """The rule of docs/dev/record.md, against the first schema that was published under this version."""
    frozen = json.loads((RECORDS / f"v{RECORD_VERSION}.schema.json").read_text(encoding="utf-8"))
    now = json.loads(json.dumps(schema()))
    fresh = _objects(now)
    for name, before in _objects(frozen).items():
        after = fresh[name]
        kept = {field: after["properties"].get(field) for field in before["properties"]}
        assert _shape(kept) == _shape(before["properties"]), name
        assert set(after["required"]) <= set(before["required"]), name
    enums = {name: one["enum"] for name, one in frozen["$defs"].items() if "enum" in one}
    assert enums == {name: now["$defs"][name]["enum"] for name in enums}


def test_a_field_of_a_later_release_is_told(tmp_path: Path) -> None:
    data = json.loads(canonical(build(tmp_path)))
    data["criteria"][2]["weather"] = "rain"
    (tmp_path / "record.json").write_text(json.dumps(data))
    with pytest.raises(FileError, match=r"criteria\.2\.weather.*plus récente.*Mettez trilab à jour"):
        read(tmp_path)
