"""Remote administration over the candidate's own network: SSH logins and TCP services, from a node."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import paramiko

from trilab import probe
from trilab.access import candidate
from trilab.access.ssh import open_shell, silence
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.requests import Enable, EnableSeen, LoginSeen, SshLogin, TcpOpen, TcpSeen
from trilab.probe.ssh import LOGIN, PROMPT, read_until
from trilab.probe.tcp import TcpState

CONNECT = 3.0  # seconds
GREETING = 10.0  # seconds: a busy machine starts the server's process late; nearly all speak at once
_PASSWORD = r"[Pp]assword: ?\Z"
_PROMPT_OR_PASSWORD = rf"{PROMPT}|{_PASSWORD}"
_STATES: Mapping[TcpState, Literal["open", "refused", "silent", "prohibited"]] = {
    TcpState.OPEN: "open",
    TcpState.REFUSED: "refused",
    TcpState.SILENT: "silent",
    TcpState.UNREACHABLE: "prohibited",
}


def tcp_open(context: Context, request: TcpOpen) -> TcpSeen:
    """Connect and read the first bytes."""
    started = time.time()
    asked = (context.lab, request.source, request.address, request.port)
    seen = probe.tcp(*asked, deadline=0, patience=CONNECT, banner=GREETING)
    greeting = seen.banner.strip()
    text = f"TCP {request.address}:{request.port} depuis {request.source} : {seen.state}\n{greeting}"
    title = f"TCP {request.address} port {request.port}"
    kept = context.keeper.text("probe", request.source, title, text, started, time.time())
    return TcpSeen((kept,), _STATES[seen.state], greeting)


def ssh_login(context: Context, request: SshLogin) -> LoginSeen:
    """See :func:`trilab.probe.ssh_login`."""
    started = time.time()
    silence()
    seen = probe.ssh_login(context.lab, request.source, request.address, request.username, request.password)
    text = f"ssh {request.username}@{request.address} depuis {request.source} : {seen.detail}\n"
    text += f"serveur : {seen.version or 'aucun'}\n{seen.output}"
    title = f"ssh {request.username} vers {request.address}"
    kept = context.keeper.text("probe", request.source, title, text, started, time.time())
    return LoginSeen((kept,), seen.outcome, seen.version, seen.output, seen.detail)


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
        transcript = read_until(shell, PROMPT)
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
    said = text = read_until(shell, _PROMPT_OR_PASSWORD)
    asked = bool(re.search(_PASSWORD, text))
    for _ in range(3):
        if not re.search(_PASSWORD, text):
            break
        shell.sendall(secret.encode() + b"\n")
        text = read_until(shell, _PROMPT_OR_PASSWORD)
        said += text
    if not re.search(PROMPT, text):
        raise ObservationError(f"{node} : « enable » n'a pas répondu en {LOGIN:.0f} s.")
    return _Enabled(text.rstrip().endswith("#"), asked, said)
