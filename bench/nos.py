"""The devices' command line: how quick it answers, and what a device weighs, beside the targets."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import paramiko

from bench.labs import poll
from trilab.access import ssh
from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

ROUNDS = 15
READY = 60.0  # seconds for what must have happened before measuring
PORTS = {"trilab-ports": "8"}
SPEC = LabSpec(
    "bench-nos",
    "bench-1",
    (*(NodeSpec(f"sw{n}", "switch", labels=PORTS) for n in (1, 2)), *(NodeSpec(f"r{n}", "router") for n in (1, 2))),
    (
        LinkSpec(("sw1", "eth1"), ("r1", "eth1")),
        LinkSpec(("r1", "eth2"), ("r2", "eth2")),
        LinkSpec(("sw1", "eth8"), ("sw2", "eth8")),
    ),
)
ALONE = LabSpec("bench-nos-alone", "bench-1", (NodeSpec("sw1", "switch", labels=PORTS),), ())
SWITCH = """vlan 10
vlan 20
spanning-tree portfast default
interface range GigabitEthernet0/2 - 7
switchport mode access
switchport access vlan 10
interface vlan 10
ip address 10.0.10.2 255.255.255.0
no shutdown"""
ROUTER = """interface GigabitEthernet0/2
ip address 10.0.12.{number} 255.255.255.0
ip ospf network point-to-point
ip ospf hello-interval 1
ip ospf dead-interval 4
no shutdown
router ospf 1
network 10.0.0.0 0.255.255.255 area 0"""
WEIGH = "cat /proc/[0-9]*/smaps_rollup | awk '/^Pss:/ { total += $2 } END { print total }'"


class Prompt:
    """An interactive session, by SSH out of band."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel

    def run(self, line: str) -> float:
        """Type a line; seconds until the next prompt."""
        begin = time.monotonic()
        self._channel.sendall(f"{line}\n".encode())
        self.wait(line)
        return time.monotonic() - begin

    def wait(self, echo: str = "") -> None:
        """Read up to a prompt behind ``echo``."""
        text = b""
        while echo.encode() not in text or not text.endswith((b">", b"#")):
            received = self._channel.recv(65536)
            if not received:
                raise ConnectionError("the device hung up")
            text += received


@contextmanager
def session(lab: Lab, node: str) -> Iterator[Prompt]:
    """Log in and wait for the prompt."""
    transport = paramiko.Transport(lab.connect(ssh.address(lab, node), ssh.PORT))
    try:
        transport.connect(username="admin", password="admin")
        channel = transport.open_session()
        channel.settimeout(READY)
        channel.get_pty(width=200, height=1000)
        channel.invoke_shell()
        prompt = Prompt(channel)
        prompt.wait()
        yield prompt
    finally:
        transport.close()


def login(lab: Lab, node: str) -> float:
    """Seconds from the TCP connection to the prompt."""
    begin = time.monotonic()
    with session(lab, node):
        return time.monotonic() - begin


def configure(lab: Lab, node: str, text: str) -> None:
    """Type configuration lines."""
    with session(lab, node) as prompt:
        for line in ["enable", "configure terminal", *text.splitlines(), "end"]:
            prompt.run(line)


def boot(engine: NativeEngine) -> tuple[float, float]:
    """One switch, from nothing to its prompt, bubble and login included: seconds; then what it weighs alone, in MiB."""
    begin = time.monotonic()
    lab = engine.up(ALONE)
    try:
        with session(lab, "sw1"):
            return time.monotonic() - begin, weight(lab, "sw1")
    finally:
        engine.down(ALONE.key)


def at_rest(lab: Lab, node: str) -> bool:
    """Whether the last session of a node has ended."""
    return lab.run(node, ["pgrep", "-f", "sshd.*admin"]).returncode == 1


def weight(lab: Lab, node: str) -> float:
    """Proportional set size of all processes of a node, in MiB."""
    return int(lab.run(node, ["sh", "-c", WEIGH]).stdout) / 1024


def latencies(lab: Lab) -> tuple[list[float], list[float]]:
    """Seconds of configuration lines (each changes something) and of ``show running-config``."""
    changes, shows = [], []
    with session(lab, "sw1") as prompt:
        for line in ("enable", "terminal length 0", "configure terminal", "interface GigabitEthernet0/2"):
            prompt.run(line)
        for number in range(ROUNDS):
            changes += [
                prompt.run(f"description ligne {number}"),
                prompt.run(f"switchport access vlan {10 + number % 2 * 10}"),
            ]
        prompt.run("end")
        shows = [prompt.run("show running-config") for _ in range(ROUNDS)]
    return changes, shows


def neighbours(lab: Lab) -> bool:
    """Whether the routers have become neighbours."""
    return (
        "FULL"
        in lab.run("r1", ["env", "USER=trilab", "/usr/lib/trilab/cli"], input="show ip ospf neighbor\nexit\n").stdout
    )


def rows() -> list[tuple[str, str, str]]:
    """(what, figure, target)."""
    engine = NativeEngine()
    boots, alone = zip(*(boot(engine) for _ in range(3)), strict=True)
    lab = engine.up(SPEC)
    try:
        for name in ("sw1", "sw2"):
            configure(lab, name, SWITCH)
        for number in (1, 2):
            configure(lab, f"r{number}", ROUTER.format(number=number))
        poll(lambda: neighbours(lab), READY)
        logins = [login(lab, "sw1") for _ in range(ROUNDS)]
        changes, shows = latencies(lab)
        poll(lambda: all(at_rest(lab, name) for name in ("sw1", "r1")), READY)
        switch, router = weight(lab, "sw1"), weight(lab, "r1")
    finally:
        engine.down(SPEC.key)
    return [
        (
            "Un commutateur : de rien à l’invite",
            f"{statistics.median(boots):.2f} s".replace(".", ","),
            "visé : 1,5 s",
        ),
        ("Connexion SSH jusqu’à l’invite", _milliseconds(logins), "visé : 300 ms"),
        ("Commande de configuration", _milliseconds(changes), "visé : 50 ms"),
        ("show running-config", _milliseconds(shows), "visé : 50 ms"),
        (
            "Commutateur : mémoire (PSS)",
            f"{switch:.0f} Mio",
            f"visé : 45 Mio (à côté d’un autre ; seul au monde : {statistics.median(alone):.0f} Mio)",
        ),
        ("Routeur avec OSPF : mémoire (PSS)", f"{router:.0f} Mio", "visé : 60 Mio"),
    ]


def _milliseconds(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f} ms (maximum {max(seconds) * 1000:.0f} ms)"
