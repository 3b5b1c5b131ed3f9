"""A RADIUS client for logins (RFC 2865, PAP; RFC 2869, 5.14: messages are signed)."""

from __future__ import annotations

import os
import socket
import struct
import time

# hashlib would load OpenSSL: 4.6 MB more in a daemon that may use 20.
from _md5 import md5  # type: ignore[import-not-found]
from collections.abc import Iterator
from ipaddress import IPv4Address

from trilab.nos.dataplane.base import AccessReply, AccessRequest

ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT = 1, 2, 3
USER_NAME, USER_PASSWORD, NAS_IP_ADDRESS, NAS_PORT, SERVICE_TYPE = 1, 2, 4, 5, 6
REPLY_MESSAGE, VENDOR, CALLING_STATION, NAS_IDENTIFIER, NAS_PORT_TYPE, SIGNATURE = 18, 26, 31, 32, 61, 80
VIRTUAL = 5  # a port that no cable leads to (RFC 2865, 5.41)
ADMINISTRATIVE = 6  # Service-Type of a user at privilege 15 (RFC 2865, 5.6)
CISCO = 9  # its attribute 1 is text: "shell:priv-lvl=15"
_HEADER = struct.Struct("!BBH16s")
_BLANK = bytes(16)
_BLOCK = 64


def hmac_md5(key: bytes, data: bytes) -> bytes:
    """RFC 2104."""
    key = (md5(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = md5(bytes(byte ^ 0x36 for byte in key) + data).digest()
    digest: bytes = md5(bytes(byte ^ 0x5C for byte in key) + inner).digest()
    return digest


def hide(password: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """A password as it travels (RFC 2865, 5.2). At most 128 bytes of it count."""
    padded = password[:128].ljust(max(16, -(-len(password[:128]) // 16) * 16), b"\0")
    hidden, before = b"", authenticator
    for at in range(0, len(padded), 16):
        mask = md5(secret + before).digest()
        before = bytes(one ^ other for one, other in zip(padded[at : at + 16], mask, strict=True))
        hidden += before
    return hidden


def _attribute(kind: int, value: bytes) -> bytes:
    return bytes((kind, len(value) + 2)) + value if value else b""


def request(asked: AccessRequest, secret: bytes, identifier: int, authenticator: bytes, own: IPv4Address) -> bytes:
    """An Access-Request."""
    attributes = b"".join((
        _attribute(SIGNATURE, _BLANK),
        _attribute(USER_NAME, asked.user.encode()[:253]),
        _attribute(USER_PASSWORD, hide(asked.password.encode(), secret, authenticator)),
        _attribute(NAS_IP_ADDRESS, own.packed),
        _attribute(NAS_IDENTIFIER, asked.nas.encode()[:253]),
        _attribute(NAS_PORT, asked.port.to_bytes(4, "big")),
        _attribute(NAS_PORT_TYPE, VIRTUAL.to_bytes(4, "big")),
        _attribute(CALLING_STATION, asked.caller.encode()[:253]),
    ))  # fmt: skip
    packet = _HEADER.pack(ACCESS_REQUEST, identifier, _HEADER.size + len(attributes), authenticator) + attributes
    at = _HEADER.size + 2  # the signature comes first
    return packet[:at] + hmac_md5(secret, packet) + packet[at + 16 :]


def attributes(packet: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(type, position of the value, value) of each attribute. Raises ValueError when the packet is malformed."""
    at = _HEADER.size
    while at < len(packet):
        if at + 2 > len(packet) or packet[at + 1] < 2 or at + packet[at + 1] > len(packet):
            raise ValueError("an attribute is longer than the packet")
        yield packet[at], at + 2, packet[at + 2 : at + packet[at + 1]]
        at += packet[at + 1]


def read(packet: bytes, secret: bytes, identifier: int, authenticator: bytes) -> AccessReply | None:
    """The answer in a packet; ``None`` for one that is not ours, forged or malformed: it is dropped in silence."""
    if len(packet) < _HEADER.size:
        return None
    code, number, length, signature = _HEADER.unpack_from(packet)
    packet = packet[:length]
    expected = md5(packet[:4] + authenticator + packet[_HEADER.size :] + secret).digest()
    if len(packet) != length or number != identifier or signature != expected:
        return None
    try:
        found = list(attributes(packet))
    except ValueError:
        return None
    if not all(_signed(packet, at, value, secret, authenticator) for kind, at, value in found if kind == SIGNATURE):
        return None
    if code not in (ACCESS_ACCEPT, ACCESS_REJECT):
        return AccessReply(False)  # a challenge, which a login cannot answer
    said = b"".join(value for kind, _, value in found if kind == REPLY_MESSAGE).decode(errors="replace")
    return AccessReply(code == ACCESS_ACCEPT, _privilege([(kind, value) for kind, _, value in found]), said)


def _signed(packet: bytes, at: int, value: bytes, secret: bytes, authenticator: bytes) -> bool:
    blank = packet[:4] + authenticator + packet[_HEADER.size : at] + _BLANK + packet[at + 16 :]
    return value == hmac_md5(secret, blank)


def _privilege(found: list[tuple[int, bytes]]) -> int | None:
    """``shell:priv-lvl`` when it is there, else that of the service type."""
    level = None
    for kind, value in found:
        if kind == SERVICE_TYPE and int.from_bytes(value, "big") == ADMINISTRATIVE and level is None:
            level = 15
        if kind == VENDOR and int.from_bytes(value[:4], "big") == CISCO and value[4:5] == b"\1":
            name, _, number = value[6:].decode(errors="replace").partition("priv-lvl=")
            if name == "shell:" and number.isascii() and number.isdecimal() and int(number) <= 15:
                level = int(number)
    return level


def ask(
    server: tuple[IPv4Address, int, str], asked: AccessRequest, *, timeout: float, tries: int, own: IPv4Address | None
) -> AccessReply | None:
    """Ask one server (address, port, secret), ``tries`` times, ``timeout`` seconds each; ``None`` without answer.

    ``own``: the address that we ask from; else the one that leads to the server.
    """
    address, port, key = server
    secret, identifier, authenticator = key.encode(), os.urandom(1)[0], os.urandom(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(timeout)
        try:
            link.bind(("" if own is None else str(own), 0))
            link.connect((str(address), port))
            sent = request(asked, secret, identifier, authenticator, IPv4Address(link.getsockname()[0]))
            for _ in range(tries):
                link.send(sent)
                answer = _answer(link, secret, identifier, authenticator)
                if answer is not None:
                    return answer
        except OSError:  # no route, or nobody listens there
            return None
    return None


def _answer(link: socket.socket, secret: bytes, identifier: int, authenticator: bytes) -> AccessReply | None:
    """The first valid answer; ``None`` when nothing came within the socket's time."""
    ends = time.monotonic() + (link.gettimeout() or 0)
    while time.monotonic() < ends:
        try:
            found = read(link.recv(4096), secret, identifier, authenticator)
        except TimeoutError:
            return None
        if found is not None:
            return found
    return None
