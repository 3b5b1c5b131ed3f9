"""The agent: first program of the guest that holds a lab's radios. It lays out the nodes' namespaces, then executes
requests: one TCP connection each, its first line says for whom (``{"node": …, "root": …}``), the second what
(``{"do": …}``). The keeper is the only other machine on its network, and says truly which node asks.

| do | for | what |
|---|---|---|
| ``run`` | a node | ``argv``: ``iw``, ``wpa_cli`` or ``hostapd_cli`` on its own radios; frames both ways |
| ``supplicant`` | a station | run wpa_supplicant with ``config``, ``files``, ``options``; ``follow``: until it ends |
| ``config``, ``saved`` | a station | replace the configuration file; read it back |
| ``hostapd`` | an access point | run hostapd with ``config`` and ``files`` on ``radio`` |
| ``survey`` | an access point | what its radio hears (``iw scan``); hostapd stops |
| ``stop``, ``log`` | a node | the daemon ``name`` (``wpa_supplicant``, ``hostapd0`` …) |
| ``capture`` | the graders | 802.11 frames with radiotap from ``hwsim0``, as a pcap stream |
| ``status`` | the graders | what runs |
"""

from __future__ import annotations

import json
import select
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from trilab.radio import policy, services, spaces, wire
from trilab.radio.policy import Refused
from trilab.radio.services import Daemon, Failed
from trilab.radio.spaces import Space

LINGER = 5.0  # seconds that a caller may take to read the last frame
FOLLOW = 0.05  # seconds between looks at a log that a terminal follows


class Request:
    """One request and its connection."""

    def __init__(self, sock: socket.socket, spaces_: dict[str, Space]) -> None:
        caller = wire.read_line(sock)
        self.sock, self.root, self.spaces = sock, bool(caller["root"]), spaces_
        self.grader = caller["node"] is None
        self.asked: dict[str, Any] = wire.read_line(sock)
        name = self.asked.get("node") if self.grader else caller["node"]
        self.space = spaces_.get(str(name))

    def node(self, kind: str | None = None) -> Space:
        """The node that it is about. Raises Refused."""
        if self.space is None or kind not in (None, self.space.kind):
            raise Refused("cette demande ne convient pas à ce nœud")
        return self.space

    def only_root(self) -> None:
        """Raises Refused for an ordinary user of a node."""
        if not self.root:
            raise Refused("opération réservée à root (sudo)")

    def end(self, code: int = 0, **more: Any) -> None:
        """The last frame."""
        wire.send_frame(self.sock, wire.END, json.dumps({"code": code, **more}).encode())


def serve(sock: socket.socket, spaces_: dict[str, Space]) -> None:
    """Execute one request; every failure is said to the caller."""
    with sock, suppress(wire.Closed, OSError):
        request = Request(sock, spaces_)
        try:
            ACTIONS[request.asked["do"]](request)
        except Refused as error:
            request.end(1, error=str(error))
        except Failed as error:
            request.end(255, error=str(error))
        except (KeyError, ValueError, TypeError, OSError, subprocess.SubprocessError) as error:
            request.end(254, error=f"{type(error).__name__}: {error}")
        _hang_up(sock)


def _hang_up(sock: socket.socket) -> None:
    """Let the caller hang up first: closing with unread input would reset the connection (RFC 2525, 2.17)."""
    sock.shutdown(socket.SHUT_WR)
    sock.settimeout(LINGER)
    while sock.recv(65536):
        pass


def _run(request: Request) -> None:
    space = request.node()
    program, *arguments = request.asked["argv"]
    if program == "iw":
        command = policy.iw(arguments, root=request.root)
    elif program == "wpa_cli":
        command = policy.cli(program, arguments, str(space.folder / "wpa"), "wlan0", root=request.root)
    elif program == "hostapd_cli":
        command = policy.cli(program, arguments, str(space.folder / "hostapd"), "wlan0", root=request.root)
    else:
        raise Refused(f"programme {program} inconnu")
    space.enter()
    _stream(request, space.confined(command))


def _stream(request: Request, command: list[str]) -> None:
    """Run a program with the caller's standard input; a caller who leaves ends it."""
    program = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, cwd="/"
    )
    assert program.stdin and program.stdout and program.stderr
    outputs = {program.stdout.fileno(): wire.STDOUT, program.stderr.fileno(): wire.STDERR}
    streams = {program.stdout.fileno(): program.stdout, program.stderr.fileno(): program.stderr}
    try:
        while outputs:
            for one in select.select([request.sock.fileno(), *outputs], [], [])[0]:
                if one == request.sock.fileno():
                    kind, content = wire.read_frame(request.sock)
                    with suppress(BrokenPipeError, ValueError):
                        program.stdin.close() if kind == wire.CLOSE_STDIN else program.stdin.write(content)
                elif content := streams[one].read(65536):
                    wire.send_frame(request.sock, outputs[one], content)
                else:
                    del outputs[one]
        request.end(program.wait())
    finally:
        program.kill()
        program.wait()


def _about(request: Request) -> None:
    """The version (``-v``) or the help (``-h``) of a program that the node has by another name only."""
    program, argument = str(request.asked["program"]), str(request.asked["argument"])
    if program not in ("wpa_cli", "wpa_supplicant") or argument not in ("-h", "-v"):
        raise Refused("demande inconnue")
    _stream(request, request.node().confined([f"/usr/sbin/{program}", argument]))


def _supplicant(request: Request) -> None:
    request.only_root()
    space, asked = request.node("station"), request.asked
    daemon = services.supplicant(space, asked["config"], asked.get("files", {}), _debug(asked.get("options", [])))
    if asked.get("follow"):
        _follow(request, daemon)
        services.stop(space, "wpa_supplicant")
        request.end(daemon.process.returncode)
    else:
        wire.send_frame(request.sock, wire.STDOUT, daemon.said().encode())
        request.end()


def _debug(options: list[str]) -> list[str]:
    """Only how much it says is the caller's to choose."""
    return [option for option in options if option in ("-d", "-dd", "-K", "-q", "-qq")]


def _follow(request: Request, daemon: Daemon) -> None:
    """Send a log as it grows, until the daemon ends or the caller leaves."""
    with daemon.log.open("rb") as log:
        while True:
            ended = not daemon.running
            if content := log.read():
                wire.send_frame(request.sock, wire.STDOUT, content)
            if ended:
                return
            if select.select([request.sock], [], [], FOLLOW)[0] and not request.sock.recv(4096):
                return


def _config(request: Request) -> None:
    request.only_root()
    services.put_config(request.node("station"), request.asked["config"], request.asked.get("files", {}))
    request.end()


def _saved(request: Request) -> None:
    request.only_root()
    request.end(config=services.get_config(request.node("station")))


def _hostapd(request: Request) -> None:
    request.only_root()
    asked = request.asked
    said = services.hostapd(request.node("ap"), int(asked["radio"]), asked["config"], asked.get("files"))
    request.end(said=said)


def _survey(request: Request) -> None:
    request.only_root()
    space = request.node("ap")
    services.quiet(space, int(request.asked["radio"]))
    _stream(request, space.confined(policy.iw(["dev", f"wlan{int(request.asked['radio'])}", "scan"], root=True)))


def _stop(request: Request) -> None:
    request.only_root()
    request.end(stopped=services.stop(request.node(), str(request.asked["name"])))


def _log(request: Request) -> None:
    request.only_root()
    daemon = request.node().services.get(str(request.asked["name"]))
    wire.send_frame(request.sock, wire.STDOUT, daemon.said().encode() if isinstance(daemon, Daemon) else b"")
    request.end(running=isinstance(daemon, Daemon) and daemon.running)


def _capture(request: Request) -> None:
    if not request.grader:
        raise Refused("la capture de l'air n'est pas ouverte aux nœuds")
    # -B: kibibytes of buffer, so that a busy machine loses no frame
    command = ["/usr/bin/tcpdump", "-i", "hwsim0", "-s", "0", "-B", "8192", "--immediate-mode", "-U", "-Z", "root"]
    _stream(request, [*command, "-w", "-", *request.asked.get("filters", [])])


def _status(request: Request) -> None:
    if not request.grader:
        raise Refused("cette demande ne vient pas d'un nœud")
    up = float(Path("/proc/uptime").read_text().split()[0])
    running = {
        space.name: sorted(n for n, one in space.services.items() if isinstance(one, Daemon) and one.running)
        for space in request.spaces.values()
    }
    request.end(uptime=up, running=running)


ACTIONS: dict[str, Callable[[Request], None]] = {
    "run": _run,
    "about": _about,
    "supplicant": _supplicant,
    "config": _config,
    "saved": _saved,
    "hostapd": _hostapd,
    "survey": _survey,
    "stop": _stop,
    "log": _log,
    "capture": _capture,
    "status": _status,
}


def main() -> None:
    """Build what the keeper asks for, report, and serve."""
    threading.stack_size(256 * 1024)
    deadline = time.monotonic() + 30
    while True:
        try:
            keeper = socket.create_connection((wire.KEEPER, wire.HELLO_PORT), timeout=2)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
    keeper.settimeout(None)
    made = spaces.build(wire.read_line(keeper))
    door = socket.create_server((wire.GUEST, wire.AGENT_PORT), backlog=64)
    wire.send_line(keeper, {"event": "ready"})

    def changed(name: str, up: bool) -> None:
        wire.send_line(keeper, {"event": "link", "node": name, "up": up})

    for space in made.values():
        if space.kind == "station":
            threading.Thread(target=spaces.watch, args=(space, changed), daemon=True).start()
    while True:
        client, _ = door.accept()
        threading.Thread(target=serve, args=(client, made), daemon=True).start()


if __name__ == "__main__":
    main()
