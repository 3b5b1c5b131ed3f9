"""The containerlab engine: for centres that run containerlab already. It needs root, as containerlab does."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network

from trilab import images
from trilab.containerlab import Container, Containerlab
from trilab.engine import addresses, ready
from trilab.engine.base import LabSpec, NodeSpec, Report, Role
from trilab.engine.containerlab import network, render, state
from trilab.engine.containerlab.lab import ContainerlabLab
from trilab.engine.containerlab.state import LabFolder, LabState, Names
from trilab.engine.folder import NodeState, already, pick
from trilab.engine.native.cgroups import NODE_PIDS
from trilab.engine.native.radio import KINDS
from trilab.errors import HostError, InputError
from trilab.host import docker, process

LAYING = "containerlab lance les conteneurs et pose les câbles"  # a step that is reported
VENDOR_READY = 600.0  # seconds for vendors' devices to answer SSH: they boot for minutes
REMOVAL = 30.0  # seconds for Docker to let go of a lab


class ContainerlabEngine:
    """See :class:`trilab.engine.base.Engine`."""

    name = "containerlab"

    def up(self, spec: LabSpec, report: Report = lambda line: None) -> ContainerlabLab:
        _refuse_radio(spec)
        folder = LabFolder(spec.key)
        with folder.locked():
            if folder.load() is not None:
                raise already(spec.key)
            _need_root()
            program = Containerlab.find()
            _clear(folder)
            image = images.push_to_docker(report)
            started = time.time()
            folder.path.mkdir(parents=True)
            try:
                lab = _build(spec, folder, program, image, started, report)
                ready.wait_for_ssh(lab, report, VENDOR_READY if _vendors(spec) else ready.READY)
                ready.run_exec(lab, report)
                return lab
            except BaseException:  # also an interrupt: nothing stays half-started
                _clear(folder)
                raise

    def labs(self) -> list[ContainerlabLab]:
        found = ((folder, folder.load()) for folder in state.folders())
        return [ContainerlabLab(folder, lab) for folder, lab in found if lab is not None]

    def get(self, lab: str, candidate: str | None = None) -> ContainerlabLab:
        return pick(self.labs(), lab, candidate)

    def leftovers(self) -> list[str]:
        return [folder.key for folder in state.folders()]

    def down(self, key: str) -> bool:
        folder = LabFolder(key)
        if not folder.exists:
            return False
        _need_root()
        with folder.locked():
            _clear(folder)
        return True


def _need_root() -> None:
    if os.geteuid() != 0:
        text = "Le moteur containerlab demande les droits de root, comme containerlab lui-même."
        raise HostError(text, "Relancez la commande avec sudo, ou utilisez le moteur natif.")


def _refuse_radio(spec: LabSpec) -> None:
    on_air = [node.name for node in spec.nodes if node.role in KINDS]
    if on_air:
        text = f"{', '.join(on_air)} : le Wi-Fi n'existe pas sur le moteur containerlab."
        raise InputError(text, "Lancez ce lab sur le moteur natif : --engine native")


def _build(
    spec: LabSpec, folder: LabFolder, program: Containerlab, image: images.DockerImage, started: float, report: Report
) -> ContainerlabLab:
    names = Names.of(spec.key)
    folder.write("names.json", names)
    keys = folder.path / "authorized_keys"
    keys.write_text(folder.make_key() + "\n")
    keys.chmod(0o644)
    subnet = network.make(names, IPv4Network(spec.mgmt_subnet))
    chosen = addresses.assign(spec, subnet)
    folder.topology.write_text(render.topology(spec, names, image.name, subnet, chosen, keys))
    report(LAYING)
    containers = {one.name: one for one in program.deploy(folder.topology)}
    network.isolate(names)
    ours = containers.keys() - {names.container(node) for node in _vendors(spec)}
    docker.run("container", "update", "--pids-limit", str(NODE_PIDS), *ours)  # containerlab cannot say it
    pids = _pids(containers)
    states = {node: _node_state(node, role, chosen[node], pids, names) for node, role in _roles(spec.nodes).items()}
    anchor = _node_state(render.TOOLS, "server", next(subnet.hosts()), pids, names)
    lab = LabState(
        spec=spec, names=names, image=image.id, started_at=started, nodes=tuple(states.values()), tools=anchor
    )
    folder.write("lab.json", lab)
    return ContainerlabLab(folder, lab)


def _vendors(spec: LabSpec) -> list[str]:
    return [node.name for node in spec.nodes if node.vendor is not None]


def _roles(nodes: tuple[NodeSpec, ...]) -> Mapping[str, Role]:
    return {node.name: node.role for node in nodes}


def _pids(containers: Mapping[str, Container]) -> dict[str, int]:
    """Container → pid of its init, as the host numbers it."""
    text = docker.run("container", "inspect", "--format", "{{.Name}} {{.State.Pid}}", *containers)
    pairs = (line.removeprefix("/").split() for line in text.splitlines())
    return {name: int(pid) for name, pid in pairs}


def _node_state(node: str, role: Role, address: IPv4Address, pids: Mapping[str, int], names: Names) -> NodeState:
    pid = pids.get(names.container(node), 0)
    born = process.born(pid) if pid else None
    if born is None:
        said = docker.run("logs", "--tail", "3", names.container(node)) if pid == 0 else ""
        raise HostError(f"Le nœud {node} s'est arrêté aussitôt démarré. {said}".strip())
    return NodeState(name=node, role=role, mgmt_ip=address, pid=pid, born=born)


def _clear(folder: LabFolder) -> None:
    """Remove containers, cables, network and files of a lab, whatever state its start or its crash left them in."""
    names = folder.names()
    if names is not None:
        if folder.topology.exists():
            Containerlab.find().destroy(folder.topology)
        _remove_rest(names)
    folder.remove()


def _remove_rest(names: Names) -> None:
    """What a killed containerlab, or Docker on its behalf, made after containerlab's own removal."""
    deadline = time.monotonic() + REMOVAL
    while True:
        left = docker.listed("container", "--all", "--filter", f"label=containerlab={names.lab}")
        docker.remove("container", left)
        try:
            network.remove(names)
        except docker.DockerError:
            if time.monotonic() > deadline:
                raise
            continue
        if not left:
            return
