"""A running lab of the containerlab engine: what runs a node's own programs is Docker, what must not depend on the
candidate comes from the tools container and joins the node's network only.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Mapping, Sequence

from trilab.containerlab import Containerlab, ContainerlabError
from trilab.engine import netem, programs
from trilab.engine.base import Completed, Impairment
from trilab.engine.containerlab import render
from trilab.engine.containerlab.state import LabFolder, LabState
from trilab.engine.local import LocalLab, memory
from trilab.engine.native import oci
from trilab.host import docker, tools

# nsenter(1) leaves a process of root with every power over the host: a trusted program keeps a node's
_KEPT = ",".join(["-all", *(f"+{name.removeprefix('CAP_').lower()}" for name in oci.BASE_CAPS)])
_GRACE = 1.0  # seconds after which a program that we gave up ends itself, in the node


class ContainerlabLab(LocalLab[LabState]):
    """See :class:`trilab.engine.base.Lab`."""

    radio = None

    def __init__(self, folder: LabFolder, lab: LabState) -> None:
        vendors = {node.name: node.vendor.kind for node in lab.spec.nodes if node.vendor}
        super().__init__(folder, lab, 0, vendors)

    def ssh_options(self) -> list[str]:
        return programs.ssh_options(self.key_file)

    def _inside(self, node: str, *options: str) -> list[str]:
        self._living(node)
        return docker.command("exec", *options, self._state.names.container(node))

    def _beside(self, node: str) -> list[str]:
        """A program of the untouched image, in the network of a node."""
        network = f"--net=/proc/{self._living(node).pid}/ns/net"
        enter = [tools.need("nsenter"), "-t", str(self._state.tools.pid), "-m", network, "--"]
        return [*enter, "setpriv", "--bounding-set", _KEPT, "--inh-caps", "-all", "--"]

    def popen(self, node: str, argv: Sequence[str], *, trusted: bool = False) -> subprocess.Popen[bytes]:
        if trusted:
            return programs.started([*self._beside(node), *argv])
        return programs.started([*self._inside(node, "--interactive"), *argv], os.environ)

    def command(self, node: str, argv: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        terminal = f"TERM={programs.on_terminal()['TERM']}"
        return [*self._inside(node, "--interactive", "--tty", "--env", terminal), *argv], dict(os.environ)

    def run(
        self,
        node: str,
        argv: Sequence[str],
        *,
        trusted: bool = False,
        input: str | None = None,
        timeout: float = 30.0,
    ) -> Completed:
        limited = list(argv) if trusted else ["timeout", "-s", "KILL", str(timeout + _GRACE), *argv]
        return self._finished(self.popen(node, limited, trusted=trusted), node, argv, input, timeout)

    def connect(self, host: str, port: int, *, source: str | None = None, timeout: float = 5.0) -> socket.socket:
        if source is None:
            return socket.create_connection((host, port), timeout)
        return self._sockets.connected(self._living(source).pid, host, port, timeout)

    def impair(self, node: str, interface: str, how: Impairment | None) -> None:
        program, container = self._program(node)
        port = render.port(self._nodes[node].vendor, interface)
        try:
            if how is not None:
                program.netem_set(container, port, how.delay, how.jitter, how.loss, how.rate)
            elif interface in self.impaired(node):
                program.netem_reset(container, port)
        except ContainerlabError as error:
            raise netem.refused(f"{node}:{interface}", error.said) from error

    def impaired(self, node: str) -> Mapping[str, Impairment]:
        program, container = self._program(node)
        names = {render.port(self._nodes[node].vendor, name): name for name in self.spec.cables(node)}
        shown = {one.interface.partition(" ")[0]: one for one in program.netem_show(container)}  # «name (alias)»
        return {
            names[name]: Impairment(one.delay, one.jitter, one.loss, one.rate)
            for name, one in shown.items()
            if name in names
        }

    def _program(self, node: str) -> tuple[Containerlab, str]:
        self._living(node)
        return Containerlab.find(), self._state.names.container(node)

    def memory(self) -> int:
        return memory(node.pid for node in (*self._states.values(), self._state.tools))

    def logs(self, node: str) -> str:
        return docker.run("logs", self._state.names.container(node))
