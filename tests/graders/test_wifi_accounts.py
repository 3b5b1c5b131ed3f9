"""Accounts on the Wi-Fi, over the recorded air and wire: who enters, near misses, and what proves nothing."""

from __future__ import annotations

import hmac
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from trilab.capture import dot11, frames, joining, radius
from trilab.capture.rows import Row
from trilab.graders import all_checks
from trilab.grading.wifi_requests import Asked, Beacons, BeaconsHeard, Heard, Joined, Member, Session, SessionSeen

from .test_wifi import BAD, GOOD, OPEN, PCAP, Told, air, said

PEAP, TTLS, WRONG = "02:49:84:e8:88:50", "02:83:34:6e:93:30", "02:ef:e7:a3:c8:00"
SSID, SECRET = "MARSAN-WIFI", "Sextant.6037.liaison"
WHERE = {"ap": "ap1", "uplink": "eth1", "server": "radius", "ssid": SSID}
RIGHT = Member("sonde1", SSID, "Buvard-7037", "l.gaillard")
JOINS = {
    **WHERE,
    "station": "sonde1",
    "identity": "l.gaillard",
    "password": "Buvard-7037",
    "network": "10.37.125.0/24",
    "gateway": "10.37.125.254",
    "vlan": 125,
}


@cache
def handshake(station: str) -> tuple[Row, ...]:
    heard = dot11.read(PCAP.with_name("air-802.1x.pcap"))
    return joining.first(joining.rows(joining.exchange(heard, station)))


@cache
def asked(station: str) -> Asked:
    told = radius.about(radius.messages(frames.read(PCAP.with_name("radius.pcap"))), station)
    start = next(row.time for row in handshake(station) if row.label.startswith(joining.EAP_ANSWER))
    requests = [one.raw.hex() for one in told if one.code == radius.REQUEST]
    return Asked(radius.rows(told, start), told[-1].label, True, told[-1].vlan, requests[-1], 4.0)


def entered(member: Member = RIGHT, station: str = PEAP, **changes: Any) -> Joined:
    made = Joined(
        member=member,
        found=True,
        joined=True,
        rejected=False,
        bssid="02:b5:79:53:48:c0",
        key="WPA2/IEEE 802.1X/EAP",
        handshake=handshake(station),
        address="10.37.125.41/24",
        options={3: "10.37.125.254"},
        tags=(125,),
        detail=f"{member.station} a rejoint « {SSID} » avec le compte {member.identity} (WPA2/IEEE 802.1X/EAP)",
        asked=asked(station),
    )
    return replace(made, **changes)


def barred(member: Member = RIGHT, **changes: Any) -> Joined:
    told = f"{member.station} n'entre pas dans « {SSID} » avec le compte {member.identity}"
    made = entered(member, WRONG, joined=False, rejected=True, key="", address="", options={}, tags=(), detail=told)
    return replace(made, **changes)


def beacons(**changes: Any) -> BeaconsHeard:
    """The access point's one network; ``changes``: of what its beacons say."""
    base = next(one for one in air() if one.name == "PME-Personnel")
    network = replace(base.network, **{"ssid": SSID, "akms": ("802.1X",), **changes})
    return BeaconsHeard(("e0",), (Heard("ap1", SSID, network),), ())


def session(*members: Joined, heard: BeaconsHeard | None = None) -> Told:
    return Told({Session: SessionSeen(("e1",), members, (), ()), Beacons: heard or beacons()})


def without(told: Asked, **changes: Any) -> Asked:
    return replace(told, **changes)


AWAY = handshake(PEAP)[3].model_copy(update={"label": "Désauthentification", "note": "802.1X refusé"})
SILENT = Asked((), "", False, "", "", 9.0)
ONE = asked(PEAP).rows[:1]
AGAIN = tuple(ONE[0].model_copy(update={"time": ONE[0].time + later}) for later in (0.0, 3.0, 9.0))
TWICE = tuple(ONE[0].model_copy(update={"time": ONE[0].time + later}) for later in (0.0, 0.001))  # routed on one trunk


# ── An account that enters ──────────────────────────────────────────────────
def test_an_account_enters_in_its_vlan() -> None:
    run = session(entered())
    finding = run.run("wifi.account_joins", **JOINS)
    said(finding, GOOD, "compte l.gaillard", "Access-Accept", "serveur : 125", "10.37.125.41/24", "étiquette 125")
    assert run.asked == [Session((RIGHT,), ("ap1", "eth1"), server="radius")]


def test_the_table_has_the_air_and_the_wire_in_order_and_folds_the_tunnel() -> None:
    table = session(entered()).run("wifi.account_joins", **JOINS).wire
    labels = [row.label for row in table]
    assert {row.source for row in table} == {"sonde1", "ap1", "radius"}
    assert labels.index("EAP réponse (identité)") < labels.index("Access-Request") < labels.index("Access-Accept")
    assert labels.index("Access-Accept") < labels.index(joining.EAP_YES) < labels.index("EAPOL 1/4")
    assert next(row.note for row in table if row.label == "Access-Request") == "l.gaillard, 10 fois"
    assert next(row.note for row in table if row.label == "Access-Accept") == "VLAN 125"
    assert len(labels) == len(set(zip(labels, (row.source for row in table), strict=True)))


def test_ttls_is_another_way_in() -> None:
    member = Member("sonde2", SSID, "Poulie-8037", "p.aubry", "TTLS")
    asked_for = {**JOINS, "station": "sonde2", "identity": "p.aubry", "password": "Poulie-8037", "method": "TTLS"}
    run = session(entered(member, TTLS, tags=(145,)))
    said(run.run("wifi.account_joins", **{**asked_for, "vlan": 145}), GOOD, "serveur : 145")
    assert run.asked == [Session((member,), ("ap1", "eth1"), server="radius")]


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({"asked": without(asked(PEAP), vlan="")}, BAD, "serveur : aucun"),
        ({"asked": without(asked(PEAP), vlan="145")}, BAD, "serveur : 145"),
        ({"tags": (145,)}, BAD, "étiquette 145"),
        ({"tags": (None,)}, BAD, "étiquette aucune"),
        ({"tags": ()}, BAD, "aucune trame"),
        ({"address": "10.37.145.9/24"}, BAD, "10.37.145.9/24"),
        ({"address": ""}, BAD, "aucun bail"),
        ({"options": {3: "10.37.125.1"}}, BAD, "10.37.125.1"),
        ({"asked": SILENT}, BAD, "aucun Access-Accept de radius"),
        ({"asked": without(asked(PEAP), answer="")}, OPEN, "aucun Access-Accept de radius"),
        ({"handshake": ()}, OPEN, "incomplet dans la capture"),
        ({"handshake": handshake(PEAP)[:-5]}, OPEN, "incomplet dans la capture"),
        ({"handshake": handshake(PEAP)[:-4]}, GOOD, "accord EAP"),
        ({"handshake": (*handshake(PEAP)[:9], handshake(PEAP)[-1])}, GOOD, "échange des clés"),
    ],
)
def test_an_account_that_enters_otherwise(changes: dict[str, Any], verdict: Any, words: str) -> None:
    said(session(entered(**changes)).run("wifi.account_joins", **JOINS), verdict, words)


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({}, BAD, "radius refuse ce compte (Access-Reject)"),
        ({"found": False, "handshake": (), "asked": Asked((), "", False, "", "", 0.0)}, BAD, "n'entre pas"),
        ({"asked": SILENT, "handshake": handshake(PEAP)[:6]}, BAD, "ap1 n'interroge pas radius"),
        ({"asked": replace(SILENT, waited=1.0), "handshake": handshake(PEAP)[:6]}, OPEN, "sans refus"),
        ({"asked": replace(SILENT, rows=ONE), "handshake": handshake(PEAP)[:6]}, OPEN, "sans refus"),
        ({"asked": replace(SILENT, rows=TWICE), "handshake": handshake(PEAP)[:6]}, OPEN, "sans refus"),
        (
            {"asked": replace(SILENT, rows=AGAIN, waited=0.0), "handshake": handshake(PEAP)[:6]},
            BAD,
            "(3\u00a0demandes sans réponse)",
        ),
        ({"asked": asked(PEAP), "handshake": (*handshake(PEAP)[:9], AWAY)}, BAD, "VLAN 125), mais ap1"),
        ({"asked": asked(PEAP), "handshake": handshake(PEAP)[:9]}, OPEN, "mais ap1 ne l'admet pas"),
        ({"asked": None, "handshake": handshake(PEAP)[:5]}, OPEN, "sans refus"),
    ],
)
def test_an_account_that_does_not_enter(changes: dict[str, Any], verdict: Any, words: str) -> None:
    said(session(barred(**changes)).run("wifi.account_joins", **JOINS), verdict, words)


# ── A refusal ───────────────────────────────────────────────────────────────
REFUSED = {
    **WHERE,
    "stations": ["sonde1", "sonde2"],
    "control": "sonde3",
    "identity": "l.gaillard",
    "password": "Buvard-7037",
    "wrong": "password",
}
BY_PEAP = Member("sonde1", SSID, "Buvard-7037-faux", "l.gaillard")
BY_TTLS = replace(BY_PEAP, station="sonde2", method="TTLS")
CONTROL = replace(RIGHT, station="sonde3")


def test_a_wrong_password_is_refused_by_both_ways() -> None:
    run = session(barred(BY_PEAP), barred(BY_TTLS), entered(CONTROL))
    finding = run.run("wifi.account_refused", **REFUSED)
    said(finding, GOOD, "mot de passe faux en PEAP", "en TTLS", "Access-Reject", "sonde3 a rejoint")
    assert run.asked[-1] == Session((BY_PEAP, BY_TTLS, CONTROL), ("ap1", "eth1"), server="radius")
    assert finding.wire[-1].label == "Désauthentification"


def test_an_account_that_nobody_has() -> None:
    run = session(barred(BY_PEAP), barred(BY_TTLS), entered(CONTROL))
    said(run.run("wifi.account_refused", **{**REFUSED, "wrong": "identity"}), GOOD, "compte inconnu")
    last = run.asked[-1]
    assert isinstance(last, Session)
    first, second, third = last.members
    assert first.identity == second.identity != "l.gaillard" and third.identity == "l.gaillard"
    assert first.secret == "Buvard-7037", "with a right password, if everybody had it"


@pytest.mark.parametrize("way", [0, 1])
def test_one_way_in_is_enough(way: int) -> None:
    members = [barred(BY_PEAP), barred(BY_TTLS), entered(CONTROL)]
    members[way] = entered((BY_PEAP, BY_TTLS)[way])
    said(session(*members).run("wifi.account_refused", **REFUSED), BAD, f"en {('PEAP', 'TTLS')[way]} avec un mot de")


def test_a_server_that_accepts_whomever_refuses_nobody() -> None:
    """An accept without EAP gives no keys: nobody enters, and yet the server has said yes."""
    lax = barred(BY_PEAP, asked=asked(PEAP))
    run = session(lax, barred(BY_TTLS), barred(CONTROL, asked=asked(PEAP)))
    said(run.run("wifi.account_refused", **REFUSED), BAD, "radius accepte un mot de passe faux en PEAP")


@pytest.mark.parametrize(
    ("first", "control", "words"),
    [
        (barred(BY_PEAP), barred(CONTROL), "témoin non concluant"),
        (barred(BY_PEAP), entered(CONTROL, asked=SILENT), "aucun Access-Accept de radius"),
        (barred(BY_PEAP, asked=SILENT), entered(CONTROL), "sans refus visible sur le câble"),
        (barred(BY_PEAP, handshake=handshake(PEAP)[:6]), entered(CONTROL), "sans refus visible sur l'air"),
        (barred(BY_PEAP, found=False, handshake=(), asked=SILENT), entered(CONTROL), "sans refus visible"),
    ],
)
def test_a_refusal_that_proves_nothing(first: Joined, control: Joined, words: str) -> None:
    said(session(first, barred(BY_TTLS), control).run("wifi.account_refused", **REFUSED), OPEN, words)


@pytest.mark.parametrize(("akms", "name"), [(("PSK",), "WPA2-PSK"), (("802.1X", "PSK"), "WPA2-802.1X/WPA2-PSK")])
def test_a_common_secret_asks_nobody_for_an_account(akms: tuple[str, ...], name: str) -> None:
    finding = session(heard=beacons(akms=akms)).run("wifi.account_refused", **REFUSED)
    said(finding, BAD, f"en {name}, sans compte")


def test_an_open_network_asks_nobody() -> None:
    said(
        session(heard=beacons(wpa=(), akms=(), privacy=False)).run("wifi.account_refused", **REFUSED), BAD, "en ouvert"
    )


# ── The shared secret ───────────────────────────────────────────────────────
SHARED = {**{key: JOINS[key] for key in ("station", "identity", "password")}, **WHERE, "secret": SECRET}


def test_the_secret_asked_signs_the_requests() -> None:
    run = session(entered())
    said(run.run("wifi.radius_secret", **SHARED), GOOD, "signées avec le secret partagé", "radius répond à ap1")
    assert run.asked == [Session((RIGHT,), ("ap1", "eth1"), server="radius")], "shared with wifi.account_joins"
    said(session(barred()).run("wifi.radius_secret", **SHARED), GOOD)


def request(secret: str) -> str:
    """An Access-Request signed with a secret."""
    bare = bytes([1, 7, 0, 38]) + bytes(16) + bytes([80, 18]) + bytes(16)
    return (bare[:22] + hmac.digest(secret.encode(), bare, "md5")).hex()


def test_another_secret() -> None:
    said(session(entered()).run("wifi.radius_secret", **{**SHARED, "secret": "autre"}), BAD, "un autre secret")
    plain = entered(asked=without(asked(PEAP), request=request("testing123")))
    said(session(plain).run("wifi.radius_secret", **SHARED), BAD, "« testing123 »")
    own = entered(asked=without(asked(PEAP), request=request("autre-secret")))
    said(session(own).run("wifi.radius_secret", **{**SHARED, "secret": "autre-secret"}), GOOD)


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({"asked": SILENT, "handshake": handshake(PEAP)[:6]}, BAD, "ap1 n'interroge pas radius"),
        ({"asked": replace(SILENT, waited=0.5), "handshake": handshake(PEAP)[:6]}, OPEN, "n'interroge pas"),
        ({"asked": replace(SILENT, rows=AGAIN[:2], request=asked(PEAP).request)}, BAD, "radius ne répond pas à ap1"),
        ({"asked": replace(SILENT, rows=ONE, request=asked(PEAP).request)}, OPEN, "radius ne répond pas à ap1"),
        ({"asked": without(asked(PEAP), request="0107001400" + "00" * 15)}, OPEN, "sans signature"),
        ({"found": False, "asked": Asked((), "", False, "", "", 0.0)}, BAD, "n'interroge pas"),
    ],
)
def test_a_server_that_does_not_answer(changes: dict[str, Any], verdict: Any, words: str) -> None:
    said(session(barred(**changes)).run("wifi.radius_secret", **SHARED), verdict, words)


@pytest.mark.parametrize(
    ("check", "parameters"),
    [
        ("wifi.account_joins", {**JOINS, "method": "MD5"}),
        ("wifi.account_joins", {**JOINS, "vlan": None}),
        ("wifi.account_joins", {**JOINS, "identity": 'l"x'}),
        ("wifi.account_refused", {**REFUSED, "stations": ["sonde1"]}),
        ("wifi.account_refused", {**REFUSED, "wrong": "both"}),
        ("wifi.radius_secret", {**SHARED, "secret": ""}),
    ],
)
def test_wrong_parameters_are_refused(check: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        all_checks()[check].parameters.model_validate(parameters)
