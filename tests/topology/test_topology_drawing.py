"""The diagram: everything is in it, in words too, and nothing lies on anything else."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trilab.topology import load
from trilab.topology.drawing import svg
from trilab.topology.drawing.graph import Graph, build
from trilab.topology.drawing.labels import place_labels
from trilab.topology.drawing.layout import GAP, HEIGHT, Box, Layout, lay_out

PME = Path(__file__).parents[2] / "topologies" / "pme.clab.yml"
SVG = "{http://www.w3.org/2000/svg}"
ROLES = ("switch", "router", "pc", "phone", "server", "ipbx")


def overlapping(layout: Layout) -> list[tuple[str, str]]:
    def touch(a: Box, b: Box) -> bool:
        return a.rank == b.rank and a.left < b.right and b.left < a.right

    return [(a.name, b.name) for a, b in combinations(layout.boxes.values(), 2) if touch(a, b)]


def test_the_company_network() -> None:
    root = ElementTree.fromstring(svg(load(PME), captions={"pc1": "10.1.10.<11>"}))
    texts = [element.text for element in root.iter(f"{SVG}text")]
    for name in ("sw1", "sw2", "r1", "ipbx", "tel1", "tel2", "pc1", "pc2", "pc3", "Gi0/7", "eth2", "10.1.10.<11>"):
        assert name in texts
    assert texts.count("Gi0/8") == 2
    assert len(list(root.iter(f"{SVG}rect"))) > 9


def test_it_can_be_read_without_seeing() -> None:
    root = ElementTree.fromstring(svg(load(PME), title="Schéma <1>", prefix="x"))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "x-titre x-desc"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and title.text == "Schéma <1>"
    assert description is not None and description.text is not None
    assert "r1 (routeur)" in description.text
    assert "tel1 eth2 vers pc1 eth1" in description.text
    assert "sw1 Gi0/8 vers sw2 Gi0/8" in description.text


def test_colours_follow_the_page() -> None:
    text = svg(load(PME))
    assert "prefers-color-scheme:dark" in text
    assert 'stroke="currentColor"' in text
    attributes = re.sub(r"<style>.*?</style>", "", text)
    assert "var(" not in attributes  # what prints may not know them


def test_rows_and_columns() -> None:
    graph = build(load(PME))
    layout = lay_out(graph, {})
    rank = {name: box.rank for name, box in layout.boxes.items()}
    assert rank == {"r1": 0, "sw1": 1, "sw2": 1, "tel1": 2, "ipbx": 2, "tel2": 2, "pc2": 2, "pc3": 2, "pc1": 3}
    assert layout.boxes["pc1"].x == layout.boxes["tel1"].x
    assert graph.children["sw2"] == ("tel2", "pc2", "pc3")
    assert layout.boxes["sw2"].left <= layout.boxes["tel2"].left
    assert overlapping(layout) == []
    labels = place_labels(layout)
    assert not any(a.covers(b) for a, b in combinations(labels, 2))
    straight = [wire for wire in layout.wires if not wire.arc]
    assert not any(label.crosses(wire) for label in labels for wire in straight)


def test_what_has_no_cable_stands_close_together(tmp_path: Path) -> None:
    (tmp_path / "air.clab.yml").write_text(
        "name: t\ntopology:\n  defaults: {kind: linux, labels: {trilab-role: wifi-client}}\n"
        "  nodes: {s1: {}, s2: {}, s3: {}}\n"
    )
    boxes = list(lay_out(build(load(tmp_path / "air.clab.yml")), {}).boxes.values())
    assert [right.left - left.right for left, right in pairwise(boxes)] == [GAP, GAP]


@st.composite
def files(draw: st.DrawFn) -> str:
    roles = draw(st.lists(st.sampled_from(ROLES), min_size=1, max_size=12))
    names = [f"n{i}" for i in range(len(roles))]
    nodes = "".join(
        f"    {name}: {{labels: {{trilab-role: {role}}}}}\n" for name, role in zip(names, roles, strict=True)
    )
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=20))
    links = "".join(f"    - endpoints: [{a}:eth{2 * i + 1}, {b}:eth{2 * i + 2}]\n" for i, (a, b) in enumerate(pairs))
    head = "name: t\ntopology:\n  defaults: {kind: linux}\n  nodes:\n"
    return head + nodes + (f"  links:\n{links}" if links else "")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=files())
def test_any_topology_can_be_drawn_without_overlap(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.clab.yml"
    path.write_text(text)
    topology = load(path)
    graph = build(topology)
    layout = lay_out(graph, {})
    assert overlapping(layout) == []
    assert len(layout.wires) == len(topology.links)
    for box in layout.boxes.values():
        assert box.left >= 0 and box.right <= layout.width
        assert box.y >= layout.top and box.y + HEIGHT <= layout.top + layout.height
    for wire in layout.wires:
        assert on_edge(layout, graph, wire.cable.a, wire.x1, wire.y1)
        assert on_edge(layout, graph, wire.cable.b, wire.x2, wire.y2)
    ElementTree.fromstring(svg(topology))


def on_edge(layout: Layout, graph: Graph, node: str, x: float, y: float) -> bool:
    box = layout.boxes[node]
    return box.rank == graph.rank(node) and box.left <= x <= box.right and box.y <= y <= box.y + HEIGHT


@pytest.mark.parametrize(("role", "shown"), [("switch", "Gi0/3"), ("router", "Gi0/3"), ("pc", "eth3")])
def test_interface_names_are_those_the_candidate_reads(tmp_path: Path, role: str, shown: str) -> None:
    path = tmp_path / "t.clab.yml"
    nodes = f"  nodes: {{a: {{labels: {{trilab-role: {role}}}}}, b: {{}}}}\n"
    path.write_text(
        f"name: t\ntopology:\n  defaults: {{kind: linux}}\n{nodes}  links: [{{endpoints: [a:eth3, b:eth1]}}]\n"
    )
    assert build(load(path)).cables[0].a_name == shown
