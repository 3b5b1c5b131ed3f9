"""A small API server of Kubernetes: answers over HTTP and websocket as the real one does for what the engine asks.

Objects that are created are kept. What a cluster would do by itself (pods, services, statuses) is set by the test.
A program (``exec``) is run on this machine, a port (``portforward``) leads to this machine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
TOPOLOGIES = "/apis/c9s.run/v1alpha1/namespaces/{}/topologies"


@dataclass
class Api:
    """``objects``: path → what GET gives; ``refusals``: (method, pattern of a path) → status, reason, message."""

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)  # statuses of the Topology, as a watch gives them
    created: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sizes: list[dict[str, int]] = field(default_factory=list)  # of terminals, as they are told
    program: Callable[[list[str]], list[str]] = list  # what is run here for a command line
    port: int = 0  # where a port-forward leads
    url: str = ""

    def refusal(self, method: str, path: str) -> tuple[int, str, str] | None:
        for (verb, pattern), answer in self.refusals.items():
            if verb == method and re.search(pattern, path):
                return answer
        return None

    def kubeconfig(self, folder: Path) -> Path:
        path = folder / "kubeconfig"
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "ici",
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "ici", "context": {"cluster": "c", "user": "u"}}],
        }
        path.write_text(json.dumps(content))
        return path


@contextmanager
def served() -> Iterator[Api]:
    api = Api()

    class Handler(_Handler):
        store = api

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    store: Api
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _json(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _status(self, status: int, reason: str, message: str) -> None:
        about = {"status": "Failure", "reason": reason, "message": message, "code": status}
        self._json(status, {"kind": "Status", "apiVersion": "v1", "metadata": {}, **about})

    def _start(self, method: str) -> tuple[str, dict[str, list[str]]] | None:
        url = urlsplit(self.path)
        self.store.asked.append(f"{method} {url.path}")
        refused = self.store.refusal(method, url.path)
        if refused is not None:
            self._status(*refused)
            return None
        return url.path, parse_qs(url.query)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        found = self._start("POST")
        if found is None:
            return
        path = f"{found[0]}/{body['metadata']['name']}"
        if path in self.store.objects:
            self._status(409, "AlreadyExists", "object already exists")
            return
        self.store.objects[path] = body
        self.store.created.append(body)
        self._json(201, body)

    def do_DELETE(self) -> None:
        found = self._start("DELETE")
        if found is None:
            return
        if found[0] not in self.store.objects:
            self._status(404, "NotFound", "not found")
            return
        below = [path for path in self.store.objects if path.startswith(found[0])]
        for path in below:
            del self.store.objects[path]
        self._json(200, {"kind": "Namespace", "apiVersion": "v1", "status": {"phase": "Terminating"}})

    def do_GET(self) -> None:
        found = self._start("GET")
        if found is None:
            return
        path, query = found
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._websocket(path, query)
        elif "watch" in query:
            self._watch()
        elif path in self.store.objects:
            self._json(200, self._selected(self.store.objects[path], query))
        else:
            self._status(404, "NotFound", "the server could not find the requested resource")

    def _selected(self, one: dict[str, Any], query: dict[str, list[str]]) -> dict[str, Any]:
        if "labelSelector" not in query:
            return one
        key, _, value = query["labelSelector"][0].partition("=")
        items = [item for item in one["items"] if item["metadata"].get("labels", {}).get(key) == value]
        return {**one, "items": items}

    def _watch(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        for status in self.store.events:
            event = {
                "type": "MODIFIED",
                "object": {"metadata": {"name": "lab", "resourceVersion": "1"}, "status": status},
            }
            self.wfile.write(json.dumps(event).encode() + b"\n")
        self.close_connection = True

    def _websocket(self, path: str, query: dict[str, list[str]]) -> None:
        wanted = self.headers["Sec-WebSocket-Protocol"].split(",")[0]
        digest = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + MAGIC).encode()).digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
        self.send_header("Sec-WebSocket-Protocol", wanted)
        self.end_headers()
        self.close_connection = True
        channels = Channels(self.connection, self.rfile)
        if path.endswith("/exec"):
            _execute(channels, self.store.program(query["command"]), self.store.sizes)
        else:
            _forward(channels, self.store.port, int(query["ports"][0]))


class Channels:
    """Frames of a websocket (RFC 6455, 5.2): the first byte of each is its channel."""

    def __init__(self, connection: socket.socket, stream: Any) -> None:
        self._connection, self._stream, self._lock = connection, stream, threading.Lock()

    def send(self, channel: int, data: bytes, opcode: int = 2) -> None:
        payload = bytes([channel]) + data if opcode == 2 else data
        size = len(payload)
        head = bytes([0x80 | opcode, size]) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 126, size)
        with self._lock:
            self._connection.sendall(head + payload)

    def receive(self) -> bytes:
        """One message, empty once the other end closes."""
        head = self._stream.read(2)
        if len(head) < 2 or head[0] & 0xF == 8:
            return b""
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._stream.read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._stream.read(8))
        mask, data = self._stream.read(4), self._stream.read(size)
        return bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))

    def close(self) -> None:
        self.send(0, struct.pack("!H", 1000), opcode=8)


def _execute(channels: Channels, argv: list[str], sizes: list[dict[str, int]]) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe) as program:
        assert program.stdin and program.stdout and program.stderr
        threads = [
            threading.Thread(target=_pour, args=(channels, channel, stream), daemon=True)
            for channel, stream in ((1, program.stdout), (2, program.stderr))
        ]
        for thread in threads:
            thread.start()
        threading.Thread(target=_stdin, args=(channels, program.stdin, sizes), daemon=True).start()
        for thread in threads:
            thread.join()
        code = program.wait()
    causes = {"details": {"causes": [{"reason": "ExitCode", "message": str(code)}]}, "reason": "NonZeroExitCode"}
    channels.send(3, json.dumps({"status": "Failure", **causes} if code else {"status": "Success"}).encode())
    channels.close()


def _pour(channels: Channels, channel: int, stream: Any) -> None:
    while data := stream.read1(4096):
        channels.send(channel, data)


def _stdin(channels: Channels, stream: Any, sizes: list[dict[str, int]]) -> None:
    while message := channels.receive():
        if message[0] == 255:  # v5.channel.k8s.io: that channel is closed
            stream.close()
            return
        if message[0] == 4:
            sizes.append(json.loads(message[1:]))
        if message[0] == 0:
            stream.write(message[1:])
            stream.flush()


def _forward(channels: Channels, port: int, asked: int) -> None:
    for channel in (0, 1):
        channels.send(channel, struct.pack("<H", asked))
    with socket.create_connection(("127.0.0.1", port)) as sock:
        thread = threading.Thread(target=_pour, args=(channels, 0, sock.makefile("rb")))
        thread.start()
        while message := channels.receive():
            sock.sendall(message[1:])
        sock.shutdown(socket.SHUT_RDWR)
        thread.join()
