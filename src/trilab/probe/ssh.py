"""SSH login in band, as an administrator at a PC does it: from the PC's network, to an address of the device."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import paramiko

from trilab.engine.base import Lab
from trilab.probe.polling import until
from trilab.probe.tcp import state_of

PROMPT = re.compile(r"(?:^|[\r\n])([^\r\n]*[>#$])\s*$")
DENIED = "authentification refusée"
CLOSED = "connexion fermée"
OPEN = "ouverte"


@dataclass(frozen=True)
class SshResult:
    """``state``: ``ouverte`` (logged in), ``authentification refusée``, ``connexion fermée``, or a TcpState.

    ``version``: the server's identification (RFC 4253). ``output``: what the command said, prompts excluded.
    """

    source: str
    host: str
    username: str
    state: str
    version: str
    host_key: str  # "ssh-rsa 2048"
    prompt: str
    output: str
    reason: str
    seconds: float

    @property
    def logged_in(self) -> bool:
        """Whether the account was let in."""
        return self.state == OPEN


@dataclass(frozen=True)
class _Try:
    state: str
    version: str = ""
    host_key: str = ""
    prompt: str = ""
    output: str = ""
    reason: str = ""


def ssh_login(
    lab: Lab,
    source: str,
    host: str,
    username: str,
    password: str,
    *,
    command: str = "show privilege",
    port: int = 22,
    deadline: float = 5.0,
    patience: float = 5.0,
    wanted: frozenset[str] = frozenset({OPEN}),
) -> SshResult:
    """Log in from ``source``, read the first prompt and the answer to ``command`` (none when empty).

    Tries again until the state is a ``wanted`` one or ``deadline`` seconds are over. ``patience``: seconds for each
    step. Raises ObservationError when the source node is dead.
    """
    started = time.monotonic()

    def attempt() -> SshResult:
        tried = _try(lab, source, host, port, (username, password), command, patience)
        return SshResult(source=source, host=host, username=username, seconds=time.monotonic() - started, **vars(tried))

    return until(attempt, lambda result: result.state in wanted, deadline)


def _try(lab: Lab, source: str, host: str, port: int, account: tuple[str, str], command: str, patience: float) -> _Try:
    try:
        sock = lab.connect(host, port, source=source, timeout=patience)
    except OSError as error:
        return _Try(str(state_of(error)))
    with sock:
        transport = None
        try:
            transport = paramiko.Transport(sock)
            transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = patience
            return _login(transport, account, command, patience)
        except paramiko.SSHException as error:
            return _Try(CLOSED, reason=str(error))
        except (OSError, EOFError) as error:
            return _Try(CLOSED, reason=str(error) or type(error).__name__)
        finally:
            if transport is not None:
                transport.close()


def _login(transport: paramiko.Transport, account: tuple[str, str], command: str, patience: float) -> _Try:
    transport.start_client(timeout=patience)
    key = transport.get_remote_server_key()
    host_key = f"{key.get_name()} {key.get_bits()}"
    version = transport.remote_version
    try:
        transport.auth_password(*account)
    except paramiko.AuthenticationException as error:
        return _Try(DENIED, version, host_key, reason=str(error))
    channel = transport.open_session(timeout=patience)
    channel.get_pty(width=200, height=200)
    channel.invoke_shell()
    prompt = _read(channel, patience)
    output = ""
    if command and prompt[1]:
        channel.sendall(f"{command}\r".encode())
        output = _read(channel, patience)[0].removeprefix(command).strip()
    return _Try(OPEN, version, host_key, prompt=prompt[1], output=output)


def _read(channel: paramiko.Channel, patience: float) -> tuple[str, str]:
    """Text before the next prompt, and the prompt; the prompt is empty when none came in time."""
    text = ""
    deadline = time.monotonic() + patience
    while (left := deadline - time.monotonic()) > 0:
        channel.settimeout(left)
        try:
            data = channel.recv(65536)
        except TimeoutError:
            break
        if not data:
            break
        text += data.decode(errors="replace")
        found = PROMPT.search(text)
        if found and not channel.recv_ready():
            return text[: found.start()].replace("\r", ""), found[1].strip()
    return text.replace("\r", ""), ""
