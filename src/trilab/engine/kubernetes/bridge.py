"""Between a caller's socket and the client library's end of a port-forward.

The library's thread ends in a traceback when its socket is reset, as one is that closes with data left unread. Here the
library's end is always read to its end, whatever the caller does with theirs.
"""

from __future__ import annotations

import contextlib
import socket
import threading

_CHUNK = 65536


def bridged(inner: socket.socket) -> socket.socket:
    """A socket of the caller's own that carries what ``inner`` carries; ``inner`` is closed with it."""
    outer, ours = socket.socketpair()
    back = threading.Thread(target=_back, args=(inner, ours), daemon=True)
    back.start()
    threading.Thread(target=_forth, args=(ours, inner, back), daemon=True).start()
    return outer


def _forth(ours: socket.socket, inner: socket.socket, back: threading.Thread) -> None:
    with contextlib.suppress(OSError):  # the caller closed with data unread, or the cluster ended the connection
        while data := ours.recv(_CHUNK):
            inner.sendall(data)
    with contextlib.suppress(OSError):  # the cluster was first
        inner.shutdown(socket.SHUT_WR)
    back.join()
    inner.close()
    ours.close()


def _back(inner: socket.socket, ours: socket.socket) -> None:
    wanted = True
    with contextlib.suppress(OSError):  # the caller is gone
        while data := inner.recv(_CHUNK):
            wanted = wanted and _sent(ours, data)
        ours.shutdown(socket.SHUT_RDWR)


def _sent(ours: socket.socket, data: bytes) -> bool:
    try:
        ours.sendall(data)
    except OSError:
        return False
    return True
