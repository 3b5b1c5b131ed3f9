"""Wi-Fi as stations of the graders' live it: entering with the right secret, not with another, and isolation."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from trilab.capture import joining
from trilab.capture.rows import Row
from trilab.graders.routing import reach_fact
from trilab.graders.wifi import of_ap
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Observer
from trilab.grading.registry import Node, Port, Registry, Ssid, VlanId
from trilab.grading.requests import Tried, Try
from trilab.grading.wifi_requests import Beacons, Joined, Member, Session, SessionSeen

checks = Registry()
_PROTOCOLS: tuple[Literal["icmp", "tcp", "frame"], ...] = ("icmp", "tcp", "frame")


@checks.check("wifi.joins")
def joins(
    lab: Observer,
    *,
    station: Node,
    ap: Node,
    uplink: Port,
    ssid: Ssid,
    secret: str,
    network: IPv4Network,
    vlan: VlanId | None,
    gateway: IPv4Address | None = None,
    dns: list[IPv4Address] | None = None,
    reach: list[str] | None = None,
) -> Finding:
    """Une station qui a le bon secret entre dans le réseau, et dans le bon VLAN.

    The four messages of the handshake on the air (IEEE 802.11-2020, 12.7.6), the lease read in the frames on the
    access point's uplink (RFC 2131), and their 802.1Q tag there; ``vlan`` null: untagged. ``reach``: what it reaches.
    """
    paths = tuple(Try(station, target) for target in reach or ())
    seen = lab.ask(Session((Member(station, ssid, secret),), (ap, uplink), paths))
    one = seen.members[0]
    wanted = f"{station} entre dans « {ssid} » avec le bon secret"
    if not one.joined:
        certain = not one.found or joining.turned_away(one.handshake)  # else a slow machine may be the reason
        return expect.finding([Fact(False if certain else None, wanted, _why_not(one))], [seen], wire=exchange(one))
    whole = joining.completed(one.handshake)
    four = "échange des clés complet (EAPOL 1 à 4)"
    facts = [
        Fact(True, wanted, one.detail),
        Fact(whole or None, four, four if whole else "échange des clés incomplet dans la capture"),
        *lease_facts(one, network, gateway, dns),
        *tag_facts(one, f"{ap} {uplink}", vlan),
        *map(reach_fact, seen.positive),
    ]
    return expect.finding(facts, [seen], wire=exchange(one))


def exchange(one: Joined) -> tuple[Row, ...]:
    """The handshake between names; the capture holds the addresses. A station always speaks first."""
    if not one.handshake:
        return ()
    first = one.handshake[0]
    names = {first.source: one.member.station, first.destination: one.member.ssid}
    return tuple(
        row.model_copy(update={"source": names[row.source], "destination": names[row.destination]})
        for row in one.handshake
    )


def _why_not(one: Joined) -> str:
    if one.rejected:
        return f"{one.detail} : le point d'accès refuse ce secret"
    return one.detail if not one.found or joining.turned_away(one.handshake) else f"{one.detail}, sans refus sur l'air"


def lease_facts(
    one: Joined, network: IPv4Network, gateway: IPv4Address | None, dns: list[IPv4Address] | None
) -> list[Fact]:
    """The address that a station was leased, and what came with it; None: not looked at."""
    wanted = f"adresse dans {network}"
    if not one.address:
        return [Fact(False, wanted, f"{one.member.station} n'obtient aucun bail")]
    address = IPv4Interface(one.address)
    right = address.ip in network and address.network.prefixlen == network.prefixlen
    facts = [Fact(right, wanted, f"adresse {one.address}")]
    if gateway is not None:
        facts.append(expect.equal("passerelle donnée", str(gateway), one.options.get(3)))
    if dns is not None:
        facts.append(expect.equal("DNS donné", " ".join(map(str, dns)) or None, one.options.get(6)))
    return facts


def tag_facts(one: Joined, where: str, vlan: int | None) -> list[Fact]:
    """The 802.1Q tag of a station's frames on the uplink; None: untagged."""
    told = "sans étiquette" if vlan is None else f"étiquette 802.1Q {vlan}"
    wanted = f"trames sur {where} : {told}"
    if not one.tags:
        return [Fact(False, wanted, f"aucune trame de {one.member.station} sur {where}")]
    shown = ", ".join("aucune" if tag is None else str(tag) for tag in one.tags)
    return [Fact(set(one.tags) == {vlan}, wanted, f"trames sur {where} : étiquette {shown}")]


@checks.check("wifi.secret_refused")
def secret_refused(
    lab: Observer, *, station: Node, control: Node, ap: Node, uplink: Port, ssid: Ssid, secret: str
) -> Finding:
    """Un autre secret n'ouvre pas le réseau.

    ``station`` has another secret, and the access point turns it down on the air: SAE confirmation refused (IEEE
    802.11-2020, 12.4.7.6) or message 2 of the handshake never followed by message 3 (12.7.6.3). At the same moment
    ``control`` enters with the right one. A network that asks for no secret, as its beacons say, is open to all.
    """
    heard = lab.ask(Beacons())
    if any(one.name == ssid and not one.network.wpa and not one.network.privacy for one in of_ap(heard, ap)):
        wanted = f"« {ssid} » demande un secret"
        return expect.finding([Fact(False, wanted, f"« {ssid} » est ouvert, sans aucun secret")], [heard])
    wrong = Member(station, ssid, f"{secret[:56]}-faux"[-63:])
    seen = lab.ask(Session((wrong, Member(control, ssid, secret)), (ap, uplink)))
    barred, right = seen.members
    wanted = f"« {ssid} » refuse un autre secret"
    if barred.joined:
        fact = Fact(False, wanted, f"{station} entre dans « {ssid} » avec un autre secret")
    elif barred.rejected:
        fact = Fact(True, wanted, wanted)
    else:
        fact = Fact(None, wanted, f"{barred.detail}, sans refus visible sur l'air")
    facts = [fact] if barred.joined else [fact, member_control(right)]
    return expect.finding(facts, [seen], wire=exchange(barred))


def member_control(one: Joined) -> Fact:
    """A positive control: its failure makes the criterion inconclusive, it does not blame."""
    wanted = f"{one.member.station} entre dans « {one.member.ssid} » avec le bon secret"
    return Fact(True, wanted, one.detail) if one.joined else Fact(None, wanted, f"témoin non concluant : {one.detail}")


@checks.check("wifi.isolated")
def isolated(
    lab: Observer,
    *,
    station: Node,
    ssid: Ssid,
    secret: str,
    control: Node,
    control_ssid: Ssid,
    control_secret: str,
    destinations: list[str],
    gateway: IPv4Address,
    ap: Node,
    uplink: Port,
) -> Finding:
    """Réseaux Wi-Fi isolés : une station de l'un n'atteint rien de l'autre.

    ``station`` in one network tries ``destinations`` and ``control``, a station in the other, by ICMP, TCP and raw
    frames. At the same moment it reaches its ``gateway``, and ``control`` reaches each destination.
    """
    members = (Member(station, ssid, secret), Member(control, control_ssid, control_secret))
    alive = tuple(Try(control, target) for target in destinations)
    forbidden = [Try(station, target, kind) for target in (control, *destinations) for kind in _PROTOCOLS]
    request = Session(members, (ap, uplink), (Try(station, str(gateway)), *alive), tuple(forbidden))
    seen = lab.ask(request)
    return expect.finding([*_controls(seen), *_refusals(station, (control, *destinations), seen.negative)], [seen])


@checks.check("wifi.clients_isolated")
def clients_isolated(
    lab: Observer,
    *,
    stations: Annotated[list[Node], Field(min_length=2, max_length=2)],
    ssid: Ssid,
    secret: str,
    gateway: IPv4Address,
    ap: Node,
    uplink: Port,
) -> Finding:
    """Stations d'un même réseau isolées entre elles.

    Neither reaches the other by ICMP, TCP or raw frames, while both reach their gateway (autonomous access points:
    bridge-group port-protected).
    """
    first, second = stations
    members = (Member(first, ssid, secret), Member(second, ssid, secret))
    ways = ((first, second), (second, first))
    forbidden = tuple(Try(source, target, kind) for source, target in ways for kind in _PROTOCOLS)
    seen = lab.ask(Session(members, (ap, uplink), tuple(Try(one, str(gateway)) for one in stations), forbidden))
    facts = [fact for source, target in ways for fact in _refusals(source, (target,), seen.negative)]
    return expect.finding([*_controls(seen), *facts], [seen])


def _controls(seen: SessionSeen) -> list[Fact]:
    """Stations that joined, and paths that work: without them nothing is proven."""
    facts = [member_control(one) for one in seen.members]
    for one in seen.members:
        if one.joined and not one.address:
            text = f"témoin non concluant : {one.member.station} n'obtient aucun bail"
            facts.append(Fact(None, f"{one.member.station} a une adresse", text))
    for tried in seen.positive:
        fact = reach_fact(tried)
        facts.append(fact if fact.ok else Fact(None, fact.expected, f"témoin non concluant : {fact.observed}"))
    return facts


def _refusals(source: str, targets: Iterable[str], tried: tuple[Tried, ...]) -> list[Fact]:
    facts = []
    for target in targets:
        mine = [one for one in tried if (one.attempt.source, one.attempt.destination) == (source, target)]
        wanted = f"{source} ne joint pas {target}"
        through = ", ".join(one.attempt.protocol.upper() for one in mine if one.reached)
        if mine:
            text = f"{source} joint {target} ({through})" if through else wanted
            facts.append(Fact(not through, wanted, text.replace("FRAME", "trame brute")))
    return facts
