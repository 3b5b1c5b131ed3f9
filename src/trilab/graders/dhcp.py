"""DHCP as a client lives it: the lease, and the values read in the packets."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from trilab.graders import ios
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Observer
from trilab.grading.registry import AddressRange, Node, Registry
from trilab.grading.requests import Lease, LeaseSeen

checks = Registry()
_EXCLUDED = "ip dhcp excluded-address "


def span(text: str) -> tuple[int, int]:
    """``10.1.1.1-10.1.1.9`` or one address as first and last number."""
    first, _, last = text.partition("-")
    return int(IPv4Address(first.strip())), int(IPv4Address((last or first).strip()))


def _wishes(network: IPv4Network, excluded: list[str]) -> tuple[str, ...]:
    """The ends of each excluded range that a client could be given: asked for, they must not be offered."""
    usable = range(int(network.network_address) + 1, int(network.broadcast_address))
    ends = {number for text in excluded for number in span(text) if number in usable}
    return tuple(str(IPv4Address(number)) for number in sorted(ends))


def _inside(address: str, excluded: list[str]) -> bool:
    number = int(IPv4Address(address))
    return any(first <= number <= last for first, last in map(span, excluded))


@checks.check("dhcp.lease")
def lease(
    lab: Observer,
    *,
    node: Node,
    network: IPv4Network,
    gateway: IPv4Address,
    dns: list[IPv4Address],
    domain: str | None = None,
    excluded: list[AddressRange] | None = None,
    options: dict[int, str] | None = None,
) -> Finding:
    """Bail DHCP complet, lu dans les trames échangées.

    Discover, Offer, Request, ACK (RFC 2131) with router, DNS and domain (RFC 2132: 3, 6, 15) and further options such
    as 66 or 150 (RFC 5859). An excluded address is not offered, even when it is asked for.
    """
    barred = list(excluded or ())
    seen = lab.ask(Lease(node, _wishes(network, barred)))
    if not seen.obtained:
        wanted = f"bail pour {node} dans {network}"
        return expect.finding([Fact(False, wanted, f"{node} n'obtient aucun bail")], [seen], wire=seen.rows)
    facts = [
        _network(seen, network),
        expect.equal("passerelle", str(gateway), seen.options.get(3)),
        expect.equal("DNS", " ".join(map(str, dns)) or None, seen.options.get(6)),
        *([] if domain is None else [expect.equal("domaine", domain, seen.options.get(15))]),
        *[expect.equal(f"option {code}", value, seen.options.get(code)) for code, value in (options or {}).items()],
        *_exclusions(seen, barred),
    ]
    return expect.finding(facts, [seen], wire=seen.rows)


def _network(seen: LeaseSeen, network: IPv4Network) -> Fact:
    right = IPv4Address(seen.address) in network and seen.prefixlen == network.prefixlen
    return Fact(right, f"adresse dans {network}", f"adresse {seen.address}/{seen.prefixlen}")


def _exclusions(seen: LeaseSeen, barred: list[str]) -> list[Fact]:
    if not barred:
        return []
    wanted = f"aucune adresse donnée parmi {', '.join(barred)}"
    given = [seen.address, *[offer for _, offer in seen.offers if offer]]
    wrong = sorted({address for address in given if _inside(address, barred)}, key=IPv4Address)
    if not wrong and seen.offers and len(given) == 1:
        return [Fact(None, wanted, "le serveur n'a répondu à aucune des demandes d'adresses exclues")]
    text = f"adresses exclues mais proposées : {', '.join(wrong)}" if wrong else "adresses exclues jamais proposées"
    return [Fact(not wrong, wanted, text)]


@checks.check("dhcp.pool_exclusions")
def pool_exclusions(lab: Observer, *, node: Node, ranges: list[AddressRange]) -> Finding:
    """Adresses réservées exclues de la distribution DHCP.

    IOS command reference: ip dhcp excluded-address; several lines may cover one range together.
    """
    answer = ios.running(lab, node)
    written = [line.removeprefix(_EXCLUDED).split() for line in ios.globals_of(answer.text, _EXCLUDED)]
    covered: set[int] = set()
    for words in written:
        first, last = span("-".join(words[:2]))
        covered |= set(range(first, last + 1))
    shown = ", ".join(" – ".join(words) for words in written) or "aucune"
    facts = []
    for text in ranges:
        first, last = span(text)
        facts.append(Fact(set(range(first, last + 1)) <= covered, f"exclusion de {text}", f"exclusions : {shown}"))
    return expect.finding(facts, [answer])
