"""The keeper: first program of a lab's radio container. It starts the radio kernel and lets nodes reach its agent.

Each radio port of a node is one end of a cable; a packet socket on the other end (here) is handed to the kernel,
which so needs no privilege and no device of the host. Nodes reach the agent by a Unix socket of their own, on which
the keeper says who they are; the graders' side connects by TCP from this network namespace, where no node can come.

Its configuration (``/run/trilab/radio.json``)::

    {"memory": 128, "country": "FR", "nodes": [{"name": "ap1", "kind": "ap", "radios": ["02:…"],
     "ports": [{"name": "air0", "here": "p0", "end": "p0"}]}]}
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from trilab.radio import wire

CONFIG = Path("/run/trilab/radio.json")
KERNEL = "/run/trilab/linux"
SOCKETS = Path("/run/trilab/sockets")
NOBODY = 65534
PACKET_IGNORE_OUTGOING = 23  # linux/if_packet.h
SOL_PACKET = 263
ETH_P_ALL = 3


def packet_socket(interface: str) -> socket.socket:
    """All frames that arrive on an interface, and none that leave it (packet(7))."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    sock.bind((interface, ETH_P_ALL))
    return sock


def command(config: dict[str, Any], fds: list[int]) -> list[str]:
    """The kernel's command line; ``fds``: the control link, then every port in the order of the configuration."""
    radios = sum(len(node["radios"]) for node in config["nodes"])
    line = [
        *(KERNEL, f"mem={config['memory']}M", "umid=radio", "uml_dir=/tmp", "root=/dev/root", "rootfstype=hostfs"),
        *("rootflags=/", "ro", "init=/usr/lib/trilab/radio-init", "con=null", "con0=null,fd:1", "quiet"),
        *(f"mac80211_hwsim.radios={radios}", "firmware_class.path=/run/firmware"),
    ]
    return line + [f"vec{number}:transport=fd,fd={fd},depth=64,mtu=1500" for number, fd in enumerate(fds)]


def start_kernel(config: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the radio kernel as nobody, with its cables."""
    names = ["ctl1", *(port["end"] for node in config["nodes"] for port in node["ports"])]
    sockets = [packet_socket(name) for name in names]
    fds = [sock.fileno() for sock in sockets]
    environment = {"TMPDIR": "/tmp", "PATH": "/usr/sbin:/usr/bin"}
    try:
        return subprocess.Popen(
            command(config, fds), pass_fds=fds, stdin=subprocess.DEVNULL, env=environment, cwd="/tmp",
            user=NOBODY, group=NOBODY, extra_groups=[],
        )  # fmt: skip
    finally:
        for sock in sockets:
            sock.close()


class Keeper:
    """Hands connections over to the agent once it is ready."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self._ready = threading.Event()

    def listen(self) -> None:
        """Open every door and serve it in the background."""
        hello = socket.create_server((wire.KEEPER, wire.HELLO_PORT))
        _background(self._greet, hello)
        _background(_accept, socket.create_server((wire.KEEPER, wire.DOOR_PORT), backlog=64), self._from_grader)
        for node in self._config["nodes"]:
            path = SOCKETS / node["name"] / "socket"
            door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            door.bind(str(path))
            path.chmod(0o666)
            door.listen(16)
            _background(_accept, door, self._from_node(node["name"]))

    def _greet(self, hello: socket.socket) -> None:
        """Tell the agent what to build; then follow what it reports."""
        agent, _ = hello.accept()
        wire.send_line(agent, self._config)
        with suppress(wire.Closed, OSError):
            while True:
                event = wire.read_line(agent)
                if event["event"] == "ready":
                    self._ready.set()
                elif event["event"] == "link":
                    self._carrier(event["node"], bool(event["up"]))

    def _carrier(self, name: str, up: bool) -> None:
        """Give a station's ``wlan0`` its carrier when it is associated, as a real card has it then only."""
        for node in self._config["nodes"]:
            if node["name"] == name and node["kind"] == "station":
                for port in node["ports"]:
                    set_link(port["here"], up)

    def _from_grader(self, client: socket.socket) -> None:
        self._ready.wait()
        _splice(client, socket.create_connection((wire.GUEST, wire.AGENT_PORT)))

    def _from_node(self, name: str) -> Callable[[socket.socket], None]:
        def serve(client: socket.socket) -> None:
            _, uid, _ = struct.unpack("iII", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            self._ready.wait()
            agent = socket.create_connection((wire.GUEST, wire.AGENT_PORT))
            wire.send_line(agent, {"node": name, "root": uid == 0})
            _splice(client, agent)

        return serve


def set_link(interface: str, up: bool) -> None:
    """Bring one of our ends up or down."""
    subprocess.run(["/usr/sbin/ip", "link", "set", interface, "up" if up else "down"], check=False)


def _background(target: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()


def _accept(door: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    while True:
        client, _ = door.accept()
        _background(_served, serve, client)


def _served(serve: Callable[[socket.socket], None], client: socket.socket) -> None:
    with client, suppress(OSError):
        serve(client)


def _splice(one: socket.socket, other: socket.socket) -> None:
    """Copy both ways until either side ends."""
    with other:
        back = threading.Thread(target=_copy, args=(other, one), daemon=True)
        back.start()
        _copy(one, other)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65536):
            target.sendall(content)
    for sock in (source, target):
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def main() -> int:
    """Run until the kernel ends."""
    threading.stack_size(256 * 1024)
    config = json.loads(CONFIG.read_text())
    Keeper(config).listen()
    kernel = start_kernel(config)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # the container's end takes the kernel along
    code = kernel.wait()
    print(f"radio kernel ended ({code})", file=sys.stderr, flush=True)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
