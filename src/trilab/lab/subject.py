"""The subject of one candidate: Markdown, and one HTML page that holds its diagram and works offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from trilab.lab.candidate import Candidate
from trilab.lab.definition import SUBJECT, LabDefinition
from trilab.topology import Topology
from trilab.topology.drawing import ROLE_NAMES, svg
from trilab.topology.spec import NO_ACCESS, open_to_candidate
from trilab.topology.template import render
from trilab.topology.yamlfile import read_text

DIAGRAM = "schema.svg"  # an image of that name in the Markdown is replaced by the drawing
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, "DejaVu Sans", sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { border: 1px solid; padding: .3rem .6rem; text-align: left; vertical-align: top; }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
pre { overflow-x: auto; padding: .6rem; border: 1px solid; }
figure { margin: 1.5rem 0; }
figure svg { max-width: 100%; height: auto; }
""".strip()


def duration_text(minutes: int) -> str:
    """``210`` → ``3 h 30``."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def diagram(lab: LabDefinition, candidate: Candidate) -> str:
    """The network drawing (SVG) of a lab. Raises FileError."""
    return svg(lab.topology_for(lab.values(candidate)), title=f"Schéma du réseau : {lab.title}")


def subject(lab: LabDefinition, candidate: Candidate, addresses: Mapping[str, str] | None = None) -> str:
    """The subject in Markdown: title, opening of ``sujet.md``, candidate, duration, competences, access, its sections.

    ``sujet.md`` is a Jinja template over the variables, and ``nodes.<name>.mgmt`` and ``.role``. Its own first-level
    title, if it starts with one, replaces the lab's. The drawing stands where it has ``![…](schema.svg)``, else first.

    Args:
        addresses: node → management address on the machine where the lab runs; by default what the topology asks for.

    Raises:
        FileError: with the line in ``sujet.md``.
    """
    variables = lab.values(candidate)
    topology = lab.topology_for(variables)
    nodes = nodes_of(topology, addresses)
    path = lab.folder / SUBJECT
    body = render(path, read_text(path), {**variables, "nodes": nodes}).strip()
    title = lab.title
    if body.startswith("# "):
        first, _, body = body.partition("\n")
        title = first.removeprefix("# ").strip()
    opening, sections = _split(body)
    parts = [f"# {title}", opening, _facts(lab, candidate), _access(nodes)]
    if f"]({DIAGRAM})" not in body:
        parts.append(f"## Schéma\n\n![Schéma du réseau]({DIAGRAM})")
    return "\n\n".join(part for part in (*parts, sections) if part) + "\n"


def _split(body: str) -> tuple[str, str]:
    """What stands before the first second-level title, and the rest."""
    head, mark, rest = f"\n{body.strip()}".partition("\n## ")
    return head.strip(), (mark + rest).strip()


def subject_html(lab: LabDefinition, candidate: Candidate, addresses: Mapping[str, str] | None = None) -> str:
    """The subject as one HTML page, drawing inside, nothing to fetch. As :func:`subject`."""
    text = subject(lab, candidate, addresses)
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    drawing = diagram(lab, candidate)

    def image(
        renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: dict[str, Any]
    ) -> str:
        if tokens[index].attrGet("src") == DIAGRAM:
            return f"<figure>{drawing}</figure>"
        return renderer.image(tokens, index, options, env)

    markdown.add_render_rule("image", image)
    body = markdown.render(text).replace("<p><figure>", "<figure>").replace("</figure></p>", "</figure>")
    return (
        '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(lab.title)} – {escape(candidate.code)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def nodes_of(topology: Topology, addresses: Mapping[str, str] | None = None) -> Mapping[str, Mapping[str, str]]:
    """What ``sujet.md`` finds under ``nodes``; ``addresses`` replace those that the topology asks for."""
    mgmt = {name: str(node.mgmt_ipv4 or "") for name, node in topology.nodes.items()} | dict(addresses or {})
    return {name: _node(topology, name, mgmt[name]) for name in topology.nodes}


def _node(topology: Topology, name: str, mgmt: str) -> dict[str, str]:
    """``access``: only there where the candidate has no account."""
    role = topology.role(name) or ""
    if open_to_candidate(topology.nodes[name].labels or {}):
        return {"mgmt": mgmt, "role": role}
    return {"mgmt": "", "role": role, "access": NO_ACCESS}


def _facts(lab: LabDefinition, candidate: Candidate) -> str:
    lines = [f"- **Candidat\u00a0:** {candidate.code}", f"- **Durée\u00a0:** {duration_text(lab.duration)}"]
    lines.append("- **Compétences évaluées\u00a0:**")
    items = (f"    - Compétence {number}\u00a0: {title}" for number, title in lab.competences.items())
    return "\n".join([*lines, *items])


def _access(nodes: Mapping[str, Mapping[str, str]]) -> str:
    rows = ["## Accès aux équipements", "", "| Équipement | Rôle | Adresse d'administration |", "|---|---|---|"]
    for name, node in nodes.items():
        role = ROLE_NAMES.get(node["role"], node["role"] or "—")
        address = "aucun accès" if "access" in node else node["mgmt"] or "automatique"
        rows.append(f"| {name} | {role} | {address} |")
    rows += ["", "La commande `trilab ssh`, affichée pour chaque équipement au lancement du lab, joint ces adresses."]
    return "\n".join(rows)
