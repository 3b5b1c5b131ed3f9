"""The streams of a program that runs in a pod, over the client library's websocket (v5.channel.k8s.io)."""

from __future__ import annotations

import time
from typing import Any

STDIN, RESIZE = 0, 4  # channels
LOST = 255  # exit code when the connection ended before the program, as ssh(1)
_CHUNK = 65536


def code(stream: Any) -> int:
    """The exit code of a program whose stream has ended."""
    found = stream.returncode
    return LOST if found is None else int(found)


def collected(stream: Any, input: str | None, timeout: float) -> tuple[int, bytes, bytes] | None:
    """Exit code, standard output and error of a program; None when it did not end in ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    data = (input or "").encode()
    for start in range(0, len(data), _CHUNK):
        stream.write_stdin(data[start : start + _CHUNK])
    stream.close_channel(STDIN)
    out, err = bytearray(), bytearray()
    while stream.is_open():
        left = deadline - time.monotonic()
        if left <= 0:
            stream.close()
            return None
        stream.update(timeout=left)
        out += stream.read_stdout(timeout=0)
        err += stream.read_stderr(timeout=0)
    out += stream.read_stdout(timeout=0)
    err += stream.read_stderr(timeout=0)
    return code(stream), bytes(out), bytes(err)
