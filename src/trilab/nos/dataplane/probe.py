"""ping and traceroute from the device itself."""

from __future__ import annotations

import errno
import os
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address

from trilab.nos.dataplane.base import DataplaneError, PingReply

HEADERS = 28  # bytes: IPv4 and ICMP; IOS counts them in the datagram size
HEADERS6 = 48
ECHO_REPLY, UNREACHABLE, ECHO = 0, 3, 8
ECHO_REPLY6, UNREACHABLE6, ECHO6, PROHIBITED6 = 129, 1, 128, 1
PROHIBITED = frozenset({9, 10, 13})  # RFC 1812, 5.2.7.1: communication administratively prohibited
LOST = PingReply(False, None)


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def request(identifier: int, sequence: int, size: int) -> bytes:
    """An ICMP echo request in a datagram of ``size`` bytes (RFC 792)."""
    payload = b"\xab\xcd" * ((max(0, size - HEADERS) + 1) // 2)
    payload = payload[: max(0, size - HEADERS)]
    head = struct.pack("!BBHHH", ECHO, 0, 0, identifier, sequence)
    return struct.pack("!BBHHH", ECHO, 0, checksum(head + payload), identifier, sequence) + payload


def verdict(datagram: bytes, identifier: int, sequence: int) -> str | None:
    """IOS's mark for a received datagram (``!``, ``U``, ``A``), or ``None`` when it does not answer this request."""
    message = datagram[(datagram[0] & 15) * 4 :]
    if len(message) < 8:
        return None
    kind, code, _, ident, number = struct.unpack("!BBHHH", message[:8])
    if kind == ECHO_REPLY:
        return "!" if (ident, number) == (identifier, sequence) else None
    if kind != UNREACHABLE or len(message) < 28:
        return None
    quoted = message[8:]
    quoted = quoted[(quoted[0] & 15) * 4 :][:8]  # RFC 792: the original header and 8 bytes
    if len(quoted) < 8 or struct.unpack("!BBHHH", quoted)[0::3] != (ECHO, identifier):
        return None
    return ("A" if code in PROHIBITED else "U") if struct.unpack("!H", quoted[6:])[0] == sequence else None


def request6(identifier: int, sequence: int, size: int) -> bytes:
    """An ICMPv6 echo request in a datagram of ``size`` bytes (RFC 4443); the kernel adds its checksum."""
    length = max(0, size - HEADERS6)
    payload = (b"\xab\xcd" * ((length + 1) // 2))[:length]
    return struct.pack("!BBHHH", ECHO6, 0, 0, identifier, sequence) + payload


def verdict6(message: bytes, identifier: int, sequence: int) -> str | None:
    """As :func:`verdict`, for an ICMPv6 message (the kernel gives it without the header of IPv6)."""
    if len(message) < 8:
        return None
    kind, code, _, ident, number = struct.unpack("!BBHHH", message[:8])
    if kind == ECHO_REPLY6:
        return "!" if (ident, number) == (identifier, sequence) else None
    quoted = message[48:56]  # RFC 4443: 8 bytes, then the packet that could not be delivered
    if kind != UNREACHABLE6 or len(quoted) < 8:
        return None
    if struct.unpack("!BBHHH", quoted)[0::3] != (ECHO6, identifier) or struct.unpack("!H", quoted[6:])[0] != sequence:
        return None
    return "A" if code == PROHIBITED6 else "U"


_V4 = socket.AF_INET, socket.IPPROTO_ICMP, request, verdict
_V6 = socket.AF_INET6, socket.IPPROTO_ICMPV6, request6, verdict6


def ping(
    target: IPv4Address | IPv6Address,
    *,
    count: int,
    size: int,
    timeout: float,
    source: IPv4Address | IPv6Address | None,
) -> Iterator[PingReply]:
    """Send ``count`` requests one after the other; each waits at most ``timeout`` seconds. Raises DataplaneError."""
    identifier = os.getpid() & 0xFFFF
    family, protocol, make, judge = _V4 if target.version == 4 else _V6
    try:
        with socket.socket(family, socket.SOCK_RAW, protocol) as link:
            if source is not None:
                link.bind((str(source), 0))
            for sequence in range(1, count + 1):
                packet, key = make(identifier, sequence, size), (identifier, sequence)
                yield _probe(link, str(target), packet, lambda data, key=key: judge(data, *key), timeout)  # type: ignore[misc]
    except OSError as error:
        raise DataplaneError(str(error)) from error


def _probe(
    link: socket.socket, target: str, packet: bytes, judge: Callable[[bytes], str | None], timeout: float
) -> PingReply:
    start = time.monotonic()
    try:
        link.sendto(packet, (target, 0))
        while (left := start + timeout - time.monotonic()) > 0:
            link.settimeout(left)
            datagram = link.recv(65535)
            mark = judge(datagram)
            if mark is not None:
                spent = (time.monotonic() - start) * 1000
                return PingReply(mark == "!", spent if mark == "!" else None, mark)
    except TimeoutError:
        return LOST
    except OSError as error:
        if error.errno not in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EACCES, errno.EPERM, errno.EINVAL):
            raise
    return LOST


def traceroute(target: IPv4Address) -> Iterator[str]:
    """The lines of traceroute(8), as they come."""
    argv = ["traceroute", "-n", "-w", "3", "-q", "3", "-m", "30", str(target)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        if child.stdout is not None:
            try:
                for line in child.stdout:
                    yield line.rstrip("\n")
            finally:
                child.kill()
