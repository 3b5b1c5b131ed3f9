"""A program of the host that is in a node by the cluster's API: ``python -m trilab.engine.kubernetes.relay``.

``exec CONTEXT NAMESPACE POD CONTAINER NAME -- ARGV`` carries standard streams and the exit code; ``tty`` the same on
the caller's terminal; ``ssh CONTEXT NAMESPACE NODE`` carries one connection to a node's SSH (ProxyCommand of ssh(1)).
CONTEXT is empty inside a pod. NAME: of the container that ARGV starts, to which SIGUSR1 and SIGTERM are passed on: a
capture asks tcpdump for its counts, and ends it. It is empty where ARGV starts none.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import termios
import threading
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from trilab.engine.kubernetes import streams
from trilab.engine.kubernetes.client import Cluster
from trilab.engine.kubernetes.render import SSH
from trilab.errors import TrilabError

CHUNK = 65536
PASSING = 5.0  # seconds for a signal to reach a program


def main(arguments: Sequence[str]) -> int:
    """Run, and give the exit code."""
    verb, context, namespace, *rest = arguments
    try:
        cluster = Cluster(context or None)
        if verb == "ssh":
            return _ssh(cluster, namespace, rest[0])
        pod, container, name, _, *argv = rest
        stream = cluster.execute(namespace, pod, container, argv, tty=verb == "tty")
        if name:
            _pass_signals(cluster, (namespace, pod, container), name)
        if verb == "exec":
            return _carry(stream)
        with _terminal(stream):
            return _carry(stream)
    except TrilabError as error:
        sys.stderr.write(f"{error}\n")
        return streams.LOST


def _pass_signals(cluster: Cluster, place: tuple[str, str, str], name: str) -> None:
    """Those that come to us go to a container in the launcher; its program's end is then ours."""

    def passed(number: int, frame: object) -> None:
        kill = ["docker", "kill", "--signal", str(number), name]
        done = streams.collected(cluster.execute(*place, kill, tty=False), None, PASSING)
        if number == signal.SIGTERM and (done is None or done[0] != 0):
            raise SystemExit(streams.LOST)  # not started yet, or gone: nothing else would end us

    for number in (signal.SIGUSR1, signal.SIGTERM):
        signal.signal(number, passed)


def _carry(stream: Any) -> int:
    threading.Thread(target=_feed, args=(stream,), daemon=True).start()
    while stream.is_open():
        stream.update(timeout=1)
        _drain(stream)
    _drain(stream)
    return streams.code(stream)


def _feed(stream: Any) -> None:
    while data := os.read(0, CHUNK):
        stream.write_stdin(data)
    stream.close_channel(streams.STDIN)


def _drain(stream: Any) -> None:
    """What came meanwhile; a buffered channel is given at once, an empty one is not waited for."""
    for read, fd in ((stream.read_stdout, 1), (stream.read_stderr, 2)):
        data = read(timeout=0)
        while data:
            data = data[os.write(fd, data) :]


@contextmanager
def _terminal(stream: Any) -> Iterator[None]:
    """Every key goes to the node, whose terminal has the size of ours."""

    def resize(*_: object) -> None:
        size = os.get_terminal_size(0)
        stream.write_channel(streams.RESIZE, json.dumps({"Width": size.columns, "Height": size.lines}).encode())

    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(0)
    tty.setraw(0, termios.TCSADRAIN)  # what was typed meanwhile stays
    signal.signal(signal.SIGWINCH, resize)
    resize()
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def _ssh(cluster: Cluster, namespace: str, node: str) -> int:
    with cluster.connect(namespace, node, SSH) as sock:
        threading.Thread(target=_send, args=(sock,), daemon=True).start()
        while data := sock.recv(CHUNK):
            while data:
                data = data[os.write(1, data) :]
    return 0


def _send(sock: socket.socket) -> None:
    while data := os.read(0, CHUNK):
        sock.sendall(data)
    sock.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
