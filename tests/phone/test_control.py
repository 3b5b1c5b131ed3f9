"""The control socket: replies in order, waits that end at the right moment, wrong requests."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.phone.exchange import Exchange


class Client:
    def __init__(self, path: Path) -> None:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.settimeout(10)
        self._sock.connect(str(path))
        self._stream = self._sock.makefile("rb")

    def send(self, **request: Any) -> None:
        self._sock.sendall(json.dumps(request).encode() + b"\n")

    def raw(self, line: bytes) -> None:
        self._sock.sendall(line)

    def read(self) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads(self._stream.readline())
        return reply

    def ask(self, **request: Any) -> dict[str, Any]:
        self.send(**request)
        return self.read()

    def close(self) -> None:
        self._stream.close()
        self._sock.close()


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with Exchange(tmp_path, "100", "101") as made:
        yield made


@pytest.fixture
def client(exchange: Exchange) -> Iterator[Client]:
    made = Client(exchange.sockets["100"])
    yield made
    made.close()


def test_settings_change_and_are_checked(client: Client, exchange: Exchange) -> None:
    assert client.ask(op="vlan", value="30")["ok"]
    assert client.ask(op="dscp", value="ef")["ok"]
    assert client.ask(op="account", extension="101", secret="s", server="10.0.0.1")["ok"]
    kept = exchange.phones["100"].settings
    assert (kept.vlan, kept.dscp, kept.extension, kept.secret, kept.server) == (30, 46, "101", "s", "10.0.0.1")
    assert client.ask(op="account", extension="")["ok"]
    assert exchange.phones["100"].settings.extension == ""


@pytest.mark.parametrize(
    "request_",
    [
        {"op": "vlan", "value": "5000"},
        {"op": "dscp", "value": "64"},
        {"op": "account", "extension": "1 2", "secret": "s"},
        {"op": "account", "extension": "101", "secret": "a;answermode=auto"},
        {"op": "account", "extension": "101"},
        {"op": "dial", "number": "101\nuadelall"},
        {"op": "press", "keys": "x"},
        {"op": "wait", "for": "godot"},
        {"op": "wait", "for": "idle", "timeout": "x"},
        {"op": "fly"},
        {},
        [],
    ],
)
def test_wrong_requests_are_refused_and_the_connection_goes_on(client: Client, request_: object) -> None:
    client.raw(json.dumps(request_).encode() + b"\nnot json\n")
    assert client.read()["ok"] is False
    assert client.read()["ok"] is False
    assert client.ask(op="show")["phone"]["extension"] == "100"


def test_a_wait_ends_when_the_phone_rings_and_requests_stay_in_order(client: Client, exchange: Exchange) -> None:
    client.raw(b'{"op":"wait","for":"incoming","timeout":10}\n{"op":"answer"}\n{"op":"wait","for":"established"}\n')
    other = Client(exchange.sockets["101"])
    assert other.ask(op="dial", number="100")["ok"]
    rung = client.read()
    assert rung["done"] and rung["phone"]["call"]["peer"] == "101"
    assert client.read() == {"ok": True}
    assert client.read()["done"]
    assert other.ask(op="wait", **{"for": "established", "timeout": 5})["done"]
    other.close()


def test_a_wait_that_is_over_says_so(client: Client) -> None:
    assert client.ask(op="wait", **{"for": "incoming", "timeout": 0})["done"] is False


def test_a_client_that_leaves_while_waiting_harms_nobody(client: Client, exchange: Exchange) -> None:
    gone = Client(exchange.sockets["100"])
    gone.send(op="wait", **{"for": "incoming", "timeout": 0.1})
    gone.close()
    assert client.ask(op="wait", **{"for": "incoming", "timeout": 0.2})["done"] is False
    assert client.ask(op="log")["calls"] == []


def test_refusals_reach_the_user(client: Client) -> None:
    reply = client.ask(op="hangup")
    assert reply == {"ok": False, "error": "Aucun appel en cours."}
