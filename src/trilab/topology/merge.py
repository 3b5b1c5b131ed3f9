"""What a node inherits: node, then its group, then its kind, then the defaults.

Source of the rules: containerlab's manual, "Nodes" and "Topology definition" (https://containerlab.dev/manual/).
Tables merge, commands add up from the general to the particular, binds are replaced by their place in the node,
everything else is replaced.
"""

from __future__ import annotations

from typing import Any

from trilab.topology.model import Graph, NodeConfig

_TABLES = frozenset({"env", "labels", "sysctls"})
_LISTS = frozenset({"env_files", "devices", "cap_add", "aliases", "volumes", "security_opts"})


def kind_of(graph: Graph, name: str) -> str | None:
    """A node's kind: its own, its group's, that of the default group, the default one."""
    node, defaults = graph.nodes[name], graph.defaults
    groups = (graph.groups.get(group) for group in (node.group, defaults.group) if group)
    kinds = [node.kind, *(group.kind for group in groups if group), defaults.kind]
    return next((kind for kind in kinds if kind), None)


def group_of(graph: Graph, name: str) -> str | None:
    """A node's group: its own, its kind's, the default one."""
    kind = graph.kinds.get(kind_of(graph, name) or "")
    return graph.nodes[name].group or (kind.group if kind else None) or graph.defaults.group


def levels(graph: Graph, name: str) -> list[tuple[tuple[str, ...], NodeConfig]]:
    """The tables that apply to a node with their place under ``topology``, from the general to the particular."""
    kind, group = kind_of(graph, name), group_of(graph, name)
    found: list[tuple[tuple[str, ...], NodeConfig]] = [(("defaults",), graph.defaults)]
    if kind in graph.kinds:
        found.append((("kinds", kind), graph.kinds[kind]))
    if group in graph.groups:
        found.append((("groups", group), graph.groups[group]))
    return [*found, (("nodes", name), graph.nodes[name])]


def merged(graph: Graph, name: str) -> NodeConfig:
    """A node with everything that it inherits."""
    values: dict[str, Any] = {}
    for _, config in levels(graph, name):
        for field, value in config.written().items():
            values[field] = _combine(field, values.get(field), value)
    values |= {"kind": kind_of(graph, name), "group": group_of(graph, name)}
    return NodeConfig.model_construct(_fields_set=set(values), **values)


def _combine(field: str, general: Any, particular: Any) -> Any:
    if general is None:
        return particular
    if field in _TABLES:
        return {**general, **particular}
    if field == "exec":
        return (*general, *particular)
    if field == "binds":
        return tuple({bind_target(bind): bind for bind in (*general, *particular)}.values())
    if field in _LISTS:
        return tuple(dict.fromkeys((*general, *particular)))
    return particular


def bind_target(bind: str) -> str:
    """Where a bind appears in the node: ``host:node[:options]``, or an anonymous volume's only path."""
    parts = bind.split(":")
    return parts[0] if len(parts) == 1 else parts[1]
