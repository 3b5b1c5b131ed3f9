"""Wi-Fi checks over the recorded air and hand-made sessions: good work, near misses, and what proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from pydantic import ValidationError

from trilab.capture import dot11, joining
from trilab.capture.dot11 import Network
from trilab.errors import ObservationError
from trilab.graders import all_checks
from trilab.grading.model import Finding, Verdict
from trilab.grading.observe import Answer, Request, Shell, Text
from trilab.grading.requests import Addresses, AddressList, Tried, Try
from trilab.grading.wifi_requests import (
    Beacons,
    BeaconsHeard,
    Heard,
    Joined,
    Member,
    Session,
    SessionSeen,
    Station,
    StationSeen,
)

GOOD, BAD, OPEN = Verdict.CONFORME, Verdict.NON_CONFORME, Verdict.INCONCLUSIF
PCAP = Path(__file__).parent.parent / "recorded" / "pcap" / "air.pcap"
PSK, SAE = "02:b7:0b:b4:13:90", "02:5a:4f:c8:d0:20"
STAFF, GUEST = "PME-Personnel", "PME-Visiteurs"
UPLINK = {"ap": "ap1", "uplink": "eth1"}
A = TypeVar("A", bound=Answer)


class Told:
    """An observer that knows what it was told, by request or by kind of request."""

    def __init__(self, answers: Mapping[Request[Any] | type[Request[Any]], Answer]) -> None:
        self.answers = answers
        self.asked: list[Request[Any]] = []

    def ask(self, request: Request[A]) -> A:
        self.asked.append(request)
        answer = self.answers.get(request, self.answers.get(type(request)))
        if answer is None:
            raise ObservationError("not observed")
        return cast(A, answer)

    def run(self, check: str, **parameters: Any) -> Finding:
        found = all_checks()[check]
        return found.run(self, found.parameters.model_validate(parameters))


def said(finding: Finding, verdict: Verdict, *words: str) -> None:
    assert finding.verdict is verdict, finding
    for word in words:
        assert word.lower() in finding.observed.lower(), finding.observed


# ── Beacons ─────────────────────────────────────────────────────────────────
@cache
def air() -> tuple[Heard, ...]:
    networks = dot11.networks(dot11.read(PCAP))
    owner = {"Boulangerie": "voisin"}
    return tuple(Heard(owner.get(one.ssid, "ap1"), one.ssid, one) for one in networks)


def heard(*names: str, **changes: Any) -> Told:
    """The recorded air with these networks only; ``changes``: fields of the first of them."""
    kept = [one for one in air() if one.name in names]
    kept.sort(key=lambda one: names.index(one.name))
    if changes:
        kept[0] = replace(kept[0], network=replace(kept[0].network, **changes))
    return Told({Beacons: BeaconsHeard(("e1",), tuple(kept), ("voisin",))})


NETWORK = {"ap": "ap1", "ssid": STAFF, "security": ["WPA2-PSK", "WPA3-SAE"]}


def test_a_network_as_asked() -> None:
    said(heard(STAFF, "Boulangerie").run("wifi.network", **NETWORK), GOOD, "« PME-Personnel »", "canal 11")
    secret = heard(GUEST, "Boulangerie")
    asked = {"ap": "ap1", "ssid": GUEST, "security": ["WPA3-SAE"], "hidden": True, "pmf": "required"}
    said(secret.run("wifi.network", **asked), GOOD)


def test_a_network_without_the_security_asked() -> None:
    said(heard("Ouvert", "Boulangerie").run("wifi.network", **{**NETWORK, "ssid": "Ouvert"}), BAD, "en ouvert")
    old = heard("Vieux", "Boulangerie").run("wifi.network", **{**NETWORK, "ssid": "Vieux"})
    said(old, BAD, "WPA-PSK/WPA2-PSK", "TKIP")
    wep = heard(STAFF, "Boulangerie", wpa=(), akms=(), ciphers=(), group="")
    said(wep.run("wifi.network", **NETWORK), BAD, "en WEP")
    mixed = heard(STAFF, "Boulangerie", ciphers=("CCMP", "TKIP"))
    said(mixed.run("wifi.network", **NETWORK), BAD, "accepte TKIP")
    group = heard(STAFF, "Boulangerie", group="TKIP")
    said(group.run("wifi.network", **NETWORK), BAD, "accepte TKIP")


def test_a_network_that_is_hidden_or_shown_against_the_order() -> None:
    asked = {"ap": "ap1", "ssid": GUEST, "security": ["WPA3-SAE"]}
    said(heard(GUEST, "Boulangerie").run("wifi.network", **asked), BAD, "nom masqué")
    said(heard(STAFF, "Boulangerie").run("wifi.network", **{**NETWORK, "hidden": True}), BAD, "nom diffusé")


def test_management_frames_protected_at_least_so() -> None:
    asked = {**NETWORK, "pmf": "capable"}
    said(heard(STAFF, "Boulangerie").run("wifi.network", **asked), BAD, "protection absente")
    said(heard(STAFF, "Boulangerie", pmf="capable").run("wifi.network", **asked), GOOD)
    said(heard(STAFF, "Boulangerie", pmf="required").run("wifi.network", **asked), GOOD)
    strict = heard(STAFF, "Boulangerie", pmf="capable")
    said(strict.run("wifi.network", **{**asked, "pmf": "required"}), BAD, "proposée")


def test_a_name_counts_to_the_letter_and_on_its_own_access_point() -> None:
    run = heard(STAFF, "Boulangerie")
    said(run.run("wifi.network", **{**NETWORK, "ssid": "pme-personnel"}), BAD, "« PME-Personnel »")
    said(run.run("wifi.network", **{**NETWORK, "ssid": "Boulangerie"}), BAD, "n'émet pas")


def test_silence_counts_only_while_the_neighbour_is_heard() -> None:
    said(heard("Boulangerie").run("wifi.network", **NETWORK), BAD, "aucun réseau")
    said(heard().run("wifi.network", **NETWORK), OPEN, "voisin ne s'entend pas non plus")
    channel = {"ap": "ap1", "neighbours": ["voisin"]}
    said(heard("Boulangerie").run("wifi.channel", **channel), BAD, "n'émet rien")
    said(heard().run("wifi.channel", **channel), OPEN)
    only = {"ap": "ap1", "ssids": [STAFF]}
    said(heard("Boulangerie").run("wifi.nothing_else", **only), BAD, "n'émet rien")
    said(heard().run("wifi.nothing_else", **only), OPEN)
    said(heard(STAFF).run("wifi.nothing_else", **only), OPEN, "voisin ne s'entend pas")


@pytest.mark.parametrize(
    ("own", "other", "verdict"),
    [(11, 6, GOOD), (1, 6, GOOD), (6, 6, BAD), (11, 7, BAD), (3, 11, BAD), (13, 6, BAD), (1, 11, GOOD)],
)
def test_channels_that_do_not_overlap(own: int, other: int, verdict: Verdict) -> None:
    run = heard(STAFF, "Boulangerie", channel=own)
    seen = cast(BeaconsHeard, run.answers[Beacons])
    near = seen.networks[1]
    moved = replace(seen, networks=(seen.networks[0], replace(near, network=replace(near.network, channel=other))))
    said(Told({Beacons: moved}).run("wifi.channel", ap="ap1", neighbours=["voisin"]), verdict, f"canal {own}")


def test_a_channel_without_its_neighbour_proves_nothing() -> None:
    said(heard(STAFF).run("wifi.channel", ap="ap1", neighbours=["voisin"]), OPEN, "voisin ne s'entend pas")


def test_what_was_left_on_is_found() -> None:
    only = {"ap": "ap1", "ssids": [STAFF, GUEST]}
    said(heard(STAFF, GUEST, "Boulangerie").run("wifi.nothing_else", **only), GOOD)
    left = heard(STAFF, GUEST, "Ouvert", "Boulangerie")
    said(left.run("wifi.nothing_else", **only), BAD, "« Ouvert » n'est pas demandé", "« Ouvert » est ouvert")
    wep = heard(STAFF, GUEST, "Boulangerie", wpa=(), akms=())
    said(wep.run("wifi.nothing_else", **only), BAD, "« PME-Personnel » est en WEP")


# ── Joining ─────────────────────────────────────────────────────────────────
@cache
def exchange(station: str, again: bool = False) -> tuple[Any, ...]:
    """The recorded exchange of a station: with the right secret, or its later tries with a wrong one."""
    whole = joining.rows(joining.exchange(dot11.read(PCAP), station))
    first = joining.first(whole)
    return whole[len(first) :] if again else first


def joined(member: Member, address: str = "10.9.20.61/24", tag: int | None = 20, **changes: Any) -> Joined:
    made = Joined(
        member=member,
        found=True,
        joined=True,
        rejected=False,
        bssid="02:02:99:4f:59:90",
        key="WPA2-PSK",
        handshake=exchange(PSK),
        address=address,
        options={3: "10.9.20.254"},
        tags=(tag,),
        detail=f"{member.station} a rejoint « {member.ssid} » (WPA2-PSK)",
    )
    return replace(made, **changes)


def refused(member: Member, station: str = PSK, **changes: Any) -> Joined:
    table = exchange(station, again=True)
    made = joined(
        member,
        "",
        None,
        joined=False,
        rejected=joining.rejected(table),
        handshake=table,
        tags=(),
        detail=f"{member.station} n'entre pas dans « {member.ssid} »",
    )
    return replace(made, **changes)


def session(*members: Joined, positive: tuple[Tried, ...] = (), negative: tuple[Tried, ...] = ()) -> Told:
    beacons = BeaconsHeard(("e0",), air(), ("voisin",))
    return Told({Session: SessionSeen(("e1",), members, positive, negative), Beacons: beacons})


RIGHT = Member("sonde1", GUEST, "battery-staple")
JOINS = {
    **UPLINK,
    "station": "sonde1",
    "ssid": GUEST,
    "secret": "battery-staple",
    "network": "10.9.20.0/24",
    "gateway": "10.9.20.254",
    "vlan": 20,
}


def test_a_station_enters_in_the_right_network() -> None:
    run = session(joined(RIGHT))
    finding = run.run("wifi.joins", **JOINS)
    said(finding, GOOD, "a rejoint", "10.9.20.61/24", "étiquette 20")
    assert [row.label for row in finding.wire][-4:] == list(joining.HANDSHAKE)
    assert [(row.source, row.destination) for row in finding.wire[-2:]] == [(GUEST, "sonde1"), ("sonde1", GUEST)]
    assert run.asked == [Session((RIGHT,), ("ap1", "eth1"))]


def test_what_a_station_that_entered_is_given_and_reaches() -> None:
    asked = {**JOINS, "dns": ["9.9.9.9"], "reach": ["10.9.20.254"]}
    path = tried("sonde1", "10.9.20.254", True)
    served = joined(RIGHT, options={3: "10.9.20.254", 6: "9.9.9.9"})
    run = session(served, positive=(path,))
    said(run.run("wifi.joins", **asked), GOOD, "DNS donné : 9.9.9.9", "sonde1 joint 10.9.20.254")
    assert run.asked == [Session((RIGHT,), ("ap1", "eth1"), (Try("sonde1", "10.9.20.254"),))]
    said(session(joined(RIGHT), positive=(path,)).run("wifi.joins", **asked), BAD, "DNS donné : aucun")
    blocked = session(served, positive=(replace(path, reached=False),))
    said(blocked.run("wifi.joins", **asked), BAD, "ne joint pas 10.9.20.254")


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({"address": "10.9.10.61/24"}, BAD, "10.9.10.61/24"),
        ({"address": "10.9.20.61/16"}, BAD, "10.9.20.61/16"),
        ({"address": ""}, BAD, "aucun bail"),
        ({"options": {}}, BAD, "aucun"),
        ({"options": {3: "10.9.20.1"}}, BAD, "10.9.20.1"),
        ({"tags": (10,)}, BAD, "étiquette 10"),
        ({"tags": (None,)}, BAD, "aucune"),
        ({"tags": (10, 20)}, BAD, "10, 20"),
        ({"tags": ()}, BAD, "aucune trame"),
        ({"handshake": ()}, OPEN, "incomplet dans la capture"),
    ],
)
def test_a_station_that_enters_elsewhere(changes: dict[str, Any], verdict: Verdict, words: str) -> None:
    said(session(joined(RIGHT, **changes)).run("wifi.joins", **JOINS), verdict, words)


def test_a_station_that_does_not_enter() -> None:
    said(session(refused(RIGHT)).run("wifi.joins", **JOINS), BAD, "n'entre pas", "refuse ce secret")
    slow = refused(RIGHT, rejected=False, handshake=exchange(PSK)[:5])
    said(session(slow).run("wifi.joins", **JOINS), OPEN, "sans refus sur l'air")
    away = (*exchange(PSK)[:3], exchange(PSK)[3].model_copy(update={"note": "point d'accès plein"}))
    said(session(refused(RIGHT, rejected=False, handshake=away)).run("wifi.joins", **JOINS), BAD, "n'entre pas")
    absent = refused(RIGHT, found=False, rejected=False, handshake=(), detail="sonde1 ne trouve pas le réseau")
    said(session(absent).run("wifi.joins", **JOINS), BAD, "ne trouve pas")


REFUSED = {**UPLINK, "station": "sonde1", "control": "sonde2", "ssid": GUEST, "secret": "battery-staple"}
WRONG, OTHER = replace(RIGHT, secret="battery-staple-faux"), replace(RIGHT, station="sonde2")


@pytest.mark.parametrize("station", [PSK, SAE])
def test_another_secret_is_refused(station: str) -> None:
    run = session(refused(WRONG, station), joined(OTHER))
    said(run.run("wifi.secret_refused", **REFUSED), GOOD, "refuse un autre secret")
    assert run.asked == [Beacons(), Session((WRONG, OTHER), ("ap1", "eth1"))]


def test_another_secret_opens() -> None:
    said(session(joined(WRONG), joined(OTHER)).run("wifi.secret_refused", **REFUSED), BAD, "avec un autre secret")
    said(session(joined(WRONG), refused(OTHER)).run("wifi.secret_refused", **REFUSED), BAD)


def test_an_open_network_refuses_nobody() -> None:
    run = session(refused(WRONG, rejected=False, found=False), refused(OTHER, found=False))
    said(run.run("wifi.secret_refused", **{**REFUSED, "ssid": "Ouvert"}), BAD, "sans aucun secret")


def test_a_refusal_without_its_control_proves_nothing() -> None:
    said(session(refused(WRONG), refused(OTHER)).run("wifi.secret_refused", **REFUSED), OPEN, "témoin non concluant")
    silent = refused(WRONG, rejected=False, handshake=())
    said(session(silent, joined(OTHER)).run("wifi.secret_refused", **REFUSED), OPEN, "sans refus visible")


@pytest.mark.parametrize("length", [8, 57, 63])
def test_the_wrong_secret_is_another_valid_one(length: int) -> None:
    secret = "s" * length
    run = session(refused(WRONG), joined(OTHER))
    run.run("wifi.secret_refused", **{**REFUSED, "secret": secret})
    asked = run.asked[-1]
    assert isinstance(asked, Session)
    wrong = asked.members[0].secret
    assert wrong != secret and 8 <= len(wrong) <= 63


# ── Isolation ───────────────────────────────────────────────────────────────
def tried(source: str, destination: str, reached: bool, protocol: Any = "icmp") -> Tried:
    return Tried(Try(source, destination, protocol), reached, "10.9.10.1", "…")


def all_ways(source: str, destination: str, *through: str) -> tuple[Tried, ...]:
    return tuple(tried(source, destination, kind in through, kind) for kind in ("icmp", "tcp", "frame"))


ISOLATED = {
    **UPLINK,
    "station": "sonde2",
    "ssid": GUEST,
    "secret": "battery-staple",
    "control": "sonde1",
    "control_ssid": STAFF,
    "control_secret": "correct-horse",
    "destinations": ["pc1"],
    "gateway": "10.9.20.254",
}
PAIR = (joined(OTHER), joined(Member("sonde1", STAFF, "correct-horse"), "10.9.10.62/24", 10))
PATHS = (tried("sonde2", "10.9.20.254", True), tried("sonde1", "pc1", True))


def test_guests_reach_nothing() -> None:
    barred = (*all_ways("sonde2", "sonde1"), *all_ways("sonde2", "pc1"))
    run = session(*PAIR, positive=PATHS, negative=barred)
    said(run.run("wifi.isolated", **ISOLATED), GOOD, "sonde2 ne joint pas pc1", "sonde2 ne joint pas sonde1")
    (asked,) = run.asked
    assert isinstance(asked, Session)
    assert {one.protocol for one in asked.negative} == {"icmp", "tcp", "frame"}
    assert asked.positive == (Try("sonde2", "10.9.20.254"), Try("sonde1", "pc1"))


@pytest.mark.parametrize("way", ["icmp", "tcp", "frame"])
def test_one_way_through_is_enough(way: str) -> None:
    barred = (*all_ways("sonde2", "sonde1"), *all_ways("sonde2", "pc1", way))
    said(session(*PAIR, positive=PATHS, negative=barred).run("wifi.isolated", **ISOLATED), BAD, "sonde2 joint pc1")


@pytest.mark.parametrize("dead", [0, 1])
def test_isolation_without_its_control_proves_nothing(dead: int) -> None:
    barred = (*all_ways("sonde2", "sonde1"), *all_ways("sonde2", "pc1"))
    paths = tuple(replace(one, reached=rank != dead) for rank, one in enumerate(PATHS))
    said(session(*PAIR, positive=paths, negative=barred).run("wifi.isolated", **ISOLATED), OPEN, "témoin non concluant")


def test_isolation_of_who_never_joined_proves_nothing() -> None:
    said(session(refused(OTHER), PAIR[1]).run("wifi.isolated", **ISOLATED), OPEN, "témoin non concluant")
    said(session(replace(PAIR[0], address=""), PAIR[1]).run("wifi.isolated", **ISOLATED), OPEN, "aucun bail")


CLIENTS = {**UPLINK, "stations": ["sonde1", "sonde2"], "ssid": GUEST, "secret": "x" * 8, "gateway": "10.9.20.254"}
TWO = (joined(RIGHT), joined(OTHER, "10.9.20.62/24"))
BOTH = (tried("sonde1", "10.9.20.254", True), tried("sonde2", "10.9.20.254", True))


def test_clients_of_one_network_apart() -> None:
    apart = (*all_ways("sonde1", "sonde2"), *all_ways("sonde2", "sonde1"))
    said(session(*TWO, positive=BOTH, negative=apart).run("wifi.clients_isolated", **CLIENTS), GOOD)
    near = (*all_ways("sonde1", "sonde2"), *all_ways("sonde2", "sonde1", "frame"))
    finding = session(*TWO, positive=BOTH, negative=near).run("wifi.clients_isolated", **CLIENTS)
    said(finding, BAD, "sonde2 joint sonde1 (trame brute)")
    dead = (BOTH[0], replace(BOTH[1], reached=False))
    said(session(*TWO, positive=dead, negative=apart).run("wifi.clients_isolated", **CLIENTS), OPEN)


# ── A station of the candidate's ────────────────────────────────────────────
FILE = f'ctrl_interface=/run/wpa_supplicant\nnetwork={{\n    ssid="{STAFF}"\n}}\n'


def station(state: str = "COMPLETED", ssid: str = STAFF, *addresses: str, files: str = FILE) -> Told:
    own = tuple(("wlan0", one) for one in addresses)
    link = StationSeen(("e1",), state, ssid, "02:02:99:4f:59:90", "WPA2-PSK")
    return Told({Station: link, Addresses: AddressList(("e2",), own), Shell: Text(("e3",), files)})


def test_a_station_on_its_network() -> None:
    asked = {"node": "portable", "ssid": STAFF, "network": "10.9.10.0/24"}
    said(station("COMPLETED", STAFF, "10.9.10.63/24").run("wifi.station", **asked), GOOD)
    said(station("COMPLETED", GUEST, "10.9.10.63/24").run("wifi.station", **asked), BAD, f"« {GUEST} »")
    said(station("SCANNING", "", "10.9.10.63/24").run("wifi.station", **asked), BAD, "aucun réseau Wi-Fi")
    said(station("COMPLETED", STAFF).run("wifi.station", **asked), BAD, "adresse : aucune")
    said(station("COMPLETED", STAFF, "10.9.20.63/24").run("wifi.station", **asked), BAD, "10.9.20.63/24")


@pytest.mark.parametrize(
    ("files", "verdict"),
    [
        (FILE, GOOD),
        (f"network={{\n  ssid={STAFF.encode().hex()}\n}}", GOOD),
        (f"iface wlan0 inet dhcp\n    wpa-ssid   {STAFF}\n    wpa-psk correct-horse\n", GOOD),
        ("", BAD),
        (FILE.replace(STAFF, f"{STAFF}2"), BAD),
        (FILE.replace("ssid", "#ssid"), BAD),
    ],
)
def test_a_station_that_finds_its_network_again(files: str, verdict: Verdict) -> None:
    run = station("COMPLETED", STAFF, "10.9.10.63/24", files=files)
    said(run.run("wifi.station", node="portable", ssid=STAFF, network="10.9.10.0/24"), verdict)


# ── Parameters ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("check", "parameters"),
    [
        ("wifi.network", {**NETWORK, "security": ["WPA2"]}),
        ("wifi.network", {**NETWORK, "ssid": ""}),
        ("wifi.network", {**NETWORK, "ssid": "n" * 33}),
        ("wifi.joins", {**JOINS, "uplink": "radio"}),
        ("wifi.clients_isolated", {**CLIENTS, "stations": ["sonde1"]}),
        ("wifi.channel", {"ap": "ap1", "neighbours": ["voisin"], "allowed": [0]}),
    ],
)
def test_wrong_parameters_are_refused(check: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        all_checks()[check].parameters.model_validate(parameters)


def test_what_was_not_observed_is_not_judged() -> None:
    with pytest.raises(ObservationError):
        Told({}).run("wifi.network", **NETWORK)


def test_security_as_people_name_it() -> None:
    base = air()[0].network
    names: dict[str, Network] = {
        "WPA2-802.1X": replace(base, akms=("802.1X",)),
        "WPA2-PSK/WPA3-SAE": replace(base, akms=("PSK", "SAE")),
        "OWE": replace(base, akms=("OWE",)),
        "suite 99": replace(base, akms=("suite 99",)),
    }
    assert {one.security for one in names.values()} == set(names)
