"""What the engine orders and the bubble executes."""

from __future__ import annotations

from dataclasses import dataclass

from trilab.engine.native.radio import RadioOrder


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
    radio: RadioOrder | None = None
