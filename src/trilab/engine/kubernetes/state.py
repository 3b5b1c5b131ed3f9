"""What the Kubernetes engine keeps on the host about a lab."""

from __future__ import annotations

import hashlib
import re
from ipaddress import IPv4Address
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from trilab.engine.base import LabSpec, Role
from trilab.engine.folder import Folder
from trilab.host.paths import state_dir

NAME_LENGTH = 63  # of a namespace: a label of DNS (RFC 1123)


def _root() -> Path:
    return state_dir() / "kubernetes"


class Place(BaseModel):
    """``place.json``: where a lab is, noted before anything is made. ``context``: of the kubeconfig; None in a pod."""

    model_config = ConfigDict(frozen=True)
    context: str | None
    namespace: str

    @classmethod
    def of(cls, key: str, context: str | None) -> Place:
        """The namespace of a lab: unique on the cluster, though several state folders may hold the same key."""
        mark = hashlib.sha256(f"{_root()}\0{key}".encode()).hexdigest()[:6]
        words = re.sub("[^a-z0-9]+", "-", key.lower()).strip("-")
        return cls(context=context, namespace=f"trilab-{words[: NAME_LENGTH - 14].rstrip('-')}-{mark}")


class Endpoint(BaseModel):
    """One node: the ClusterIP of its service, which answers SSH inside the cluster."""

    model_config = ConfigDict(frozen=True)
    name: str
    role: Role
    address: IPv4Address


class LabState(BaseModel):
    """``lab.json``: written once the cluster says that the lab runs."""

    model_config = ConfigDict(frozen=True)
    spec: LabSpec
    place: Place
    image: str
    started_at: float
    nodes: tuple[Endpoint, ...]


class LabFolder(Folder):
    """The folder of one lab."""

    def __init__(self, key: str) -> None:
        super().__init__(_root(), key)

    def place(self) -> Place | None:
        """Raises StateError when another version of trilab wrote it."""
        return self.read("place.json", Place)

    def load(self) -> LabState | None:
        """The state of the lab, once it ran. Raises StateError when another version of trilab wrote it."""
        return self.read("lab.json", LabState)
