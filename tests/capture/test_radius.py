"""RADIUS and 802.1X recorded in a real lab at the same moment, on the wire and on the air: an account enters by PEAP,
another by TTLS, a wrong password is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Dot1Q, Ether

from trilab.capture import dot11, frames, joining, radius
from trilab.capture.frames import Frame
from trilab.capture.radius import Message
from trilab.capture.rows import Row

PCAPS = Path(__file__).parent.parent / "recorded" / "pcap"
PEAP, TTLS, WRONG = "02:49:84:e8:88:50", "02:83:34:6e:93:30", "02:ef:e7:a3:c8:00"
SECRET = "Sextant.6037.liaison"
AP, SERVER = "10.37.92.5", "10.37.92.10"


@pytest.fixture(scope="module")
def told() -> list[Message]:
    return radius.messages(frames.read(PCAPS / "radius.pcap"))


def table(station: str) -> tuple[Row, ...]:
    return joining.rows(joining.exchange(dot11.read(PCAPS / "air-802.1x.pcap"), station))


def labels(found: Iterable[Row | Message]) -> list[str]:
    return [one.label for one in found]


@pytest.mark.parametrize(
    ("station", "account", "end", "vlan"),
    [
        (PEAP, "l.gaillard", "Access-Accept", "125"),
        (TTLS, "p.aubry", "Access-Accept", "145"),
        (WRONG, "l.gaillard", "Access-Reject", ""),
    ],
)
def test_whom_the_server_was_asked_about(told: list[Message], station: str, account: str, end: str, vlan: str) -> None:
    mine = radius.about(told, station)
    assert {one.text(radius.USER_NAME) for one in mine if one.code == radius.REQUEST} == {account}
    assert labels(mine)[:3] == ["Access-Request", "Access-Challenge", "Access-Request"]
    assert (mine[-1].label, mine[-1].vlan) == (end, vlan)
    assert {one.source for one in mine} == {AP, SERVER}


def test_every_message_is_about_one_station(told: list[Message]) -> None:
    assert sum(len(radius.about(told, one)) for one in (PEAP, TTLS, WRONG)) == len(told) - len(others(told))
    assert radius.about(told, "02:00:00:00:00:01") == []


def others(told: list[Message]) -> list[Message]:
    """About the candidate's own laptop."""
    stations = {one.station for one in told if one.station} - {PEAP, TTLS, WRONG}
    return [one for station in stations for one in radius.about(told, station)]


def test_an_answer_without_its_request_is_about_nobody(told: list[Message]) -> None:
    mine = radius.about(told, PEAP)
    assert radius.about([one for one in mine if one.code != radius.REQUEST], PEAP) == []
    elsewhere = [replace(one, port=one.port + 1) if one.code != radius.REQUEST else one for one in mine]
    assert set(labels(radius.about(elsewhere, PEAP))) == {"Access-Request"}


def test_the_shared_secret_is_in_every_request(told: list[Message]) -> None:
    requests = [one.raw for one in told if one.code == radius.REQUEST]
    assert requests and all(radius.signed(one, SECRET) for one in requests)
    assert not any(radius.signed(one, wrong) for one in requests for wrong in ("testing123", SECRET[:-1], ""))
    changed = requests[0][:30] + bytes([requests[0][30] ^ 1]) + requests[0][31:]
    assert radius.signed(changed, SECRET) is False


def test_what_carries_no_signature_says_nothing(told: list[Message]) -> None:
    accept = next(one.raw for one in told if one.code == radius.ACCEPT)
    assert radius.signed(accept, SECRET) is None, "its signature needs the request's authenticator"
    assert radius.signed(packet(bytes([1, 5]) + b"bob"), SECRET) is None
    assert radius.signed(packet(bytes([80, 5]) + b"abc"), SECRET) is None
    assert radius.signed(b"", SECRET) is None


def test_rows_count_from_where_they_are_told_to(told: list[Message]) -> None:
    rows = radius.rows(radius.about(told, TTLS), 2.5)
    assert rows[0].time == 2.5 and rows[0].note == "p.aubry" and rows[-1].note == "VLAN 145"
    assert [row.time for row in rows] == sorted(row.time for row in rows)
    assert radius.rows([], 1.0) == ()


def test_an_account_enters_on_the_air() -> None:
    peap = labels(joining.first(table(PEAP)))
    assert peap[4:8] == [
        "EAP demande (identité)",
        "EAP réponse (identité)",
        "EAP demande (MD5)",
        "EAP réponse (autre méthode)",
    ]
    assert {"EAP demande (PEAP)", "EAP réponse (PEAP)"} <= set(peap)
    assert peap[-5:] == [joining.EAP_YES, *joining.HANDSHAKE]
    assert "EAP demande (TTLS)" in labels(table(TTLS))
    assert not joining.turned_away(table(PEAP)) and joining.completed(table(PEAP))


def test_a_wrong_password_is_refused_on_the_air() -> None:
    assert labels(table(WRONG))[-2:] == [joining.EAP_NO, "Désauthentification"]
    assert joining.rejected(table(WRONG)) and joining.turned_away(table(WRONG))
    assert not joining.completed(table(WRONG))


def test_when_a_station_first_answered() -> None:
    heard = joining.exchange(dot11.read(PCAPS / "air-802.1x.pcap"), PEAP)
    first = joining.answered(heard)
    assert first is not None and heard[0].time < first < heard[-1].time
    assert joining.answered(heard[:3]) is None


# ── Packets made by hand ────────────────────────────────────────────────────
def packet(attributes: bytes, code: int = 1, length: int | None = None) -> bytes:
    whole = 20 + len(attributes) if length is None else length
    return bytes([code, 7]) + whole.to_bytes(2, "big") + bytes(range(16)) + attributes


def framed(data: bytes, sport: int = 40000, dport: int = 1812, tag: int | None = None) -> Frame:
    head = Ether() / Dot1Q(vlan=tag) if tag is not None else Ether()
    return Frame(0.0, bytes(head / IP(src=AP, dst=SERVER) / UDP(sport=sport, dport=dport) / data))


TUNNEL = b"\x40\x06\x00\x00\x00\x0d" + b"\x41\x06\x00\x00\x00\x06"


def read(data: bytes, **ports: int) -> list[Message]:
    return radius.messages([framed(data, **ports)])


def test_any_port_and_any_tag() -> None:
    station = b"\x1f\x1302-AB-CD-00-11-22"
    (old,) = read(packet(station), dport=1645)
    assert (old.station, old.port, old.identifier) == ("02:ab:cd:00:11:22", 40000, 7)
    assert [one.station for one in radius.messages([framed(packet(station), tag=90)])] == ["02:ab:cd:00:11:22"]
    (answer,) = read(packet(b"", code=2), sport=1812, dport=40000)
    assert answer.port == 40000


@pytest.mark.parametrize(
    ("value", "vlan"),
    [(b"145", "145"), (b"\x00145", "145"), (b"\x01145", "145"), (b"", ""), (b"\x1f", ""), (b" 7", " 7")],
)
def test_the_vlan_with_and_without_a_tag(value: bytes, vlan: str) -> None:
    group = bytes([81, 2 + len(value)]) + value
    (one,) = read(packet(TUNNEL + group, code=2))
    assert one.vlan == vlan
    for kept in (TUNNEL[:6], TUNNEL[6:], b"", TUNNEL.replace(b"\x0d", b"\x03")):
        (part,) = read(packet(kept + group, code=2))
        assert part.vlan == "", "all three, or none"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        packet(b"")[:19],
        packet(b"", code=4),  # accounting
        packet(b"", code=200),
        packet(b"", length=19),
        packet(b"", length=400),
        packet(b"\x01"),
        packet(b"\x01\x00bob"),
        packet(b"\x01\x01bob"),
        packet(b"\x01\x09bob"),
    ],
)
def test_what_is_no_radius_packet_is_passed_over(data: bytes) -> None:
    assert read(data) == []


def test_padding_is_no_part_of_it() -> None:
    (one,) = read(packet(b"\x01\x05bob") + b"\0" * 12)
    assert one.text(1) == "bob" and one.raw == packet(b"\x01\x05bob")


@given(st.binary(max_size=120), st.text(max_size=8))
def test_no_octets_stop_the_reading(data: bytes, secret: str) -> None:
    for one in read(data) + read(packet(data)) + read(packet(data, code=2)):
        assert one.label in radius.CODES.values() and isinstance(one.vlan + one.station, str)
    assert radius.signed(data, secret) in (None, False, True)
