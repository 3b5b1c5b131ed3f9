"""The frames of VRRPv2 (RFC 3768, 5), HSRP (version 1: RFC 2281, 5) and ARP (RFC 826), as bytes. Pure.

Version 2 of HSRP is not published; its TLVs are those that protocol analysers show.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from trilab.nos.dataplane.bpf import Instruction

VRRP_GROUP = IPv4Address("224.0.0.18")
HSRP_GROUPS = {1: IPv4Address("224.0.0.2"), 2: IPv4Address("224.0.0.102")}  # by version
VRRP, UDP = 112, 17  # IP protocols
HSRP_PORT = 1985
HELLO, COUP, RESIGN = 0, 1, 2  # RFC 2281, 5.1: op code
STATES = {"Init": 0, "Learn": 1, "Listen": 2, "Speak": 4, "Standby": 8, "Active": 16}
_SECRET = b"cisco\0\0\0"  # RFC 2281, 5.1: the recommended default of the authentication data
_STATES2 = ("Disabled", "Init", "Learn", "Listen", "Speak", "Standby", "Active")  # version 2
_STATE2 = struct.Struct("!BBBBH6sIII4s12x")  # its TLV "group state"; times in milliseconds
_IP, _ARP = 0x0800, 0x0806
_CONTROL = 0xC0  # type of service: internetwork control (RFC 791, 3.1)


@dataclass(frozen=True)
class Advert:
    """A VRRP advertisement. ``interval``: seconds."""

    group: int
    priority: int
    interval: int
    address: IPv4Address

    def encode(self) -> bytes:
        """The VRRP packet, without authentication."""
        start = struct.pack("!BBBBBBH", 0x21, self.group, self.priority, 1, 0, self.interval, 0)
        data = start + self.address.packed + bytes(8)
        return data[:6] + struct.pack("!H", checksum(data)) + data[8:]


@dataclass(frozen=True)
class Hello:
    """An HSRP message. ``hello`` and ``hold``: seconds; ``identifier`` (version 2): the sender's own MAC address."""

    code: int
    state: str
    hello: int
    hold: int
    priority: int
    group: int
    address: IPv4Address
    version: int = 1
    identifier: bytes = bytes(6)

    def encode(self) -> bytes:
        """The HSRP packet."""
        if self.version == 2:
            head = 2, self.code, _STATES2.index(self.state), 4, self.group, self.identifier
            times = 1000 * self.hello, 1000 * self.hold
            state = _STATE2.pack(*head, self.priority, *times, self.address.packed)
            return bytes([1, len(state)]) + state + bytes([3, len(_SECRET)]) + _SECRET
        fields = 0, self.code, STATES[self.state], self.hello, self.hold, self.priority, self.group, 0
        return struct.pack("!8B", *fields) + _SECRET + self.address.packed


@dataclass(frozen=True)
class Packet:
    """A message of a router, and its address."""

    source: IPv4Address
    message: Advert | Hello


@dataclass(frozen=True)
class Question:
    """An ARP request."""

    mac: bytes
    source: IPv4Address
    target: IPv4Address


def checksum(data: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def raw(mac: str) -> bytes:
    """``aa:bb:cc:dd:ee:ff`` as six bytes."""
    return bytes.fromhex(mac.replace(":", ""))


def _ip(source: IPv4Address, target: IPv4Address, protocol: int, ttl: int, payload: bytes) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, _CONTROL, 20 + len(payload), 0, 0, ttl, protocol, 0)
    head += source.packed + target.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def frame(mac: str, source: IPv4Address, message: Advert | Hello) -> bytes:
    """A whole frame to all routers of the link. ``mac``: the sender's."""
    if isinstance(message, Advert):
        target, packet = VRRP_GROUP, _ip(source, VRRP_GROUP, VRRP, 255, message.encode())
    else:
        target, body = HSRP_GROUPS[message.version], message.encode()
        head = struct.pack("!HHHH", HSRP_PORT, HSRP_PORT, 8 + len(body), 0)
        pseudo = source.packed + target.packed + struct.pack("!HH", UDP, 8 + len(body))
        head = head[:6] + struct.pack("!H", checksum(pseudo + head + body) or 0xFFFF)
        packet = _ip(source, target, UDP, 1, head + body)
    multicast = b"\x01\x00\x5e" + target.packed[1:]  # RFC 1112, 6.4
    return multicast + raw(mac) + struct.pack("!H", _IP) + packet


def parse(data: bytes) -> Packet | Question | None:
    """What a received frame says; None for anything else, or a broken one."""
    kind = int.from_bytes(data[12:14], "big")
    if kind == _ARP:
        return _question(data)
    if kind != _IP or len(data) < 34 or data[14] >> 4 != 4:
        return None
    packet = data[14 : 14 + int.from_bytes(data[16:18], "big")]
    source, target = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    payload, ttl = packet[(packet[0] & 15) * 4 :], packet[8]
    message: Advert | Hello | None = None
    if packet[9] == VRRP and target == VRRP_GROUP and ttl == 255:  # RFC 3768, 5.2.3
        message = _advert(payload)
    elif packet[9] == UDP and payload[2:4] == struct.pack("!H", HSRP_PORT):
        readers = {HSRP_GROUPS[1]: _hello, HSRP_GROUPS[2]: _hello2}
        message = readers[target](payload[8:]) if target in readers else None
    return None if message is None else Packet(source, message)


def _advert(data: bytes) -> Advert | None:
    """RFC 3768, 7.1: version, checksum and type are verified; authentication is not used."""
    if len(data) < 20 or len(data) % 2 or checksum(data):
        return None
    kind, group, priority, count, authentication, interval = data[:6]
    if kind != 0x21 or authentication or not count or len(data) < 16 + 4 * count:
        return None
    return Advert(group, priority, interval, IPv4Address(data[8:12]))


def _hello(data: bytes) -> Hello | None:
    if len(data) < 20:
        return None
    version, code, number, hello, hold, priority, group = data[:7]
    state = next((name for name, value in STATES.items() if value == number), None)
    if version or state is None or code > RESIGN or data[8:16] != _SECRET:
        return None
    return Hello(code, state, hello, hold, priority, group, IPv4Address(data[16:20]))


def _hello2(data: bytes) -> Hello | None:
    """The TLV "group state" comes first."""
    if len(data) < 42 or data[:3] != bytes([1, 40, 2]) or data[42:52] != bytes([3, len(_SECRET)]) + _SECRET:
        return None
    _, code, number, family, group, identifier, priority, hello, hold, address = _STATE2.unpack(data[2:42])
    if family != 4 or not 1 <= number < len(_STATES2) or code > RESIGN:
        return None
    times = hello // 1000, hold // 1000
    return Hello(code, _STATES2[number], *times, priority, group, IPv4Address(address), 2, identifier)


def _question(data: bytes) -> Question | None:
    if len(data) < 42 or data[14:22] != bytes.fromhex("0001080006040001"):
        return None
    return Question(data[22:28], IPv4Address(data[28:32]), IPv4Address(data[38:42]))


def answer(mac: str, address: IPv4Address, asked: Question) -> bytes:
    """The ARP reply: ``address`` is at ``mac``."""
    return _arp(asked.mac, mac, 2, address, asked.mac, asked.source)


def announcement(mac: str, address: IPv4Address) -> bytes:
    """A gratuitous ARP (RFC 5227, 3), broadcast."""
    return _arp(b"\xff" * 6, mac, 1, address, bytes(6), address)


def _arp(to: bytes, mac: str, operation: int, address: IPv4Address, its: bytes, peer: IPv4Address) -> bytes:
    head = to + raw(mac) + struct.pack("!HHHBBH", _ARP, 1, _IP, 6, 4, operation)
    return head + raw(mac) + address.packed + its + peer.packed


def listening() -> list[Instruction]:
    """The BPF program (:mod:`bpf`) that takes received frames of these kinds only."""
    groups = [int(each) for each in (VRRP_GROUP, *HSRP_GROUPS.values())]
    return [
        (0x20, 0, 0, 0xFFFFF004), (0x15, 7, 0, socket.PACKET_OUTGOING),
        (0x28, 0, 0, 12), (0x15, 6, 0, _ARP), (0x15, 0, 4, _IP),
        (0x20, 0, 0, 30), (0x15, 3, 0, groups[0]), (0x15, 2, 0, groups[1]), (0x15, 1, 0, groups[2]),
        (0x06, 0, 0, 0), (0x06, 0, 0, 65535),
    ]  # fmt: skip
