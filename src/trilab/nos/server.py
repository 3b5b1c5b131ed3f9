"""Sessions over a stream socket: the opening line, the terminal line's number, the life of a session."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from dataclasses import dataclass

from trilab.nos import accounts, scp
from trilab.nos.accounts import Attempt, Grant
from trilab.nos.dataplane.nft import vty_line
from trilab.nos.device import Device
from trilab.nos.login import welcome
from trilab.nos.session import SERVICE_ACCOUNT, Closed, Session
from trilab.nos.terminal import HungUp, Quit, Terminal, TimedOut

_OPENING_MAX = 65536  # bytes of the first line
_OPENING_TIMEOUT = 5.0  # seconds
_WAITING = 15  # sessions of one user that may be on their way


@dataclass(frozen=True)
class Opening:
    """Who calls: the first line of a connection. See :mod:`trilab.nos.client` for its form."""

    line: str
    user: str
    authenticated: bool
    source: str
    columns: int
    rows: int
    command: str | None
    tty: bool
    password: str = ""  # of the line "login": no session, only whether the user may have one

    @classmethod
    def read(cls, connection: socket.socket) -> Opening:
        """Read it.

        Raises:
            ValueError: not the line expected.
            OSError: the connection failed.
        """
        data = bytearray()
        connection.settimeout(_OPENING_TIMEOUT)
        while not data.endswith(b"\n"):
            byte = connection.recv(1)  # one at a time: what follows belongs to the terminal
            if not byte or len(data) > _OPENING_MAX:
                raise ValueError("the opening line is not complete")
            data += byte
        connection.settimeout(None)
        return cls.of(json.loads(data))

    @classmethod
    def of(cls, given: object) -> Opening:
        """Check the decoded line. Raises ValueError."""
        if not isinstance(given, dict) or given.get("line") not in ("console", "vty", "login"):
            raise ValueError("the opening line names no line")
        command = given.get("command")
        return cls(
            line=given["line"],
            user=str(given.get("user", "")),
            authenticated=bool(given.get("authenticated")),
            source=str(given.get("source", "")),
            columns=int(given.get("columns") or 0),
            rows=int(given.get("rows") or 0),
            command=None if command is None else str(command),
            tty=bool(given.get("tty")),
            password=str(given.get("password", "")),
        )


def _peer_uid(connection: socket.socket) -> int:
    """The account at the other end, as the kernel knows it (unix(7), SO_PEERCRED)."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", credentials)[1]
    return uid


class Server:
    """Serves connections, one thread each."""

    def __init__(self, device: Device, service_uids: frozenset[int] = frozenset({0})) -> None:
        """Serve ``device``. ``service_uids``: who may call as the service account."""
        self.device, self._service_uids = device, service_uids
        self._granted: dict[tuple[str, str], list[Grant]] = {}  # user, source → let in, and not here yet

    def start(self, connection: socket.socket) -> threading.Thread:
        """Serve a connection in a new thread."""
        thread = threading.Thread(target=self.serve, args=(connection,), daemon=True)
        thread.start()
        return thread

    def serve(self, connection: socket.socket) -> None:
        """Serve a connection to its end; closes it."""
        with connection:
            try:
                opening = Opening.read(connection)
            except (ValueError, OSError):
                return  # not one of our clients
            if opening.line == "login":
                self._authenticate(connection, opening)
                return
            session = self._open(connection, opening)
            if session is None:
                return
            try:
                self._talk(session, opening)
            except (Closed, HungUp, TimedOut, Quit):
                pass  # each is an ordinary end of a session
            finally:
                with self.device.lock:
                    self.device.sessions.remove(session)
                session.terminal.close()

    def _authenticate(self, connection: socket.socket, opening: Opening) -> None:
        """Whether a user may come in by SSH, for our own sshd only."""
        if _peer_uid(connection) not in self._service_uids:
            return
        line = vty_line(self.device.config, "ssh")
        if line is None:
            return
        granted = accounts.log_in(self.device, Attempt(opening.user, opening.password, line, opening.source))
        if granted is not None:
            with self.device.lock:
                waiting = self._granted.setdefault((opening.user, opening.source), [])
                self._granted[opening.user, opening.source] = [*waiting[-_WAITING:], granted]
        with contextlib.suppress(OSError):  # it did not wait for the answer
            connection.sendall(b"no\n" if granted is None else b"yes\n")

    def _open(self, connection: socket.socket, opening: Opening) -> Session | None:
        terminal = Terminal(connection, tty=opening.tty, columns=opening.columns, rows=opening.rows)
        if opening.user == SERVICE_ACCOUNT and _peer_uid(connection) not in self._service_uids:
            terminal.close()
            return None
        with self.device.lock:
            number = self._free_line(opening.line)
            if number is None:
                terminal.close()
                return None
            session = Session(self.device, terminal, connection, opening.line, number, opening.user, opening.source)
            waiting = self._granted.get((opening.user, opening.source))
            if opening.authenticated and opening.line == "vty" and waiting:
                session.grant = waiting.pop(0)
            self.device.sessions.append(session)
        return session

    def _free_line(self, kind: str) -> int | None:
        """The first free vty (there is only one console, shared)."""
        if kind == "console":
            return 0
        last = max(line.last for line in self.device.config.lines if line.kind == "vty")
        taken = {session.number for session in self.device.sessions if session.kind == kind}
        return next((number for number in range(last + 1) if number not in taken), None)

    def _talk(self, session: Session, opening: Opening) -> None:
        if not welcome(session, authenticated=opening.authenticated):
            return
        if opening.command is None:
            session.loop()
        elif scp.is_copy(opening.command):
            scp.serve(session, opening.command)
        else:
            for line in opening.command.splitlines():
                session.execute(line)
