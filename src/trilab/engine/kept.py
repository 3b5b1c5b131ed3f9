"""What a running lab says of itself from the folder that is kept of it, whichever engine runs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from trilab.engine.base import LabSpec, NodeInfo
from trilab.engine.folder import Folder


class Note(Protocol):
    """What every engine writes in ``lab.json``. ``started_at``: Unix time in seconds."""

    @property
    def spec(self) -> LabSpec: ...

    @property
    def image(self) -> str: ...

    @property
    def started_at(self) -> float: ...


N = TypeVar("N", bound=Note)


class KeptLab(Generic[N]):
    """The part of :class:`trilab.engine.base.Lab` that asks nothing of the running lab."""

    def __init__(self, folder: Folder, note: N, nodes: Mapping[str, NodeInfo]) -> None:
        self._folder, self._state, self._nodes = folder, note, MappingProxyType(dict(nodes))

    @property
    def spec(self) -> LabSpec:
        return self._state.spec

    @property
    def image(self) -> str:
        return self._state.image

    @property
    def nodes(self) -> Mapping[str, NodeInfo]:
        return self._nodes

    @property
    def started_at(self) -> float:
        return self._state.started_at

    @property
    def key_file(self) -> Path:
        return self._folder.key_file

    @property
    def folder(self) -> Path:
        return self._folder.path
