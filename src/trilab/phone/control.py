"""The control socket: JSON lines. A request has ``op``; the reply has ``ok``, and ``error`` (French) when it is false.

==========  =============================================  =============================================
``op``      parameters                                     reply
==========  =============================================  =============================================
show                                                       ``phone``: the state
vlan        ``value``: auto, none, 1–4094
account     ``extension``, ``secret``, ``server``          (empty extension: no account)
dscp        ``value``: ef, 0–63
dial        ``number``
answer
hangup
press       ``keys``: 0–9, ``*``, ``#`` (during a call)
log                                                        ``entries``, ``calls``
wait        ``for``: registered, address, incoming,        ``done``: false when the time was over; ``phone``,
            ringing, established, idle; ``timeout`` in s   ``calls``
==========  =============================================  =============================================

Requests of one connection are answered one after the other.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

from trilab.phone import SOCKET, settings
from trilab.phone.calls import ESTABLISHED, RINGING, Call, Journal, as_json
from trilab.phone.loop import Loop
from trilab.phone.settings import Settings

LONGEST = 600.0  # seconds a wait may last
MAX_LINE = 65536
Reply = dict[str, Any]
EXTENSION = re.compile(r"[A-Za-z0-9._-]{1,40}")
SECRET = re.compile(r"[^\s;,\"<>\\]{1,80}", re.ASCII)  # what an account line of baresip can hold
SERVER = re.compile(r"[A-Za-z0-9.-]{1,80}(:[0-9]{1,5})?")
NUMBER = re.compile(r"[0-9A-Za-z*#+._-]{1,40}")
KEYS = re.compile(r"[0-9*#]{1,20}")


class Refused(Exception):
    """The phone will not do that now; the text is French."""


class Device(Protocol):
    """What is controlled."""

    settings: Settings
    journal: Journal

    @property
    def registered(self) -> bool: ...
    @property
    def addressed(self) -> bool: ...
    def change(self, new: Settings) -> None: ...
    def dial(self, wanted: str) -> None: ...
    def answer(self) -> None: ...
    def hangup(self) -> None: ...
    def press(self, keys: str) -> None: ...
    def show(self) -> Reply: ...


def _is(call: Call | None, state: str, direction: str = "") -> bool:
    return call is not None and call.state == state and direction in ("", call.direction)


CONDITIONS: dict[str, Callable[[Device], bool]] = {
    "registered": lambda device: device.registered,
    "address": lambda device: device.addressed,
    "incoming": lambda device: _is(device.journal.current(), RINGING, "in"),
    "ringing": lambda device: _is(device.journal.current(), RINGING),
    "established": lambda device: _is(device.journal.current(), ESTABLISHED),
    "idle": lambda device: device.journal.current() is None,
}


def _match(pattern: re.Pattern[str], value: str, what: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(f"{what} « {value} » : forme non reconnue.")
    return value


def perform(device: Device, request: Reply) -> Reply:
    """Do what a request (other than ``wait``) asks. Raises Refused, ValueError (French), KeyError."""
    operation, kept = request["op"], device.settings
    if operation == "show":
        return {"phone": device.show()}
    if operation == "log":
        return {"entries": [asdict(one) for one in device.journal.entries], "calls": _calls(device)}
    if operation == "vlan":
        device.change(replace(kept, vlan=settings.parse_vlan(str(request["value"]))))
    elif operation == "dscp":
        device.change(replace(kept, dscp=settings.parse_dscp(str(request["value"]))))
    elif operation == "account":
        device.change(_with_account(kept, request))
    elif operation == "dial":
        device.dial(_match(NUMBER, str(request["number"]), "Numéro"))
    elif operation == "answer":
        device.answer()
    elif operation == "hangup":
        device.hangup()
    elif operation == "press":
        device.press(_match(KEYS, str(request["keys"]), "Touches"))
    else:
        raise Refused(f"Demande « {operation} » inconnue.")
    return {}


def _with_account(kept: Settings, request: Reply) -> Settings:
    extension = str(request["extension"])
    if not extension:
        return replace(kept, extension="", secret="", server="")
    server = str(request.get("server") or "")
    return replace(
        kept,
        extension=_match(EXTENSION, extension, "Poste"),
        secret=_match(SECRET, str(request["secret"]), "Secret"),
        server=_match(SERVER, server, "Serveur") if server else "",
    )


def _calls(device: Device) -> list[Reply | None]:
    return [as_json(call) for call in device.journal.calls]


class Connection:
    """One client."""

    def __init__(self, loop: Loop, device: Device, sock: socket.socket, gone: Callable[[Connection], None]) -> None:
        self._loop, self._device, self._sock, self._gone = loop, device, sock, gone
        self._lines: list[bytes] = []
        self._buffer, self._closed = b"", False
        self._waiting: tuple[str, float] | None = None  # condition, deadline
        loop.watch(sock.fileno(), self._read)

    def close(self) -> None:
        """Hang up on the client."""
        if self._closed:
            return
        self._closed, self._waiting = True, None
        self._lines.clear()
        self._loop.forget(self._sock.fileno())
        self._sock.close()
        self._gone(self)

    def _read(self) -> None:
        try:
            data = self._sock.recv(MAX_LINE)
        except OSError:
            data = b""
        if not data or len(self._buffer) > MAX_LINE:
            self.close()
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        self._lines += lines
        self.serve()

    def serve(self) -> None:
        """Answer what can be answered now."""
        while self._lines or self._waiting:
            if self._waiting is not None:
                reply = self._waited()
                if reply is None:
                    return
            else:
                reply = self._answer(self._lines.pop(0))
            if reply is not None and not self._send(reply):
                return

    def _answer(self, line: bytes) -> Reply | None:
        try:
            request = json.loads(line)
        except ValueError:
            return {"ok": False, "error": "Demande illisible."}
        try:
            if request["op"] == "wait":
                self._wait(request)
                return None
            return {"ok": True, **perform(self._device, request)}
        except (Refused, ValueError) as error:
            return {"ok": False, "error": str(error)}
        except (KeyError, TypeError, AttributeError):
            return {"ok": False, "error": "Demande incomplète."}

    def _wait(self, request: Reply) -> None:
        if request["for"] not in CONDITIONS:
            raise Refused(f"Attente « {request['for']} » inconnue : {', '.join(CONDITIONS)}.")
        wanted = request.get("timeout", 10)
        if not isinstance(wanted, (int, float)):
            raise Refused("Le délai d’une attente est un nombre de secondes.")
        delay = max(0.0, min(float(wanted), LONGEST))
        self._waiting = request["for"], time.monotonic() + delay
        self._loop.after(delay, self.serve)

    def _waited(self) -> Reply | None:
        assert self._waiting is not None
        condition, deadline = self._waiting
        done = CONDITIONS[condition](self._device)
        if not done and time.monotonic() < deadline:
            return None
        self._waiting = None
        return {"ok": True, "done": done, "phone": self._device.show(), "calls": _calls(self._device)}

    def _send(self, reply: Reply) -> bool:
        try:
            self._sock.sendall(json.dumps(reply, ensure_ascii=False).encode() + b"\n")
        except OSError:
            self.close()
            return False
        return True


class Control:
    """The listening socket; everybody on the phone may use it, as everybody may press its keys."""

    def __init__(self, loop: Loop, device: Device, path: Path | None = None) -> None:
        self._loop, self._device, self._path = loop, device, path or Path(SOCKET)
        self._connections: set[Connection] = set()
        self._woken = False

    def open(self) -> None:
        """Listen."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self._path))
        self._path.chmod(0o666)
        self._listener.listen()
        self._loop.watch(self._listener.fileno(), self._accept)

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        sock.settimeout(2.0)
        self._connections.add(Connection(self._loop, self._device, sock, self._connections.discard))

    def wake(self) -> None:
        """Something changed: look at the waits again, once the present work is done."""
        if not self._woken:
            self._woken = True
            self._loop.after(0, self._serve)

    def _serve(self) -> None:
        self._woken = False
        for connection in tuple(self._connections):
            connection.serve()
