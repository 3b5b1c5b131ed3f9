"""What the engines have in common: a lab is a folder while it runs, and says of itself what is written there."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from trilab.engine.base import Lab, LabSpec, NodeInfo, Report
from trilab.engine.folder import Folder, already, pick


class Note(Protocol):
    """What every engine writes in ``lab.json``. ``started_at``: Unix time in seconds."""

    @property
    def spec(self) -> LabSpec: ...

    @property
    def image(self) -> str: ...

    @property
    def started_at(self) -> float: ...


N = TypeVar("N", bound=Note)
F = TypeVar("F", bound=Folder)
L = TypeVar("L", bound=Lab)


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


class KeptEngine(ABC, Generic[F, L]):
    """See :class:`trilab.engine.base.Engine`. An engine adds what it needs, how it starts a lab, how it removes one."""

    name: str

    @abstractmethod
    def _folder(self, key: str) -> F:
        """The folder of a lab, there or not."""

    @abstractmethod
    def _running(self, folder: F) -> L | None:
        """The lab that runs from a folder. Raises StateError when another version of trilab started it."""

    @abstractmethod
    def _prepared(self, spec: LabSpec, report: Report) -> Callable[[F, float], L]:
        """All that can be refused before anything is made; gives what builds the lab (folder, Unix time of its start).

        Raises InputError, HostError.
        """

    @abstractmethod
    def _clear(self, folder: F) -> None:
        """Remove a lab and its folder, whatever state its start or its crash left them in. Raises HostError."""

    def up(self, spec: LabSpec, report: Report = lambda line: None) -> L:
        folder = self._folder(spec.key)
        with folder.locked():
            if (running := self._running(folder)) is not None:
                raise already(spec.key, running.radio)
            build = self._prepared(spec, report)
            self._clear(folder)
            started = time.time()
            folder.path.mkdir(parents=True)
            try:
                return build(folder, started)
            except BaseException:  # also an interrupt: nothing stays half-started
                self._clear(folder)
                raise

    def leftovers(self) -> list[str]:
        root = self._folder("").root
        return sorted(path.name for path in root.iterdir() if path.is_dir()) if root.exists() else []

    def labs(self) -> list[L]:
        found = (self._running(self._folder(key)) for key in self.leftovers())
        return [lab for lab in found if lab is not None]

    def get(self, lab: str, candidate: str | None = None) -> L:
        return pick(self.labs(), lab, candidate)

    def down(self, key: str) -> bool:
        folder = self._folder(key)
        if not folder.exists:
            return False
        with folder.locked():
            self._clear(folder)
        return True
