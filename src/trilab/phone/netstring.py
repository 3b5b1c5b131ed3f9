"""Netstrings (``5:hello,``), the framing of baresip's control connection."""

from __future__ import annotations

import json
from typing import Any

MAX_DIGITS = 9


def encode(message: dict[str, Any]) -> bytes:
    """One JSON message as a netstring."""
    text = json.dumps(message).encode()
    return b"%d:%s," % (len(text), text)


class Decoder:
    """Collects bytes, gives whole JSON messages."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Messages completed by ``data``. Raises ValueError when the stream is no netstring or no JSON."""
        self._buffer += data
        messages = []
        while (body := self._next()) is not None:
            messages.append(json.loads(body))
        return messages

    def _next(self) -> bytes | None:
        digits, colon, rest = self._buffer.partition(b":")
        if not colon:
            if len(digits) > MAX_DIGITS:
                raise ValueError("no length")
            return None
        length = int(digits)
        if len(rest) <= length:
            return None
        if rest[length : length + 1] != b",":
            raise ValueError("no comma")
        self._buffer = rest[length + 1 :]
        return rest[:length]
