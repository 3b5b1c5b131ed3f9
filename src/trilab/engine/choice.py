"""Which engine runs a lab: the user's choice for a new one, all of them for what runs already."""

from __future__ import annotations

import os
from collections.abc import Mapping

from trilab.engine import folder
from trilab.engine.base import Engine, Lab, LabSpec, Report
from trilab.engine.containerlab import ContainerlabEngine
from trilab.engine.kubernetes import KubernetesEngine
from trilab.engine.native import NativeEngine
from trilab.errors import UnknownNameError

VARIABLE = "TRILAB_ENGINE"
DEFAULT = NativeEngine.name


def names() -> tuple[str, ...]:
    """The engines there are."""
    return tuple(_all())


def _all(registry: str | None = None) -> Mapping[str, Engine]:
    engines: tuple[Engine, ...] = (NativeEngine(), ContainerlabEngine(), KubernetesEngine(registry))
    return {engine.name: engine for engine in engines}


class Engines:
    """Every engine as one: labs start on the chosen one, and are found wherever they run.

    ``chosen``: an engine's name; by default what ``TRILAB_ENGINE`` says, else the native one. ``registry``: where a
    cluster finds the node image. Raises UnknownNameError.
    """

    def __init__(self, chosen: str | None = None, registry: str | None = None) -> None:
        self._engines = _all(registry)
        self.name = chosen or os.environ.get(VARIABLE) or DEFAULT
        if self.name not in self._engines:
            where = "" if chosen else VARIABLE
            raise UnknownNameError("Moteur", self.name, self._engines, where=where)

    def up(self, spec: LabSpec, report: Report = lambda line: None) -> Lab:
        for name, engine in self._engines.items():
            if name != self.name and spec.key in engine.leftovers():
                raise folder.already(spec.key)
        return self._engines[self.name].up(spec, report)

    def labs(self) -> list[Lab]:
        return [lab for engine in self._engines.values() for lab in engine.labs()]

    def leftovers(self) -> list[str]:
        return [key for engine in self._engines.values() for key in engine.leftovers()]

    def get(self, lab: str, candidate: str | None = None) -> Lab:
        return folder.pick(self.labs(), lab, candidate)

    def down(self, key: str) -> bool:
        return any([engine.down(key) for engine in self._engines.values()])
