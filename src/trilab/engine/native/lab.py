"""A running lab of the native engine: everything is reached by nsenter from outside the bubble."""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections.abc import Sequence

import psutil

from trilab.engine import network, programs
from trilab.engine.base import Completed, NodeNetwork
from trilab.engine.folder import NodeState
from trilab.engine.kept import KeptLab
from trilab.engine.native.air import NativeRadio
from trilab.engine.native.radio import NAME as RADIO
from trilab.engine.native.state import LabFolder, LabState
from trilab.engine.sockets import Sockets
from trilab.errors import ObservationError, UnknownNameError
from trilab.host import tools


class NativeLab(KeptLab[LabState]):
    """See :class:`trilab.engine.base.Lab`."""

    def __init__(self, folder: LabFolder, lab: LabState) -> None:
        labels = {node.name: dict(node.labels) for node in lab.spec.nodes}
        self._states = {node.name: node for node in lab.nodes}
        super().__init__(folder, lab, {name: node.info(labels[name]) for name, node in self._states.items()})
        self._sockets = Sockets(lab.spec.key, lab.bubble_pid)

    @property
    def radio(self) -> NativeRadio | None:
        """What is on the air of this lab; None where it has no radio."""
        state = self._state.radio
        return None if state is None else NativeRadio(state, self._sockets.get, self._radio_console)

    def ssh_options(self) -> list[str]:
        netcat = [*self._bubble("/usr/bin/nc"), "%h", "%p"]
        return [
            *("-o", f"ProxyCommand={shlex.join(netcat)}"),
            *programs.ssh_options(self.key_file),
        ]

    def _radio_console(self) -> str:
        bubble = str(self._state.bubble_pid)
        log = f"/run/trilab/nodes/{RADIO}/log"
        command = [tools.need("nsenter"), "-t", bubble, "-U", "-m", "cat", log]
        return subprocess.run(command, capture_output=True, text=True, errors="replace", cwd="/").stdout

    def _bubble(self, *argv: str, network: str = "") -> list[str]:
        """A program of the untouched image, which is the root of the bubble, in the network of the bubble or of a
        process."""
        bubble = self._state.bubble_pid
        namespaces = ["-t", str(bubble), "-U", "-m", "-r", f"--net=/proc/{network or bubble}/ns/net"]
        return [tools.need("nsenter"), *namespaces, "--", *argv]

    def _living(self, node: str) -> NodeState:
        if node not in self._states:
            raise UnknownNameError("Nœud", node, self._states, where=self.spec.key)
        if not self.alive(node):
            raise ObservationError(f"Le nœud {node} ne tourne plus.")
        return self._states[node]

    def alive(self, node: str) -> bool:
        return self._states[node].alive

    def _enter(self, node: str, trusted: bool) -> list[str]:
        pid = self._living(node).pid
        if trusted:
            return self._bubble(network=str(pid))
        return [tools.need("nsenter"), "-t", str(pid), "-U", "-m", "-u", "-i", "-n", "-p", "--"]

    def popen(self, node: str, argv: Sequence[str], *, trusted: bool = False) -> subprocess.Popen[bytes]:
        return programs.started([*self._enter(node, trusted), *argv])

    def command(self, node: str, argv: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        return [*self._enter(node, False), *argv], programs.on_terminal()

    def run(
        self,
        node: str,
        argv: Sequence[str],
        *,
        trusted: bool = False,
        input: str | None = None,
        timeout: float = 30.0,
    ) -> Completed:
        done = programs.finished(self.popen(node, argv, trusted=trusted), node, argv, input, timeout)
        if done.returncode != 0:
            self._living(node)  # a failure of a node that went down meanwhile says nothing about the program
        return done

    def connect(self, host: str, port: int, *, source: str | None = None, timeout: float = 5.0) -> socket.socket:
        return self._sockets.connected(0 if source is None else self._living(source).pid, host, port, timeout)

    def network(self, node: str) -> NodeNetwork:
        return network.by_netlink(self._sockets.get(self._living(node).pid, "netlink"))

    def memory(self) -> int:
        bubble = psutil.Process(self._state.bubble_pid)
        total = 0
        for one in [bubble, *bubble.children(recursive=True)]:
            try:
                total += one.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return total

    def logs(self, node: str) -> str:
        return self.run(node, ["cat", "/run/trilab/boot.log"]).stdout
