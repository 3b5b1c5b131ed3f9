"""A running lab of the Kubernetes engine: everything goes through the cluster's API.

clabernetes 0.8 runs each node as a Docker container inside a launcher pod: a node's own programs are run by that
Docker, what must not depend on the candidate is a second container of the same image in the node's network.
"""

from __future__ import annotations

import os
import secrets
import shlex
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address

from trilab.engine import netem, network, programs
from trilab.engine.base import Completed, Impairment, NodeInfo, NodeNetwork
from trilab.engine.containerlab import render as container
from trilab.engine.kept import KeptLab
from trilab.engine.kubernetes import streams
from trilab.engine.kubernetes.client import Cluster
from trilab.engine.kubernetes.state import LabFolder, LabState
from trilab.errors import HostError, ObservationError, UnknownNameError

_GRACE = 1.0  # seconds after which a program that we gave up ends itself, in the cluster
_MODULE = "trilab.engine.kubernetes.relay"


class KubernetesLab(KeptLab[LabState]):
    """See :class:`trilab.engine.base.Lab`."""

    radio = None

    def __init__(self, folder: LabFolder, lab: LabState, cluster: Cluster | None = None) -> None:
        labels = {node.name: dict(node.labels) for node in lab.spec.nodes}
        infos = {one.name: NodeInfo(one.name, one.role, one.address, 0, labels[one.name]) for one in lab.nodes}
        super().__init__(folder, lab, infos)
        self._known = cluster

    @property
    def _cluster(self) -> Cluster:
        if self._known is None:
            self._known = Cluster(self._state.place.context)
        return self._known

    @property
    def _namespace(self) -> str:
        return self._state.place.namespace

    def _relay(self, verb: str, *words: str) -> list[str]:
        return [sys.executable, "-m", _MODULE, verb, self._state.place.context or "", self._namespace, *words]

    def ssh_options(self) -> list[str]:
        """One ProxyCommand for all nodes: ssh(1) gives the address that the user sees, the shell finds the node."""
        cases = " ".join(f"{one.mgmt_ip}) node={one.name};;" for one in self._nodes.values())
        command = f"case %h in {cases} esac; exec {shlex.join(self._relay('ssh'))} $node"
        return [*programs.ssh_options(self.key_file), "-o", f"ProxyCommand={command}"]

    def _pod(self, node: str) -> str:
        if node not in self._nodes:
            raise UnknownNameError("Nœud", node, self._nodes, where=self.spec.key)
        try:
            pod = self._cluster.pod(self._namespace, node)
        except HostError as error:
            raise ObservationError(f"{node} : {error.message}") from error
        if pod is None:
            raise ObservationError(f"Le nœud {node} ne tourne plus.")
        return pod

    def alive(self, node: str) -> bool:
        """Also False when the cluster does not answer: nothing can be done with the node."""
        try:
            return self._cluster.pod(self._namespace, node) is not None
        except HostError:
            return False

    def _inside(self, node: str, argv: Sequence[str], *options: str) -> list[str]:
        return ["docker", "exec", *options, node, *argv]

    def _beside(self, node: str, argv: Sequence[str], name: str) -> list[str]:
        """A container of that name; its first program passes signals on."""
        role = self._nodes[node].role
        powers = [word for power in container.capabilities(role) for word in ("--cap-add", power)]
        return [
            *("docker", "run", "--rm", "--interactive", "--pull", "never", "--network", f"container:{node}"),
            *("--name", name, *powers, "--entrypoint", "/usr/bin/tini", self._state.image, "--", *argv),
        ]

    def popen(self, node: str, argv: Sequence[str], *, trusted: bool = False) -> subprocess.Popen[bytes]:
        pod = self._pod(node)
        name = _name() if trusted else ""
        inner = self._beside(node, argv, name) if trusted else self._inside(node, argv, "--interactive")
        return programs.started(self._relay("exec", pod, node, name, "--", *inner), os.environ)

    def command(self, node: str, argv: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        pod = self._pod(node)
        terminal = f"TERM={programs.on_terminal()['TERM']}"
        inner = self._inside(node, argv, "--interactive", "--tty", "--env", terminal)
        return self._relay("tty", pod, node, "", "--", *inner), dict(os.environ)

    def run(
        self,
        node: str,
        argv: Sequence[str],
        *,
        trusted: bool = False,
        input: str | None = None,
        timeout: float = 30.0,
    ) -> Completed:
        limited = ["/usr/bin/timeout", "-s", "KILL", str(timeout + _GRACE), *argv]
        inner = self._beside(node, limited, _name()) if trusted else self._inside(node, limited, "--interactive")
        return self._finished(node, argv, inner, input, timeout)

    def _finished(
        self, node: str, argv: Sequence[str], inner: Sequence[str], input: str | None, timeout: float
    ) -> Completed:
        """Run ``inner`` in the launcher and tell it as ``argv``."""
        pod, said = self._pod(node), " ".join(argv)
        try:
            stream = self._cluster.execute(self._namespace, pod, node, inner, tty=False)
        except HostError as error:
            raise ObservationError(f"{node} : {error.message}") from error
        done = streams.collected(stream, input, timeout)
        if done is None:
            raise ObservationError(f"{node} : « {said} » n'a pas fini en {timeout:.0f} s.")
        code, out, err = done
        if code == streams.LOST:
            raise ObservationError(f"{node} : le cluster a coupé « {said} ».")
        return Completed(tuple(argv), code, out.decode(errors="replace"), err.decode(errors="replace"))

    def connect(self, host: str, port: int, *, source: str | None = None, timeout: float = 5.0) -> socket.socket:
        if source is not None:
            text = f"{source} : le moteur kubernetes n'ouvre pas de connexion depuis un nœud."
            raise ObservationError(f"{text} Ce critère se note sur un autre moteur.")
        node = self._at(host)
        try:
            sock = self._cluster.connect(self._namespace, node, port)
        except HostError as error:
            raise ObservationError(f"{node} : {error.message}") from error
        sock.settimeout(timeout)
        return sock

    def _at(self, host: str) -> str:
        for one in self._nodes.values():
            if one.mgmt_ip == IPv4Address(host):
                return one.name
        raise ObservationError(f"{host} n'est l'adresse d'administration d'aucun nœud de {self.spec.key}.")

    def network(self, node: str) -> NodeNetwork:
        return network.by_program(lambda argv: self.run(node, argv, trusted=True))

    def impair(self, node: str, interface: str, how: Impairment | None) -> None:
        netem.impair(self, node, interface, how)

    def impaired(self, node: str) -> Mapping[str, Impairment]:
        return netem.impaired(self, node)

    def memory(self) -> int:
        try:
            used = self._cluster.memory(self._namespace)
        except HostError as error:
            raise ObservationError(f"{self.spec.key} : {error.message}") from error
        if used is None:
            text = f"{self.spec.key} : ce cluster ne mesure pas la mémoire (metrics-server absent)."
            raise ObservationError(text)
        return used

    def logs(self, node: str) -> str:
        return self._finished(node, ["docker", "logs", node], ["docker", "logs", node], None, 30.0).stdout


def _name() -> str:
    """Of a container of the graders', in a launcher's Docker."""
    return f"trilab-{secrets.token_hex(6)}"
