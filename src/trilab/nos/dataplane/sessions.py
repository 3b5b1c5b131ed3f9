"""Outgoing ssh and telnet from the device: the system's clients, each on a terminal of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import socket
import struct
import subprocess
import termios
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import Literal

from trilab.nos.dataplane.base import DataplaneError

ROWS, COLUMNS = 24, 80
CONNECT = 10  # seconds to reach the other side


def command(protocol: Literal["ssh", "telnet"], target: IPv4Address, user: str | None) -> list[str]:
    """The client to run. Like IOS, the device keeps no list of known hosts and offers no key of its own."""
    if protocol == "telnet":
        return ["telnet", str(target)]
    options = {
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "LogLevel": "ERROR",
        "PubkeyAuthentication": "no",
        "ConnectTimeout": str(CONNECT),
    }
    words = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    return ["ssh", *words, *(["-l", user] if user else []), str(target)]


def start(argv: Sequence[str]) -> socket.socket:
    """Run a program on a new terminal; the socket carries its bytes and closing it hangs the program up.

    Raises:
        DataplaneError: the program is missing, or there is no terminal left.
    """
    try:
        master, slave = pty.openpty()
        try:
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            # setsid gives the program its controlling terminal: a password prompt needs one.
            child = subprocess.Popen(["setsid", "--ctty", *argv], stdin=slave, stdout=slave, stderr=slave)
        except OSError:
            os.close(master)
            raise
        finally:
            os.close(slave)
        ours, theirs = socket.socketpair()
    except OSError as error:
        raise DataplaneError(f"{argv[0]}: {error}") from error
    threading.Thread(target=_carry, args=(master, ours, child), daemon=True).start()
    return theirs


def _carry(master: int, link: socket.socket, child: subprocess.Popen[bytes]) -> None:
    """Copy both ways until the program or the user goes, then end the other."""
    with link, contextlib.suppress(OSError):  # reading a terminal whose program has ended gives EIO
        sources: list[int | socket.socket] = [master, link]
        while True:
            ready = select.select(sources, [], [])[0]
            if master in ready:
                printed = os.read(master, 4096)
                if not printed:
                    break
                link.sendall(printed)
            if link in ready:
                typed = link.recv(4096)
                if not typed:
                    break
                os.write(master, typed)
    os.close(master)  # hangs the program up
    child.terminate()
    child.wait()
