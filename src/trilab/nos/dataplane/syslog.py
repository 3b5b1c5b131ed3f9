"""Syslog datagrams (RFC 3164, 2: UDP, port 514) in the data network."""

from __future__ import annotations

import socket

from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.features.syslog import Datagram


def send(datagram: Datagram) -> None:
    """Raises DataplaneError: no route, or the source address is not ours now."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            if datagram.source is not None:
                out.bind((str(datagram.source), 0))
            out.sendto(datagram.payload, (str(datagram.host.address), datagram.host.port))
    except OSError as error:
        raise DataplaneError(f"syslog: {datagram.host.address}: {error}") from error
