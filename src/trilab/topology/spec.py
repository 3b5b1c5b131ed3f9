"""What a rendered topology asks of an engine: plain values, no file and no YAML any more.

These live below the engine so that :func:`trilab.topology.plan` may build them; ``trilab.engine.base`` re-exports them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path
from typing import Literal

Role = Literal["switch", "router", "ap", "ipbx", "phone", "pc", "server", "wifi-client"]

ACCESS, NO_ACCESS = "trilab-access", "none"  # label and its only value


def open_to_candidate(labels: Mapping[str, str]) -> bool:
    """Whether the candidate has an account on a node: none on scenery, nor on the graders' own stations."""
    return labels.get(ACCESS) != NO_ACCESS


VendorKind = Literal["arista_ceos", "cisco_iol", "nokia_srlinux", "vyosnetworks_vyos"]


@dataclass(frozen=True)
class Vendor:
    """A vendor's device in place of a node of ours, on the containerlab engine: its kind there, and its image."""

    kind: VendorKind
    image: str


@dataclass(frozen=True)
class NodeSpec:
    """One node as the engine must build it."""

    name: str
    role: Role
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[tuple[Path, str, bool], ...] = ()  # (host path, node path, read-only)
    exec: tuple[str, ...] = ()  # run once the node is ready
    memory: int | None = None  # bytes
    mgmt_ipv4: IPv4Address | None = None  # asked for; else the engine chooses
    vendor: Vendor | None = None  # other engines than containerlab run a node of ours


@dataclass(frozen=True)
class LinkSpec:
    """A cable between two (node, ``ethN``) ends."""

    a: tuple[str, str]
    b: tuple[str, str]
    mtu: int = 1500


@dataclass(frozen=True)
class LabSpec:
    """A whole lab for one candidate, as rendered from a topology. ``key`` is unique on the machine."""

    lab: str
    candidate: str
    nodes: tuple[NodeSpec, ...]
    links: tuple[LinkSpec, ...]
    mgmt_subnet: str = "172.20.20.0/24"

    @property
    def key(self) -> str:
        """``lab@candidate``: names this lab for this candidate on this machine."""
        return f"{self.lab}@{self.candidate}"

    def cables(self, node: str) -> dict[str, tuple[str, str]]:
        """Port of a node → the other end of its cable (node, port)."""
        found = {}
        for link in self.links:
            for here, there in ((link.a, link.b), (link.b, link.a)):
                if here[0] == node:
                    found[here[1]] = there
        return found
