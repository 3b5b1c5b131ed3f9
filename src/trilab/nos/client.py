"""The user's end of a session: connects to the daemon and carries bytes. Kept light, it starts at every login.

Usage: ``client --line console|vty --user NAME [--source IP] [--command CMD]``.

The first line on the socket is JSON; everything after it is the terminal's::

    {"line": "console" | "vty",   console: out of band; vty: in band; login: see :mod:`trilab.nos.authenticate`
     "user": str,                 "" when nobody has said a name yet
     "authenticated": bool,       false: the daemon asks as ``line vty`` says
     "source": str,               the caller's address, or ""
     "columns": int, "rows": int, 0: unknown
     "command": str | null,       run this and end; null: interactive
     "tty": bool}                 false: no --More--, plain line feeds

A program that has a terminal of its own (telnet) may connect and send that line itself.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import termios
import tty

SOCKET = "/run/trilab/cli.sock"


def options(arguments: list[str]) -> dict[str, str]:
    """``--name value`` pairs (argparse would cost more than the rest of the start)."""
    return {arguments[at][2:]: arguments[at + 1] for at in range(0, len(arguments) - 1, 2)}


def quote(text: str) -> str:
    """A JSON string."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\u{ord(c):04x}" for c in text) + '"'


def opening(given: dict[str, str], columns: int, rows: int, is_tty: bool) -> bytes:
    """The first line."""
    command = quote(given["command"]) if "command" in given else "null"
    return (
        f'{{"line": {quote(given.get("line", "console"))}, "user": {quote(given.get("user", ""))}, '
        f'"authenticated": true, "source": {quote(given.get("source", ""))}, '
        f'"columns": {columns}, "rows": {rows}, "command": {command}, "tty": {str(is_tty).lower()}}}\n'
    ).encode()


def carry(connection: socket.socket) -> None:
    """Copy bytes both ways until the daemon ends the session."""
    sources: list[socket.socket | int] = [connection, 0]
    while True:
        ready = select.select(sources, [], [])[0]
        if 0 in ready:
            typed = os.read(0, 65536)
            if typed:
                connection.sendall(typed)
            else:
                sources.remove(0)
                connection.shutdown(socket.SHUT_WR)
        if connection in ready:
            printed = connection.recv(65536)
            if not printed:
                return
            while printed:
                printed = printed[os.write(1, printed) :]


def main(arguments: list[str]) -> int:
    """Run one session."""
    is_tty = os.isatty(0)
    columns, rows = os.get_terminal_size(0) if is_tty else (0, 0)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(SOCKET)
    except OSError:
        os.write(2, "L’équipement démarre : réessayez dans un instant.\n".encode())
        return 1
    saved = termios.tcgetattr(0) if is_tty else None
    try:
        if is_tty:
            tty.setraw(0, termios.TCSANOW)  # what was typed ahead is kept
        connection.sendall(opening(options(arguments), columns, rows, is_tty))
        carry(connection)
    except (BrokenPipeError, ConnectionResetError):
        return 0  # the session ended while something was on its way
    finally:
        if saved is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, saved)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
