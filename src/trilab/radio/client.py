"""In a node: asking the agent of the radio guest, through the node's own socket."""

from __future__ import annotations

import json
import os
import select
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from trilab.radio import wire

SOCKET = "/run/trilab/radio/socket"


class NoRadio(Exception):
    """The radio of the lab does not answer."""


def connect(timeout: float | None = None) -> socket.socket:
    """A connection to the agent; it answers once the radio has started. Raises NoRadio."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    try:
        sock.connect(SOCKET)
    except OSError as error:
        sock.close()
        raise NoRadio(str(error)) from error
    return sock


def ask(request: Mapping[str, Any], timeout: float | None = None) -> tuple[dict[str, Any], bytes]:
    """One request: its last frame, and what it wrote. ``timeout``: seconds without a word. Raises NoRadio."""
    written = bytearray()
    with connect(timeout) as sock:
        try:
            wire.send_line(sock, request)
            while True:
                kind, content = wire.read_frame(sock)
                if kind == wire.END:
                    return json.loads(content), bytes(written)
                written += content
        except (wire.Closed, OSError) as error:
            raise NoRadio(str(error) or "closed") from error


def attach(request: Mapping[str, Any]) -> dict[str, Any]:
    """One request on the caller's own standard streams: gives its last frame. Raises NoRadio."""
    with connect() as sock:
        try:
            wire.send_line(sock, request)
            return _attached(sock)
        except (wire.Closed, OSError) as error:
            raise NoRadio(str(error) or "closed") from error


def _attached(sock: socket.socket) -> dict[str, Any]:
    inputs = [sock.fileno(), 0]
    outputs = {wire.STDOUT: 1, wire.STDERR: 2}
    while True:
        ready = select.select(inputs, [], [])[0]
        if 0 in ready:
            content = b""
            with suppress(OSError):
                content = os.read(0, 65536)
            with suppress(BrokenPipeError):  # the agent has answered already: its last frame is still to be read
                wire.send_frame(sock, wire.STDIN if content else wire.CLOSE_STDIN, content)
            if not content:
                inputs.remove(0)
        if sock.fileno() in ready:
            kind, content = wire.read_frame(sock)
            if kind == wire.END:
                end: dict[str, Any] = json.loads(content)
                return end
            _write(outputs[kind], content)


def _write(descriptor: int, content: bytes) -> None:
    try:
        while content:
            content = content[os.write(descriptor, content) :]
    except BrokenPipeError:  # «| head»
        sys.exit(141)
