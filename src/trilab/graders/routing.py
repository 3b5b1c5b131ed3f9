"""Addresses, gateways, and who reaches whom."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface
from typing import Annotated

from pydantic import Field

from trilab.capture.names import short_name
from trilab.graders import ios
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Observer, Shell
from trilab.grading.registry import Interface, Node, Registry, VlanId
from trilab.grading.requests import Addresses, Tried, Try, Window

checks = Registry()
HostInterface = Annotated[str, Field(pattern=r"^[a-z][a-z0-9.]*$")]  # as Linux names it: eth1
_INTERFACES = "show interfaces"


def _address_facts(entry: ios.Entry, name: str, address: IPv4Interface) -> list[Fact]:
    seen = ios.text(entry, "ip_address")
    shown = f"{seen}/{ios.text(entry, 'prefix_length')}" if seen else None
    link, protocol = ios.text(entry, "link_status"), ios.text(entry, "protocol_status")
    return [
        expect.equal(f"adresse de {name}", str(address), shown),
        Fact((link, protocol) == ("up", "up"), f"{name} actif (up/up)", f"état de {name} : {link}/{protocol}"),
    ]


@checks.check("routing.svi")
def svi(lab: Observer, *, node: Node, interface: Interface, address: IPv4Interface) -> Finding:
    """Interface d'administration (SVI) adressée et active.

    An SVI is up while a port of its VLAN forwards (IOS: show interfaces). ``address``: with prefix length.
    """
    entries, answer = ios.table(lab, node, _INTERFACES)
    entry, name = ios.port(entries, interface), f"{node} {interface}"
    if entry is None:
        return expect.finding([Fact(False, f"{name} : {address}", f"{interface} n'existe pas sur {node}")], [answer])
    return expect.finding(_address_facts(entry, name, address), [answer], explanation=ios.quote(lab, node, interface))


@checks.check("routing.subinterface")
def subinterface(lab: Observer, *, node: Node, interface: Interface, vlan: VlanId, address: IPv4Interface) -> Finding:
    """Sous-interface du routeur : étiquette 802.1Q, adresse, état.

    IOS command reference: encapsulation dot1Q, ip address. The number of the subinterface is free: it is found by
    its VLAN when ``interface`` itself has another one.
    """
    entries, answer = ios.table(lab, node, _INTERFACES)
    parent = interface.partition(".")[0]
    by_vlan = [
        entry
        for entry in entries
        if ios.text(entry, "vlan_id") == str(vlan) and ios.text(entry, "interface").partition(".")[0] == parent
    ]
    entry = by_vlan[0] if by_vlan else ios.port(entries, interface)
    if entry is None:
        wanted = f"{node} {short_name(parent)} : sous-interface 802.1Q {vlan}, {address}"
        return expect.finding([Fact(False, wanted, f"aucune sous-interface pour le VLAN {vlan}")], [answer])
    found = ios.text(entry, "interface")
    facts = [
        expect.equal(f"VLAN de {node} {short_name(found)}", str(vlan), ios.text(entry, "vlan_id") or None),
        *_address_facts(entry, f"{node} {short_name(found)}", address),
    ]
    return expect.finding(facts, [answer], explanation=ios.quote(lab, node, found))


@checks.check("routing.default_gateway")
def default_gateway(lab: Observer, *, node: Node, address: IPv4Address, linux: bool = False) -> Finding:
    """Passerelle par défaut.

    A switch: ip default-gateway; a router: the default route. ``linux``: a PC or an IPBX, read from its kernel.
    """
    if linux:
        answer = lab.ask(Shell(node, "ip -4 route show default"))
        words = [line.split() for line in answer.text.splitlines() if line.startswith("default via ")]
        seen = [word[2] for word in words if len(word) > 2]
    else:
        answer = ios.running(lab, node)
        starts = ("ip default-gateway ", "ip route 0.0.0.0 0.0.0.0 ")
        seen = [line.removeprefix(start).split()[0] for start in starts for line in ios.globals_of(answer.text, start)]
    return expect.finding([expect.equal(f"passerelle de {node}", str(address), ", ".join(seen) or None)], [answer])


@checks.check("routing.fixed_address")
def fixed_address(
    lab: Observer, *, node: Node, interface: HostInterface, address: IPv4Interface, gateway: IPv4Address
) -> Finding:
    """Adresse fixe d'un serveur Linux, gardée au redémarrage.

    In use: the kernel's address and default route. At the next start: what Debian's ifupdown will do by itself
    (interfaces(5): ``auto`` or ``allow-hotplug``; the address, mask and gateway as ``ifquery`` reads them).
    """
    used, route = lab.ask(Addresses(node)), lab.ask(Shell(node, "ip -4 route show default"))
    started = lab.ask(Shell(node, "ifquery --list; ifquery --list --allow=hotplug"))
    written = lab.ask(Shell(node, f"ifquery {interface}"))
    own = [text for name, text in used.addresses if name == interface]
    hops = [words[2] for line in route.text.splitlines() if (words := line.split())[:2] == ["default", "via"]]
    auto = interface in started.text.split()
    facts = [
        expect.equal(f"adresse de {node}", str(address), ", ".join(own) or None),
        expect.equal(f"passerelle de {node}", str(gateway), ", ".join(hops) or None),
        Fact(auto, f"{interface} démarre seule", f"{interface} {'démarre seule' if auto else 'ne démarre pas seule'}"),
        expect.equal(f"adresse de {node} au redémarrage", str(address), _address_at_start(written.text)),
        expect.equal(f"passerelle de {node} au redémarrage", str(gateway), _at_start(written.text, "gateway")),
    ]
    return expect.finding(facts, [used, route, started, written])


def _at_start(written: str, field: str) -> str | None:
    """One field of what ``ifquery`` prints."""
    lines = (line.partition(": ") for line in written.splitlines())
    return next((value.strip() for name, _, value in lines if name == field), None)


def _address_at_start(written: str) -> str | None:
    address, mask = _at_start(written, "address"), _at_start(written, "netmask")
    if address is None or mask is None:
        return address
    try:
        return str(IPv4Interface(f"{address.partition('/')[0]}/{mask}"))
    except ValueError:
        return f"{address} {mask}"


def reach_fact(tried: Tried) -> Fact:
    """A fact about an attempt that must succeed."""
    attempt = tried.attempt
    wanted = f"{attempt.source} joint {attempt.destination}"
    found = "" if tried.address == attempt.destination else f" ({tried.address})"
    if tried.reached:
        return Fact(True, wanted, f"{wanted}{found}")
    if not tried.address:
        return Fact(False, wanted, tried.detail.rstrip("."))
    return Fact(False, wanted, f"{attempt.source} ne joint pas {attempt.destination}{found}")


@checks.check("routing.reach")
def reach(lab: Observer, *, source: Node, destination: str, deadline: float = 6.0) -> Finding:
    """Communication effective entre deux équipements (ping).

    ``destination``: an address or a node; tried until ``deadline`` seconds have passed (RFC 792).
    """
    return matrix(lab, sources=[source], destinations=[destination], deadline=deadline)


@checks.check("routing.matrix")
def matrix(lab: Observer, *, sources: list[Node], destinations: list[str], deadline: float = 6.0) -> Finding:
    """Communication effective entre plusieurs équipements (ping).

    Every source reaches every destination but itself.
    """
    pairs = tuple(Try(source, target) for source in sources for target in destinations if source != target)
    seen = lab.ask(Window(pairs, deadline=deadline))
    return expect.finding([reach_fact(tried) for tried in seen.positive], [seen])
