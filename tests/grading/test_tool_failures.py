"""A probe that fails by itself is no observation: neither «reached» nor «not reached», nor «refused»."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import paramiko
import pytest

from trilab.engine.base import Completed
from trilab.errors import ObservationError
from trilab.grading.evidence import Keeper
from trilab.grading.live import network, remote
from trilab.grading.live.context import Context
from trilab.grading.requests import SshLogin, TcpOpen, Try, Window

LOGIN = SshLogin("pc1", "10.1.10.254", "chef", "secret")


def context(tmp_path: Path, done: tuple[int, str, str] = (0, "", ""), error: OSError | None = None) -> Context:
    """A context whose programs all end alike, and whose connections all fail alike."""

    def run(node: str, argv: list[str], **_: Any) -> Completed:
        return Completed(tuple(argv), *done)

    def connect(*_: Any, **__: Any) -> Any:
        if error is not None:
            raise error
        return SimpleNamespace(close=lambda: None)

    lab = SimpleNamespace(run=run, connect=connect, nodes={"pc1": None})
    return Context(cast(Any, lab), cast(Any, None), Keeper(tmp_path), tmp_path, cast(Any, None))


def tried(where: Context, protocol: Any) -> bool:
    return network.window(where, Window((), (Try("pc1", "10.1.10.9", protocol),))).negative[0].reached


@pytest.mark.parametrize("done", [(127, "", "ping: not found"), (137, "", "")])
def test_a_ping_that_did_not_run(tmp_path: Path, done: tuple[int, str, str]) -> None:
    with pytest.raises(ObservationError):
        tried(context(tmp_path, done), "icmp")


def test_a_ping_without_route_is_an_answer(tmp_path: Path) -> None:
    assert not tried(context(tmp_path, (2, "", "ping: connect: Network is unreachable\n")), "icmp")


def test_a_socket_that_says_nothing_about_the_network(tmp_path: Path) -> None:
    broken = context(tmp_path, error=OSError(errno.EMFILE, "Too many open files"))
    for probe in (
        lambda: tried(broken, "tcp"),
        lambda: remote.tcp_open(broken, TcpOpen("pc1", "10.1.10.254", 23)),
        lambda: remote.ssh_login(broken, LOGIN),
    ):
        with pytest.raises(ObservationError):
            probe()


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def connect(self: paramiko.SSHClient, *_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(paramiko.SSHClient, "connect", connect)


def test_a_password_without_an_answer_is_not_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, paramiko.AuthenticationException("Authentication timeout."))
    with pytest.raises(ObservationError):
        remote.ssh_login(context(tmp_path), LOGIN)


def test_a_refused_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, paramiko.AuthenticationException("Authentication failed."))
    assert remote.ssh_login(context(tmp_path), LOGIN).outcome == "refused"
