"""Decoding of a capture of the air recorded in a real lab: one access point with four networks, one neighbour, two
stations that join, first with the right secret, then with a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, Dot11EltRSN, RadioTap
from scapy.utils import PcapWriter

from trilab.capture import dot11, joining
from trilab.capture.dot11 import AirFrame, Network
from trilab.capture.rows import Row
from trilab.errors import ObservationError

PCAP = Path(__file__).parent.parent / "recorded" / "pcap" / "air.pcap"
AP, PSK, SAE = "02:02:99:4f:59:90", "02:b7:0b:b4:13:90", "02:5a:4f:c8:d0:20"
HIDDEN = "02:02:99:4f:59:91"


@pytest.fixture(scope="module")
def heard() -> list[AirFrame]:
    return dot11.read(PCAP)


@pytest.fixture(scope="module")
def networks(heard: list[AirFrame]) -> dict[str, Network]:
    return {one.ssid: one for one in dot11.networks(heard)}


def labels(rows: Iterable[Row]) -> list[str]:
    return [row.label for row in rows]


def test_networks_and_their_security(networks: dict[str, Network]) -> None:
    assert {name: one.security for name, one in networks.items()} == {
        "PME-Personnel": "WPA2-PSK",
        "PME-Visiteurs": "WPA3-SAE",
        "Ouvert": "ouvert",
        "Vieux": "WPA-PSK/WPA2-PSK",
        "Boulangerie": "WPA2-PSK",
    }
    assert {name: one.channel for name, one in networks.items() if one.channel != 11} == {"Boulangerie": 6}
    assert networks["PME-Personnel"].bssid == AP
    assert networks["Vieux"].ciphers == ("CCMP", "TKIP") and networks["Vieux"].group == "TKIP"
    assert networks["Vieux"].akms == ("PSK", "PSK-SHA256")
    pmf = {name: one.pmf for name, one in networks.items()}
    assert (pmf["PME-Personnel"], pmf["Vieux"], pmf["PME-Visiteurs"]) == ("none", "capable", "required")


def test_a_hidden_network_is_silent_in_its_beacons_and_named_by_its_answers(heard: list[AirFrame]) -> None:
    beacons = [one for one in heard if Dot11Beacon in one.packet]
    alone = {one.bssid: one for one in dot11.networks(beacons)}
    assert (alone[HIDDEN].ssid, alone[HIDDEN].hidden) == ("", True)
    whole = {one.bssid: one for one in dot11.networks(heard)}
    assert (whole[HIDDEN].ssid, whole[HIDDEN].hidden) == ("PME-Visiteurs", True)
    assert not whole[AP].hidden


def test_a_station_joins_with_wpa2(heard: list[AirFrame]) -> None:
    table = joining.first(joining.rows(joining.exchange(heard, PSK)))
    assert labels(table) == [
        *("Authentification", "Authentification", "Demande d'association", "Réponse d'association"),
        *joining.HANDSHAKE,
    ]
    assert [row.source == PSK for row in table[4:]] == [False, True, False, True]
    assert {row.source for row in table} == {PSK, AP}
    assert joining.completed(table) and not joining.rejected(table)


def test_a_station_joins_with_wpa3(heard: list[AirFrame]) -> None:
    table = joining.first(joining.rows(joining.exchange(heard, SAE)))
    assert labels(table)[:4] == ["SAE engagement", "SAE engagement", "SAE confirmation", "SAE confirmation"]
    assert joining.completed(table) and not joining.rejected(table)


@pytest.mark.parametrize("station", [PSK, SAE])
def test_a_wrong_secret_is_turned_down_on_the_air(heard: list[AirFrame], station: str) -> None:
    whole = joining.rows(joining.exchange(heard, station))
    later = whole[len(joining.first(whole)) :]
    assert joining.rejected(later) and not joining.completed(later)


def test_a_handshake_that_stays_without_its_third_message_once_is_not_yet_a_refusal() -> None:
    def row(label: str, note: str = "") -> Row:
        return Row(time=0, source=AP, destination=PSK, label=label, note=note)

    first, second, third, fourth = (row(label) for label in joining.HANDSHAKE)
    assert not joining.rejected([first, second]), "the capture may have ended there"
    assert joining.rejected([first, second, first, second])
    assert not joining.rejected([first, first]), "the station says nothing: no secret was tried"
    assert not joining.completed([first, second, fourth])
    assert not joining.completed([second, third, fourth])
    assert joining.completed([first, second, first, second, third, fourth])
    assert joining.rejected([row("SAE confirmation", "secret refusé")])


def test_who_was_turned_away_heard_it(heard: list[AirFrame]) -> None:
    whole = joining.rows(joining.exchange(heard, PSK))
    first = joining.first(whole)
    assert not joining.turned_away(first) and not joining.turned_away(first[:5])
    assert joining.turned_away(whole[len(first) + 1 :])
    no = first[3].model_copy(update={"note": "refusé"})
    assert joining.turned_away((*first[:3], no))
    bye = first[3].model_copy(update={"label": "Désauthentification", "note": "sans raison donnée"})
    assert joining.turned_away((*first[:4], bye))
    own = bye.model_copy(update={"source": bye.destination, "destination": bye.source})
    assert not joining.turned_away((*first[:4], own)), "the station itself went away"
    assert not joining.turned_away(())


def test_who_never_asked_exchanged_nothing(heard: list[AirFrame]) -> None:
    assert joining.rows(joining.exchange(heard, "02:00:00:00:00:01")) == ()


def beacon(*elements: Dot11Elt, privacy: bool) -> AirFrame:
    head = Dot11(type=0, subtype=8, addr1="ff:ff:ff:ff:ff:ff", addr2=AP, addr3=AP)
    made = head / Dot11Beacon(cap="ESS+privacy" if privacy else "ESS")
    for one in elements:
        made /= one
    return AirFrame(0.0, Dot11(bytes(made)))


def test_wep_is_privacy_without_rsn() -> None:
    name = Dot11Elt(ID="SSID", info=b"vieux")
    assert [one.security for one in dot11.networks([beacon(name, privacy=True)])] == ["WEP"]
    assert [one.security for one in dot11.networks([beacon(name, privacy=False)])] == ["ouvert"]


def test_an_rsn_element_that_cannot_be_read_is_not_taken_for_wep() -> None:
    name, whole = Dot11Elt(ID="SSID", info=b"abc"), bytes(Dot11EltRSN())
    for length in (0, 1, 2, 5, 9):
        cut = beacon(name, Dot11Elt(ID=48, info=whole[2 : 2 + length]), privacy=True)
        with pytest.raises(ObservationError, match=AP):
            dot11.networks([cut])
        good = beacon(name, Dot11EltRSN(), privacy=True)
        assert [one.wpa for one in dot11.networks([cut, good, cut])] == [("RSN",)], "its other beacons are read"


def test_names_of_zeros_and_of_other_bytes() -> None:
    silent = dot11.networks([beacon(Dot11Elt(ID="SSID", info=b"\0" * 8), privacy=False)])[0]
    assert (silent.ssid, silent.hidden) == ("", True)
    accent = dot11.networks([beacon(Dot11Elt(ID="SSID", info="Café été".encode()), privacy=False)])[0]
    assert (accent.ssid, accent.channel) == ("Café été", None)
    assert dot11.networks([beacon(Dot11Elt(ID="SSID", info=b"\xff\xfe"), privacy=False)])[0].ssid


def test_what_is_no_capture_of_the_air_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ObservationError, match="illisible"):
        dot11.read(tmp_path / "absente.pcap")
    (tmp_path / "vide.pcap").write_bytes(b"")
    with pytest.raises(ObservationError, match="illisible"):
        dot11.read(tmp_path / "vide.pcap")
    with pytest.raises(ObservationError, match="radio"):
        dot11.read(PCAP.with_name("dhcp-pc.pcap"))


def test_a_frame_cut_short_is_left_out(tmp_path: Path, heard: list[AirFrame]) -> None:
    (tmp_path / "coupee.pcap").write_bytes(PCAP.read_bytes()[:-7])
    assert len(dot11.read(tmp_path / "coupee.pcap")) == len(heard) - 1


def test_noise_is_not_a_network(tmp_path: Path) -> None:
    path = tmp_path / "bruit.pcap"
    with PcapWriter(str(path), linktype=dot11.RADIOTAP) as out:
        out.write(RadioTap() / b"\xff" * 40)
        out.write(bytes(RadioTap())[:3])
    assert dot11.networks(dot11.read(path)) == ()
