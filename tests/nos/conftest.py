"""A device with an in-memory data plane, and a console on it over a socket pair."""

from __future__ import annotations

import json
import os
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Literal, cast

import pytest

from tests.nos.showing import MAC, state
from trilab.nos.commands import grammar
from trilab.nos.dataplane.base import (
    AccessReply,
    AccessRequest,
    ArpEntry,
    DataplaneError,
    Lease,
    MacEntry,
    Notice,
    PingReply,
    PortState,
    Route,
    Seen,
    StpState,
)
from trilab.nos.defaults import clone
from trilab.nos.device import Device, Nvram
from trilab.nos.features.aaa.model import Server as RadiusServer
from trilab.nos.features.nat.table import Translation
from trilab.nos.grammar.graph import Grammar
from trilab.nos.model import Config
from trilab.nos.names import Names
from trilab.nos.server import Server

DEADLINE = 10.0
PROMPT = re.compile(r"(?:^|\n)[\w.-]+(?:\([\w-]+\))?[>#]$")


class RecordingDataplane:
    """The system boundary in memory: remembers what was applied, answers what the test puts in."""

    def __init__(self) -> None:
        self.applied: list[Config] = []
        self.refuse = ""
        self.cleared: list[str] = []
        self.state: dict[str, PortState] = {}
        self.macs: list[MacEntry] = []
        self.neighbours: list[ArpEntry] = []
        self.table: list[Route] = []
        self.answers: dict[tuple[str, str], Any] = {}
        self.counted: dict[str, int] = {}
        self.active: list[Translation] = []
        self.lease_list: list[Lease] = []
        self.hits: dict[str, dict[int, int]] = {}
        self.tree: StpState | None = None
        self.seen: dict[type, object] = {}
        self.performed: list[object] = []
        self.hear: Callable[[Notice], None] = lambda notice: None
        self.replies: list[PingReply] = []
        self.asked: list[tuple[object, int, int, float, object]] = []
        self.asked_radius: list[tuple[list[str], AccessRequest]] = []
        self.radius_reply: AccessReply | None = None
        self.remote: socket.socket | None = None

    def apply(self, new: Config) -> None:
        if self.refuse:
            raise DataplaneError(self.refuse)
        self.applied.append(clone(new))

    def ports(self) -> dict[str, PortState]:
        return self.state

    def mac_table(self) -> list[MacEntry]:
        return self.macs

    def arp(self) -> list[ArpEntry]:
        return self.neighbours

    def clear_arp(self) -> None:
        self.cleared.append("arp")

    def routes(self) -> list[Route]:
        return self.table

    def ask(self, daemon: str, question: str) -> Any:
        return self.answers.get((daemon, question))

    def restart_ospf(self) -> None:
        self.cleared.append("ospf")

    def leases(self) -> list[Lease]:
        return self.lease_list

    def clear_leases(self, address: IPv4Address | None = None) -> None:
        self.cleared.append(f"lease {address}")

    def acl_hits(self, name: str) -> dict[int, int]:
        return self.hits.get(name, {})

    def counters(self) -> dict[str, int]:
        return self.counted

    def clear_counters(self, name: str | None = None) -> None:
        self.cleared.append(f"counters {name}")

    def translations(self) -> list[Translation]:
        return self.active

    def clear_translations(self) -> None:
        self.cleared.append("nat")

    def stp(self) -> StpState | None:
        return self.tree

    def observe(self, kind: type[Seen]) -> Seen:
        return cast("Seen", self.seen.get(kind) or kind())

    def perform(self, action: object) -> None:
        self.performed.append(action)

    def listen(self, hear: Callable[[Notice], None]) -> None:
        self.hear = hear

    def ping(
        self,
        target: IPv4Address | IPv6Address,
        *,
        count: int,
        size: int,
        timeout: float,
        source: IPv4Address | IPv6Address | None,
    ) -> Iterator[PingReply]:
        self.asked.append((target, count, size, timeout, source))
        yield from self.replies[:count]

    def traceroute(self, target: IPv4Address) -> Iterator[str]:
        yield f"  1 {target} 1 msec 1 msec 1 msec"

    def open_session(self, protocol: Literal["ssh", "telnet"], target: IPv4Address, user: str | None) -> socket.socket:
        here, self.remote = socket.socketpair()
        return here

    def radius(self, servers: Sequence[RadiusServer], request: AccessRequest) -> AccessReply | None:
        self.asked_radius.append(([str(server.address) for server in servers], request))
        return self.radius_reply

    def uptime(self) -> float:
        return 93_784.0


class Console:
    """The user's end: types, and reads until a prompt (or another pattern) is the last thing on the screen."""

    def __init__(self, server: Server, **opening: Any) -> None:
        self.socket, theirs = socket.socketpair()
        first = {
            "line": "console", "user": "admin", "authenticated": True, "source": "", "columns": 80, "rows": 512,
            "command": None, "tty": True,
        } | opening  # fmt: skip
        self.socket.sendall(json.dumps(first).encode() + b"\n")
        self.thread: threading.Thread = server.start(theirs)
        self.screen = ""

    def send(self, text: str) -> None:
        self.socket.sendall(text.encode())

    def read(self, until: re.Pattern[str] | str = PROMPT) -> str:
        """Everything printed since the last read, up to the pattern at the end."""
        pattern = re.compile(until) if isinstance(until, str) else until
        ends, text = time.monotonic() + DEADLINE, ""
        while not pattern.search(text):
            left = ends - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise AssertionError(f"no {pattern.pattern!r} in {text!r}")
            data = self.socket.recv(65536)
            if not data:
                raise AssertionError(f"closed before {pattern.pattern!r}: {text!r}")
            text += data.decode().replace("\r\n", "\n")
        self.screen += text
        return text

    def rest(self) -> str:
        """Everything until the session closes."""
        text = b""
        self.socket.settimeout(DEADLINE)
        while data := self.socket.recv(65536):
            text += data
        self.thread.join(DEADLINE)
        assert not self.thread.is_alive()
        return text.decode().replace("\r\n", "\n")

    def run(self, command: str, until: re.Pattern[str] | str = PROMPT) -> str:
        """Type a command; what it prints, without its echo and without the prompt."""
        self.send(command + "\n")
        text = self.read(until)
        return text.partition("\n")[2].rpartition("\n")[0]

    def configure(self, text: str) -> str:
        """Type configuration lines from ``#`` and come back to it; everything printed."""
        printed = self.run("configure terminal")
        for line in text.strip().splitlines():
            printed += "\n" + self.run(line)
        return printed + "\n" + self.run("end")


@pytest.fixture(scope="session")
def grammars() -> dict[str, Grammar]:
    return {"switch": grammar(Names("switch", 8)), "router": grammar(Names("router", 2)), "ap": grammar(Names("ap", 1))}


Make = Callable[..., Device]


@pytest.fixture
def make(grammars: dict[str, Grammar], tmp_path: Path) -> Make:
    def build(role: str = "switch") -> Device:
        nvram = Nvram(tmp_path / "nvram" / "startup.txt", tmp_path / "nvram" / "private.json")
        device = Device(grammars[role], RecordingDataplane(), nvram, lambda text: None)
        device.boot()
        return device

    return build


@pytest.fixture
def switch(make: Make) -> Device:
    return make("switch")


@pytest.fixture
def router(make: Make) -> Device:
    return make("router")


@pytest.fixture
def ap(make: Make) -> Device:
    return make("ap")


@pytest.fixture
def connect() -> Iterator[Callable[..., Console]]:
    opened: list[Console] = []

    def build(device: Device, *, enabled: bool = True, **opening: Any) -> Console:
        console = Console(Server(device, frozenset({os.getuid()})), **opening)
        opened.append(console)
        if enabled:
            console.read()
            console.run("enable")
        return console

    yield build
    for console in opened:
        console.socket.close()
        console.thread.join(DEADLINE)


def plane(device: Device) -> RecordingDataplane:
    assert isinstance(device.dataplane, RecordingDataplane)
    return device.dataplane


@pytest.fixture
def on_switch(switch: Device, connect: Callable[..., Console]) -> Console:
    """A switch with VLANs, an access port and a trunk."""
    console = connect(switch)
    console.configure("""
hostname SW1
vlan 10
name DATA
vlan 20,30
interface gi0/1
description PC de l'accueil
switchport mode access
switchport access vlan 10
switchport voice vlan 30
interface gi0/8
switchport mode trunk
switchport trunk native vlan 20
switchport trunk allowed vlan 1-5,10,20,30-40,100
interface gi0/3
shutdown
interface vlan 10
ip address 10.0.10.2 255.255.255.0
no shutdown
""")
    data = plane(switch)
    data.state = {f"GigabitEthernet0/{n}": state(f"GigabitEthernet0/{n}", n, up=n in (1, 8)) for n in range(1, 9)}
    data.state["Vlan10"] = state("Vlan10", 16)
    data.macs = [MacEntry(10, MAC.format(1), "GigabitEthernet0/1"), MacEntry(20, MAC.format(2), "GigabitEthernet0/8")]
    data.neighbours = [ArpEntry(IPv4Address("10.0.10.1"), MAC.format(5), 3, "Vlan10"),
                       ArpEntry(IPv4Address("10.0.10.2"), MAC.format(6), None, "Vlan10")]  # fmt: skip
    return console


@pytest.fixture
def on_router(router: Device, connect: Callable[..., Console]) -> Console:
    """A router with a subinterface and access lists."""
    console = connect(router)
    console.configure("""
interface gi0/1
no shutdown
interface gi0/1.10
encapsulation dot1Q 10
ip address 10.0.10.1 255.255.255.0
ip helper-address 10.0.0.5
ip helper-address 10.0.0.6
ip access-group GUEST in
ip access-list extended GUEST
remark invites
permit udp any eq bootpc any eq bootps
deny ip 10.0.30.0 0.0.0.255 10.0.0.0 0.255.255.255 log
permit tcp host 10.0.0.1 any range 8000 8010
permit tcp any any established
permit icmp any any echo
permit ip any any
access-list 10 permit 10.0.0.0 0.255.255.255
access-list 10 permit host 192.168.1.1
access-list 10 deny any
""")
    plane(router).state = {"GigabitEthernet0/1": state("GigabitEthernet0/1", 1),
                           "GigabitEthernet0/1.10": state("GigabitEthernet0/1.10", 1)}  # fmt: skip
    return console
