"""A RADIUS client for logins (RFC 2865, PAP; RFC 2869, 5.14: messages are signed)."""

from __future__ import annotations

import os
import socket
import struct
import time

# hashlib would load OpenSSL: 4.6 MB more in a daemon that may use 20.
from _md5 import md5  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator
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


def genuine(packet: bytes, secret: bytes, asked: bytes) -> bytes | None:
    """The answer to ``asked`` in a packet; ``None`` for another one, forged or malformed: it is dropped in silence."""
    if len(packet) < _HEADER.size:
        return None
    _, number, length, signature = _HEADER.unpack_from(packet)
    packet, authenticator = packet[:length], asked[4:20]
    expected = md5(packet[:4] + authenticator + packet[_HEADER.size :] + secret).digest()
    if len(packet) != length or number != asked[1] or signature != expected:
        return None
    try:
        signs = [(at, value) for kind, at, value in attributes(packet) if kind == SIGNATURE]
    except ValueError:
        return None
    return packet if all(_signed(packet, at, value, secret, authenticator) for at, value in signs) else None


def read(packet: bytes) -> AccessReply:
    """What a genuine answer says."""
    if packet[0] not in (ACCESS_ACCEPT, ACCESS_REJECT):
        return AccessReply(False)  # a challenge, which a login cannot answer
    found = [(kind, value) for kind, _, value in attributes(packet)]
    said = b"".join(value for kind, value in found if kind == REPLY_MESSAGE).decode(errors="replace")
    return AccessReply(packet[0] == ACCESS_ACCEPT, _privilege(found), said)


def _resigned(packet: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """The same with the signature of another secret."""
    at = next((at for kind, at, _ in attributes(packet) if kind == SIGNATURE), None)
    if at is None:
        return packet
    blank = packet[:at] + _BLANK + packet[at + 16 :]
    signed = hmac_md5(secret, blank[:4] + authenticator + blank[_HEADER.size :])
    return packet[:at] + signed + packet[at + 16 :]


def resigned(packet: bytes, secret: bytes) -> bytes:
    """A request (without User-Password) signed with another secret. Raises ValueError: it is malformed."""
    return _resigned(packet, secret, packet[4:20])


def resigned_reply(packet: bytes, secret: bytes, authenticator: bytes) -> bytes:
    """A reply signed with another secret; ``authenticator``: the request's. Keys in it are lost."""
    signed = _resigned(packet, secret, authenticator)
    digest = md5(signed[:4] + authenticator + signed[_HEADER.size :] + secret).digest()
    return bytes(signed[:4] + digest + signed[_HEADER.size :])


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


Target = tuple[IPv4Address, int, str]  # address, port, secret


def ask(
    target: Target, asked: AccessRequest, *, timeout: float, tries: int, own: IPv4Address | None
) -> AccessReply | None:
    """Ask one server, ``tries`` times, ``timeout`` seconds each; ``None`` without answer.

    ``own``: the address that we ask from; else the one that leads to the server.
    """
    secret, identifier, authenticator = target[2].encode(), os.urandom(1)[0], os.urandom(16)

    def made(here: IPv4Address) -> bytes:
        return request(asked, secret, identifier, authenticator, here)

    answer = _exchange(target, made, timeout=timeout, tries=tries, own=own)
    return None if answer is None else read(answer)


def exchange(target: Target, packet: bytes, *, timeout: float, tries: int, own: IPv4Address | None) -> bytes | None:
    """The genuine answer to a packet, as :func:`ask`."""
    return _exchange(target, lambda here: packet, timeout=timeout, tries=tries, own=own)


def _exchange(
    target: Target, made: Callable[[IPv4Address], bytes], *, timeout: float, tries: int, own: IPv4Address | None
) -> bytes | None:
    address, port, key = target
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        try:
            link.bind(("" if own is None else str(own), 0))
            link.connect((str(address), port))
            sent = made(IPv4Address(link.getsockname()[0]))
            for _ in range(tries):
                link.send(sent)
                answer = _answer(link, key.encode(), sent, timeout)
                if answer is not None:
                    return answer
        except OSError:  # no route, or nobody listens there
            return None
    return None


def _answer(link: socket.socket, secret: bytes, asked: bytes, timeout: float) -> bytes | None:
    """The first genuine answer; ``None`` when none came in time."""
    ends = time.monotonic() + timeout
    while (left := ends - time.monotonic()) > 0:
        link.settimeout(left)
        try:
            found = genuine(link.recv(4096), secret, asked)
        except TimeoutError:
            return None
        if found is not None:
            return found
    return None
