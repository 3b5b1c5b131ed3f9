"""The record as a file, and its published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.report.sample import build
from trilab.errors import FileError
from trilab.grading.model import Record
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
