"""Wi-Fi as the air and its stations show it: beacons, handshakes, leases, isolation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from trilab.capture import joining
from trilab.capture.names import linux_name
from trilab.capture.rows import Row
from trilab.errors import InputError
from trilab.graders.routing import reach_fact
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Observer, Shell
from trilab.grading.registry import Node, Registry, VlanId
from trilab.grading.requests import Addresses, Tried, Try
from trilab.grading.wifi_requests import (
    Beacons,
    BeaconsHeard,
    Heard,
    Joined,
    Member,
    Session,
    SessionSeen,
    Station,
)

checks = Registry()
Security = Literal["WPA2-PSK", "WPA3-SAE", "WPA2-PSK/WPA3-SAE", "WPA2-802.1X"]
Ssid = Annotated[str, Field(min_length=1, max_length=32)]
Channel = Annotated[int, Field(ge=1, le=14)]


def _port(name: str) -> str:
    try:
        linux_name(name)
    except InputError as error:
        raise ValueError(str(error)) from error
    return name


Port = Annotated[str, AfterValidator(_port)]  # of an access point, in any accepted spelling
_WEAK = frozenset({"TKIP", "WEP-40", "WEP-104"})  # withdrawn (IEEE 802.11-2020, 12.3.1 and 12.5.2.1)
_APART = 5  # channels of 20 MHz, 5 MHz apart from one to the next, that do not overlap (IEEE 802.11-2020, 15.4.4.3)
_PROTOCOLS: tuple[Literal["icmp", "tcp", "frame"], ...] = ("icmp", "tcp", "frame")
_FILES = "cat /etc/wpa_supplicant/*.conf /etc/network/interfaces /etc/network/interfaces.d/*"
_PMF = {"none": "absente", "capable": "proposée", "required": "exigée"}


def _deaf(seen: BeaconsHeard) -> list[str]:
    """Access points of the scenario's that were not heard."""
    heard = {one.node for one in seen.networks}
    return [name for name in seen.scenery if name not in heard]


def _absent(seen: BeaconsHeard, wanted: str, text: str) -> Fact:
    """Silence counts only beside what must be heard."""
    if deaf := _deaf(seen):
        return Fact(None, wanted, f"témoin non concluant : {', '.join(deaf)} ne s'entend pas non plus")
    return Fact(False, wanted, text)


def _of(seen: BeaconsHeard, ap: str) -> list[Heard]:
    return [one for one in seen.networks if one.node == ap]


@checks.check("wifi.network")
def network(
    lab: Observer,
    *,
    ap: Node,
    ssid: Ssid,
    security: list[Security],
    hidden: bool = False,
    pmf: Literal["capable", "required"] | None = None,
) -> Finding:
    """Réseau Wi-Fi annoncé avec la sécurité demandée.

    Read in the beacons (IEEE 802.11-2020, 9.4.2.2 SSID, 9.4.2.24 RSN): name, key management, ciphers without TKIP nor
    WEP. ``hidden``: its beacons must keep the name silent. ``pmf``: protected management frames at least so.
    """
    seen = lab.ask(Beacons())
    found = [one for one in _of(seen, ap) if one.name == ssid]
    wanted = f"réseau « {ssid} » émis par {ap}"
    if not found:
        others = ", ".join(f"« {one.name} »" for one in _of(seen, ap)) or "aucun réseau"
        return expect.finding([_absent(seen, wanted, f"{ap} n'émet pas « {ssid} » ({others})")], [seen])
    facts = [Fact(True, wanted, f"{wanted} (canal {found[0].network.channel})")]
    for one in found:
        facts += _security_facts(one, security, hidden, pmf)
    return expect.finding(facts, [seen])


def _security_facts(heard: Heard, security: Sequence[str], hidden: bool, pmf: str | None) -> list[Fact]:
    name, bss = f"« {heard.name} »", heard.network
    weak = sorted(_WEAK & {*bss.ciphers, bss.group})
    strong = f"{name} chiffré en AES"
    facts = [
        Fact(bss.security in security, f"{name} en {' ou '.join(security)}", f"{name} en {bss.security}"),
        Fact(bss.hidden is hidden, f"nom {_hiding(hidden)} dans les balises", f"nom {_hiding(bss.hidden)}"),
    ]
    if bss.wpa:
        facts.append(Fact(not weak, strong, f"{name} accepte {', '.join(weak)}" if weak else strong))
    if pmf is not None:
        right = bss.pmf == "required" or bss.pmf == pmf
        facts.append(Fact(right, f"protection des trames de gestion {_PMF[pmf]}", f"protection {_PMF[bss.pmf]}"))
    return facts


def _hiding(hidden: bool) -> str:
    return "masqué" if hidden else "diffusé"


@checks.check("wifi.channel")
def channel(lab: Observer, *, ap: Node, neighbours: list[Node], allowed: list[Channel] | None = None) -> Finding:
    """Canal choisi parmi ceux qui ne se recouvrent pas, à l'écart des voisins.

    At 2.4 GHz, channels less than five numbers apart overlap (IEEE 802.11-2020, 15.4.4.3). ``neighbours``: access
    points that the scenario places; ``allowed``: 1, 6 and 11 when nothing is said.
    """
    seen, choice = lab.ask(Beacons()), allowed or [1, 6, 11]
    own = sorted({one.network.channel for one in _of(seen, ap) if one.network.channel is not None})
    wanted = f"{ap} sur le canal {', '.join(map(str, choice[:-1]))} ou {choice[-1]}"
    if not own:
        return expect.finding([_absent(seen, wanted, f"{ap} n'émet rien")], [seen])
    facts = [Fact(number in choice, wanted, f"{ap} sur le canal {number}") for number in own]
    for neighbour in neighbours:
        taken = sorted({one.network.channel for one in _of(seen, neighbour) if one.network.channel is not None})
        apart = f"à {_APART} canaux au moins de {neighbour}"
        if not taken:
            facts.append(Fact(None, apart, f"témoin non concluant : {neighbour} ne s'entend pas"))
        for number, other in ((number, other) for number in own for other in taken):
            text = f"{ap} sur le canal {number}, {neighbour} sur le canal {other}"
            facts.append(Fact(abs(number - other) >= _APART, apart, text))
    return expect.finding(facts, [seen])


@checks.check("wifi.nothing_else")
def nothing_else(lab: Observer, *, ap: Node, ssids: list[Ssid]) -> Finding:
    """Aucun réseau ouvert, en WEP ou oublié sur le point d'accès.

    Every BSS of the access point's radio is one that was asked for, and none is without RSN (IEEE 802.11-2020, 12.3.1:
    WEP is deprecated).
    """
    seen = lab.ask(Beacons())
    found = _of(seen, ap)
    wanted = f"{ap} n'émet que {', '.join(f'« {one} »' for one in ssids)}, tous protégés"
    if not found:
        return expect.finding([_absent(seen, wanted, f"{ap} n'émet rien")], [seen])
    wrong = [f"« {one.name} » n'est pas demandé" for one in found if one.name not in ssids]
    wrong += [f"« {one.name} » est {_naked(one)}" for one in found if not one.network.wpa]
    deaf = [Fact(None, "voisin entendu", f"témoin non concluant : {name} ne s'entend pas") for name in _deaf(seen)]
    return expect.finding([Fact(not wrong, wanted, " ; ".join(wrong) or wanted), *deaf], [seen])


def _naked(heard: Heard) -> str:
    return "en WEP" if heard.network.privacy else "ouvert"


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
        return expect.finding([Fact(False, wanted, _why_not(one))], [seen], wire=_exchange(one))
    whole = joining.completed(one.handshake)
    four = "échange des clés complet (EAPOL 1 à 4)"
    facts = [
        Fact(True, wanted, one.detail),
        Fact(whole or None, four, four if whole else "échange des clés incomplet dans la capture"),
        *_lease_facts(one, network, gateway, dns),
        *_tag_facts(one, f"{ap} {uplink}", vlan),
        *map(reach_fact, seen.positive),
    ]
    return expect.finding(facts, [seen], wire=_exchange(one))


def _exchange(one: Joined) -> tuple[Row, ...]:
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
    return f"{one.detail} : le point d'accès refuse ce secret" if one.rejected else one.detail


def _lease_facts(
    one: Joined, network: IPv4Network, gateway: IPv4Address | None, dns: list[IPv4Address] | None
) -> list[Fact]:
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


def _tag_facts(one: Joined, where: str, vlan: int | None) -> list[Fact]:
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
    if any(one.name == ssid and not one.network.wpa and not one.network.privacy for one in _of(heard, ap)):
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
    facts = [fact] if barred.joined else [fact, _member_control(right)]
    return expect.finding(facts, [seen], wire=_exchange(barred))


def _member_control(one: Joined) -> Fact:
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
    facts = [_member_control(one) for one in seen.members]
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


@checks.check("wifi.station")
def station(lab: Observer, *, node: Node, ssid: Ssid, network: IPv4Network) -> Finding:
    """Poste raccordé au bon réseau Wi-Fi, avec une adresse, et qui le retrouve seul.

    What the station's own wpa_supplicant says (wpa_cli status), and the address that its kernel has. At the next start:
    the network is in a file that the start reads (wpa_supplicant.conf(5), interfaces(5): wpa-ssid).
    """
    link, own, kept = lab.ask(Station(node)), lab.ask(Addresses(node)), lab.ask(Shell(node, _FILES))
    joined = link.state == "COMPLETED"
    shown = f"{node} sur « {link.ssid} »" if joined else f"{node} n'est raccordé à aucun réseau Wi-Fi"
    inside = [text for _, text in own.addresses if IPv4Interface(text).ip in network]
    listed = ", ".join(text for _, text in own.addresses)
    facts = [
        Fact(joined and link.ssid == ssid, f"{node} sur « {ssid} »", shown),
        Fact(bool(inside), f"adresse dans {network}", f"adresse : {listed or 'aucune'}"),
        _kept(kept.text, node, ssid),
    ]
    return expect.finding(facts, [link, own, kept])


def _kept(files: str, node: str, ssid: str) -> Fact:
    """The name in quotes, in hexadecimal (wpa_supplicant.conf), or plain (interfaces)."""
    said = {line.strip() for line in files.splitlines()}
    forms = (f'ssid="{ssid}"', f"ssid={ssid.encode().hex()}", f"wpa-ssid {ssid}", f'wpa-ssid "{ssid}"')
    there = any(" ".join(line.split()) in forms for line in said)
    wanted = f"« {ssid} » enregistré sur {node}"
    return Fact(there, wanted, wanted if there else f"« {ssid} » absent des fichiers que le démarrage relit")
