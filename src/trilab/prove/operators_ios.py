"""Mutation operators of IOS-style configurations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from trilab.prove.lines import Line
from trilab.prove.operators import Change, Operator, Rewrite, Setting

_IP = r"\d+\.\d+\.\d+\.\d+"
I = re.IGNORECASE  # noqa: E741


class NoSave(Operator):
    """The configuration is never saved."""

    id, title = "sans-enregistrer", "configuration jamais enregistrée"
    _SAVE = re.compile(r"(?:wr(?:ite)?\b|copy run)", I)

    def changes(self, line: Line, setting: Setting) -> Iterator[Change]:
        if line.kind == "ios" and self._SAVE.match(line.text):
            yield Change(line.number, line.number + 1, (), f"« {line.text.strip()} » n'est pas saisi")


class EarlySave(Operator):
    """The configuration is saved before its last section is typed."""

    id, title = "enregistre-trop-tot", "enregistrement avant la fin"
    _SAVE = re.compile(r"(?:wr(?:ite)?\b|copy run)", I)

    def changes(self, line: Line, setting: Setting) -> Iterator[Change]:
        if line.kind != "ios" or not self._SAVE.match(line.text):
            return
        headers = [one for one in setting.lines if one.node == line.node and one.opens and one.number < line.number]
        if headers:
            start = headers[-1].number
            moved = (f"do {line.text.strip()}", *setting.files[line.node][start - 1 : line.number - 1])
            what = f"« {line.text.strip()} » saisi avant « {headers[-1].text.strip()} »"
            yield Change(start, line.number + 1, moved, what)


class OtherVlan(Rewrite):
    """A port in another VLAN of the plan."""

    id, title = "autre-vlan", "VLAN d'un autre rôle"
    pattern = re.compile(r"switchport (?:access|voice|trunk native) vlan (?P<x>\d+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        others = [vlan for vlan in setting.vlans if vlan != int(found["x"])]
        higher = [vlan for vlan in others if vlan > int(found["x"])]
        yield from (str(vlan) for vlan in (higher or others)[:1])


class UnknownVlan(Rewrite):
    """A VLAN, a tag or an SVI with a number that is in no plan."""

    id, title = "numero-vlan", "numéro de VLAN faux"
    pattern = re.compile(r"^(?:\s*vlan |\s*interface vlan ?|\s*encapsulation dot1q )(?P<x>\d+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        number = int(found["x"]) + 1
        while number in setting.vlans:
            number += 1
        yield str(number)


class OtherPort(Rewrite):
    """A switch port's section typed on the port beside it."""

    id, title = "autre-port", "port voisin"
    pattern = re.compile(r"^interface \w*?(?:ethernet|gi|fa)\s?\d+/(?P<x>\d+)\Z", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        if line.role == "switch":
            number = int(found["x"])
            yield str(number - 1 if number > 1 else number + 1)


class ShortRange(Rewrite):
    """A range of ports or of lines that ends one too early."""

    id, title = "plage-courte", "plage trop courte"
    pattern = re.compile(r"^(?:interface range .*-\s*|line vty 0 )(?P<x>\d+)\Z", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        if int(found["x"]) > 1:
            yield str(int(found["x"]) - 1)


class WrongMask(Rewrite):
    """A mask one bit longer."""

    id, title = "masque", "masque faux"
    pattern = re.compile(rf"(?:ip address|network|ip route) {_IP} (?P<x>255\.\d+\.\d+\.\d+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        mask = int(IPv4Address(found["x"]))
        yield str(IPv4Address((mask >> 1) | 0x80000000))


class WideWildcard(Rewrite):
    """A wildcard mask that takes in the neighbouring networks."""

    id, title = "masque-generique-large", "masque générique trop large"
    pattern = re.compile(r"(?:permit|deny).* (?P<x>0\.\d+\.\d+\.\d+)(?=\s|\Z)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield str(IPv4Address((int(IPv4Address(found["x"])) << 8 | 0xFF) & 0xFFFFFFFF))


class NarrowWildcard(WideWildcard):
    """A wildcard mask that leaves most of the network out."""

    id, title = "masque-generique-etroit", "masque générique trop étroit"

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield str(IPv4Address(int(IPv4Address(found["x"])) >> 4))


class OtherNetwork(Rewrite):
    """The network beside the right one."""

    id, title = "autre-reseau", "réseau voisin"
    pattern = re.compile(rf"(?:permit|deny|network)\b.*?(?P<x>{_IP}) (?:0|255)\.\d+\.\d+\.\d+", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield str(IPv4Address(int(IPv4Address(found["x"])) ^ 0x100))


class ExclusionStart(Rewrite):
    """A DHCP exclusion that begins one address too late."""

    id, title = "exclusion-debut", "exclusion trop courte au début"
    pattern = re.compile(rf"^ip dhcp excluded-address (?P<x>{_IP})", I)
    step = 1

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield str(IPv4Address(found["x"]) + self.step)


class ExclusionEnd(ExclusionStart):
    """A DHCP exclusion that ends one address too early."""

    id, title = "exclusion-fin", "exclusion trop courte à la fin"
    pattern = re.compile(rf"^ip dhcp excluded-address {_IP} (?P<x>{_IP})", I)
    step = -1


class PermitDeny(Rewrite):
    """``permit`` for ``deny``, and the other way round."""

    id, title = "permit-deny", "permit et deny échangés"
    pattern = re.compile(r"^\s*(?:access-list \S+ )?(?P<x>permit|deny)\b", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield {"permit": "deny", "deny": "permit"}[found["x"].lower()]


class AclDirection(Rewrite):
    """An access list applied in the other direction."""

    id, title = "sens", "liste appliquée dans l'autre sens"
    pattern = re.compile(r"\baccess-(?:group|class) \S+ (?P<x>in|out)\b", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield {"in": "out", "out": "in"}[found["x"].lower()]


class UnknownAcl(Rewrite):
    """An access list applied by a name that does not exist."""

    id, title = "liste-inconnue", "liste d'accès qui n'existe pas"
    pattern = re.compile(r"\baccess-(?:group|class) (?P<x>\S+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        name = found["x"]
        yield str(int(name) + 1) if name.isdigit() else name[:-1]


class AclProtocol(Rewrite):
    """An entry of an access list for another protocol."""

    id, title = "protocole", "protocole faux dans la liste"
    pattern = re.compile(r"\b(?:permit|deny) (?P<x>icmp|tcp|udp)\b", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        if " eq " in line.text:
            yield {"tcp": "udp", "udp": "tcp"}.get(found["x"].lower(), "tcp")
        else:
            yield "udp" if found["x"].lower() == "tcp" else "tcp"


class AclPort(Rewrite):
    """An entry of an access list for another port."""

    id, title = "port-service", "port de service faux"
    pattern = re.compile(r"\beq (?P<x>\S+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield str(int(found["x"]) + 1) if found["x"].isdigit() else "tftp"


class AclAny(Rewrite):
    """One host in an access list becomes everybody."""

    id, title = "any", "destination trop large dans la liste"
    pattern = re.compile(rf"(?:permit|deny).* (?P<x>host {_IP})", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield "any"


class AllowedWide(Rewrite):
    """A trunk that carries one VLAN too many."""

    id, title = "trunk-large", "un VLAN de trop sur le trunk"
    pattern = re.compile(r"trunk allowed vlan (?P<x>[\d,-]+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield f"1,{found['x']}"


class AllowedNarrow(Rewrite):
    """A trunk that lacks one VLAN: one mutant for each."""

    id, title = "trunk-etroit", "un VLAN manque sur le trunk"
    pattern = re.compile(r"trunk allowed vlan (?P<x>[\d,]+)\Z", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        listed = found["x"].split(",")
        if len(listed) > 1:
            yield from (",".join(listed[:index] + listed[index + 1 :]) for index in range(len(listed)))


class Misspelt(Operator):
    """A name or a text with its last letter missing."""

    id, title = "faute-de-frappe", "dernière lettre oubliée"
    _PATTERN = re.compile(
        r"^\s*(?:hostname|name|username|domain-name|banner motd .*-) (?P<x>[\w.-]+)|^\s*banner motd (?P<y>.+)", I
    )

    def changes(self, line: Line, setting: Setting) -> Iterator[Change]:
        found = self._PATTERN.match(line.text)
        if line.kind != "ios" or found is None:
            return
        word = found["x"] or found["y"]
        start, stop = found.span("x") if found["x"] else found.span("y")
        shorter = f"{word[:-2]}{word[-1]}" if found["y"] else word[:-1]
        if len(word) > 2 or (found["x"] and len(word) > 1):
            text = f"{line.text[:start]}{shorter}{line.text[stop:]}"
            what = f"« {line.text.strip()} » devient « {text.strip()} »"
            yield Change(line.number, line.number + 1, (text,), what)


class LowPrivilege(Rewrite):
    """An account of the lowest privilege."""

    id, title = "privilege", "niveau de privilège faux"
    pattern = re.compile(r"^username \S+ privilege (?P<x>15)\b", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield "1"


class ClearEnable(Rewrite):
    """The enable password kept readable."""

    id, title = "mot-de-passe-lisible", "mot de passe lisible"
    pattern = re.compile(r"^enable (?P<x>secret)\b", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield "password"


class Transport(Rewrite):
    """Lines that also, or only, accept Telnet."""

    id, title = "transport", "transport faux"
    pattern = re.compile(r"^\s*transport input (?P<x>ssh)\Z", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield from ("telnet ssh", "telnet")


class PortMode(Rewrite):
    """A trunk as an access port, and the other way round."""

    id, title = "mode", "mode du port faux"
    pattern = re.compile(r"switchport mode (?P<x>access|trunk)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield {"access": "trunk", "trunk": "access"}[found["x"].lower()]


class LineLogin(Rewrite):
    """Lines that ask for a line password that nobody set, or for nothing."""

    id, title = "login", "authentification des lignes fausse"
    pattern = re.compile(r"^\s*(?P<x>login local)\Z", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield from ("login", "no login")


def operators() -> tuple[Operator, ...]:
    """All of them, in the order in which a line's mutants are listed."""
    return (
        NoSave(),
        EarlySave(),
        OtherVlan(),
        UnknownVlan(),
        OtherPort(),
        ShortRange(),
        WrongMask(),
        WideWildcard(),
        NarrowWildcard(),
        OtherNetwork(),
        ExclusionStart(),
        ExclusionEnd(),
        PermitDeny(),
        AclDirection(),
        UnknownAcl(),
        AclProtocol(),
        AclPort(),
        AclAny(),
        AllowedWide(),
        AllowedNarrow(),
        Misspelt(),
        LowPrivilege(),
        ClearEnable(),
        Transport(),
        PortMode(),
        LineLogin(),
    )
