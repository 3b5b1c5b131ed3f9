"""SSH login in band, as an administrator at a PC does it: from the PC's network, to an address of the device."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Literal

import paramiko

from trilab.engine.base import Lab
from trilab.errors import ObservationError, reason
from trilab.probe.tcp import TcpState, state_of

PORT = 22
CONNECT = 3.0  # seconds
LOGIN = 10.0  # seconds for each of key exchange, login, and the answer to a command
PROMPT = r"(?:\A|[\r\n])[\w.-]+[>#] ?\Z"
_NO_ANSWER = ("timeout", "EOF")  # paramiko's AuthenticationException without a word from the server


@dataclass(frozen=True)
class SshResult:
    """``refused``: the server refused the password. ``no-service``: no TCP connection to it.

    ``version``: the server's identification (RFC 4253, 4.2). ``output``: what came after the login, with prompts.
    """

    outcome: Literal["accepted", "refused", "no-service"]
    version: str
    output: str
    detail: str  # French

    @property
    def logged_in(self) -> bool:
        """Whether the account was let in."""
        return self.outcome == "accepted"


class _Interrupted(Exception):
    """The server took the connection, and the SSH exchange did not come to its end."""


def ssh_login(
    lab: Lab, source: str, address: str, username: str, password: str, *, command: str = "show privilege"
) -> SshResult:
    """Log in from ``source`` with a password (RFC 4252), read the first prompt and the answer to ``command``.

    Silence or an interrupted exchange get one more try: a packet may be lost, a machine loaded.

    Raises:
        ObservationError: the source node is dead; or a server is there, but neither accepts nor refuses.
    """

    def attempt() -> SshResult:
        return _login(lab, source, address, (username, password), command)

    try:
        seen = attempt()
        return attempt() if seen.detail == _closed(TcpState.SILENT) else seen
    except _Interrupted:
        try:
            return attempt()
        except _Interrupted as error:
            raise ObservationError(f"Échange SSH avec {address} interrompu ({error}).") from error


def _closed(state: TcpState) -> str:
    return f"port {PORT} {state}"


def _login(lab: Lab, source: str, address: str, account: tuple[str, str], command: str) -> SshResult:
    """One attempt. Raises :class:`_Interrupted`."""
    try:
        sock = lab.connect(address, PORT, source=source, timeout=CONNECT)
    except OSError as error:
        return SshResult("no-service", "", "", _closed(state_of(error)))
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # the key is the candidate's own, made today
    try:
        client.connect(
            address,
            username=account[0],
            password=account[1],
            sock=sock,
            auth_timeout=LOGIN,
            banner_timeout=LOGIN,
            allow_agent=False,
            look_for_keys=False,
        )
        return SshResult("accepted", _version(client), _ask(client, command), "connexion acceptée")
    except paramiko.AuthenticationException as error:
        if any(word in str(error) for word in _NO_ANSWER):
            raise _Interrupted("aucune réponse à l'authentification") from error
        return SshResult("refused", _version(client), "", "mot de passe refusé par le serveur")
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise _Interrupted(_why(error)) from error
    finally:
        client.close()
        sock.close()


def _why(error: Exception) -> str:
    """Why an exchange did not come to its end, in French where paramiko says it in English."""
    if isinstance(error, OSError):
        return reason(error)
    if "banner" in str(error):
        return "le serveur ne s'annonce pas"
    return str(error) or "connexion fermée"


def _version(client: paramiko.SSHClient) -> str:
    transport = client.get_transport()
    return "" if transport is None else str(transport.remote_version)


def _ask(client: paramiko.SSHClient, command: str) -> str:
    """The prompt and the answer to a command; the session's own terminal is all that is touched."""
    shell = client.invoke_shell(width=200)
    text = read_until(shell, PROMPT)
    shell.sendall(command.encode() + b"\n")
    return (text + read_until(shell, PROMPT)).replace("\r", "").strip()


def read_until(shell: paramiko.Channel, pattern: str, patience: float = LOGIN) -> str:
    """What comes until ``pattern`` ends it, the session ends, or ``patience`` seconds have passed."""
    deadline, text = time.monotonic() + patience, ""
    while not re.search(pattern, text):
        shell.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            chunk = shell.recv(65536)
        except TimeoutError:
            break
        if not chunk:
            break
        text += chunk.decode("utf-8", "replace")
    return text
