"""One persistent command-line session per switch, router or access point, shared by all threads."""

from __future__ import annotations

import re
import threading
import time
from types import TracebackType

from netmiko.base_connection import BaseConnection

from trilab.access import ssh
from trilab.access.account import Account
from trilab.engine.base import Lab
from trilab.errors import ObservationError

READ_TIMEOUT = 20.0  # seconds for one command
RETRY = 60.0  # seconds for which a device that did not let us in is not tried again: others wait for this session


class CliSession:
    """The session of one node: opened at first use, opened again once when it broke; one command at a time."""

    def __init__(self, lab: Lab, node: str, account: Account) -> None:
        self.node = node
        self._lab, self._account = lab, account
        self._lock = threading.Lock()
        self._connection: BaseConnection | None = None
        self._refusal, self._refused_at = "", 0.0

    def show(self, command: str, timeout: float = READ_TIMEOUT) -> str:
        """The output of a command, without its echo and the prompt.

        Raises:
            ObservationError: no session, or no answer in ``timeout`` seconds.
        """
        with self._lock:
            if self._connection is not None:
                try:
                    return self._send(self._connection, command, timeout)
                except ssh.FAILURES:  # broken since its last use (reload, idle timeout): one new try
                    self._drop()
            connection = self._connection = self._open()
            try:
                return self._send(connection, command, timeout)
            except ssh.FAILURES as error:
                self._drop()
                raise ObservationError(f"{self.node} : « {command} » n'a pas répondu en {timeout:.0f} s.") from error

    def _open(self) -> BaseConnection:
        """A new session. Raises ObservationError, at once when the last try failed a moment ago."""
        if self._refusal and time.monotonic() - self._refused_at < RETRY:
            raise ObservationError(self._refusal)
        try:
            return ssh.open_cli(self._lab, self.node, self._account)
        except ObservationError as error:
            self._refusal, self._refused_at = error.message, time.monotonic()
            raise

    @staticmethod
    def _send(connection: BaseConnection, command: str, timeout: float) -> str:
        prompt = rf"(?m:^{re.escape(connection.base_prompt)}[^\r\n>#]*[>#] ?\Z)"
        return str(connection.send_command(command, expect_string=prompt, read_timeout=timeout))

    def _drop(self) -> None:
        if self._connection is not None:
            ssh.close(self._connection)
            self._connection = None

    def close(self) -> None:
        """End the session."""
        with self._lock:
            self._drop()


class Sessions:
    """All command-line sessions of a lab for one account; a context manager that closes them."""

    def __init__(self, lab: Lab, account: Account) -> None:
        self._lab, self._account = lab, account
        self._lock = threading.Lock()
        self._cli: dict[str, CliSession] = {}

    def cli(self, node: str) -> CliSession:
        """The session of a switch, router or access point.

        Raises:
            UnknownNameError: no such node.
            ObservationError: the node is dead, or has no IOS-style command line.
        """
        ssh.address(self._lab, node)
        if not ssh.is_nos(self._lab, node):
            raise ObservationError(f"{node} n'a pas de ligne de commande IOS.")
        with self._lock:
            return self._cli.setdefault(node, CliSession(self._lab, node, self._account))

    def close(self) -> None:
        """End every session."""
        with self._lock:
            for session in self._cli.values():
                session.close()
            self._cli.clear()

    def __enter__(self) -> Sessions:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
