"""Commands: ``show`` on switches and routers, a shell or the Asterisk console on Linux nodes."""

from __future__ import annotations

import time

from trilab.access.typing_ios import refusal
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.observe import Cli, Shell, Text
from trilab.grading.requests import Asterisk

TIMEOUT = 20.0  # seconds for one command
_ALIVE = "Connected to Asterisk"


def cli(context: Context, request: Cli) -> Text:
    """A ``show`` through the persistent session. Raises ObservationError when the device refuses the command."""
    started = time.time()
    text = context.sessions.cli(request.node).show(request.command)
    kept = context.keeper.text("command", request.node, request.command, text, started, time.time())
    if words := refusal(text):
        raise ObservationError(f"{request.node} refuse « {request.command} » : {words}")
    return Text((kept,), text)


def shell(context: Context, request: Shell) -> Text:
    """A shell command as root; its exit status does not matter, what it prints does."""
    started = time.time()
    done = context.run(request.node, ["sh", "-c", request.command], trusted=False, timeout=TIMEOUT)
    text = done.stdout + done.stderr
    kept = context.keeper.text("command", request.node, request.command, text, started, time.time())
    return Text((kept,), text)


def asterisk(context: Context, request: Asterisk) -> Text:
    """A console command. Raises ObservationError when Asterisk does not run."""
    started = time.time()
    done = context.run(request.node, ["asterisk", "-rx", request.command], trusted=False, timeout=TIMEOUT)
    text = done.stdout + done.stderr
    kept = context.keeper.text("command", request.node, f"asterisk {request.command}", text, started, time.time())
    if done.returncode != 0:
        raise ObservationError(f"{request.node} : Asterisk ne répond pas ({text.strip() or 'sans message'}).")
    return Text((kept,), text)
