"""The topology as the drawing sees it: nodes with a rank, cables, and who hangs under whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from trilab.topology.load import Topology
from trilab.topology.plan import NOS_ROLES

BACKBONE = frozenset({"switch", "router"})  # nothing else has hosts hanging under it first
ROUTER, SWITCH, HOST = 0, 1, 2  # rows from the top; a host behind a host is one row lower


@dataclass(frozen=True)
class Cable:
    """A link between two nodes of the drawing, with the interface names that the candidate reads."""

    a: str
    b: str
    a_name: str
    b_name: str

    def other(self, node: str) -> str:
        """The node at the other end."""
        return self.b if node == self.a else self.a


@dataclass(frozen=True)
class Graph:
    """``children``: hosts drawn under a node, by port number; ``parent`` is its inverse."""

    roles: Mapping[str, str]
    cables: tuple[Cable, ...]
    parent: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rank(self, node: str) -> int:
        """Row of a node."""
        if self.roles[node] == "router":
            return ROUTER
        if self.roles[node] == "switch":
            return SWITCH
        above = self.parent.get(node)
        return HOST if above is None or self.rank(above) < HOST else self.rank(above) + 1

    def of(self, node: str) -> list[Cable]:
        """The cables of a node."""
        return [cable for cable in self.cables if node in (cable.a, cable.b)]


def shown_interface(role: str, interface: str) -> str:
    """``eth1`` → ``Gi0/1`` on switches and routers, ``Gi0`` on access points; as it is elsewhere."""
    number = interface.removeprefix("eth")
    if role not in NOS_ROLES or not number.isdigit():
        return interface
    return f"Gi{int(number) - 1}" if role == "ap" else f"Gi0/{number}"


def build(topology: Topology) -> Graph:
    """The graph of a topology. Links that leave the lab (host, macvlan …) are not drawn."""
    roles = {name: topology.role(name) or "" for name in topology.nodes}
    cables = []
    for link in topology.links:
        if len(link.endpoints) == 2 and all(end.node in roles for end in link.endpoints):
            a, b = link.endpoints
            names = (shown_interface(roles[end.node], end.interface) for end in (a, b))
            cables.append(Cable(a.node, b.node, *names))
    parent = _parents(roles, cables)
    children: dict[str, list[str]] = {name: [] for name in roles}
    for cable in sorted(cables, key=_port_order):
        for child in (cable.a, cable.b):
            above = parent.get(child)
            if above == cable.other(child) and child not in children[above]:
                children[above].append(child)
    return Graph(roles, tuple(cables), parent, {name: tuple(under) for name, under in children.items()})


def _port_order(cable: Cable) -> tuple[int, int]:
    """By the number that ends the interface names: ``Gi0/2`` before ``Gi0/10``."""
    a, b = (int(found[0]) if (found := re.search(r"\d+$", name)) else 0 for name in (cable.a_name, cable.b_name))
    return max(a, b), min(a, b)


def _parents(roles: Mapping[str, str], cables: list[Cable]) -> dict[str, str]:
    """Breadth first from the switches, then the routers, then what is left: a host hangs under who reaches it first."""
    order = sorted(roles, key=lambda name: {"switch": 0, "router": 1}.get(roles[name], 2))
    parent: dict[str, str] = {}
    seen = {name for name in roles if roles[name] in BACKBONE}
    for root in order:
        if roles[root] not in BACKBONE and root in seen:
            continue
        seen.add(root)
        queue = [root]
        while queue:
            node = queue.pop(0)
            for cable in cables:
                if node in (cable.a, cable.b) and (other := cable.other(node)) not in seen:
                    seen.add(other)
                    parent[other] = node
                    queue.append(other)
    return parent
