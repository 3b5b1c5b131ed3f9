"""Decoding of made packets: what a lab does not show every day."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw
from scapy.utils import wrpcap

from trilab.capture import decode, dhcp, frames, lldp, rtp, sip, tone
from trilab.capture.names import ios_name, linux_name, short_name
from trilab.errors import InputError


def written(tmp_path: Path, packets: Sequence[Packet]) -> list[frames.Frame]:
    path = tmp_path / "made.pcap"
    wrpcap(str(path), packets)
    return frames.read(path)


def rtp_packet(sequence: int, payload: bytes = b"\xd5" * 160, kind: int = 8, tos: int = 184) -> Packet:
    header = struct.pack("!BBHII", 0x80, kind, sequence & 0xFFFF, sequence * 160, 0x1234)
    ip = IP(src="10.0.0.1", dst="10.0.0.2", tos=tos)
    return Ether() / Dot1Q(vlan=30) / ip / UDP(sport=10000, dport=10002) / Raw(header + payload)


def test_losses_are_counted_across_the_wrap_and_not_by_order(tmp_path: Path) -> None:
    numbers = [65533, 65534, 0, 65535, 2, 3]  # 1 is lost, 0 and 65535 change places
    (stream,) = rtp.streams(written(tmp_path, [rtp_packet(number) for number in numbers]))
    assert (stream.packets, stream.lost) == (6, 1)


def timed(tmp_path: Path, numbers: Sequence[int], pause: int, seconds: float) -> rtp.Stream:
    """Packets every 20 ms; before the one with index ``pause``, ``seconds`` more."""
    packets = [rtp_packet(number) for number in numbers]
    for index, packet in enumerate(packets):
        packet.time = 1000 + index * 0.02 + (seconds if index >= pause else 0)
    (stream,) = rtp.streams(written(tmp_path, packets))
    return stream


def test_numbers_that_begin_anew_under_the_same_ssrc_are_no_loss(tmp_path: Path) -> None:
    assert timed(tmp_path, [1, 2, 6534, 6535], 2, 0.0).lost == 0
    assert timed(tmp_path, [40000, 40001, 7, 8, 10], 2, 0.0).lost == 1


def test_a_gap_that_takes_its_time_is_a_loss(tmp_path: Path) -> None:
    assert timed(tmp_path, [1, 2, 203, 204], 2, 4.0).lost == 200


def test_a_duplicate_is_no_gain(tmp_path: Path) -> None:
    (stream,) = rtp.streams(written(tmp_path, [rtp_packet(number) for number in (1, 2, 2, 4)]))
    assert stream.lost == 1


def test_every_dscp_and_tag_of_a_stream_is_told(tmp_path: Path) -> None:
    packets = [rtp_packet(1), rtp_packet(2, tos=0)]
    (stream,) = rtp.streams(written(tmp_path, packets))
    assert stream.dscps == (0, 46)
    assert stream.vlans == (30,)


def test_rtcp_and_dns_are_no_audio(tmp_path: Path) -> None:
    rtcp = Ether() / IP() / UDP(sport=10001, dport=10003) / Raw(b"\x80\xc8" + bytes(30))
    dns = Ether() / IP() / UDP(sport=40000, dport=53) / Raw(b"\x80\x08" + bytes(30))
    assert rtp.streams(written(tmp_path, [rtcp, dns])) == []


@pytest.mark.parametrize("hertz", [300, 440, 1000, 2500])
def test_tone_of_alaw(hertz: int) -> None:
    samples = 8000 * np.sin(2 * np.pi * hertz * np.arange(8000) / 8000)
    found = tone.of_payload(encode_alaw(samples), tone.PCMA)
    assert found is not None
    assert found.hz == pytest.approx(hertz, abs=1)


def encode_alaw(samples: np.ndarray) -> bytes:
    """The nearest octet for each sample: the decoder's own table, inverted."""
    table = tone.alaw(bytes(range(256)))
    return bytes(np.abs(table[None, :] - samples[:, None]).argmin(axis=1).astype(np.uint8))


def test_g711_tables() -> None:
    # ITU-T G.711: extreme and smallest values; the even bits of A-law are inverted
    assert tone.alaw(bytes([0xAA, 0x2A])).tolist() == [32256, -32256]
    assert tone.alaw(bytes([0xD5, 0x55])).tolist() == [8, -8]
    assert tone.ulaw(bytes([0x80, 0x00])).tolist() == [32124, -32124]
    assert tone.ulaw(bytes([0xFF, 0x7F])).tolist() == [0, 0]


def test_silence_noise_and_crumbs_have_no_tone() -> None:
    noise = np.random.default_rng(1).integers(-8000, 8000, 8000).astype(np.int32)
    assert tone.find(noise) is None
    assert tone.find(np.zeros(8000, dtype=np.int32)) is None
    assert tone.find(np.full(8000, 5000, dtype=np.int32)) is None
    assert tone.of_payload(b"\x55" * 100, tone.PCMA) is None
    assert tone.of_payload(b"\x55" * 8000, 9) is None


def test_arp_icmp_and_prohibition(tmp_path: Path) -> None:
    inner = IP(src="10.0.0.9", dst="10.0.1.1") / UDP(sport=1, dport=2)
    packets = [
        Ether() / ARP(op=1, psrc="10.0.0.9", pdst="10.0.0.1"),
        Ether() / IP(src="10.0.0.1", dst="10.0.0.9") / ICMP(type=3, code=13) / inner,
    ]
    rows = decode.rows(written(tmp_path, packets))
    assert [(row.label, row.source, row.destination) for row in rows] == [
        ("ARP requête", "10.0.0.9", "10.0.0.1"),
        ("ICMP inaccessible", "10.0.0.1", "10.0.0.9"),
    ]
    assert rows[1].note == "interdit par un filtre"


def test_compact_sip_headers_and_other_text(tmp_path: Path) -> None:
    text = b"SIP/2.0 486 Busy Here\r\ni: abc\r\nf: <sip:1@x>\r\nt: <sip:2@x>\r\nCSeq: 7 INVITE\r\n\r\n"
    packets = [
        Ether() / IP() / UDP(sport=5060, dport=5060) / Raw(text),
        Ether() / IP() / UDP(sport=5060, dport=5060) / Raw(b"\r\n\r\n"),  # keep-alive
        Ether() / IP() / UDP(sport=5060, dport=5060) / Raw(bytes(range(200))),
    ]
    (message,) = sip.messages(written(tmp_path, packets))
    assert (message.status, message.method, message.call_id, message.from_) == (486, "INVITE", "abc", "<sip:1@x>")


def test_lldp_med_voice_policy(tmp_path: Path) -> None:
    policy = (1 << 22) | (30 << 9) | (5 << 6) | 46  # tagged, VLAN 30, priority 5, EF
    med = b"\x00\x12\xbb\x02\x01" + policy.to_bytes(3, "big")
    tlvs = [(2, b"\x05Gi0/1"), (5, b"SW1"), (127, med), (0, b"")]
    body = b"".join(struct.pack("!H", kind << 9 | len(value)) + value for kind, value in tlvs)
    (seen,) = lldp.announcements(written(tmp_path, [Ether(type=0x88CC) / Raw(body)]))
    assert (seen.system, seen.port, seen.voice_vlan, seen.voice_dscp) == ("SW1", "Gi0/1", 30, 46)


@given(st.binary(max_size=400))
def test_dhcp_options_of_any_bytes(data: bytes) -> None:
    assert all(0 < code < 255 for code in dhcp.options(bytes(236) + b"\x63\x82\x53\x63" + data))


@given(st.text(max_size=300))
def test_sip_of_any_text(text: str) -> None:
    frame = frames.Frame(0.0, bytes(Ether() / IP()))
    found = sip.parse(text, frame)
    assert found is None or found.start


@pytest.mark.parametrize("name", ["eth3", "GigabitEthernet0/3", "gi0/3", "Gi 0/3", "g0/3"])
def test_one_port_many_names(name: str) -> None:
    assert linux_name(name) == "eth3"
    assert ios_name(name) == "GigabitEthernet0/3"
    assert short_name(name) == "Gi0/3"


def test_subinterfaces_and_svis() -> None:
    assert ios_name("gi0/1.30") == "GigabitEthernet0/1.30"
    assert ios_name("vlan 99") == "Vlan99"
    with pytest.raises(InputError):
        linux_name("Vlan99")
    assert [linux_name(name) for name in ("wlan0", " air7 ")] == ["wlan0", "air7"]
    with pytest.raises(InputError):
        linux_name("air8")
    with pytest.raises(InputError):
        ios_name("FastEthernet0/1")
