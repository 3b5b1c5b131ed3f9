"""A running lab of the native engine: everything is reached by nsenter from outside the bubble."""

from __future__ import annotations

import shlex
import socket
import subprocess
from collections.abc import Mapping, Sequence

from trilab.engine import netem, programs
from trilab.engine.base import Completed, Impairment
from trilab.engine.local import LocalLab, memory
from trilab.engine.native.air import NativeRadio
from trilab.engine.native.radio import NAME as RADIO
from trilab.engine.native.state import LabFolder, LabState
from trilab.host import tools


class NativeLab(LocalLab[LabState]):
    """See :class:`trilab.engine.base.Lab`."""

    def __init__(self, folder: LabFolder, lab: LabState) -> None:
        super().__init__(folder, lab, lab.bubble_pid, {})

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
        return self._finished(self.popen(node, argv, trusted=trusted), node, argv, input, timeout)

    def connect(self, host: str, port: int, *, source: str | None = None, timeout: float = 5.0) -> socket.socket:
        return self._sockets.connected(0 if source is None else self._living(source).pid, host, port, timeout)

    def impair(self, node: str, interface: str, how: Impairment | None) -> None:
        netem.impair(self, node, interface, how)

    def impaired(self, node: str) -> Mapping[str, Impairment]:
        return netem.impaired(self, node)

    def memory(self) -> int:
        return memory([self._state.bubble_pid])

    def logs(self, node: str) -> str:
        return self.run(node, ["cat", "/run/trilab/boot.log"]).stdout
