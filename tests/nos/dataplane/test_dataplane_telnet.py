from __future__ import annotations

import json
import os
import select
import socket
import threading
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from dataplane_configs import device
from hypothesis import given
from hypothesis import strategies as st

from trilab.nos.dataplane import sessions, telnet
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.dataplane.telnet import DO, DONT, ECHO, IAC, SB, SE, WILL, WONT, Decoder, TelnetServer

HOME = IPv4Address("127.0.0.1")


@given(st.lists(st.integers(1, 254).filter(lambda b: b not in (10, 13)), max_size=30), st.integers(1, 7))
def test_plain_bytes_pass_whatever_the_pieces(data: list[int], size: int):
    decoder, typed = Decoder(), b""
    for start in range(0, len(data), size):
        typed += decoder.feed(bytes(data[start : start + size]))[0]
    assert typed == bytes(data)


@pytest.mark.parametrize("end", [b"\r\n", b"\r\0"])
def test_an_end_of_line_is_one_carriage_return(end: bytes):
    assert Decoder().feed(b"show" + end + b"x")[0] == b"show\rx"


def test_commands_are_taken_out_and_unknown_options_refused():
    decoder = Decoder()
    window_size = bytes([IAC, WILL, 31, IAC, SB, 31, 0, 80, 0, 24, IAC, SE])
    assert decoder.feed(b"a" + window_size + b"b") == (b"ab", bytes([IAC, DONT, 31]))
    assert decoder.feed(bytes([IAC, DO, 24])) == (b"", bytes([IAC, WONT, 24]))
    assert decoder.feed(bytes([IAC, DO, ECHO])) == (b"", b"")
    assert decoder.feed(bytes([IAC, IAC])) == (b"\xff", b"")


@pytest.fixture
def command_line(tmp_path: Path):
    """A command line that greets with a byte 255 and echoes one line."""
    path = tmp_path / "cli.sock"
    opened: list[dict[str, object]] = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def serve() -> None:
        session, _ = listener.accept()
        with session, session.makefile("rwb", buffering=0) as stream:
            opened.append(json.loads(stream.readline()))
            session.sendall(b"hi\xff")
            session.sendall(session.recv(100).upper())

    threading.Thread(target=serve, daemon=True).start()
    yield path, opened
    listener.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def read_until(client: socket.socket, end: bytes) -> bytes:
    received = b""
    while not received.endswith(end):
        chunk = client.recv(100)
        assert chunk, received
        received += chunk
    return received


def test_a_session_reaches_the_command_line(command_line):
    path, opened = command_line
    server = TelnetServer(path, free_port())
    server.listen([HOME])
    with socket.create_connection(("127.0.0.1", server._port), 5) as client:
        assert read_until(client, b"hi\xff\xff").startswith(telnet.GREETING)
        client.sendall(b"enable\r\n")
        assert read_until(client, b"ENABLE\r") == b"ENABLE\r"
        assert client.recv(1) == b""
    assert opened[0]["line"] == "vty" and opened[0]["source"] == "127.0.0.1" and opened[0]["authenticated"] is False
    server.listen([])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server._port), 5)


def test_telnet_runs_when_a_line_takes_it():
    config = device("switch")
    assert telnet.enabled(config)
    for line in config.lines:
        line.transport = frozenset({"ssh"})
    assert not telnet.enabled(config)


def test_an_outgoing_session_has_a_terminal_and_ends_with_its_program():
    with sessions.start(
        ["sh", "-c", "tty >/dev/null && stty size </dev/tty && read -r word && echo got $word"]
    ) as link:
        link.settimeout(10)
        assert read_until(link, b"\r\n") == b"24 80\r\n"
        link.sendall(b"hello\r")
        assert read_until(link, b"got hello\r\n")
        assert link.recv(1) == b""


def test_closing_an_outgoing_session_ends_its_program(tmp_path: Path):
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    link = sessions.start(["sh", "-c", f"exec 3>{fifo}; echo ready; exec sleep 60 3>&3"])
    with fifo.open("rb") as alive:
        link.settimeout(10)
        assert read_until(link, b"ready\r\n")
        link.close()
        assert select.select([alive], [], [], 10)[0]
        assert alive.read() == b""


def test_an_address_that_is_not_ours_is_an_error():
    with pytest.raises(DataplaneError, match=r"203\.0\.113\.1"):
        TelnetServer(port=free_port()).listen([IPv4Address("203.0.113.1")])


def test_the_clients_of_the_device():
    assert sessions.command("telnet", HOME, None) == ["telnet", "127.0.0.1"]
    assert sessions.command("ssh", HOME, "bob")[-3:] == ["-l", "bob", "127.0.0.1"]
    assert "-l" not in sessions.command("ssh", HOME, None)
