"""Mutation operators of Linux nodes: Asterisk files, addresses of hosts, the ``phone`` command."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trilab.prove.lines import Kind, Line
from trilab.prove.operators import Operator, Rewrite, Setting

_ASTERISK: frozenset[Kind] = frozenset({"asterisk"})
_SHELL: frozenset[Kind] = frozenset({"shell"})


class OtherContext(Rewrite):
    """An endpoint in a context that does not exist."""

    id, title = "contexte", "contexte faux"
    kinds = _ASTERISK
    pattern = re.compile(r"^\s*context\s*=>?\s*(?P<x>\S+)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield f"{found['x']}s"


class OtherCodec(Rewrite):
    """A codec that the phones do not have."""

    id, title = "codec", "codec faux"
    kinds = _ASTERISK
    pattern = re.compile(r"^\s*allow\s*=>?\s*(?P<x>\S+)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield "gsm"


class OtherDscp(Rewrite):
    """Another marking of voice packets."""

    id, title = "dscp", "marquage DSCP faux"
    kinds = frozenset({"asterisk", "shell"})
    pattern = re.compile(r"(?:^\s*tos_audio\s*=>?\s*|^\s*phone dscp )(?P<x>\S+)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield "af41" if line.kind == "asterisk" else "34"


class SipTransport(Rewrite):
    """SIP over TCP where the phones speak UDP."""

    id, title = "transport-sip", "transport SIP faux"
    kinds = _ASTERISK
    pattern = re.compile(r"^\s*protocol\s*=>?\s*(?P<x>udp)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield "tcp"


class SipBind(Rewrite):
    """SIP on the loopback, or on another port."""

    id, title = "ecoute-sip", "adresse ou port d'écoute SIP faux"
    kinds = _ASTERISK
    pattern = re.compile(r"^\s*bind\s*=>?\s*(?P<x>0\.0\.0\.0)\Z")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield from ("127.0.0.1", "0.0.0.0:5062")


class WrongNumber(Rewrite):
    """A number that is nobody's: of an extension, a mailbox, an account."""

    id, title = "numero", "numéro faux"
    kinds = frozenset({"asterisk", "shell"})
    pattern = re.compile(
        r"(?:^\s*exten\s*=>?\s*|^\s*username\s*=\s*|VoiceMail\(|^\s*phone account |^\[?)(?P<x>\d{2,6})(?=[\],@ ]|\Z)"
    )

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        number = int(found["x"]) + 5
        while str(number) in setting.extensions:
            number += 1
        yield str(number)


class OtherExtension(Rewrite):
    """Another's account: of an authentication, an address of record, a dialled endpoint, a mailbox, a phone."""

    id, title = "autre-poste", "poste d'un autre"
    kinds = frozenset({"asterisk", "shell"})
    pattern = re.compile(
        r"(?:^\s*(?:auth|aors|username)\s*=\s*|PJSIP/|VoiceMail\(|^\s*phone account )(?P<x>\d{2,6})(?=[,@ )]|\Z)"
    )

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield from [one for one in setting.extensions if one != found["x"]][:1]


class RingTime(Rewrite):
    """A phone that rings much too long, or not long enough."""

    id, title = "sonnerie", "durée de sonnerie fausse"
    kinds = _ASTERISK
    pattern = re.compile(r"Dial\([^,)]+,(?P<x>\d+)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield from (str(int(found["x"]) * 3), "1")


class MailboxContext(Rewrite):
    """A mailbox looked for in a context that does not exist."""

    id, title = "contexte-messagerie", "contexte de messagerie faux"
    kinds = _ASTERISK
    pattern = re.compile(r"VoiceMail\(\d+@(?P<x>\w+)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield f"{found['x']}s"


class WrongPrefix(Rewrite):
    """The prefix length of a host's address, one bit longer."""

    id, title = "prefixe", "longueur de préfixe fausse"
    kinds = frozenset({"interfaces", "shell", "file"})
    pattern = re.compile(r"\d+\.\d+\.\d+\.\d+/(?P<x>\d+)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        if 0 < int(found["x"]) < 31:
            yield str(int(found["x"]) + 1)


class Dynamic(Rewrite):
    """A fixed address that becomes a dynamic one."""

    id, title = "dhcp-au-lieu-de-fixe", "adresse dynamique au lieu de fixe"
    kinds = frozenset({"interfaces"})
    pattern = re.compile(r"^iface \S+ inet (?P<x>static)")

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield "dhcp"


class PhoneVlan(Rewrite):
    """A phone set by hand to the VLAN of somebody else."""

    id, title = "vlan-telephone", "VLAN voix faux sur le téléphone"
    kinds = _SHELL
    pattern = re.compile(r"^\s*phone vlan (?P<x>\S+)")
    _VOICE = re.compile(r"switchport voice vlan (?P<vlan>\d+)", re.IGNORECASE)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        voice = {port["vlan"] for one in setting.lines if (port := self._VOICE.search(one.text))}
        yield from [str(vlan) for vlan in setting.vlans if str(vlan) not in voice][:1]


def operators() -> tuple[Operator, ...]:
    """All of them, in the order in which a line's mutants are listed."""
    return (
        OtherContext(),
        OtherCodec(),
        OtherDscp(),
        SipTransport(),
        SipBind(),
        WrongNumber(),
        OtherExtension(),
        RingTime(),
        MailboxContext(),
        WrongPrefix(),
        Dynamic(),
        PhoneVlan(),
    )
