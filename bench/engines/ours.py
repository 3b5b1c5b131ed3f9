"""trilab's own engines as contenders."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Mapping
from functools import partial

from bench.engines import measure, network
from bench.engines.measure import Marks
from trilab.containerlab import Containerlab
from trilab.engine.base import Engine, Lab
from trilab.engine.containerlab import ContainerlabEngine
from trilab.engine.containerlab.engine import LAYING
from trilab.engine.native import NativeEngine
from trilab.engine.ready import TYPING, WAITING
from trilab.errors import HostError
from trilab.host import docker


class Ours:
    """An engine of trilab's: what it reports on the way tells the parts of its start."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self.name = engine, name
        self._labs: dict[int, Lab] = {}

    def missing(self) -> str:
        return ""

    def start(self, number: int) -> Marks:
        told: list[tuple[float, str]] = [(time.monotonic(), "preparation, namespaces")]
        lab = self._engine.up(network.spec(number), lambda line: told.append((time.monotonic(), line)))
        self._labs[number] = lab
        up = time.monotonic()
        written = (lab.folder / "lab.json").stat().st_mtime  # once every node runs with its cables
        ping = measure.poll(lambda: _pings(lab))
        connect = [partial(lab.connect, str(node.mgmt_ip), 22) for node in lab.nodes.values()]
        return Marks(
            started=written - time.time() + time.monotonic(),
            ping=ping,
            prompt=measure.prompts(connect),
            parts=_parts(told, up, ping),
        )

    def stop(self, number: int) -> None:
        self._labs.pop(number, None)
        self._engine.down(network.spec(number).key)

    def memory(self, number: int) -> int:
        return self._labs[number].memory()

    def shared(self) -> int:
        return 0


def _pings(lab: Lab) -> bool:
    return lab.run("pc1", ["ping", "-c1", "-W1", network.TARGET], trusted=True).returncode == 0


_PARTS = {
    LAYING: "containerlab deploy",
    WAITING: "SSH answers everywhere",
    TYPING: "commands of the topology",
}


def _parts(told: list[tuple[float, str]], up: float, ping: float) -> Mapping[str, float]:
    """Seconds after each line that the engine reported; lines of single nodes are one part."""
    parts: dict[str, float] = {}
    for (begin, line), (end, _) in itertools.pairwise([*told, (up, "")]):
        name = "nodes" if line.endswith(" démarré") else _PARTS.get(line, line)
        parts[name] = parts.get(name, 0.0) + end - begin
    return {**parts, "until the first ping": ping - up}


def native() -> Ours:
    """The bubble."""
    return Ours(NativeEngine(), "native")


class OnContainerlab(Ours):
    """The engine on containerlab and Docker."""

    def __init__(self) -> None:
        super().__init__(ContainerlabEngine(), "containerlab")

    def missing(self) -> str:
        if os.geteuid() != 0:
            return "containerlab needs root"
        try:
            Containerlab.find()
            docker.run("info")
        except HostError as error:
            return str(error)
        return ""

    def shared(self) -> int:
        return measure.docker_daemons()
