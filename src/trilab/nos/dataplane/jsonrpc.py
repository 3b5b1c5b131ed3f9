"""JSON-RPC over a Unix socket, as the daemons of Open vSwitch speak it (RFC 7047, and ovs-appctl's unixctl)."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from trilab.nos.dataplane.base import DataplaneError


def call(path: Path, method: str, params: list[Any], timeout: float = 30.0) -> Any:
    """One request on a connection of its own; its result.

    Raises:
        DataplaneError: no daemon, no answer within ``timeout`` seconds, or an error as answer.
    """
    request = json.dumps({"method": method, "params": params, "id": 0}).encode()
    try:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(timeout)
            link.connect(str(path))
            link.sendall(request)
            answer = _read(link)
    except (OSError, ValueError) as error:
        raise DataplaneError(f"{path.name}: {error}") from error
    if answer.get("error"):
        raise DataplaneError(f"{method}: {answer['error']}")
    return answer.get("result")


def _read(link: socket.socket) -> dict[str, Any]:
    """The first message that is an answer to us; messages follow each other without a separator."""
    decoder = json.JSONDecoder()
    raw = b""
    while True:
        chunk = link.recv(65536)
        if not chunk:
            raise ConnectionError("connection closed")
        raw += chunk
        try:
            message, end = decoder.raw_decode(raw.decode())
        except (UnicodeDecodeError, json.JSONDecodeError):
            continue  # not whole yet
        if isinstance(message, dict) and "method" not in message:
            return message
        raw = raw.decode()[end:].encode()
