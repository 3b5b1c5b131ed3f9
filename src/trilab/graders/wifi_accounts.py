"""Wi-Fi with one account per person (802.1X, RADIUS): who enters, who does not, and in which VLAN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from trilab.capture import joining, radius
from trilab.capture.rows import Row
from trilab.french import count
from trilab.graders.wifi import of_ap
from trilab.graders.wifi_stations import exchange, lease_facts, member_control, tag_facts
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Observer
from trilab.grading.registry import Node, Port, Registry, Ssid, VlanId
from trilab.grading.wifi_requests import Asked, Beacons, Joined, Member, Method, Session

checks = Registry()
Account = Annotated[str, Field(min_length=1, max_length=253, pattern=r'^[^"\\\n]+$')]
Password = Annotated[str, Field(min_length=1, max_length=63, pattern=r'^[^"\\\n]+$')]
_ACCEPT, _REJECT = radius.CODES[radius.ACCEPT], radius.CODES[radius.REJECT]
_PATIENCE = 3.0  # seconds: an access point asks as soon as the station has answered
_AGAIN = 2.0  # seconds: and again after three; one packet that passes twice, routed, is no second question
_NOBODY = "intrus"
_BY_ACCOUNT = "WPA2-802.1X"
_KNOWN = ("testing123", "secret", "radius", "password", "cisco", "admin", "123456", "changeme")  # tried by everybody
_METHODS: tuple[Method, Method] = ("PEAP", "TTLS")


@checks.check("wifi.account_joins")
def account_joins(
    lab: Observer,
    *,
    station: Node,
    ap: Node,
    uplink: Port,
    server: Node,
    ssid: Ssid,
    identity: Account,
    password: Password,
    network: IPv4Network,
    vlan: VlanId,
    method: Method = "PEAP",
    gateway: IPv4Address | None = None,
) -> Finding:
    """Un compte ouvre le réseau Wi-Fi, dans le VLAN que le serveur RADIUS lui attribue.

    Access-Accept with Tunnel-Private-Group-ID on the access point's uplink (RFC 2865, RFC 3580, 3.31), EAP success or
    the end of the handshake on the air (RFC 3748, 4.2; IEEE 802.11-2020, 12.7.6: a busy machine may lose a frame of
    the capture), the lease (RFC 2131), and the 802.1Q tag of the station's frames.
    """
    seen = lab.ask(_session((Member(station, ssid, password, identity, method),), ap, uplink, server))
    one = seen.members[0]
    wanted = f"{station} entre dans « {ssid} » avec le compte {identity}"
    if not one.joined:
        return expect.finding(
            [Fact(_certain(one), wanted, _why_not(one, ap, server))], [seen], wire=_ladder(one, ap, server)
        )
    asked = _asked(one)
    ends = {joining.EAP_YES, joining.HANDSHAKE[3]} & {row.label for row in one.handshake}
    whole = "accord EAP et échange des clés sur l'air"
    facts = [
        Fact(True, wanted, one.detail),
        _accepted(asked, server),
        _assigned(asked, vlan),
        Fact(bool(ends) or None, whole, whole if ends else "échange incomplet dans la capture de l'air"),
        *lease_facts(one, network, gateway, None),
        *tag_facts(one, f"{ap} {uplink}", vlan),
    ]
    return expect.finding(facts, [seen], wire=_ladder(one, ap, server))


def _session(members: tuple[Member, ...], ap: str, uplink: str, server: str) -> Session:
    return Session(members, (ap, uplink), server=server)


def _asked(one: Joined) -> Asked:
    return one.asked or Asked((), "", False, "", "", 0.0)


def _accepted(asked: Asked, server: str) -> Fact:
    wanted = f"accord de {server} (Access-Accept)"
    if asked.answer == _ACCEPT:
        return Fact(True, wanted, wanted)
    silent = not asked.request  # nobody asked the server at all, and the station is in
    return Fact(False if silent else None, wanted, f"aucun {_ACCEPT} de {server} sur le câble")


def _assigned(asked: Asked, vlan: int) -> Fact:
    told = f"VLAN attribué par le serveur : {asked.vlan or 'aucun'}"
    return Fact(asked.vlan == str(vlan), f"VLAN attribué par le serveur : {vlan}", told)


def _certain(one: Joined) -> bool | None:
    """False when something said no, or stayed silent long enough; None when a slow machine may be the reason."""
    asked = _asked(one)
    if not one.found or joining.turned_away(one.handshake) or asked.answer == _REJECT:
        return False
    return False if _unanswered(asked) else None


def _unanswered(asked: Asked) -> bool:
    """Whether the server was asked again in vain, or not at all although the station had given its name."""
    if asked.challenged:
        return False
    asking = [row.time for row in asked.rows]
    return asking[-1] - asking[0] >= _AGAIN if asking else asked.waited >= _PATIENCE


def _why_not(one: Joined, ap: str, server: str) -> str:
    asked = _asked(one)
    if asked.answer == _REJECT:
        return f"{one.detail} : {server} refuse ce compte (Access-Reject)"
    if asked.answer == _ACCEPT:
        vlan = f", VLAN {asked.vlan}" if asked.vlan else ""
        return f"{one.detail} : {server} l'accepte (Access-Accept{vlan}), mais {ap} ne l'admet pas"
    if _unanswered(asked):
        if not asked.rows:
            return f"{one.detail} : {ap} n'interroge pas {server}"
        return f"{one.detail} : {server} ne répond pas à {ap} ({count(len(asked.rows), 'demande')} sans réponse)"
    refused = not one.found or joining.turned_away(one.handshake)
    return one.detail if refused else f"{one.detail}, sans refus sur l'air ni sur le câble"


def _ladder(one: Joined, ap: str, server: str) -> tuple[Row, ...]:
    """Air and wire in one table, between nodes. What a TLS tunnel repeats is written once, with its count."""
    asked = _asked(one)
    ends = {row.source for row in asked.rows if row.label == radius.CODES[radius.REQUEST]}
    aired = [_between(row, {one.member.ssid: ap}) for row in exchange(one)]
    names = {end: ap if end in ends else server for row in asked.rows for end in (row.source, row.destination)}
    return _folded(sorted((*aired, *(_between(row, names) for row in asked.rows)), key=lambda row: row.time))


def _between(row: Row, names: Mapping[str, str]) -> Row:
    ends = {"source": names.get(row.source, row.source), "destination": names.get(row.destination, row.destination)}
    return row.model_copy(update=ends)


def _folded(table: Iterable[Row]) -> tuple[Row, ...]:
    first: dict[tuple[str, str, str, str], tuple[Row, int]] = {}
    for row in table:
        key = (row.source, row.destination, row.label, row.note)
        kept, times = first.get(key, (row, 0))
        first[key] = (kept, times + 1)
    return tuple(
        row if times == 1 else row.model_copy(update={"note": ", ".join(filter(None, (row.note, f"{times} fois")))})
        for row, times in first.values()
    )


@checks.check("wifi.account_refused")
def account_refused(
    lab: Observer,
    *,
    stations: Annotated[list[Node], Field(min_length=2, max_length=2)],
    control: Node,
    ap: Node,
    uplink: Port,
    server: Node,
    ssid: Ssid,
    identity: Account,
    password: Password,
    wrong: Literal["password", "identity"],
) -> Finding:
    """Un compte inconnu, ou un mot de passe faux, n'ouvre pas le réseau Wi-Fi.

    The two stations try by PEAP and by TTLS, with another password or with an account that nobody has: Access-Reject on
    the wire (RFC 2865, 4.3) and EAP failure on the air (RFC 3748, 4.2). At the same moment ``control`` enters with the
    right account. A network without 802.1X, as its beacons say, asks nobody for an account.
    """
    heard = lab.ask(Beacons())
    own = [one for one in of_ap(heard, ap) if one.name == ssid]
    if naked := [one.network.security for one in own if one.network.security != _BY_ACCOUNT]:
        wanted = f"« {ssid} » demande un compte à chacun"
        return expect.finding([Fact(False, wanted, f"« {ssid} » en {naked[0]}, sans compte")], [heard])
    right = Member(control, ssid, password, identity)
    bad = replace(right, secret=f"{password[:56]}-faux") if wrong == "password" else replace(right, identity=_NOBODY)
    barred = tuple(replace(bad, station=name, method=way) for name, way in zip(stations, _METHODS, strict=True))
    seen = lab.ask(_session((*barred, right), ap, uplink, server))
    facts = [fact for one in seen.members[:2] for fact in _refused(one, wrong, server)]
    if not any(one.joined for one in seen.members[:2]):
        facts.append(_control(seen.members[2], server))
    return expect.finding(facts, [seen], wire=_ladder(seen.members[0], ap, server))


def _refused(one: Joined, wrong: str, server: str) -> list[Fact]:
    what = "un mot de passe faux" if wrong == "password" else "un compte inconnu"
    wanted = f"« {one.member.ssid} » refuse {what} en {one.member.method}"
    if one.joined:
        return [
            Fact(
                False,
                wanted,
                f"{one.member.station} entre dans « {one.member.ssid} » en {one.member.method} avec {what}",
            )
        ]
    answer = _asked(one).answer
    if answer == _ACCEPT:
        return [Fact(False, wanted, f"{server} accepte {what} en {one.member.method} (Access-Accept)")]
    rejected = answer == _REJECT
    on_air = any(row.label == joining.EAP_NO for row in one.handshake)
    where = f"{wanted} (Access-Reject de {server}, refus EAP sur l'air)"
    if rejected and on_air:
        return [Fact(True, wanted, where)]
    missing = "sans refus visible sur le câble" if not rejected else "sans refus visible sur l'air"
    return [Fact(None, wanted, f"{one.detail}, {missing}")]


def _control(one: Joined, server: str) -> Fact:
    fact = member_control(one)
    if fact.ok and _asked(one).answer != _ACCEPT:
        return Fact(None, fact.expected, f"témoin non concluant : aucun Access-Accept de {server} sur le câble")
    return fact


@checks.check("wifi.radius_secret")
def radius_secret(
    lab: Observer,
    *,
    station: Node,
    ap: Node,
    uplink: Port,
    server: Node,
    ssid: Ssid,
    identity: Account,
    password: Password,
    secret: Password,
    method: Method = "PEAP",
) -> Finding:
    """Secret partagé du point d'accès et du serveur RADIUS, vérifié dans leurs messages.

    The Message-Authenticator of an Access-Request is computed again with the secret asked (RFC 3579, 3.2), and the
    server answers it, so it has the same one (a request signed otherwise is discarded in silence).
    """
    seen = lab.ask(_session((Member(station, ssid, password, identity, method),), ap, uplink, server))
    one = seen.members[0]
    asked = _asked(one)
    wanted = f"demandes de {ap} signées avec le secret partagé demandé"
    if not asked.request:
        text = f"{ap} n'interroge pas {server}"
        certain = not one.found or _unanswered(asked) or one.joined
        return expect.finding([Fact(False if certain else None, wanted, text)], [seen])
    facts = [_signature(bytes.fromhex(asked.request), secret, wanted, ap)]
    answers = f"{server} répond à {ap}"
    silent = f"{server} ne répond pas à {ap}"
    facts.append(
        Fact(True, answers, answers)
        if asked.challenged
        else Fact(False if _unanswered(asked) else None, answers, silent)
    )
    return expect.finding(facts, [seen], wire=_ladder(one, ap, server))


def _signature(request: bytes, secret: str, wanted: str, ap: str) -> Fact:
    if radius.signed(request, secret):
        return Fact(True, wanted, wanted)
    if radius.signed(request, secret) is None:
        return Fact(None, wanted, f"demandes de {ap} sans signature (Message-Authenticator)")
    known = next((word for word in _KNOWN if radius.signed(request, word)), None)
    told = f" : « {known} », que chacun essaie" if known else ""
    return Fact(False, wanted, f"demandes de {ap} signées avec un autre secret{told}")
