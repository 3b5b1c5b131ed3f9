"""A running lab of the native engine: everything is reached by nsenter from outside the bubble."""

from __future__ import annotations

import array
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import psutil

from trilab.engine.base import Completed, LabSpec, NodeInfo
from trilab.engine.native import oci, portal
from trilab.engine.native.air import NativeRadio
from trilab.engine.native.radio import NAME as RADIO
from trilab.engine.native.state import LabFolder, LabState, NodeState
from trilab.errors import ObservationError, UnknownNameError
from trilab.host import process, tools

TOOLS = "/run/trilab/tools/merged"  # the untouched image, in the bubble's mount namespace
CLEAN_ENV = {"PATH": oci.PATH, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb"}


class NativeLab:
    """See :class:`trilab.engine.base.Lab`."""

    def __init__(self, folder: LabFolder, lab: LabState) -> None:
        self._folder = folder
        self._state = lab
        labels = {node.name: node.labels for node in lab.spec.nodes}
        self._states = {node.name: node for node in lab.nodes}
        self._nodes = MappingProxyType(
            {n.name: NodeInfo(n.name, n.role, n.mgmt_ip, n.pid, labels[n.name]) for n in lab.nodes}
        )
        self._portal: socket.socket | None = None
        self._portal_lock = threading.Lock()

    @property
    def spec(self) -> LabSpec:
        return self._state.spec

    @property
    def image(self) -> str:
        """The hash of the image and layer that the nodes run."""
        return self._state.image

    @property
    def nodes(self) -> Mapping[str, NodeInfo]:
        return self._nodes

    @property
    def radio(self) -> NativeRadio | None:
        """What is on the air of this lab; None where it has no radio."""
        state = self._state.radio
        return None if state is None else NativeRadio(state, self._socket, self._radio_console)

    @property
    def started_at(self) -> float:
        return self._state.started_at

    @property
    def key_file(self) -> Path:
        return self._folder.key_file

    @property
    def folder(self) -> Path:
        """What the host keeps about this lab; removed with it."""
        return self._folder.path

    def ssh_options(self) -> list[str]:
        """Options for the host's ``ssh`` to reach a node by its management address, through the bubble."""
        netcat = [*self._bubble("/usr/bin/nc"), "%h", "%p"]
        return [
            *("-o", f"ProxyCommand={shlex.join(netcat)}"),
            *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"),
            *("-o", "IdentitiesOnly=yes", "-i", str(self.key_file)),
        ]

    def _radio_console(self) -> str:
        bubble = str(self._state.bubble_pid)
        log = f"/run/trilab/nodes/{RADIO}/log"
        command = [tools.need("nsenter"), "-t", bubble, "-U", "-m", "cat", log]
        return subprocess.run(command, capture_output=True, text=True, errors="replace", cwd="/").stdout

    def _bubble(self, *argv: str, network: str = "") -> list[str]:
        """A program of the untouched image, in the network of the bubble or of a process."""
        bubble = self._state.bubble_pid
        namespaces = ["-t", str(bubble), "-U", "-m", f"--net=/proc/{network or bubble}/ns/net"]
        return [tools.need("nsenter"), *namespaces, tools.need("chroot"), TOOLS, *argv]

    def _living(self, node: str) -> NodeState:
        if node not in self._states:
            raise UnknownNameError("Nœud", node, self._states, where=self.spec.key)
        if not self.alive(node):
            raise ObservationError(f"Le nœud {node} ne tourne plus.")
        return self._states[node]

    def alive(self, node: str) -> bool:
        found = self._states[node]
        return process.alive(found.pid, found.born)

    def _enter(self, node: str, trusted: bool) -> list[str]:
        pid = self._living(node).pid
        if trusted:
            return self._bubble(network=str(pid))
        return [tools.need("nsenter"), "-t", str(pid), "-U", "-m", "-u", "-i", "-n", "-p", "--"]

    def popen(self, node: str, argv: Sequence[str], *, trusted: bool = False) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*self._enter(node, trusted), *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=CLEAN_ENV,
            cwd="/",
            start_new_session=True,
        )

    def command(self, node: str, argv: Sequence[str]) -> tuple[list[str], dict[str, str]]:
        """The host command line and environment that run ``argv`` in a node on the caller's terminal."""
        return [*self._enter(node, False), *argv], {**CLEAN_ENV, "TERM": os.environ.get("TERM", "xterm")}

    def run(
        self,
        node: str,
        argv: Sequence[str],
        *,
        trusted: bool = False,
        input: str | None = None,
        timeout: float = 30.0,
    ) -> Completed:
        program = self.popen(node, argv, trusted=trusted)
        try:
            stdout, stderr = program.communicate(None if input is None else input.encode(), timeout=timeout)
        except subprocess.TimeoutExpired as error:
            os.killpg(program.pid, signal.SIGKILL)
            for pipe in (program.stdin, program.stdout, program.stderr):
                if pipe is not None:  # not read to its end: what the node left in the background may hold it open
                    pipe.close()
            program.wait()
            raise ObservationError(f"{node} : « {' '.join(argv)} » n'a pas fini en {timeout:.0f} s.") from error
        if program.returncode != 0:
            self._living(node)  # a failure of a node that went down meanwhile says nothing about the program
        return Completed(
            tuple(argv), program.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace")
        )

    def connect(self, host: str, port: int, *, source: str | None = None, timeout: float = 5.0) -> socket.socket:
        sock = self._socket(0 if source is None else self._living(source).pid)
        sock.settimeout(timeout)
        try:
            sock.connect((host, port))
        except OSError:
            sock.close()
            raise
        return sock

    def _socket(self, pid: int) -> socket.socket:
        with self._portal_lock:
            if self._portal is None:
                self._portal = self._open_portal()
            self._portal.send(f"{pid}\n".encode())
            fds = array.array("i")
            message, ancillary, _, _ = self._portal.recvmsg(256, socket.CMSG_LEN(fds.itemsize))
        if message != b"+":
            raise ObservationError(f"{self.spec.key} : pas d'accès au réseau du lab ({message[1:].decode()}).")
        fds.frombytes(ancillary[0][2][: fds.itemsize])
        return socket.socket(fileno=fds[0])

    def _open_portal(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-I", "-S", portal.__file__, str(self._state.bubble_pid), str(theirs.fileno())]
        subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True)
        theirs.close()
        return ours

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
