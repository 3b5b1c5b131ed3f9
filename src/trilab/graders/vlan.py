"""VLANs and trunks: what the switch says, and the tags that frames really carry."""

from __future__ import annotations

from trilab.capture.names import short_name
from trilab.errors import NotGradedError
from trilab.graders import ios
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Answer, Observer
from trilab.grading.registry import Interface, Node, Registry, VlanId
from trilab.grading.requests import Device, TaggedPing

checks = Registry()
_SWITCHPORT = "show interfaces switchport"
_DISABLED = frozenset({"disabled"})  # "shutdown", as « show interfaces status » prints it


@checks.check("vlan.exists")
def exists(lab: Observer, *, node: Node, vlans: dict[VlanId, str]) -> Finding:
    """VLAN créés, actifs et nommés.

    A VLAN forwards only while it is in the database and active (IEEE 802.1Q-2018, 8.8; IOS: show vlan brief).
    A vendor's device: NAPALM's get_vlans, which names the VLANs that there are.
    """
    seen, answer = _vlans(lab, node)
    facts = []
    for number, name in vlans.items():
        wanted, entry = f"VLAN {number} « {name} »", seen.get(number)
        if entry is None:
            facts.append(Fact(False, wanted, f"VLAN {number} absent de {node}"))
        else:
            found, status = entry
            note = "" if status == "active" else f" ({status})"
            facts.append(Fact(found == name and not note, wanted, f"VLAN {number} « {found} »{note}"))
    return expect.finding(facts, [answer])


def _vlans(lab: Observer, node: str) -> tuple[dict[int, tuple[str, str]], Answer]:
    """Number → name and status."""
    try:
        entries, answer = ios.table(lab, node, "show vlan brief")
    except NotGradedError:
        said = lab.ask(Device(node, "vlans"))
        return {number: (name, "active") for number, name in said.vlans}, said
    rows = {int(ios.text(one, "vlan_id")): (ios.text(one, "vlan_name"), ios.text(one, "status")) for one in entries}
    return rows, answer


@checks.check("vlan.access_port")
def access_port(
    lab: Observer, *, node: Node, interface: Interface, vlan: VlanId, voice: VlanId | None = None
) -> Finding:
    """Port d'accès dans le bon VLAN, avec le VLAN voix demandé.

    IOS command reference: switchport mode access, switchport access vlan, switchport voice vlan.
    """
    entries, answer = ios.table(lab, node, _SWITCHPORT)
    entry = ios.port(entries, interface)
    name = f"{node} {short_name(interface)}"
    if entry is None:
        return expect.finding([Fact(False, f"{name} : port d'accès", f"{name} n'est pas un port commuté")], [answer])
    heard = ios.text(entry, "voice_vlan")
    facts = [
        expect.equal(f"mode de {name}", "static access", ios.text(entry, "admin_mode")),
        expect.equal("VLAN d'accès", str(vlan), ios.text(entry, "access_vlan")),
        expect.equal("VLAN voix", None if voice is None else str(voice), heard if heard.isdigit() else None),
    ]
    return expect.finding(facts, [answer], explanation=ios.quote(lab, node, interface))


@checks.check("vlan.trunk")
def trunk(
    lab: Observer,
    *,
    node: Node,
    interface: Interface,
    allowed: list[VlanId],
    native: VlanId = 1,
    nonegotiate: bool = False,
) -> Finding:
    """Liaison trunk avec la liste exacte des VLAN autorisés et le VLAN natif demandé.

    The list must be exact: a VLAN too many extends its broadcast domain (IOS command reference: switchport trunk).
    """
    entries, answer = ios.table(lab, node, _SWITCHPORT)
    entry = ios.port(entries, interface)
    name = f"{node} {short_name(interface)}"
    if entry is None:
        return expect.finding([Fact(False, f"{name} : trunk", f"{name} n'est pas un port commuté")], [answer])
    carried = ios.vlan_ids(ios.text(entry, "trunking_vlans"))
    facts = [
        expect.equal(f"mode de {name}", "trunk", ios.text(entry, "admin_mode")),
        _allowed(set(allowed), carried),
        expect.equal("VLAN natif", str(native), ios.text(entry, "native_vlan")),
    ]
    if nonegotiate:
        facts.append(expect.equal("négociation DTP", "off", ios.text(entry, "switchport_negotiation").lower()))
    return expect.finding(facts, [answer], explanation=ios.quote(lab, node, interface))


def _allowed(wanted: set[int], carried: set[int]) -> Fact:
    gaps = [f"manque {ios.ranges(wanted - carried)}"] if wanted - carried else []
    gaps += [f"en trop {ios.ranges(carried - wanted)}"] if carried - wanted else []
    note = f" ({' ; '.join(gaps)})" if gaps else ""
    return Fact(not gaps, f"VLAN autorisés : {ios.ranges(wanted)}", f"VLAN autorisés : {ios.ranges(carried)}{note}")


@checks.check("vlan.tag_on_wire")
def tag_on_wire(
    lab: Observer, *, node: Node, interface: Interface, source: Node, destination: str, vlan: VlanId | None
) -> Finding:
    """Étiquette 802.1Q vue sur le câble pendant un ping.

    The frames of the ping, both ways, carry this tag and no other; ``vlan`` null: none (IEEE 802.1Q-2018, 9.6).
    """
    seen = lab.ask(TaggedPing(node, interface, source, destination))
    tag = "sans étiquette" if vlan is None else f"étiquette 802.1Q {vlan}"
    wanted = f"trames de {source} à {destination} sur {node} {short_name(interface)} : {tag}"
    why = ios.quote(lab, node, interface)
    if not seen.reached:
        return expect.finding([Fact(False, wanted, f"{destination} ne répond pas au ping de {source}")], [seen])
    if not seen.rows:
        text = f"le ping aboutit sans passer par {node} {short_name(interface)}"
        return expect.finding([Fact(False, wanted, text)], [seen], explanation=why)
    tags = {row.vlan for row in seen.rows}
    listed = ", ".join("aucune" if one is None else str(one) for one in sorted(tags, key=lambda one: one or 0))
    facts = [Fact(tags == {vlan}, wanted, f"{len(seen.rows)} trames, étiquette : {listed}")]
    if len({row.source for row in seen.rows}) == 1:
        facts.append(Fact(False, "trames dans les deux sens", "l'autre sens de l'échange passe ailleurs"))
    return expect.finding(facts, [seen], wire=seen.rows, explanation=why)


@checks.check("vlan.unused_ports_shut")
def unused_ports_shut(lab: Observer, *, node: Node, interfaces: list[Interface]) -> Finding:
    """Ports inutilisés désactivés.

    IOS command reference: shutdown; « show interfaces status » then says « disabled ».
    """
    entries, answer = ios.table(lab, node, "show interfaces status")
    facts = []
    for interface in interfaces:
        entry = ios.port(entries, interface, "port")
        status = "absent" if entry is None else ios.text(entry, "status")
        name = short_name(interface)
        facts.append(Fact(status in _DISABLED, f"{name} désactivé", f"{name} : {status}"))
    return expect.finding(facts, [answer])
