"""What the engine and the bubble tell each other: one JSON document in, one JSON line per event out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class NodeOrder:
    """One node to start.

    ``address``: management address with prefix length; ``files``: path → (content, mode); ``doors``: descriptors of its
    control groups (see cgroups.make).
    """

    name: str
    role: str
    address: str
    env: dict[str, str]
    binds: list[tuple[str, str, bool]]
    files: dict[str, tuple[str, int]]
    doors: list[int]


@dataclass(frozen=True)
class Order:
    """A whole bubble to build. ``scratch``: size of its tmpfs, as mount(8) writes it; ``doors``: its own
    control groups."""

    runtime: str
    rootfs: str
    layer: str
    tun: str
    gateway: str
    scratch: str
    doors: list[int]
    nodes: list[NodeOrder]
    cables: list[tuple[tuple[str, str], tuple[str, str], int]]

    def to_json(self) -> dict[str, Any]:
        """Plain values for json.dumps."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Order:
        """The inverse of :meth:`to_json`."""
        nodes = [
            NodeOrder(
                **{
                    **node,
                    "binds": [(source, target, read_only) for source, target, read_only in node["binds"]],
                    "files": {path: (content, mode) for path, (content, mode) in node["files"].items()},
                }
            )
            for node in data["nodes"]
        ]
        cables = [((a[0], a[1]), (b[0], b[1]), mtu) for a, b, mtu in data["cables"]]
        return cls(**{**data, "nodes": nodes, "cables": cables})
