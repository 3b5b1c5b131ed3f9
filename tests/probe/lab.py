"""A lab of which each test says what its programs answer and where its connections go."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from ipaddress import IPv4Address
from pathlib import Path

from trilab.engine import network
from trilab.engine.base import Completed, LabSpec, NodeInfo, NodeNetwork

SHUTTLE = """
import os, select, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.connect(sys.argv[1])
while True:
    ready = select.select([0, sock], [], [])[0]
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            break
        sock.sendall(data)
    if sock in ready:
        data = sock.recv(65536)
        if not data:
            break
        os.write(1, data)
"""


def completed(stdout: str = "", stderr: str = "", code: int = 0) -> Completed:
    return Completed((), code, stdout, stderr)


class ScriptedLab:
    """See :class:`trilab.engine.base.Lab`."""

    def __init__(
        self,
        *,
        run: Callable[[Sequence[str]], Completed] | None = None,
        connect: Callable[[str, int], socket.socket] | None = None,
        phones: Mapping[str, Path] | None = None,
    ) -> None:
        self._run, self._connect, self._phones = run, connect, dict(phones or {})
        self.asked: list[tuple[str, tuple[str, ...], bool]] = []

    @property
    def spec(self) -> LabSpec:
        return LabSpec("test", "demo0", (), ())

    @property
    def nodes(self) -> Mapping[str, NodeInfo]:
        address = IPv4Address("172.20.20.2")
        return {"pc1": NodeInfo("pc1", "pc", address, 1), "tel1": NodeInfo("tel1", "phone", address, 1)}

    @property
    def started_at(self) -> float:
        return 0.0

    @property
    def image(self) -> str:
        return "image+layer"

    @property
    def radio(self) -> None:
        return None

    @property
    def key_file(self) -> Path:
        raise NotImplementedError

    def run(
        self,
        node: str,
        argv: Sequence[str],
        *,
        trusted: bool = False,
        input: str | None = None,
        timeout: float = 30.0,
    ) -> Completed:
        self.asked.append((node, tuple(argv), trusted))
        assert self._run is not None
        return self._run(argv)

    def popen(self, node: str, argv: Sequence[str], *, trusted: bool = False) -> subprocess.Popen[bytes]:
        assert list(argv) == ["/usr/bin/phone", "pipe"]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", SHUTTLE, str(self._phones[node])], stdin=pipe, stdout=pipe, stderr=pipe
        )

    def connect(self, host: str, port: int, *, source: str | None = None, timeout: float = 5.0) -> socket.socket:
        assert self._connect is not None
        return self._connect(host, port)

    def alive(self, node: str) -> bool:
        return True

    def network(self, node: str) -> NodeNetwork:
        return network.by_program(lambda argv: self.run(node, argv, trusted=True))

    def memory(self) -> int:
        return 0

    def logs(self, node: str) -> str:
        return ""
