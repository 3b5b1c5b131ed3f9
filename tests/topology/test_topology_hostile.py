"""Any text is either accepted or refused with one sentence: no other exception comes out of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trilab.errors import FileError
from trilab.topology import load, native_refusals, plan
from trilab.topology.drawing import svg
from trilab.topology.yamlfile import parse

PME = (Path(__file__).parents[2] / "topologies" / "pme.clab.yml").read_text()
PIECES = [
    "{", "}", "[", "]", ":", "-", "&a", "*a", "<<:", "{{", "}}", "{%", "%}", "{#", "null", "~", "true", "0x1F", "0o17",
    "1e999", ".nan", ".inf", "0042", "-1", "1_0", "''", '"', "|", ">", "!!binary", "!x", "?", "#", "---", "...", "é",
    "2024-01-01", "{{x}}", "{{1/0}}", "endpoints", "eth0", " ", "\t", "\n", "\n  ", "%YAML 1.1\n---\n", "---\n", "\x00",
    "\x07", "\ufeff",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = PME
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(st.sampled_from(PIECES) | st.text(max_size=3)) + text[end:]
    return text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(text=damaged())
@example("[" * 3000)
@example("{a: " * 3000)
@example("null: 1\n")
@example("true: {1.5: [~]}\n")
@example("? [a]\n: b\n")
@example("a: 0b\n")
@example("a: 0x\n")
@example("a: 0o9\n")
@example("a: 1e999999\n")
@example(f"a: {'9' * 5000}\n")
@example("x: {{ '%s' % 1 }}{{ ('a' ~ 1) + 1 }}")
@example("x: {{ range(1000000000) | list }}")
@example("x: {{ x.y.z }}")
@example("%YAML 3.0\n---\na: 1\n")
@example("name: t\ntopology: {nodes: {a: {kind: linux, labels: {x: ~}}}}")
@example("name: t\ntopology: {nodes: {1: {kind: linux}}}")
@example("name: t\ntopology: {nodes: {a: {kind: linux}}, links: [~, 3, [a], {endpoints: ~}, {endpoints: [1, 2]}]}")
@example("name: t\ntopology: {nodes: {a: {kind: [linux], group: {a: 1}}}, groups: 3, kinds: [a]}")
@example("name: t\nmgmt: 5\ntopology: ~")
@example("name: t\nmgmt: {ipv4-subnet: 10.0.0.0/32}\ntopology: {nodes: {a: {kind: linux, mgmt-ipv4: 10.0.0.0}}}")
def test_damaged_files(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.clab.yml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        topology = load(path, {"x": 1})
        svg(topology)
        if not native_refusals(topology):
            plan(topology, "l", "c1")
    except FileError as error:
        assert error.message.startswith(str(path))
        assert error.line is not None and error.line >= 1
        assert "Traceback" not in str(error)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-99, 99) | st.text("ab- é\"'", max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
    )
)
def test_values_are_read_as_any_yaml_reader_reads_them(value: object) -> None:
    assert parse(Path("f"), json.dumps(value)).data == value


def test_deep_nesting_is_told() -> None:
    with pytest.raises(FileError, match="imbri"):
        parse(Path("f"), "[" * 5000)
