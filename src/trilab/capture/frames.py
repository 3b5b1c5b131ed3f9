"""Reading a pcap file into frames: the 802.1Q tag and the addresses beside the scapy packet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scapy.error import Scapy_Exception
from scapy.layers.dhcp import BOOTP  # noqa: F401  (importing it binds UDP 67/68)
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import NoPayload, Packet
from scapy.utils import RawPcapReader

from trilab.errors import ObservationError


@dataclass(frozen=True)
class Frame:
    """One captured Ethernet frame. ``time``: Unix time in seconds. ``vlan``: outer 802.1Q tag, None when untagged."""

    time: float
    vlan: int | None
    priority: int | None  # 802.1p
    packet: Packet

    @property
    def source(self) -> str:
        """IPv4 source, else ARP sender, else the MAC address."""
        return self._address("src", "psrc")

    @property
    def destination(self) -> str:
        """IPv4 destination, else ARP target, else the MAC address."""
        return self._address("dst", "pdst")

    def _address(self, field: str, arp_field: str) -> str:
        if IP in self.packet:
            return str(getattr(self.packet[IP], field))
        if ARP in self.packet:
            return str(getattr(self.packet[ARP], arp_field))
        return str(getattr(self.packet, field))

    @property
    def mac(self) -> str:
        """The Ethernet source address."""
        return str(self.packet.src)

    @property
    def dscp(self) -> int | None:
        """The differentiated services code point (RFC 2474: the six upper bits of the TOS octet)."""
        return int(self.packet[IP].tos) >> 2 if IP in self.packet else None

    def udp_payload(self) -> bytes | None:
        """What UDP carries, without Ethernet padding; None when the frame is not UDP."""
        if UDP not in self.packet:
            return None
        udp = self.packet[UDP]
        if isinstance(udp.payload, NoPayload):
            return b""
        raw = udp.payload.original or bytes(udp.payload)
        return bytes(raw[: int(udp.len) - 8])


def _frame(data: bytes, time: float) -> Frame:
    packet = Ether(data)
    tag = packet.getlayer(Dot1Q)
    return Frame(time, None if tag is None else int(tag.vlan), None if tag is None else int(tag.prio), packet)


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
        found = [_frame(data, meta.sec + meta.usec * scale) for data, meta in whole]
    return sorted(found, key=lambda frame: frame.time)
