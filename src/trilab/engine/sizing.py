"""How many machines a class needs, per engine, from the measured figures."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from trilab.engine import figures
from trilab.engine.base import LabSpec
from trilab.engine.native.radio import KINDS


@dataclass(frozen=True)
class Machine:
    """One machine of the kind that the centre has. ``memory`` in GiB."""

    cores: int
    memory: int


@dataclass(frozen=True)
class Plan:
    """What a class needs on one engine. Memory in GiB; ``start`` and ``grade`` in seconds, with every core at work,
    None where nothing like it was measured.

    ``limit``: what decides the number of machines: ``memory``, ``cpu`` or ``pods``. ``estimated``: no figure of this
    engine's own stands behind it.
    """

    engine: str
    candidates: int
    nodes: int  # running nodes of all labs
    memory: float
    cores: float
    machines: int
    limit: str
    start: float | None
    grade: float | None
    estimated: bool


def plans(spec: LabSpec, candidates: int, machine: Machine, minutes: int, engines: Iterable[str]) -> list[Plan]:
    """One plan per engine that can run the lab. ``minutes``: within which all candidates must have been graded."""
    on_air = any(node.role in KINDS for node in spec.nodes)
    return [_plan(spec, engine, candidates, machine, minutes) for engine in engines if engine == "native" or not on_air]


def _plan(spec: LabSpec, engine: str, candidates: int, machine: Machine, minutes: int) -> Plan:
    nodes = len(spec.nodes)
    labs = candidates * _memory(spec, engine) / 1024
    base = figures.DOCKER.memory / 1024 if engine == "containerlab" else 0  # on each machine
    grading = candidates * figures.GRADE
    cores = candidates * _rest(spec, engine) / 1000 + grading / (60 * minutes)
    wants = {
        "memory": math.ceil(labs / (machine.memory * figures.SPARE - base)),
        "cpu": math.ceil(cores / (machine.cores * figures.SPARE)),
        "pods": math.ceil(candidates * nodes / figures.PODS) if engine == "kubernetes" else 0,
    }
    limit = max(wants, key=lambda what: wants[what])
    machines = wants[limit]
    working = machines * machine.cores
    start = figures.START.get(engine)
    return Plan(
        engine=engine,
        candidates=candidates,
        nodes=candidates * nodes,
        memory=labs + machines * base,
        cores=cores,
        machines=machines,
        limit=limit,
        start=None if start is None else candidates * start / working,
        grade=grading / working if engine == "native" else None,
        estimated=start is None,
    )


def _memory(spec: LabSpec, engine: str) -> int:
    """MiB of one lab."""
    own = sum(figures.ROLES[node.role].memory for node in spec.nodes)
    if any(node.role in KINDS for node in spec.nodes):
        own += figures.RADIO.memory
    if engine == "containerlab":
        own += (len(spec.nodes) + 1) * figures.CONTAINER.memory  # and the container of the graders' programs
    if engine == "kubernetes":
        own += len(spec.nodes) * figures.LAUNCHER.memory
    return own


def _rest(spec: LabSpec, engine: str) -> int:
    """Thousandths of a core that one lab takes at rest."""
    own = sum(figures.ROLES[node.role].cpu for node in spec.nodes)
    if any(node.role in KINDS for node in spec.nodes):
        own += figures.RADIO.cpu
    if engine == "kubernetes":
        own += len(spec.nodes) * figures.LAUNCHER.cpu
    return own
