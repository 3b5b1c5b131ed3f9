"""Playing an answer: what a candidate would type, on all nodes at the same time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

from trilab.access import ssh, typing_bash, typing_ios
from trilab.access.account import Account, candidate
from trilab.engine.base import Lab, Report
from trilab.errors import FileError, ObservationError, TrilabError

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


def play(lab: Lab, answer: Answer, report: Report, account: Account | None = None) -> dict[str, str]:
    """Type an answer on every node at once; return what each node said.

    Every node is typed to its end (or to its first refused line) before an error is raised.

    Raises:
        FileError: a device refused a line, or a command failed; the message tells the line and the device's words.
        ObservationError: a node is dead or does not let us in.
    """
    scripts = list(answer.files.values())
    with ThreadPoolExecutor(max_workers=max(1, len(scripts)), thread_name_prefix="play") as pool:
        futures = {script.node: pool.submit(_play_one, lab, script, report, account) for script in scripts}
    errors = [error for future in futures.values() if (error := future.exception()) is not None]
    if errors:
        raise errors[0]
    return {node: future.result() for node, future in futures.items()}


def _play_one(lab: Lab, script: Script, report: Report, account: Account | None) -> str:
    who = account or candidate(_enable_secret(script.lines))
    said = _type_ios(lab, script, who) if script.language == "ios" else _type_bash(lab, script, who)
    report(f"{script.node} : {len(script.lines)} lignes saisies.")
    return said


def _enable_secret(lines: Sequence[str]) -> str:
    """The enable secret that the answer itself sets: needed when it is typed a second time."""
    return next((match[1] for line in lines if (match := _ENABLE_SECRET.match(line))), "")


def _type_ios(lab: Lab, script: Script, account: Account) -> str:
    connection = ssh.open_cli(lab, script.node, account)
    try:
        if not connection.check_enable_mode():
            connection.enable()
        return typing_ios.Keyboard(connection).type(script.lines)
    except typing_ios.Refused as refused:
        raise _error(script, refused.number, refused.line, refused.words) from refused
    except (*ssh.FAILURES, ValueError) as error:  # ValueError: netmiko could not enter enable mode
        raise ObservationError(f"{script.node} : la session s'est interrompue ({_words(error)}).") from error
    finally:
        ssh.close(connection)


def _type_bash(lab: Lab, script: Script, account: Account) -> str:
    client = ssh.open_shell(lab, script.node, account)
    try:
        return typing_bash.Keyboard(client).type(script.lines)
    except typing_bash.Failed as failed:
        status = "sans fin" if failed.status is None else f"code {failed.status}"
        raise _error(script, failed.number, failed.line, f"{failed.output or 'aucune sortie'} ({status})") from failed
    except (*ssh.FAILURES, EOFError) as error:
        raise ObservationError(f"{script.node} : la session s'est interrompue ({_words(error)}).") from error
    finally:
        client.close()


def _error(script: Script, number: int, line: str, words: str) -> TrilabError:
    return FileError(script.path, f"{script.node} refuse la saisie n° {number}, « {line.strip()} » : {words}")


def _words(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
