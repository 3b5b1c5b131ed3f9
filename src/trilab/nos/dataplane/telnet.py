"""Telnet on the in-band addresses (RFC 854, 857, 858): the terminal's bytes carried to the command line's socket."""

from __future__ import annotations

import json
import select
import socket
import threading
from collections.abc import Iterable
from ipaddress import IPv4Address
from pathlib import Path

from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.dataplane.nft import vty_line
from trilab.nos.dataplane.sshd import addresses
from trilab.nos.model import Config

CLI_SOCKET = Path("/run/trilab/cli.sock")
PORT = 23
IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
ECHO, SUPPRESS_GO_AHEAD = 1, 3
GREETING = bytes([IAC, WILL, ECHO, IAC, WILL, SUPPRESS_GO_AHEAD, IAC, DO, SUPPRESS_GO_AHEAD])
READY = 5.0  # seconds for the command line to answer


def enabled(config: Config) -> bool:
    """Some terminal line takes telnet."""
    return vty_line(config, "telnet") is not None


class Decoder:
    """Takes the commands out of what a client sends. Feed it pieces of any size."""

    def __init__(self) -> None:
        self._state = "data"

    def feed(self, received: bytes) -> tuple[bytes, bytes]:
        """(what the user typed, what to answer). An option that we do not offer is refused (RFC 854)."""
        typed, answer = bytearray(), bytearray()
        for byte in received:
            self._state = self._step(byte, typed, answer)
        return bytes(typed), bytes(answer)

    def _step(self, byte: int, typed: bytearray, answer: bytearray) -> str:
        state = self._state
        if state in ("data", "cr"):
            if byte == IAC:
                return "iac"
            if not (state == "cr" and byte in (0, 10)):  # RFC 854: the end of a line is CR LF, or CR NUL
                typed.append(byte)
            return "cr" if byte == 13 else "data"
        if state == "iac":
            if byte == IAC:
                typed.append(byte)
            return {SB: "sub", DO: "do", DONT: "ignore", WILL: "will", WONT: "ignore"}.get(byte, "data")
        if state == "sub":
            return "sub-iac" if byte == IAC else "sub"
        if state == "sub-iac":
            return "data" if byte == SE else "sub"
        if byte not in (ECHO, SUPPRESS_GO_AHEAD):
            if state == "do":
                answer.extend((IAC, WONT, byte))
            elif state == "will":
                answer.extend((IAC, DONT, byte))
        return "data"


class TelnetServer:
    """Listens on the wanted addresses; a thread per session."""

    def __init__(self, command_line: Path = CLI_SOCKET, port: int = PORT) -> None:
        self._command_line = command_line
        self._port = port
        self._listeners: dict[IPv4Address, socket.socket] = {}

    def apply(self, config: Config) -> None:
        """Listen on every in-band address while a terminal line takes telnet."""
        self.listen(addresses(config) if enabled(config) else [])

    def listen(self, wanted: Iterable[IPv4Address]) -> None:
        """Listen on exactly these addresses. Raises DataplaneError when one is not ours."""
        wanted = set(wanted)
        for address in self._listeners.keys() - wanted:
            listener = self._listeners.pop(address)
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread in accept()
            listener.close()
        for address in wanted - self._listeners.keys():
            try:
                listener = socket.create_server((str(address), self._port))
            except OSError as error:
                raise DataplaneError(f"telnet: {address}: {error}") from error
            self._listeners[address] = listener
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, (source, *_) = listener.accept()
            except OSError:
                return  # closed by listen()
            threading.Thread(target=self._session, args=(client, source), daemon=True).start()

    def _session(self, client: socket.socket, source: str) -> None:
        try:
            with client, socket.socket(socket.AF_UNIX) as shell:
                shell.settimeout(READY)
                shell.connect(str(self._command_line))
                shell.settimeout(None)
                client.sendall(GREETING)
                shell.sendall(_opening(source))
                _copy(client, shell)
        except OSError:
            return  # the other side went away: the session ends


def _opening(source: str) -> bytes:
    """First line on the command line's socket: who is calling."""
    caller = {"line": "vty", "user": "", "authenticated": False, "source": source, "columns": 80, "rows": 24,
              "command": None, "tty": True}  # fmt: skip
    return json.dumps(caller).encode() + b"\n"


def _copy(client: socket.socket, shell: socket.socket) -> None:
    """Carry bytes both ways until one side closes."""
    decoder = Decoder()
    while True:
        ready = select.select([client, shell], [], [])[0]
        if client in ready:
            received = client.recv(4096)
            if not received:
                return
            typed, answer = decoder.feed(received)
            client.sendall(answer)
            shell.sendall(typed)
        if shell in ready:
            printed = shell.recv(4096)
            if not printed:
                return
            client.sendall(printed.replace(b"\xff", b"\xff\xff"))
