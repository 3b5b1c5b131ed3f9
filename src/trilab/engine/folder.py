"""What is kept on the host about a running lab: one folder per lab and candidate, whatever the engine."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, ValidationError

from trilab.engine.base import Lab, NodeInfo, Radio, Role
from trilab.errors import StateError
from trilab.host import process

Model = TypeVar("Model", bound=BaseModel)
OneLab = TypeVar("OneLab", bound=Lab)


class NodeState(BaseModel):
    """One node of a running lab; ``pid`` and ``born`` (its creation time) name its init without doubt."""

    model_config = ConfigDict(frozen=True)
    name: str
    role: Role
    mgmt_ip: IPv4Address
    pid: int
    born: int

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return process.alive(self.pid, self.born)

    def info(self, labels: dict[str, str], vendor: str = "") -> NodeInfo:
        """What the rooms above know of it."""
        return NodeInfo(self.name, self.role, self.mgmt_ip, self.pid, labels, vendor)


class Folder:
    """The folder of one lab, by its key (``lab@candidate``), below that of all labs of an engine."""

    def __init__(self, root: Path, key: str) -> None:
        self.key = key
        self.root = root
        self.path = root / key
        self.key_file = self.path / "id_ed25519"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lab while it is started or removed. Raises StateError when another trilab holds it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f".{self.key}.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StateError(f"Une autre commande s'occupe déjà de {self.key}.", "Attendez sa fin.") from error
            yield

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def read(self, name: str, model: type[Model]) -> Model | None:
        """A file of the folder, None when it is not there. Raises StateError when another version wrote it."""
        path = self.path / name
        if not path.exists():
            return None
        try:
            return model.model_validate_json(path.read_text())
        except ValidationError as error:
            text = f"Le lab {self.key} a été lancé par une autre version de trilab."
            raise StateError(text, "Pour l'arrêter : trilab down --all") from error

    def write(self, name: str, content: BaseModel) -> None:
        """Write a file of the folder in one step."""
        partial = self.path / f"{name}.tmp"
        partial.write_text(content.model_dump_json(indent=1))
        partial.rename(self.path / name)

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


def pick(running: Sequence[OneLab], lab: str, candidate: str | None) -> OneLab:
    """The lab of that name; with no candidate, the only one. Raises StateError when there is none, or several."""
    wanted = [one for one in running if one.spec.lab == lab and candidate in (None, one.spec.candidate)]
    if not wanted:
        who, option = (f" pour {candidate}", f" -c {candidate}") if candidate else ("", "")
        raise StateError(f"Le lab {lab} ne tourne pas{who}.", f"Pour le lancer : trilab up {lab}{option}")
    if len(wanted) > 1:
        names = ", ".join(one.spec.candidate for one in wanted)
        raise StateError(f"Le lab {lab} tourne pour plusieurs candidats ({names}).", "Précisez --candidate CODE.")
    return wanted[0]


def already(key: str, radio: Radio | None = None) -> StateError:
    """The lab that is asked for runs; where its radio has ended, only a new start helps."""
    name = key.partition("@")[0]
    if radio is None or radio.alive:
        return StateError(f"Le lab {key} tourne déjà.", f"Pour l'arrêter : trilab down {name}")
    remedy = f"Pour repartir d'un lab neuf : trilab down {name}, puis trilab up {name}"
    return StateError(f"Le lab {key} tourne, mais sa radio s'est arrêtée.", remedy)
