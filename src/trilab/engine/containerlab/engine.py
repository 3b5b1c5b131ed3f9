"""The containerlab engine: for centres that run containerlab already. It needs root, as containerlab does."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network

from trilab import images
from trilab.containerlab import Container, Containerlab
from trilab.engine import addresses, ready
from trilab.engine.base import LabSpec, NodeSpec, Report, Role
from trilab.engine.containerlab import network, render
from trilab.engine.containerlab.lab import ContainerlabLab
from trilab.engine.containerlab.state import LabFolder, LabState, Names
from trilab.engine.folder import NodeState
from trilab.engine.kept import KeptEngine
from trilab.engine.native.cgroups import NODE_PIDS
from trilab.engine.native.radio import KINDS
from trilab.errors import HostError, InputError
from trilab.host import docker, process
from trilab.polling import until

LAYING = "containerlab lance les conteneurs et pose les câbles"  # a step that is reported
VENDOR_READY = 600.0  # seconds for vendors' devices to answer SSH: they boot for minutes
REMOVAL = 120.0  # seconds for Docker to let go of a lab


class ContainerlabEngine(KeptEngine[LabFolder, ContainerlabLab]):
    """See :class:`trilab.engine.base.Engine`."""

    name = "containerlab"

    def _folder(self, key: str) -> LabFolder:
        return LabFolder(key)

    def _running(self, folder: LabFolder) -> ContainerlabLab | None:
        lab = folder.load()
        return None if lab is None else ContainerlabLab(folder, lab)

    def _prepared(self, spec: LabSpec, report: Report) -> Callable[[LabFolder, float], ContainerlabLab]:
        _refuse_radio(spec)
        _need_root()
        program = Containerlab.find()
        image = images.push_to_docker(report)
        return lambda folder, started: _build(spec, folder, program, image, started, report)

    def _clear(self, folder: LabFolder) -> None:
        names = folder.names()
        if names is not None:
            _need_root()
            if folder.topology.exists():
                Containerlab.find().destroy(folder.topology)
            _remove_rest(names)
        folder.remove()


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
    noted = LabState(
        spec=spec, names=names, image=image.id, started_at=started, nodes=tuple(states.values()), tools=anchor
    )
    folder.write("lab.json", noted)
    lab = ContainerlabLab(folder, noted)
    ready.wait_for_ssh(lab, report, VENDOR_READY if _vendors(spec) else ready.READY)
    ready.run_exec(lab, report)
    return lab


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


def _remove_rest(names: Names) -> None:
    """What a killed containerlab, or Docker on its behalf, made after containerlab's own removal."""
    rest = until(lambda: _rest(names), lambda rest: rest is None, REMOVAL)
    if rest is not None:
        raise rest


def _rest(names: Names) -> HostError | None:
    """One try; None once nothing was left to remove. Docker also refuses what it is busy removing already."""
    try:
        left = docker.listed("container", "--all", "--filter", f"label=containerlab={names.lab}")
        docker.remove("container", left)
        network.remove(names)
    except docker.DockerError as error:
        return error
    return HostError(f"Docker crée encore des conteneurs pour {names.lab}.") if left else None
