"""TCP connections from a node: open, refused, or no answer."""

from __future__ import annotations

import errno
import socket
import time
from dataclasses import dataclass
from enum import StrEnum

from trilab.engine.base import Lab
from trilab.errors import ObservationError
from trilab.polling import until

BANNER_SIZE = 256
# The network, or the node's own routes and filters: EACCES a prohibit route, EINVAL a blackhole, EPERM a packet filter.
_NETWORK = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}
UNREACHABLE = _NETWORK | {errno.EACCES, errno.EINVAL, errno.EPERM}


class TcpState(StrEnum):
    """``REFUSED``: a reset came back. ``SILENT``: nothing came back. ``UNREACHABLE``: no route, or an ICMP error."""

    OPEN = "ouvert"
    REFUSED = "refusé"
    SILENT = "sans réponse"
    UNREACHABLE = "injoignable"


@dataclass(frozen=True)
class TcpResult:
    """``banner``: the first bytes that the server said by itself, decoded."""

    source: str
    host: str
    port: int
    state: TcpState
    banner: str
    seconds: float

    @property
    def open(self) -> bool:
        """Whether the server accepted."""
        return self.state is TcpState.OPEN


def state_of(error: OSError) -> TcpState:
    """What a failed connection means. Raises ObservationError when it says nothing about the network."""
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return TcpState.SILENT
    if isinstance(error, ConnectionRefusedError | ConnectionResetError):
        return TcpState.REFUSED
    if error.errno in UNREACHABLE:
        return TcpState.UNREACHABLE
    raise ObservationError(f"Connexion TCP impossible à essayer : {error.strerror or error}.") from error


def tcp(
    lab: Lab,
    source: str,
    host: str,
    port: int,
    *,
    deadline: float = 5.0,
    patience: float = 2.0,
    wanted: frozenset[TcpState] = frozenset({TcpState.OPEN}),
    banner: float = 0.0,
) -> TcpResult:
    """Connect from ``source`` until the state is a ``wanted`` one or ``deadline`` seconds are over.

    ``patience``: seconds for one try. ``banner``: seconds to wait for the server to speak, 0 for not at all.
    """
    started = time.monotonic()

    def attempt() -> TcpResult:
        state, said = _try(lab, source, host, port, patience, banner)
        return TcpResult(source, host, port, state, said, time.monotonic() - started)

    return until(attempt, lambda result: result.state in wanted, deadline)


def _try(lab: Lab, source: str, host: str, port: int, patience: float, banner: float) -> tuple[TcpState, str]:
    try:
        sock = lab.connect(host, port, source=source, timeout=patience)
    except OSError as error:
        return state_of(error), ""
    with sock:
        return TcpState.OPEN, _banner(sock, banner) if banner else ""


def _banner(sock: socket.socket, patience: float) -> str:
    sock.settimeout(patience)
    try:
        return sock.recv(BANNER_SIZE).decode(errors="replace")
    except OSError:  # silent or gone: open all the same
        return ""
