"""What the containerlab engine keeps on the host about a lab."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from trilab.engine.base import LabSpec
from trilab.engine.folder import Folder, NodeState
from trilab.host.paths import state_dir


def _root() -> Path:
    return state_dir() / "containerlab"


class Names(BaseModel):
    """``names.json``: what a lab is called outside, noted before anything is made."""

    model_config = ConfigDict(frozen=True)
    lab: str  # for containerlab; containers are clab-LAB-NODE
    network: str  # of Docker
    bridge: str  # interface of the host, at most 15 characters

    @classmethod
    def of(cls, key: str) -> Names:
        """Unique on the machine: state folders may differ, and each may hold a lab of the same key."""
        mark = hashlib.sha256(f"{_root()}\0{key}".encode()).hexdigest()
        lab = f"{re.sub('[^A-Za-z0-9]+', '-', key)}-{mark[:6]}"
        return cls(lab=lab, network=f"trilab-{lab}", bridge=f"tl{mark[:12]}")

    def container(self, node: str) -> str:
        """The name of a node's container."""
        return f"clab-{self.lab}-{node}"


class LabState(BaseModel):
    """``lab.json``: written once the lab is ready. ``tools``: the container of the graders' own programs."""

    model_config = ConfigDict(frozen=True)
    spec: LabSpec
    names: Names
    image: str
    started_at: float
    nodes: tuple[NodeState, ...]
    tools: NodeState


class LabFolder(Folder):
    """The folder of one lab."""

    def __init__(self, key: str) -> None:
        super().__init__(_root(), key)
        self.topology = self.path / "lab.clab.yml"

    def names(self) -> Names | None:
        """Raises StateError when another version of trilab wrote them."""
        return self.read("names.json", Names)

    def load(self) -> LabState | None:
        """The state of the lab if it runs. Raises StateError when a trilab of another version started it."""
        lab = self.read("lab.json", LabState)
        return lab if lab is not None and lab.tools.alive else None
