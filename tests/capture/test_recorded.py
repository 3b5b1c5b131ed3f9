"""Decoding of captures recorded in a real lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from trilab.capture import decode, dhcp, frames, rtp, sip
from trilab.errors import ObservationError

PCAP = Path(__file__).parent.parent / "recorded" / "pcap"
PHONE_MAC = "c6:df:b2:f1:a7:52"


def test_dhcp_of_a_phone_and_of_the_pc_behind_it() -> None:
    found = dhcp.messages(frames.read(PCAP / "dhcp-phone.pcap"))
    phone = [one for one in found if one.client_mac == PHONE_MAC]
    assert [one.kind for one in phone] == ["Discover", "Offer", "Request", "ACK"]
    assert {one.vlan for one in phone} == {22}
    assert {one.vlan for one in found if one.client_mac != PHONE_MAC} == {None}
    ack = phone[-1]
    assert ack.your_ip == "10.208.22.31"
    assert ack.options[150] == "10.208.22.5"
    assert (ack.options[3], ack.options[6], ack.options[15]) == ("10.208.22.254", "149.112.112.112", "montclar.lan")
    assert ack.options[51] == "86400"


def test_dhcp_rows_tell_the_values() -> None:
    rows = decode.rows(frames.read(PCAP / "dhcp-pc.pcap"))
    assert [row.label for row in rows] == ["DHCP Discover", "DHCP Offer", "DHCP Request", "DHCP ACK"]
    assert "passerelle 10.208.10.254" in rows[-1].note
    assert rows[0].time == 0


def test_call_seen_at_a_phone() -> None:
    heard = frames.read(PCAP / "call-phone.pcap")
    messages = sip.messages(heard)
    assert [one.status or one.method for one in messages] == [
        *("INVITE", 401, "ACK", "INVITE", 100, 180, 200, "ACK", "BYE", 200),
    ]
    assert len({one.call_id for one in messages}) == 1
    assert messages[6].method == "INVITE" and messages[-1].method == "BYE"
    assert messages[3].media == ("10.208.22.31", 12068)
    arriving, leaving = rtp.streams(heard)
    assert (arriving.destination, arriving.destination_port) == messages[3].media
    assert (arriving.payload_type, arriving.lost, arriving.vlans, arriving.dscps) == (8, 0, (22,), (46,))
    assert arriving.packets > 50 and leaving.packets > 50
    assert arriving.tone_hz == pytest.approx(440, abs=2)
    assert leaving.tone_hz == pytest.approx(1000, abs=2)


def test_call_seen_at_the_ipbx_has_four_streams_without_tag() -> None:
    streams = rtp.streams(frames.read(PCAP / "call-ipbx.pcap"))
    assert len(streams) == 4
    assert {stream.vlans for stream in streams} == {(None,)}


def test_tags_of_a_ping_on_a_trunk() -> None:
    rows = decode.rows(frames.read(PCAP / "ping-trunk.pcap"))
    mine = {row.vlan for row in rows if {row.source, row.destination} == {"10.208.10.31", "10.208.10.254"}}
    assert mine == {10}


def test_unknown_number_is_refused_with_404() -> None:
    rows = decode.rows(frames.read(PCAP / "unknown-number.pcap"))
    assert [row.label for row in rows if row.label.startswith("404")] == ["404 Not Found"]
    assert not [row for row in rows if row.label.startswith("18")]


def test_a_capture_cut_short_keeps_what_is_whole(tmp_path: Path) -> None:
    data = (PCAP / "dhcp-pc.pcap").read_bytes()
    (tmp_path / "cut.pcap").write_bytes(data[:-7])
    assert [one.kind for one in dhcp.messages(frames.read(tmp_path / "cut.pcap"))] == ["Discover", "Offer", "Request"]


@pytest.mark.parametrize("content", [b"", b"not a capture at all, but long enough to be one"])
def test_no_capture_is_an_observation_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pcap").write_bytes(content)
    with pytest.raises(ObservationError, match="illisible"):
        frames.read(tmp_path / "x.pcap")


def test_a_missing_capture_is_an_observation_error(tmp_path: Path) -> None:
    with pytest.raises(ObservationError, match="illisible"):
        frames.read(tmp_path / "none.pcap")
