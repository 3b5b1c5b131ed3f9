"""DHCP messages as they were on the wire (RFC 2131, options: RFC 2132, 150: RFC 5859)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address

from scapy.layers.dhcp import BOOTP

from trilab.capture.frames import Frame

TYPES = {1: "Discover", 2: "Offer", 3: "Request", 4: "Decline", 5: "ACK", 6: "NAK", 7: "Release", 8: "Inform"}
_MAGIC = b"\x63\x82\x53\x63"
_HEADER = 236  # octets of a BOOTP message before the magic cookie
_ADDRESSES = frozenset({1, 3, 6, 28, 42, 44, 50, 54, 150})  # options that hold IPv4 addresses
_PORTS = frozenset({67, 68})  # RFC 2131, 4.1
_NUMBERS = frozenset({51, 53, 57, 58, 59})


@dataclass(frozen=True)
class DhcpMessage:
    """One message. ``options``: number → value as text, addresses separated by one space; numbers in decimal."""

    time: float
    vlan: int | None
    source: str
    destination: str
    kind: str  # "Discover", "Offer", …
    xid: int
    client_mac: str
    your_ip: str  # yiaddr
    relay_ip: str  # giaddr
    next_server: str  # siaddr
    options: dict[int, str]


def _text(code: int, value: bytes) -> str:
    if code in _ADDRESSES and len(value) % 4 == 0:
        return " ".join(str(IPv4Address(value[i : i + 4])) for i in range(0, len(value), 4))
    if code in _NUMBERS:
        return str(int.from_bytes(value, "big"))
    text = value.rstrip(b"\0").decode("utf-8", "replace")
    return text if text.isprintable() and "\ufffd" not in text else value.hex()


def options(payload: bytes) -> dict[int, str]:
    """The options of a BOOTP payload; a malformed tail is left out; a repeated option is joined (RFC 3396)."""
    if payload[_HEADER : _HEADER + 4] != _MAGIC:
        return {}
    raw: dict[int, bytes] = {}
    at = _HEADER + 4
    while at + 1 < len(payload) and payload[at] != 255:
        if payload[at] == 0:
            at += 1
            continue
        code, length = payload[at], payload[at + 1]
        value = payload[at + 2 : at + 2 + length]
        if len(value) < length:
            break
        raw[code] = raw.get(code, b"") + value
        at += 2 + length
    return {code: _text(code, value) for code, value in raw.items()}


def messages(frames: Iterable[Frame]) -> list[DhcpMessage]:
    """Every DHCP message of a capture."""
    found = []
    for frame in frames:
        payload = frame.udp_payload()
        if payload is None or not _PORTS & set(frame.ports or ()) or BOOTP not in frame.packet:
            continue
        bootp, values = frame.packet[BOOTP], options(payload)
        found.append(
            DhcpMessage(
                time=frame.time,
                vlan=frame.vlan,
                source=frame.source,
                destination=frame.destination,
                kind=TYPES.get(int(values.get(53, "0")), "BOOTP"),
                xid=int(bootp.xid),
                client_mac=":".join(f"{octet:02x}" for octet in bytes(bootp.chaddr)[:6]),
                your_ip=str(bootp.yiaddr),
                relay_ip=str(bootp.giaddr),
                next_server=str(bootp.siaddr),
                options=values,
            )
        )
    return found
