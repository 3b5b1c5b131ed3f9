"""RADIUS as it was on the wire (RFC 2865, with EAP: RFC 3579): whom the server was asked about, and what it said.

Everything here is pure over captured frames.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trilab.capture.frames import Frame
from trilab.capture.rows import Row

REQUEST, ACCEPT, REJECT, CHALLENGE = 1, 2, 3, 11  # RFC 2865, section 3
CODES = {REQUEST: "Access-Request", ACCEPT: "Access-Accept", REJECT: "Access-Reject", CHALLENGE: "Access-Challenge"}
USER_NAME, CALLING_STATION, GROUP, AUTHENTICATOR = 1, 31, 81, 80
_VLAN_TUNNEL = ((64, 13), (65, 6))  # Tunnel-Type VLAN, Tunnel-Medium-Type IEEE-802
_HEADER, _LONGEST = 20, 4096  # octets (RFC 2865, section 3)
_TAGS = range(0x20)  # of a tunnel attribute: a first octet above 0x1F belongs to the text (RFC 2868, 3.6)


@dataclass(frozen=True)
class Message:
    """One packet. ``port``: UDP port of the client. ``attributes``: (type, value), in order."""

    time: float
    source: str
    destination: str
    port: int
    code: int
    raw: bytes
    attributes: tuple[tuple[int, bytes], ...]

    @property
    def label(self) -> str:
        """The name of its code."""
        return CODES[self.code]

    @property
    def identifier(self) -> int:
        """Pairs an answer with its request."""
        return self.raw[1]

    def text(self, kind: int) -> str:
        """The first attribute of a type as a text; empty when there is none."""
        value = next((value for one, value in self.attributes if one == kind), b"")
        return value.decode("utf-8", "replace")

    @property
    def station(self) -> str:
        """MAC address of the station that a request is about (RFC 3580, 3.21), in lower case with colons."""
        told = self.text(CALLING_STATION).replace("-", "").replace(":", "").replace(".", "").lower()[:12]
        return ":".join(told[at : at + 2] for at in range(0, len(told), 2))

    @property
    def vlan(self) -> str:
        """The VLAN that an answer assigns; empty: none. It takes three attributes (RFC 3580, 3.31)."""
        if any(int.from_bytes(value[1:], "big") != wanted for value, wanted in self._tunnel()):
            return ""
        value = next((value for one, value in self.attributes if one == GROUP), b"")
        return (value[1:] if value and value[0] in _TAGS else value).decode("utf-8", "replace")

    def _tunnel(self) -> list[tuple[bytes, int]]:
        """Tunnel-Type and Tunnel-Medium-Type, and what they must say: a tag, then a number (RFC 2868, 3.1, 3.2)."""
        return [(dict(self.attributes).get(kind, b""), wanted) for kind, wanted in _VLAN_TUNNEL]


def messages(frames: Iterable[Frame]) -> list[Message]:
    """Access packets, whatever the ports, as a candidate may choose them."""
    found = (_message(frame) for frame in frames)
    return [one for one in found if one is not None]


def _message(frame: Frame) -> Message | None:
    raw, ports = frame.udp_payload() or b"", frame.ports
    if ports is None or len(raw) < _HEADER or raw[0] not in CODES:
        return None
    length = int.from_bytes(raw[2:4], "big")
    if not _HEADER <= length <= min(len(raw), _LONGEST):
        return None
    attributes = _attributes(raw[_HEADER:length])
    if attributes is None:
        return None
    port = ports[0] if raw[0] == REQUEST else ports[1]
    return Message(frame.time, frame.source, frame.destination, port, raw[0], raw[:length], attributes)


def _attributes(data: bytes) -> tuple[tuple[int, bytes], ...] | None:
    """Type, length, value; None when a length does not fit (RFC 2865, section 5: such a packet is discarded)."""
    found, at = [], 0
    while at < len(data):
        length = data[at + 1] if at + 1 < len(data) else 0
        if length < 2 or at + length > len(data):
            return None
        found.append((data[at], data[at + 2 : at + length]))
        at += length
    return tuple(found)


def about(listed: Iterable[Message], station: str) -> list[Message]:
    """The requests about a station (its MAC address), and the answers to them."""
    asked: dict[tuple[str, str, int, int], str] = {}
    found = []
    for one in listed:
        if one.code == REQUEST:
            key = (one.source, one.destination, one.port, one.identifier)
            asked[key] = one.station
        else:
            key = (one.destination, one.source, one.port, one.identifier)
        if asked.get(key) == station.lower():
            found.append(one)
    return found


def rows(told: Sequence[Message], start: float) -> tuple[Row, ...]:
    """Messages as a table; the first one is at ``start`` (seconds)."""
    return tuple(
        Row(
            time=round(start + one.time - told[0].time, 6),
            source=one.source,
            destination=one.destination,
            label=one.label,
            note=_note(one),
        )
        for one in told
    )


def _note(one: Message) -> str:
    if one.code == REQUEST:
        return one.text(USER_NAME)
    return f"VLAN {one.vlan}" if one.code == ACCEPT and one.vlan else ""


def signed(request: bytes, secret: str) -> bool | None:
    """Whether a request was signed with this shared secret: Message-Authenticator is HMAC-MD5 over the packet, with
    that attribute as zeros (RFC 3579, 3.2). None: it carries none, or is no request.
    """
    attributes = _attributes(request[_HEADER:])
    if request[:1] != bytes([REQUEST]) or attributes is None:
        return None
    at = _HEADER
    for kind, value in attributes:
        if kind == AUTHENTICATOR and len(value) == hashlib.md5().digest_size:
            bare = request[: at + 2] + bytes(len(value)) + request[at + 2 + len(value) :]
            return hmac.compare_digest(hmac.digest(secret.encode(), bare, "md5"), value)
        at += 2 + len(value)
    return None
