"""What the native engine keeps on the host about a running lab."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from trilab.engine.base import LabSpec
from trilab.engine.folder import Folder, NodeState
from trilab.host import process
from trilab.host.paths import labs_dir


class RadioState(BaseModel):
    """The radio container of a running lab, named as a node's init is."""

    model_config = ConfigDict(frozen=True)
    pid: int
    born: int


class LabState(BaseModel):
    """``lab.json``: written once the lab is ready."""

    model_config = ConfigDict(frozen=True)
    spec: LabSpec
    image: str
    started_at: float
    bubble_pid: int
    nodes: tuple[NodeState, ...]
    radio: RadioState | None = None


class LabFolder(Folder):
    """The folder of one lab."""

    def __init__(self, key: str) -> None:
        super().__init__(labs_dir(), key)
        self.cgroups = self.path / "cgroups"
        self.log = self.path / "supervisor.log"

    def bubble_pid(self) -> int | None:
        """The first process of the bubble, if it still runs."""
        try:
            pid, born = (self.path / "bubble.pid").read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if process.alive(int(pid), int(born)) else None

    def load(self) -> LabState | None:
        """The state of the lab if it runs. Raises StateError when a trilab of another version started it."""
        return None if self.bubble_pid() is None else self.read("lab.json", LabState)
