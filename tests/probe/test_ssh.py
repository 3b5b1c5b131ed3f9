"""SSH login against a real SSH server (paramiko's) that behaves as a switch."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import paramiko
import pytest

from tests.probe.lab import ScriptedLab
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
        while not line.endswith(b"\r"):
            line += channel.recv(64)
        channel.sendall(line + b"\nCurrent privilege level is 1\r\nSW1>")


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


def test_a_login_gives_prompt_privilege_and_host_key(connect: Callable[[str, int], socket.socket]) -> None:
    result = ssh_login(ScriptedLab(connect=connect), "pc1", "10.1.99.11", "admin", "s3cret")
    assert result.logged_in and result.prompt == "SW1>"
    assert result.output == "Current privilege level is 1"
    assert result.host_key == "ssh-rsa 2048"
    assert result.version.startswith("SSH-2.0-")


def test_without_command_only_the_prompt_is_read(connect: Callable[[str, int], socket.socket]) -> None:
    result = ssh_login(ScriptedLab(connect=connect), "pc1", "10.1.99.11", "admin", "s3cret", command="")
    assert (result.prompt, result.output) == ("SW1>", "")


def test_a_wrong_password_is_denied(connect: Callable[[str, int], socket.socket]) -> None:
    result = ssh_login(ScriptedLab(connect=connect), "pc1", "10.1.99.11", "admin", "cisco", deadline=0)
    assert not result.logged_in and result.state == "authentification refusée"
    assert result.host_key == "ssh-rsa 2048"


def test_a_server_that_is_not_ssh_closes() -> None:
    def connect(host: str, port: int) -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.close()
        return ours

    result = ssh_login(ScriptedLab(connect=connect), "pc1", "10.1.99.11", "admin", "s3cret", deadline=0)
    assert result.state == "connexion fermée"


def test_a_refused_connection_is_told_from_a_silent_one() -> None:
    def refuse(host: str, port: int) -> socket.socket:
        raise ConnectionRefusedError(111, "Connection refused")

    result = ssh_login(ScriptedLab(connect=refuse), "pc1", "10.1.99.11", "admin", "s3cret", deadline=0)
    assert result.state == "refusé"
