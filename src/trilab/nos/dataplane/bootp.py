"""DHCP messages in Ethernet frames (RFC 2131; options of RFC 2132). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from trilab.nos.dataplane.watch import Frame

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
TYPES = ("DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPDECLINE", "DHCPACK", "DHCPNAK", "DHCPRELEASE", "DHCPINFORM")
_COOKIE = b"\x63\x82\x53\x63"
_FIXED = 236  # bytes before the cookie


@dataclass(frozen=True)
class Message:
    """What snooping looks at."""

    kind: int  # option 53
    client: str  # chaddr
    address: IPv4Address  # yiaddr
    relay: IPv4Address  # giaddr
    lease: int | None  # option 51, seconds
    agent: bool  # option 82
    from_server: bool  # op: BOOTREPLY

    @property
    def name(self) -> str:
        """``DHCPOFFER`` …"""
        return TYPES[self.kind - 1] if 1 <= self.kind <= len(TYPES) else f"type {self.kind}"


def read(frame: Frame) -> Message | None:
    """The message in a frame that a filter let through; ``None`` when it is none, or cut short."""
    data = frame.data
    if len(data) < 15 or data[12:14] != b"\x08\x00":
        return None
    start = 14 + 4 * (data[14] & 0x0F) + 8
    body = data[start:]
    if len(body) < _FIXED + 4 or body[_FIXED : _FIXED + 4] != _COOKIE:
        return None
    options = _options(body[_FIXED + 4 :])
    lease = options.get(51)
    return Message(
        kind=options.get(53, b"\0")[0] if options.get(53) else 0,
        client=body[28:34].hex(":"),
        address=IPv4Address(body[16:20]),
        relay=IPv4Address(body[24:28]),
        lease=int.from_bytes(lease, "big") if lease is not None else None,
        agent=82 in options,
        from_server=body[0] == 2,
    )


def _options(data: bytes) -> dict[int, bytes]:
    found, at = dict[int, bytes](), 0
    while at < len(data) and data[at] != 255:
        if data[at] == 0:
            at += 1
            continue
        if at + 1 >= len(data):
            break
        size = data[at + 1]
        found.setdefault(data[at], data[at + 2 : at + 2 + size])
        at += 2 + size
    return found


def tagged(frame: Frame) -> bytes:
    """The frame as it was on the wire, tag included (priority 0)."""
    if frame.vlan is None:
        return frame.data
    return frame.data[:12] + b"\x81\x00" + frame.vlan.to_bytes(2, "big") + frame.data[12:]
