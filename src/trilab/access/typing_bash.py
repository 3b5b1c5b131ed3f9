"""Typing in an interactive bash: every line waits for the prompt of the one before, so that here-documents work."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence

import paramiko

LINE_TIMEOUT = 90.0  # seconds: DHCP clients and reloads


class Failed(Exception):
    """The command that ends at line ``number`` (from 1) failed with ``status`` (None: it did not end)."""

    def __init__(self, number: int, line: str, status: int | None, output: str) -> None:
        super().__init__(output)
        self.number, self.line, self.status, self.output = number, line, status, output


class Keyboard:
    """A bash on a pseudo-terminal whose prompt tells the exit status of the last command."""

    def __init__(self, client: paramiko.SSHClient) -> None:
        token = secrets.token_hex(8)
        self._prompt = re.compile(rf"{token}(?::(\d+)|>)@@")
        self._channel = client.invoke_shell(width=500)
        # Without readline a Tab in a here-document stays a Tab; the token is split so that its echo does not match.
        half, rest = token[:8], token[8:]
        self._send("exec bash --noediting --norc -i")
        self._send("stty -echo")
        self._send(f"PS1='{half}''{rest}:$?@@' PS2='{half}''{rest}>@@'")
        self._read()

    def _send(self, line: str) -> None:
        self._channel.sendall(line.encode() + b"\n")

    def _read(self) -> tuple[str, int | None]:
        """Output up to the next prompt, and the status it tells (None: bash wants the next line of a command)."""
        deadline, data = time.monotonic() + LINE_TIMEOUT, b""
        while True:
            text = data.decode("utf-8", "replace")
            if match := self._prompt.search(text):
                return text[: match.start()].replace("\r", ""), None if match[1] is None else int(match[1])
            self._channel.settimeout(max(0.01, deadline - time.monotonic()))
            chunk = self._channel.recv(65536)
            if not chunk:
                raise EOFError
            data += chunk

    def type(self, lines: Sequence[str]) -> str:
        """Type all lines and return everything that was printed.

        Raises:
            Failed: a command ended with a status other than 0, the session ended, or a command did not end.
        """
        said = output = ""
        complete = True
        for number, line in enumerate(lines, start=1):
            self._send(line)
            try:
                printed, status = self._read()
            except (TimeoutError, EOFError) as error:
                raise Failed(number, line, None, output) from error
            said, output = said + printed, (printed if complete else output + printed)
            complete = status is not None
            if status:
                raise Failed(number, line, status, output.strip())
        if not complete:
            raise Failed(len(lines), lines[-1], None, "commande inachevée (guillemet ou document non refermé)")
        return said
