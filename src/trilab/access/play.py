"""Playing an answer: what a candidate would type, on all nodes at the same time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from trilab.access import ssh, typing_bash, typing_ios
from trilab.access.account import Account, candidate
from trilab.engine.base import Lab, Report
from trilab.errors import FileError, InputError, ObservationError, TrilabError

_ENABLE_SECRET = re.compile(r"^\s*enable\s+(?:secret|password)\s+(?:0\s+)?(\S+)\s*$", re.IGNORECASE)


class Script(Protocol):
    """What is typed on one node (:class:`trilab.lab.AnswerFile`)."""

    @property
    def node(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def lines(self) -> tuple[str, ...]: ...
    @property
    def path(self) -> Path: ...


class Answer(Protocol):
    """A whole answer (:class:`trilab.lab.Answer`)."""

    @property
    def files(self) -> Mapping[str, Script]: ...


Refusals = Callable[[TrilabError], None]  # receives what a device refused


def play(
    lab: Lab, answer: Answer, report: Report, account: Account | None = None, refused: Refusals | None = None
) -> dict[str, str]:
    """Type an answer on every node at once; return what each node said.

    Every node is typed to its end (or to its first refused line) before an error is raised. With ``refused``, a
    refused line is told there and typing goes on with the next one, as somebody does who reads no messages.

    Raises:
        FileError: a device refused a line, or a command failed; the message tells the line and the device's words.
        ObservationError: a node is dead or does not let us in.
    """
    scripts = list(answer.files.values())
    with ThreadPoolExecutor(max_workers=max(1, len(scripts)), thread_name_prefix="play") as pool:
        futures = {script.node: pool.submit(_play_one, lab, script, report, account, refused) for script in scripts}
    errors = [error for future in futures.values() if (error := future.exception()) is not None]
    if errors:
        raise errors[0]
    return {node: future.result() for node, future in futures.items()}


def _play_one(lab: Lab, script: Script, report: Report, account: Account | None, refused: Refusals | None) -> str:
    info = lab.nodes.get(script.node)
    if info is not None and info.vendor:
        text = f"{script.node} est un équipement {info.vendor} : les réponses du lab sont écrites pour ceux de trilab."
        raise InputError(text, "Configurez-le à la main, ou lancez le lab sur le moteur natif.")
    who = account or candidate(_enable_secret(script.lines))
    type_on = _type_ios if script.language == "ios" else _type_bash
    said = type_on(lab, script, who, refused)
    report(f"{script.node} : {len(script.lines)} lignes saisies.")
    return said


def _enable_secret(lines: Sequence[str]) -> str:
    """The enable secret that the answer itself sets: needed when it is typed a second time."""
    return next((match[1] for line in lines if (match := _ENABLE_SECRET.match(line))), "")


def _type_ios(lab: Lab, script: Script, account: Account, refused: Refusals | None) -> str:
    connection = ssh.open_cli(lab, script.node, account)
    try:
        if not connection.check_enable_mode():
            connection.enable()
        return _typed_ios(typing_ios.Keyboard(connection), script, refused)
    except (*ssh.FAILURES, ValueError) as error:  # ValueError: netmiko could not enter enable mode
        raise ObservationError(f"{script.node} : la session s'est interrompue ({_words(error)}).") from error
    finally:
        ssh.close(connection)


def _typed_ios(keyboard: typing_ios.Keyboard, script: Script, refused: Refusals | None, start: int = 0) -> str:
    try:
        return keyboard.type(script.lines[start:])
    except typing_ios.Refused as refusal:
        number = start + refusal.number
        error = _error(script, number, refusal.line, refusal.words)
        if refused is None:
            raise error from refusal
        refused(error)
    return _typed_ios(keyboard, script, refused, number)


def _type_bash(lab: Lab, script: Script, account: Account, refused: Refusals | None) -> str:
    client = ssh.open_shell(lab, script.node, account)
    try:
        return _typed_bash(typing_bash.Keyboard(client), script, refused)
    except (*ssh.FAILURES, EOFError) as error:
        raise ObservationError(f"{script.node} : la session s'est interrompue ({_words(error)}).") from error
    finally:
        client.close()


def _typed_bash(keyboard: typing_bash.Keyboard, script: Script, refused: Refusals | None, start: int = 0) -> str:
    try:
        return keyboard.type(script.lines[start:])
    except typing_bash.Failed as failed:
        number = start + failed.number
        status = "sans fin" if failed.status is None else f"code {failed.status}"
        error = _error(script, number, failed.line, f"{failed.output or 'aucune sortie'} ({status})")
        if refused is None or failed.status is None:
            raise error from failed
        refused(error)
    return _typed_bash(keyboard, script, refused, number)


def _error(script: Script, number: int, line: str, words: str) -> TrilabError:
    return FileError(script.path, f"{script.node} refuse la saisie n° {number}, « {line.strip()} » : {words}")


def _words(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
