"""What is read in the octets of a frame is what scapy reads there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

from trilab.capture.frames import Frame

PACKETS = [
    Ether() / IP(src="10.0.0.1", dst="10.0.0.2", tos=184) / UDP(sport=5060, dport=5061) / Raw(b"abc"),
    Ether() / Dot1Q(vlan=30, prio=5) / IP(tos=0x28) / UDP(sport=67, dport=68) / Raw(b"x" * 300),
    Ether() / Dot1Q(vlan=7) / Dot1Q(vlan=9) / IP() / ICMP(),
    Ether() / Dot1Q(vlan=7) / ARP(psrc="10.0.0.1", pdst="10.0.0.9"),
    Ether() / IP(options=[b"\x94\x04\0\0"]) / UDP(sport=1, dport=2) / Raw(b"behind options"),
    Ether() / IP(frag=100, proto=17) / Raw(b"a fragment has no ports"),
    Ether(type=0x88CC) / Raw(b"\0\0"),
]


@pytest.mark.parametrize("made", PACKETS)
def test_as_scapy_reads_it(made: Packet) -> None:
    data = bytes(made)
    frame, packet = Frame(0.0, data), Ether(data)
    names = ("src", "dst") if IP in packet else ("psrc", "pdst")
    layer = next((packet[kind] for kind in (IP, ARP) if kind in packet), None)
    ends = (packet.src, packet.dst) if layer is None else tuple(getattr(layer, name) for name in names)
    assert (frame.source, frame.destination) == ends
    assert frame.vlan == (packet[Dot1Q].vlan if Dot1Q in packet else None)
    assert frame.dscp == (packet[IP].tos >> 2 if IP in packet else None)
    assert frame.ports == ((packet[UDP].sport, packet[UDP].dport) if UDP in packet else None)
    assert frame.udp_payload() == (bytes(packet[UDP].payload) if UDP in packet else None)
    assert frame.mac == packet.src


def test_padding_is_not_payload() -> None:
    data = bytes(Ether() / IP() / UDP(sport=1, dport=2) / Raw(b"ab")) + bytes(20)
    assert Frame(0.0, data).udp_payload() == b"ab"


@given(st.binary(max_size=90), st.sampled_from([b"\x08\0", b"\x08\x06", b"\x81\0", b"\x88\xcc"]))
def test_any_octets(body: bytes, kind: bytes) -> None:
    frame = Frame(0.0, bytes(12) + kind + body)
    assert frame.source and frame.destination
    assert frame.udp_payload() is None or frame.ports is not None
