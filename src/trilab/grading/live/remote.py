"""Remote administration over the candidate's own network: SSH logins and TCP services, from a node."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import paramiko

from trilab.access import candidate
from trilab.access.ssh import open_shell, silence
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.requests import Enable, EnableSeen, LoginSeen, SshLogin, TcpOpen, TcpSeen
from trilab.probe.tcp import TcpState, state_of

State = Literal["open", "refused", "silent", "prohibited"]
Outcome = Literal["accepted", "refused", "no-service"]
Login = tuple[Outcome, str, str, str]
CONNECT = 3.0  # seconds
LOGIN = 10.0  # seconds for key exchange and login
GREETING = 10.0  # seconds: a busy machine starts the server's process late; nearly all speak at once
_NO_ANSWER = ("timeout", "EOF")  # paramiko's AuthenticationException without a word from the server
_PASSWORD = r"[Pp]assword: ?\Z"
_PROMPT = r"(?:\A|[\r\n])[\w.-]+[>#] ?\Z"
_PROMPT_OR_PASSWORD = rf"{_PROMPT}|{_PASSWORD}"
_STATES: Mapping[TcpState, State] = {
    TcpState.OPEN: "open",
    TcpState.REFUSED: "refused",
    TcpState.SILENT: "silent",
    TcpState.UNREACHABLE: "prohibited",
}


class _Interrupted(Exception):
    """The server took the connection, and the SSH exchange did not come to its end."""


def tcp_open(context: Context, request: TcpOpen) -> TcpSeen:
    """Connect and read the first bytes."""
    started = time.time()
    state, greeting = _greet(context, request)
    text = f"TCP {request.address}:{request.port} depuis {request.source} : {state}\n{greeting}"
    title = f"TCP {request.address} port {request.port}"
    return TcpSeen((context.keeper.text("probe", request.source, title, text, started, time.time()),), state, greeting)


def _greet(context: Context, request: TcpOpen) -> tuple[State, str]:
    try:
        connected = context.lab.connect(request.address, request.port, source=request.source, timeout=CONNECT)
    except OSError as error:
        return _STATES[state_of(error)], ""
    with connected:
        connected.settimeout(GREETING)
        try:
            return "open", connected.recv(256).decode("utf-8", "replace").strip()
        except OSError:
            return "open", ""


def ssh_login(context: Context, request: SshLogin) -> LoginSeen:
    """Log in once with the password; on success ask for the privilege level.

    Raises ObservationError when a server is there, but neither accepts nor refuses the password.
    """
    started = time.time()
    seen = _login_twice(context, request)
    text = f"ssh {request.username}@{request.address} depuis {request.source} : {seen[0]}\n"
    text += f"serveur : {seen[1] or 'aucun'}\n{seen[2]}\n{seen[3]}"
    title = f"ssh {request.username} vers {request.address}"
    kept = context.keeper.text("probe", request.source, title, text, started, time.time())
    return LoginSeen((kept,), *seen)


def _login_twice(context: Context, request: SshLogin) -> Login:
    """A lost packet or a loaded machine: one more try before it counts."""
    try:
        seen = _login(context, request)
        return _login(context, request) if seen[3] == _closed(TcpState.SILENT) else seen
    except _Interrupted:
        try:
            return _login(context, request)
        except _Interrupted as error:
            raise ObservationError(f"Échange SSH avec {request.address} interrompu ({error}).") from error


def _closed(state: TcpState) -> str:
    return f"port 22 {state}"


def _login(context: Context, request: SshLogin) -> Login:
    """Outcome, version line of the server, output after login, detail. Raises :class:`_Interrupted`."""
    try:
        sock = context.lab.connect(request.address, 22, source=request.source, timeout=CONNECT)
    except OSError as error:
        return "no-service", "", "", _closed(state_of(error))
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # the key is the candidate's own, made today
    silence()
    try:
        client.connect(
            request.address,
            username=request.username,
            password=request.password,
            sock=sock,
            auth_timeout=LOGIN,
            banner_timeout=LOGIN,
            allow_agent=False,
            look_for_keys=False,
        )
        return "accepted", _version(client), _after_login(client), "connexion acceptée"
    except paramiko.AuthenticationException as error:
        if any(word in str(error) for word in _NO_ANSWER):
            raise _Interrupted(str(error)) from error
        return "refused", _version(client), "", "mot de passe refusé par le serveur"
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise _Interrupted(str(error) or "connexion fermée") from error
    finally:
        client.close()
        sock.close()


def _version(client: paramiko.SSHClient) -> str:
    transport = client.get_transport()
    return "" if transport is None else str(transport.remote_version)


def _after_login(client: paramiko.SSHClient) -> str:
    """The prompt and the answer to ``show privilege``; the session's own terminal is all that is touched."""
    shell = client.invoke_shell(width=200)
    text = _read_until(shell, _PROMPT)
    shell.sendall(b"show privilege\n")
    return (text + _read_until(shell, _PROMPT)).replace("\r", "").strip()


def _read_until(shell: paramiko.Channel, pattern: str) -> str:
    """What comes until ``pattern`` ends it, the session ends, or ``LOGIN`` seconds have passed."""
    deadline, text = time.monotonic() + LOGIN, ""
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


@dataclass(frozen=True)
class _Enabled:
    """One ``enable``. ``asked``: a secret was asked for."""

    opened: bool
    asked: bool
    said: str


def enable(context: Context, request: Enable) -> EnableSeen:
    """Try ``enable`` at the console, in a session of our own: first with a wrong secret, then with the one asked."""
    started = time.time()
    client = open_shell(context.lab, request.node, candidate())
    try:
        shell = client.invoke_shell(width=200)
        transcript = _read_until(shell, _PROMPT)
        if not transcript.rstrip().endswith(">"):
            raise ObservationError(f"{request.node} : la console n'arrive pas en mode utilisateur.")
        wrong = _enable_once(shell, request.node, f"{request.secret}-faux")
        right = wrong if wrong.opened else _enable_once(shell, request.node, request.secret)
    except (paramiko.SSHException, EOFError) as error:
        raise ObservationError(f"{request.node} : la session s'est interrompue.") from error
    finally:
        client.close()
    transcript += wrong.said + (right.said if right is not wrong else "")
    title = "enable sur la console"
    kept = context.keeper.text("probe", request.node, title, transcript.replace("\r", ""), started, time.time())
    return EnableSeen((kept,), right.opened, wrong.opened, _enable_detail(wrong, right))


def _enable_detail(wrong: _Enabled, right: _Enabled) -> str:
    if wrong.opened:
        return f"« enable » s'ouvre {'avec un autre secret' if wrong.asked else 'sans demander de secret'}"
    return "secret demandé accepté" if right.opened else "secret demandé refusé"


def _enable_once(shell: paramiko.Channel, node: str, secret: str) -> _Enabled:
    """One ``enable`` with one secret (asked up to three times). Raises ObservationError when it does not end."""
    shell.sendall(b"enable\n")
    said = text = _read_until(shell, _PROMPT_OR_PASSWORD)
    asked = bool(re.search(_PASSWORD, text))
    for _ in range(3):
        if not re.search(_PASSWORD, text):
            break
        shell.sendall(secret.encode() + b"\n")
        text = _read_until(shell, _PROMPT_OR_PASSWORD)
        said += text
    if not re.search(_PROMPT, text):
        raise ObservationError(f"{node} : « enable » n'a pas répondu en {LOGIN:.0f} s.")
    return _Enabled(text.rstrip().endswith("#"), asked, said)
