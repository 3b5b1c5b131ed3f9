"""The laid-out drawing as SVG text: follows the page's colours, says everything in words too."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from trilab.topology.drawing.graph import Graph, build
from trilab.topology.drawing.icons import ICONS, ROLE_NAMES, UNKNOWN
from trilab.topology.drawing.labels import place_labels
from trilab.topology.drawing.layout import ARC, CHAR, HEIGHT, SMALL, Box, Wire, lay_out
from trilab.topology.load import Topology

# Colours come from the page: its text colour, and --trilab-surface behind the boxes (else nearly white, or dark in dark
# mode). On paper, and where styles are not read at all, the attributes of the elements count.
INK, SURFACE = "#1b2733", "#f5f8fb"
_STYLE = (
    "@media screen{.trilab-net .box{fill:var(--trilab-surface,#f5f8fb)}}"
    "@media screen and (prefers-color-scheme:dark)"
    "{.trilab-net{color:#e4ebf2}.trilab-net .box{fill:var(--trilab-surface,#1d2935)}}"
)
_FONT = "font-family=\"system-ui, 'DejaVu Sans', sans-serif\""


def svg(
    topology: Topology, *, title: str = "", captions: Mapping[str, str] | None = None, prefix: str = "reseau"
) -> str:
    """Draw a topology.

    Parameters:
        title: read by screen readers; default: the topology's name.
        captions: node → a short line under its name, such as an address.
        prefix: start of the element ids, different for two drawings of one page.

    Returns:
        One ``<svg>`` element, without XML declaration: it can stand alone or inside an HTML page.
    """
    captions = captions or {}
    graph = build(topology)
    layout = lay_out(graph, captions)
    title = title or f"Schéma du réseau {topology.name}"
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" class="trilab-net" role="img"'
        f' viewBox="0 {layout.top:g} {layout.width:g} {layout.height:g}"'
        f' width="{layout.width:g}" height="{layout.height:g}" color="{INK}"'
        f' aria-labelledby="{prefix}-titre {prefix}-desc">',
        f'<title id="{prefix}-titre">{escape(title)}</title>',
        f'<desc id="{prefix}-desc">{escape(describe(graph, captions))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<g fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" {_FONT}>',
        *(_wire(wire) for wire in layout.wires),
        *(_box(box, graph.roles[name], captions.get(name, "")) for name, box in layout.boxes.items()),
        *(_text(label.x, label.y, label.text, 'font-size="11.5"') for label in place_labels(layout)),
        "</g></svg>",
    ]
    return "\n".join(parts)


def describe(graph: Graph, captions: Mapping[str, str]) -> str:
    """The drawing in words: the nodes, then every cable."""
    nodes = []
    for name, role in graph.roles.items():
        details = ", ".join(text for text in (ROLE_NAMES.get(role, role), captions.get(name, "")) if text)
        nodes.append(f"{name} ({details})" if details else name)
    cables = [f"{cable.a} {cable.a_name} vers {cable.b} {cable.b_name}" for cable in graph.cables]
    text = f"Équipements : {', '.join(nodes)}."
    return f"{text} Liens : {' ; '.join(cables)}." if cables else text


def _wire(wire: Wire) -> str:
    if wire.arc:
        peak = min(wire.y1, wire.y2) - ARC
        return f'<path d="M{wire.x1:g} {wire.y1:g}C{wire.x1:g} {peak:g} {wire.x2:g} {peak:g} {wire.x2:g} {wire.y2:g}"/>'
    return f'<path d="M{wire.x1:g} {wire.y1:g}L{wire.x2:g} {wire.y2:g}"/>'


def _box(box: Box, role: str, caption: str) -> str:
    left = box.x - (32 + 10 + max(len(box.name) * CHAR, len(caption) * SMALL)) / 2
    middle = box.y + HEIGHT / 2
    place = f'x="{box.left:g}" y="{box.y:g}" width="{box.width:g}" height="{HEIGHT:g}"'
    parts = [
        f'<rect class="box" fill="{SURFACE}" {place} rx="8"/>',
        f'<g transform="translate({left:g} {middle - 16:g})" stroke-width="1.5" stroke-linejoin="round">',
        f"{ICONS.get(role, UNKNOWN)}</g>",
        _text(left + 42, middle - 3 if caption else middle + 5, box.name, 'font-size="14" font-weight="600"'),
    ]
    if caption:
        parts.append(_text(left + 42, middle + 14, caption, 'font-size="11.5"'))
    return "".join(parts)


def _text(x: float, y: float, text: str, attributes: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="currentColor" stroke="none" {attributes}>{escape(text)}</text>'
