"""Bare Docker: ``docker run`` for each node of the same image, cables by ``ip``."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psutil

from bench.engines import measure, network
from bench.engines.measure import Marks
from trilab import images
from trilab.engine.base import NodeSpec
from trilab.engine.containerlab import render
from trilab.errors import HostError
from trilab.host import docker

PORT = 22


class Bare:
    """See :class:`bench.engines.measure.Contender`."""

    name = "docker run"

    def __init__(self) -> None:
        self._pids: dict[int, dict[str, int]] = {}

    def missing(self) -> str:
        if os.geteuid() != 0:
            return "laying cables into containers needs root"
        try:
            images.push_to_docker()
        except HostError as error:
            return str(error)
        return ""

    def start(self, number: int) -> Marks:
        begin, spec = time.monotonic(), network.spec(number)
        with ThreadPoolExecutor(len(spec.nodes)) as pool:
            list(pool.map(lambda node: _run(number, node), spec.nodes))
        running = time.monotonic()
        seen = _inspect([_name(number, node.name) for node in spec.nodes])
        pids = self._pids[number] = {node.name: int(seen[_name(number, node.name)][0]) for node in spec.nodes}
        _cable(pids)
        cabled = time.monotonic()
        addresses = [address for _, address in seen.values()]
        with ThreadPoolExecutor(len(addresses)) as pool:
            list(pool.map(_banner, addresses))
        ssh = time.monotonic()
        for node in spec.nodes:
            for command in node.exec:
                docker.run("exec", _name(number, node.name), "/bin/sh", "-c", command)
        typed = time.monotonic()
        ping = measure.poll(lambda: _pings(pids["pc1"]))
        parts = {
            "docker run, all nodes at once": running - begin,
            "cables": cabled - running,
            "SSH": ssh - cabled,
            "commands of the topology": typed - ssh,
            "until the first ping": ping - typed,
        }
        connect = [partial(socket.create_connection, (one, PORT), measure.PATIENCE) for one in addresses]
        return Marks(cabled, ping, measure.prompts(connect), parts)

    def stop(self, number: int) -> None:
        names = [_name(number, node.name) for node in network.spec(number).nodes]
        docker.remove("container", [name for name in names if docker.exists("container", name)])

    def memory(self, number: int) -> int:
        inits = [psutil.Process(pid) for pid in self._pids[number].values()]
        return measure.pss(one for init in inits for one in (init, *init.children(recursive=True)))

    def shared(self) -> int:
        return measure.docker_daemons()


def _name(number: int, node: str) -> str:
    return f"trilab-bench-{number}-{node}"


def _run(number: int, node: NodeSpec) -> None:
    cables = sum(node.name == end[0] for link in network.LINKS for end in link)
    rights = [f"--cap-add={name}" for name in render.capabilities(node.role)]
    rights += [f"--security-opt={name}" for name in render.security(node.role)]
    docker.run(
        *("run", "--detach", "--name", _name(number, node.name), "--hostname", node.name),
        *("--sysctl", "net.ipv4.ip_forward=0", *rights, *(f"--device={path}" for path in render.DEVICES)),
        *("--env", f"TRILAB_ROLE={node.role}", "--env", f"CLAB_INTFS={cables}"),
        *(word for key, value in node.labels.items() for word in ("--env", f"{render.variable(key)}={value}")),
        "trilab/node:latest",
    )


def _inspect(names: list[str]) -> Mapping[str, tuple[int, str]]:
    found = json.loads(docker.run("container", "inspect", *names))
    return {one["Name"].lstrip("/"): (one["State"]["Pid"], one["NetworkSettings"]["IPAddress"]) for one in found}


def _cable(pids: Mapping[str, int]) -> None:
    batch = "".join(
        f"link add {a[1]} netns {pids[a[0]]} type veth peer name {b[1]} netns {pids[b[0]]}\n" for a, b in network.LINKS
    )
    subprocess.run(["ip", "-batch", "-"], input=batch, text=True, check=True, capture_output=True)
    for name, pid in pids.items():
        ends = [end[1] for link in network.LINKS for end in link if end[0] == name]
        up = "".join(f"link set {end} up\n" for end in ends)
        inside = ["nsenter", "-n", "-t", str(pid), "ip", "-batch", "-"]
        subprocess.run(inside, input=up, text=True, check=True, capture_output=True)


def _banner(address: str) -> None:
    def answers() -> bool:
        try:
            with socket.create_connection((address, PORT), 0.5) as sock:
                return sock.recv(4) == b"SSH-"
        except OSError:
            return False

    measure.poll(answers)


def _pings(pid: int) -> bool:
    argv = ["nsenter", "-t", str(pid), "-n", "-m", "ping", "-c1", "-W1", network.TARGET]
    return subprocess.run(argv, capture_output=True).returncode == 0
