"""Sockets that belong to the network of a node, for the graders outside (see portal.py)."""

from __future__ import annotations

import array
import socket
import subprocess
import sys
import threading

from trilab.engine import portal
from trilab.errors import ObservationError


class Sockets:
    """The sockets of one lab. ``home``: as portal.py takes it. The portal starts with the first one."""

    def __init__(self, key: str, home: int) -> None:
        self._key, self._home = key, home
        self._portal: socket.socket | None = None
        self._lock = threading.Lock()

    def get(self, pid: int, kind: str = "tcp") -> socket.socket:
        """A socket in the network namespace of a process. Raises ObservationError where it cannot be had."""
        with self._lock:
            if self._portal is None:
                self._portal = self._open()
            self._portal.send(f"{pid} {kind}\n".encode())
            fds = array.array("i")
            message, ancillary, _, _ = self._portal.recvmsg(256, socket.CMSG_LEN(fds.itemsize))
        if message != b"+":
            raise ObservationError(f"{self._key} : pas d'accès au réseau du lab ({message[1:].decode()}).")
        fds.frombytes(ancillary[0][2][: fds.itemsize])
        return socket.socket(fileno=fds[0])

    def connected(self, pid: int, host: str, port: int, timeout: float) -> socket.socket:
        """A connection from the network namespace of a process. Raises as :meth:`trilab.engine.base.Lab.connect`."""
        sock = self.get(pid)
        sock.settimeout(timeout)
        try:
            sock.connect((host, port))
        except OSError:
            sock.close()
            raise
        return sock

    def _open(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-I", "-S", portal.__file__, str(self._home), str(theirs.fileno())]
        subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True)
        theirs.close()
        return ours
