"""SSH login against a real SSH server (paramiko's) that behaves as a switch."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import paramiko
import pytest

from tests.probe.lab import ScriptedLab
from trilab.errors import ObservationError
from trilab.probe import ssh_login


class Switch(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == ("admin", "s3cret")
        return paramiko.common.AUTH_SUCCESSFUL if good else paramiko.common.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.common.OPEN_SUCCEEDED

    def check_channel_pty_request(self, *_: object) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        threading.Thread(target=self._shell, args=(channel,), daemon=True).start()
        return True

    def _shell(self, channel: paramiko.Channel) -> None:
        channel.sendall(b"\r\nAcces reserve\r\n\r\nSW1>")
        line = b""
        while not line.endswith(b"\n"):
            line += channel.recv(64)
        channel.sendall(line + b"Current privilege level is 1\r\nSW1>")


@pytest.fixture(scope="module")
def host_key() -> paramiko.RSAKey:
    return paramiko.RSAKey.generate(2048)


@pytest.fixture
def connect(host_key: paramiko.RSAKey) -> Iterator[Callable[[str, int], socket.socket]]:
    servers: list[paramiko.Transport] = []

    def make(host: str, port: int) -> socket.socket:
        ours, theirs = socket.socketpair()
        server = paramiko.Transport(theirs)
        server.add_server_key(host_key)
        server.start_server(server=Switch(), event=threading.Event())
        servers.append(server)
        return ours

    yield make
    for server in servers:
        server.close()


def test_a_login_gives_version_prompt_and_answer(connect: Callable[[str, int], socket.socket]) -> None:
    result = ssh_login(ScriptedLab(connect=connect), "pc1", "10.1.99.11", "admin", "s3cret")
    assert result.logged_in and result.version.startswith("SSH-2.0-")
    assert result.output.startswith("Acces reserve") and "Current privilege level is 1" in result.output
    assert result.output.endswith("SW1>")


def test_a_wrong_password_is_refused_by_the_server(connect: Callable[[str, int], socket.socket]) -> None:
    result = ssh_login(ScriptedLab(connect=connect), "pc1", "10.1.99.11", "admin", "cisco")
    assert (result.outcome, result.logged_in) == ("refused", False)
    assert result.version.startswith("SSH-2.0-")


def test_a_server_that_closes_neither_accepts_nor_refuses() -> None:
    tried: list[str] = []

    def connect(host: str, port: int) -> socket.socket:
        tried.append(host)
        ours, theirs = socket.socketpair()
        theirs.close()
        return ours

    with pytest.raises(ObservationError, match="interrompu"):
        ssh_login(ScriptedLab(connect=connect), "pc1", "10.1.99.11", "admin", "s3cret")
    assert len(tried) == 2


def test_a_closed_port_is_said_in_french() -> None:
    def refuse(host: str, port: int) -> socket.socket:
        raise ConnectionRefusedError(111, "Connection refused")

    result = ssh_login(ScriptedLab(connect=refuse), "pc1", "10.1.99.11", "admin", "s3cret")
    assert (result.outcome, result.detail) == ("no-service", "port 22 refusé")


def test_silence_is_tried_twice() -> None:
    tried: list[str] = []

    def lose(host: str, port: int) -> socket.socket:
        tried.append(host)
        raise TimeoutError

    result = ssh_login(ScriptedLab(connect=lose), "pc1", "10.1.99.11", "admin", "s3cret")
    assert (result.detail, len(tried)) == ("port 22 sans réponse", 2)
