"""Ask the daemon whether somebody may come in by SSH: run by pam_exec(8), the password on standard input."""

from __future__ import annotations

import os
import socket
import sys

from trilab.nos.client import SOCKET, quote


def main() -> int:
    """0 when the user may come in."""
    password = sys.stdin.buffer.read().partition(b"\0")[0].decode(errors="replace")
    said = {"user": os.environ.get("PAM_USER", ""), "source": os.environ.get("PAM_RHOST", ""), "password": password}
    line = ", ".join(f"{quote(name)}: {quote(value)}" for name, value in {"line": "login", **said}.items())
    connection = socket.socket(socket.AF_UNIX)
    try:
        with connection:
            connection.connect(SOCKET)
            connection.sendall(f"{{{line}}}\n".encode())
            answer = connection.recv(16)
    except OSError:
        return 1
    return 0 if answer == b"yes\n" else 1


if __name__ == "__main__":
    raise SystemExit(main())
