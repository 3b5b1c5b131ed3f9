"""Reading a pcap file into frames. What every frame is asked is read in its octets; scapy dissects the few others."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scapy.error import Scapy_Exception
from scapy.layers.dhcp import BOOTP  # noqa: F401  (importing it binds UDP 67/68)
from scapy.layers.inet import UDP  # noqa: F401  (and IP below Ether)
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import RawPcapReader

from trilab.errors import ObservationError

_TAGS = frozenset({0x8100, 0x88A8})  # IEEE 802.1Q, customer and service tag
_IPV4, _ARP, _UDP = 0x0800, 0x0806, 17
_IP_HEADER = struct.Struct("!BBHHHBBH4s4s")  # RFC 791, 3.1
_UDP_HEADER = struct.Struct("!HHHH")  # RFC 768
_FRAGMENT = 0x1FFF  # offset of a fragment: what follows is no header


@dataclass(frozen=True)
class _Ip:
    """``payload``: where it starts in the frame."""

    tos: int
    protocol: int
    source: str
    destination: str
    payload: int


@dataclass(frozen=True)
class _Udp:
    source: int
    destination: int
    payload: bytes


@dataclass(frozen=True)
class Frame:
    """One captured Ethernet frame. ``time``: Unix time in seconds."""

    time: float
    data: bytes

    @cached_property
    def packet(self) -> Packet:
        """All of it, dissected by scapy: slow."""
        return Ether(self.data)

    @cached_property
    def _start(self) -> int:
        """Where the type of what the frame carries stands: behind the tags."""
        at = 12
        while self._word(at) in _TAGS and len(self.data) >= at + 6:
            at += 4
        return at

    def _word(self, at: int) -> int:
        return int.from_bytes(self.data[at : at + 2], "big")

    @cached_property
    def ethertype(self) -> int:
        """What the frame carries, behind the tags."""
        return self._word(self._start)

    @property
    def body(self) -> bytes:
        """What the frame carries, with its padding."""
        return self.data[self._start + 2 :]

    @property
    def vlan(self) -> int | None:
        """The outer 802.1Q tag, None when untagged."""
        return self._word(14) & 0x0FFF if self._word(12) in _TAGS and len(self.data) >= 18 else None

    @cached_property
    def _ip(self) -> _Ip | None:
        start = self._start + 2
        if self.ethertype != _IPV4 or len(self.data) < start + _IP_HEADER.size:
            return None
        first, tos, _, _, fragment, _, protocol, _, source, destination = _IP_HEADER.unpack_from(self.data, start)
        kind = -1 if fragment & _FRAGMENT else protocol
        payload = start + (first & 0x0F) * 4
        return _Ip(tos, kind, socket.inet_ntoa(source), socket.inet_ntoa(destination), payload)

    @cached_property
    def _udp(self) -> _Udp | None:
        ip = self._ip
        if ip is None or ip.protocol != _UDP or len(self.data) < ip.payload + _UDP_HEADER.size:
            return None
        source, destination, length, _ = _UDP_HEADER.unpack_from(self.data, ip.payload)
        return _Udp(source, destination, self.data[ip.payload + _UDP_HEADER.size : ip.payload + length])

    @property
    def source(self) -> str:
        """IPv4 source, else ARP sender, else the MAC address."""
        if self._ip is not None:
            return self._ip.source
        return socket.inet_ntoa(self.body[14:18]) if self._is_arp else self.mac

    @property
    def destination(self) -> str:
        """IPv4 destination, else ARP target, else the MAC address."""
        if self._ip is not None:
            return self._ip.destination
        return socket.inet_ntoa(self.body[24:28]) if self._is_arp else self.data[:6].hex(":")

    @property
    def _is_arp(self) -> bool:
        return self.ethertype == _ARP and len(self.body) >= 28

    @property
    def mac(self) -> str:
        """The Ethernet source address."""
        return self.data[6:12].hex(":")

    @property
    def protocol(self) -> int | None:
        """What IPv4 carries, None when the frame is not IPv4; -1 behind the first fragment."""
        return None if self._ip is None else self._ip.protocol

    @property
    def dscp(self) -> int | None:
        """The differentiated services code point (RFC 2474: the six upper bits of the TOS octet)."""
        return None if self._ip is None else self._ip.tos >> 2

    @property
    def ports(self) -> tuple[int, int] | None:
        """Source and destination port of UDP; None when the frame is not UDP over IPv4."""
        return None if self._udp is None else (self._udp.source, self._udp.destination)

    def udp_payload(self) -> bytes | None:
        """What UDP carries, without Ethernet padding; None when the frame is not UDP over IPv4."""
        return None if self._udp is None else self._udp.payload


def read(path: Path) -> list[Frame]:
    """All frames of a pcap file, oldest first; a last packet that was cut short is left out.

    Raises:
        ObservationError: the file is missing, empty or no capture at all.
    """
    try:
        reader = RawPcapReader(str(path))
    except (Scapy_Exception, OSError, EOFError) as error:
        raise ObservationError(f"La capture {path.name} est illisible.") from error
    scale = 1e-9 if reader.nano else 1e-6
    with reader:
        whole = [(data, meta) for data, meta in reader if len(data) == meta.caplen]
        found = [Frame(meta.sec + meta.usec * scale, data) for data, meta in whole]
    return sorted(found, key=lambda frame: frame.time)
