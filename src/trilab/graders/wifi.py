"""Wi-Fi as beacons announce it, and the candidate's own stations."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Interface, IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Observer, Shell
from trilab.grading.registry import Node, Registry, Ssid
from trilab.grading.requests import Addresses
from trilab.grading.wifi_requests import (
    Beacons,
    BeaconsHeard,
    Heard,
    Station,
)

checks = Registry()
Security = Literal["WPA2-PSK", "WPA3-SAE", "WPA2-PSK/WPA3-SAE", "WPA2-802.1X"]
Channel = Annotated[int, Field(ge=1, le=14)]
_WEAK = frozenset({"TKIP", "WEP-40", "WEP-104"})  # withdrawn (IEEE 802.11-2020, 12.3.1 and 12.5.2.1)
_APART = 5  # channels of 20 MHz, 5 MHz apart from one to the next, that do not overlap (IEEE 802.11-2020, 15.4.4.3)
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


def of_ap(seen: BeaconsHeard, ap: str) -> list[Heard]:
    """The networks of one access point."""
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
    found = [one for one in of_ap(seen, ap) if one.name == ssid]
    wanted = f"réseau « {ssid} » émis par {ap}"
    if not found:
        others = ", ".join(f"« {one.name} »" for one in of_ap(seen, ap)) or "aucun réseau"
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
    own = sorted({one.network.channel for one in of_ap(seen, ap) if one.network.channel is not None})
    wanted = f"{ap} sur le canal {', '.join(map(str, choice[:-1]))} ou {choice[-1]}"
    if not own:
        return expect.finding([_absent(seen, wanted, f"{ap} n'émet rien")], [seen])
    facts = [Fact(number in choice, wanted, f"{ap} sur le canal {number}") for number in own]
    for neighbour in neighbours:
        taken = sorted({one.network.channel for one in of_ap(seen, neighbour) if one.network.channel is not None})
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
    found = of_ap(seen, ap)
    wanted = f"{ap} n'émet que {', '.join(f'« {one} »' for one in ssids)}, tous protégés"
    if not found:
        return expect.finding([_absent(seen, wanted, f"{ap} n'émet rien")], [seen])
    wrong = [f"« {one.name} » n'est pas demandé" for one in found if one.name not in ssids]
    wrong += [f"« {one.name} » est {_naked(one)}" for one in found if not one.network.wpa]
    deaf = [Fact(None, "voisin entendu", f"témoin non concluant : {name} ne s'entend pas") for name in _deaf(seen)]
    return expect.finding([Fact(not wrong, wanted, " ; ".join(wrong) or wanted), *deaf], [seen])


def _naked(heard: Heard) -> str:
    return "en WEP" if heard.network.privacy else "ouvert"


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
