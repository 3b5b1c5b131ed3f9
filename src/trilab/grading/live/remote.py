"""Remote administration over the candidate's own network: SSH logins and TCP services, from a node."""

from __future__ import annotations

import re
import time
from typing import Literal

import paramiko

from trilab.access import candidate
from trilab.access.ssh import open_shell, silence
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.requests import Enable, EnableSeen, LoginSeen, SshLogin, TcpOpen, TcpSeen

State = Literal["open", "refused", "silent", "prohibited"]
Outcome = Literal["accepted", "refused", "no-service"]
CONNECT = 3.0  # seconds
LOGIN = 10.0  # seconds for key exchange and login
GREETING = 1.5  # seconds
_SILENT = "aucune réponse du port 22"
_PASSWORD = r"[Pp]assword: ?\Z"
_PROMPT = r"(?:\A|[\r\n])[\w.-]+[>#] ?\Z"
_PROMPT_OR_PASSWORD = rf"{_PROMPT}|{_PASSWORD}"


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
    except ConnectionRefusedError:
        return "refused", ""
    except TimeoutError:
        return "silent", ""
    except OSError as error:
        return "prohibited", error.strerror or ""
    with connected:
        connected.settimeout(GREETING)
        try:
            return "open", connected.recv(256).decode("utf-8", "replace").strip()
        except OSError:
            return "open", ""


def ssh_login(context: Context, request: SshLogin) -> LoginSeen:
    """Log in once with the password; on success ask for the privilege level."""
    started = time.time()
    seen = _login(context, request)
    if seen[3] == _SILENT:  # a lost packet or a loaded machine: one more try before it counts
        seen = _login(context, request)
    text = f"ssh {request.username}@{request.address} depuis {request.source} : {seen[0]}\n"
    text += f"serveur : {seen[1] or 'aucun'}\n{seen[2]}\n{seen[3]}"
    title = f"ssh {request.username} vers {request.address}"
    kept = context.keeper.text("probe", request.source, title, text, started, time.time())
    return LoginSeen((kept,), *seen)


def _login(context: Context, request: SshLogin) -> tuple[Outcome, str, str, str]:
    """Outcome, version line of the server, output after login, detail."""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # the key is the candidate's own, made today
    silence()
    try:
        client.connect(
            request.address,
            username=request.username,
            password=request.password,
            sock=context.lab.connect(request.address, 22, source=request.source, timeout=CONNECT),
            auth_timeout=LOGIN,
            banner_timeout=LOGIN,
            allow_agent=False,
            look_for_keys=False,
        )
        return "accepted", _version(client), _after_login(client), "connexion acceptée"
    except paramiko.AuthenticationException:
        return "refused", _version(client), "", "mot de passe refusé par le serveur"
    except (paramiko.SSHException, EOFError) as error:
        return "no-service", _version(client), "", f"échange SSH interrompu ({error or 'connexion fermée'})"
    except TimeoutError:
        return "no-service", "", "", _SILENT
    except OSError as error:
        return "no-service", "", "", f"port 22 : {error.strerror or error}"
    finally:
        client.close()


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


def enable(context: Context, request: Enable) -> EnableSeen:
    """Try ``enable`` at the console, in a session of our own: first with a wrong secret, then with the one asked."""
    started = time.time()
    client = open_shell(context.lab, request.node, candidate())
    try:
        shell = client.invoke_shell(width=200)
        transcript = _read_until(shell, _PROMPT)
        if not transcript.rstrip().endswith(">"):
            raise ObservationError(f"{request.node} : la console n'arrive pas en mode utilisateur.")
        wrong, said = _enable_once(shell, f"{request.secret}-faux")
        transcript += said
        right = wrong
        if not wrong:
            right, said = _enable_once(shell, request.secret)
            transcript += said
    finally:
        client.close()
    detail = "« enable » s'ouvre sans le bon secret" if wrong else ("accepté" if right else "secret refusé")
    title = "enable sur la console"
    kept = context.keeper.text("probe", request.node, title, transcript.replace("\r", ""), started, time.time())
    return EnableSeen((kept,), right, wrong, detail)


def _enable_once(shell: paramiko.Channel, secret: str) -> tuple[bool, str]:
    """One ``enable`` with one secret (asked up to three times). Whether it opened, and the transcript."""
    shell.sendall(b"enable\n")
    said = text = _read_until(shell, _PROMPT_OR_PASSWORD)
    for _ in range(3):
        if not re.search(_PASSWORD, text):
            break
        shell.sendall(secret.encode() + b"\n")
        text = _read_until(shell, _PROMPT_OR_PASSWORD)
        said += text
    return text.rstrip().endswith("#"), said
