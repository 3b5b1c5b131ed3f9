"""The graders' side of a lab's radio: requests to the agent of the radio guest, through the keeper's own door.

The door is an address of the radio's network namespace, where no node has a cable.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from trilab.engine.base import Completed
from trilab.engine.native.radio import DOOR_PORT, KEEPER_ADDRESS
from trilab.engine.native.state import RadioState
from trilab.errors import ObservationError
from trilab.host import process
from trilab.polling import until

_HEAD = struct.Struct("!cI")
Answer = Mapping[str, Any]


@dataclass
class Stream:
    """Frames of one request: output as it comes."""

    sock: socket.socket

    def frames(self) -> Iterator[tuple[bytes, bytes]]:
        """(kind, content) until the last one."""
        while True:
            kind, length = _HEAD.unpack(self._exactly(_HEAD.size))
            content = self._exactly(length)
            yield kind, content
            if kind == b"x":
                return

    def output(self) -> Iterator[bytes]:
        """What the program writes on its standard output."""
        for kind, content in self.frames():
            if kind == b"o":
                yield content
            elif kind == b"x" and (error := json.loads(content).get("error")):
                raise ObservationError(f"Radio du lab : {error}")

    def _exactly(self, size: int) -> bytes:
        content = bytearray()
        while len(content) < size:
            try:
                part = self.sock.recv(size - len(content))
            except TimeoutError as error:
                raise ObservationError("La radio du lab ne répond pas à temps.") from error
            except OSError as error:
                raise ObservationError(f"La radio du lab ne répond plus ({error.strerror}).") from error
            if not part:
                raise ObservationError("La radio du lab s'est arrêtée.")
            content += part
        return bytes(content)


class NativeRadio:
    """See :class:`trilab.engine.base.Radio`.

    ``make_socket``: gives a TCP socket in the network of a process; ``console``: gives what the radio kernel wrote.
    """

    def __init__(
        self, state: RadioState, make_socket: Callable[[int], socket.socket], console: Callable[[], str]
    ) -> None:
        self._state, self._make_socket, self.console = state, make_socket, console

    @property
    def pid(self) -> int:
        """Of the radio container's first process, as the host numbers it."""
        return self._state.pid

    @property
    def alive(self) -> bool:
        return process.alive(self._state.pid, self._state.born)

    @contextmanager
    def open(self, node: str | None, request: Answer, timeout: float | None) -> Iterator[Stream]:
        """Send one request about a node; ``timeout``: seconds without a word (None: for ever).

        Raises:
            ObservationError: the radio has ended, or does not answer.
        """
        if not self.alive:
            raise ObservationError("La radio du lab ne tourne plus.")
        with self._make_socket(self._state.pid) as sock:
            sock.settimeout(timeout)
            try:
                self._connect(sock, timeout)
                lines = ({"node": None, "root": True}, {**request, "node": node})
                sock.sendall(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
            except OSError as error:
                raise ObservationError(f"La radio du lab ne répond pas ({error.strerror or 'délai'}).") from error
            yield Stream(sock)

    def _connect(self, sock: socket.socket, timeout: float | None) -> None:
        """The keeper opens its door a moment after its container has started."""

        def refused() -> ConnectionRefusedError | None:
            try:
                sock.connect((KEEPER_ADDRESS, DOOR_PORT))
            except ConnectionRefusedError as error:
                return error
            return None

        if error := until(refused, lambda error: error is None, min(timeout or 5.0, 5.0), 0.02):
            raise error

    def ask(self, node: str | None, request: Answer, timeout: float = 60.0) -> tuple[Answer, bytes]:
        """One request, waited for: its last frame and what it wrote. Raises ObservationError."""
        written = bytearray()
        with self.open(node, request, timeout) as stream:
            for kind, content in stream.frames():
                if kind == b"x":
                    return dict(json.loads(content)), bytes(written)
                written += content
        raise ObservationError("La radio du lab s'est arrêtée.")

    def status(self, timeout: float = 30.0) -> Answer:
        return self.ask(None, {"do": "status"}, timeout)[0]

    def run(self, node: str, argv: Sequence[str], timeout: float = 30.0) -> Completed:
        parts: dict[bytes, bytearray] = {b"o": bytearray(), b"e": bytearray()}
        with self.open(node, {"do": "run", "argv": list(argv)}, timeout) as stream:
            for kind, content in stream.frames():
                if kind in parts:
                    parts[kind] += content
        end = json.loads(content)
        stdout, stderr = (bytes(parts[kind]).decode(errors="replace") for kind in (b"o", b"e"))
        return Completed(tuple(argv), int(end["code"]), stdout, stderr + end.get("error", ""))

    def access_point(self, node: str, config: str, radio: int = 0) -> str:
        answer, _ = self.ask(node, {"do": "hostapd", "radio": radio, "config": config})
        if answer["code"] != 0:
            raise ObservationError(f"{node} : hostapd refuse sa configuration : {answer['error'][-600:]}")
        return str(answer["said"])

    def join(self, node: str, config: str, files: Mapping[str, bytes] | None = None) -> str:
        encoded = {path: base64.b64encode(content).decode() for path, content in (files or {}).items()}
        answer, written = self.ask(node, {"do": "supplicant", "config": config, "files": encoded})
        if answer["code"] != 0:
            raise ObservationError(f"{node} : wpa_supplicant refuse sa configuration : {answer['error'][-600:]}")
        return written.decode(errors="replace")

    def stop(self, node: str, daemon: str) -> bool:
        return bool(self.ask(node, {"do": "stop", "name": daemon})[0].get("stopped"))

    def log(self, node: str, daemon: str) -> str:
        return self.ask(node, {"do": "log", "name": daemon})[1].decode(errors="replace")

    @contextmanager
    def capture(self, filters: Sequence[str] = (), timeout: float | None = None) -> Iterator[Iterator[bytes]]:
        with self.open(None, {"do": "capture", "filters": list(filters)}, timeout) as stream:
            yield stream.output()
