"""What is kept on the host about a running lab: one folder per lab and candidate."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, ValidationError

from trilab.engine.base import LabSpec, Role
from trilab.errors import StateError
from trilab.host import process
from trilab.host.paths import labs_dir


class NodeState(BaseModel):
    """One node of a running lab; ``pid`` and ``born`` (its creation time) name its init without doubt."""

    model_config = ConfigDict(frozen=True)
    name: str
    role: Role
    mgmt_ip: IPv4Address
    pid: int
    born: int


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


class LabFolder:
    """The folder of one lab, by its key (``lab@candidate``)."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.path = labs_dir() / key
        self.key_file = self.path / "id_ed25519"
        self.cgroups = self.path / "cgroups"
        self.log = self.path / "supervisor.log"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lab while it is started or removed. Raises StateError when another trilab holds it."""
        labs_dir().mkdir(parents=True, exist_ok=True)
        with (labs_dir() / f".{self.key}.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StateError(f"Une autre commande s'occupe déjà de {self.key}.", "Attendez sa fin.") from error
            yield

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def bubble_pid(self) -> int | None:
        """The first process of the bubble, if it still runs."""
        try:
            pid, born = (self.path / "bubble.pid").read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if process.alive(int(pid), int(born)) else None

    def load(self) -> LabState | None:
        """The state of the lab if it runs. Raises StateError when a trilab of another version started it."""
        path = self.path / "lab.json"
        if self.bubble_pid() is None or not path.exists():
            return None
        try:
            return LabState.model_validate_json(path.read_text())
        except ValidationError as error:
            text = f"Le lab {self.key} a été lancé par une autre version de trilab."
            raise StateError(text, "Pour l'arrêter : trilab down --all") from error

    def save(self, state: LabState) -> None:
        """Write ``lab.json`` in one step."""
        partial = self.path / "lab.json.tmp"
        partial.write_text(state.model_dump_json(indent=1))
        partial.rename(self.path / "lab.json")

    def make_key(self) -> str:
        """Make the graders' key pair; gives the public half in OpenSSH form."""
        key = Ed25519PrivateKey.generate()
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        descriptor = os.open(self.key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(private)
        public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        return public.decode()

    def remove(self) -> None:
        """Remove the folder. The empty lock file stays: removed while held, it would let two commands in."""
        shutil.rmtree(self.path, ignore_errors=True)


def folders() -> list[LabFolder]:
    """Every lab that left a folder, running or not."""
    if not labs_dir().exists():
        return []
    return [LabFolder(path.name) for path in sorted(labs_dir().iterdir()) if path.is_dir()]
