"""How many machines a class needs."""

from __future__ import annotations

from trilab.engine import figures
from trilab.engine.base import LabSpec, NodeSpec
from trilab.engine.choice import names
from trilab.engine.sizing import Machine, plans

SPEC = LabSpec("l", "c1", tuple(NodeSpec(f"n{i}", "switch") for i in range(10)), ())
BIG = Machine(64, 1024)


def test_twice_the_candidates_take_twice_the_memory() -> None:
    one, two = (plans(SPEC, count, BIG, 15, ["native"])[0] for count in (50, 100))
    assert two.memory == 2 * one.memory == 100 * 10 * figures.ROLES["switch"].memory / 1024
    assert two.nodes == 1000 and one.machines == 1 and not one.estimated


def test_the_scarcest_thing_decides() -> None:
    memory, cpu = (plans(SPEC, 400, machine, 15, ["native"])[0] for machine in (Machine(64, 16), Machine(1, 1024)))
    assert memory.limit == "memory" and memory.machines == -(-400 * 340 // int(16 * 1024 * figures.SPARE))
    assert cpu.limit == "cpu" and cpu.machines >= cpu.cores / figures.SPARE > cpu.machines - 1
    cluster = plans(SPEC, 400, BIG, 15, ["kubernetes"])[0]
    assert cluster.limit == "pods" and cluster.machines == -(-4000 // 110)


def test_a_cluster_costs_more_than_docker_and_docker_more_than_the_bubble() -> None:
    native, docker, cluster = plans(SPEC, 200, BIG, 15, names())
    assert native.memory < docker.memory < cluster.memory
    assert cluster.estimated and cluster.start is None and docker.grade is None
    assert not docker.estimated and docker.start and native.start and docker.start > native.start


def test_docker_itself_is_counted_on_each_machine() -> None:
    per_lab = 10 * figures.ROLES["switch"].memory + 11 * figures.CONTAINER.memory
    docker = plans(SPEC, 200, Machine(64, 16), 15, ["containerlab"])[0]
    assert docker.machines > 1 and docker.limit == "memory"
    assert docker.memory * 1024 == 200 * per_lab + docker.machines * figures.DOCKER.memory
    assert docker.memory <= docker.machines * 16 * figures.SPARE


def test_more_time_to_grade_takes_fewer_cores() -> None:
    quick, slow = (plans(SPEC, 200, BIG, minutes, ["native"])[0] for minutes in (5, 60))
    assert quick.cores > slow.cores and quick.grade == slow.grade


def test_radio_runs_on_the_native_engine_only_and_is_counted() -> None:
    spec = LabSpec("l", "c1", (NodeSpec("borne", "ap"), NodeSpec("pc", "wifi-client")), ())
    (one,) = plans(spec, 1, BIG, 15, names())
    assert one.engine == "native" and one.memory * 1024 == 34 + 2 + figures.RADIO.memory
