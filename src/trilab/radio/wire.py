"""How the parts of the radio talk: one JSON line per request, then frames both ways.

A frame is one byte (its kind), four bytes (length, big endian) and its content.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

# The link between the keeper and the guest: nothing else is on it (RFC 3927 addresses).
KEEPER, GUEST, PREFIX = "169.254.76.1", "169.254.76.2", 30
AGENT_PORT = 7000  # the agent's requests
DOOR_PORT = 7001  # the keeper's own door, for the graders' side
HELLO_PORT = 7002  # where the agent reports after its boot

STDIN, CLOSE_STDIN = b"i", b"c"
STDOUT, STDERR, END = b"o", b"e", b"x"  # END holds JSON: {"code": exit code, …}

# The link between hostapd and the node of its access point, which leads on to RADIUS servers.
AAA, AAA_GUEST, AAA_NODE, AAA_PREFIX = "aaa0", "169.254.77.2", "169.254.77.1", 30
SLOTS = 8  # SSIDs (or SSID and VLAN pairs) that one access point can carry
_HEAD = struct.Struct("!cI")
_MAX = 1 << 24


class Closed(Exception):
    """The other side has gone away."""


def send_line(sock: socket.socket, value: Any) -> None:
    """Send one JSON line."""
    sock.sendall(json.dumps(value).encode() + b"\n")


def read_line(sock: socket.socket) -> Any:
    """Read one JSON line, byte by byte: what follows stays in the socket. Raises Closed, ValueError."""
    line = bytearray()
    while not line.endswith(b"\n"):
        peeked = sock.recv(65536, socket.MSG_PEEK)
        if not peeked:
            raise Closed
        end = peeked.find(b"\n")
        line += sock.recv(end + 1 if end >= 0 else len(peeked))
        if len(line) > _MAX:
            raise ValueError("request too long")
    return json.loads(line)


def send_frame(sock: socket.socket, kind: bytes, content: bytes = b"") -> None:
    """Send one frame."""
    sock.sendall(_HEAD.pack(kind, len(content)) + content)


def read_frame(sock: socket.socket) -> tuple[bytes, bytes]:
    """(kind, content) of the next frame. Raises Closed."""
    kind, length = _HEAD.unpack(_exactly(sock, _HEAD.size))
    if length > _MAX:
        raise Closed
    return kind, _exactly(sock, length)


def _exactly(sock: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        part = sock.recv(size - len(content))
        if not part:
            raise Closed
        content += part
    return bytes(content)
