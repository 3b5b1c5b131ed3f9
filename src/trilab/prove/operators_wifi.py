"""Mutation operators of Wi-Fi: autonomous access points, the files of stations and of their RADIUS server."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trilab.prove.lines import Kind, Line
from trilab.prove.operators import Operator, Rewrite, Setting

I = re.IGNORECASE  # noqa: E741
_STATION: frozenset[Kind] = frozenset({"file", "interfaces", "shell"})


class OverlappingChannel(Rewrite):
    """A channel two numbers away: neither alone nor among those that do not overlap."""

    id, title = "canal", "canal faux"
    pattern = re.compile(r"^\s*channel (?P<x>\d{1,2})\Z", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        number = int(found["x"])
        yield str(number - 2 if number > 10 else number + 2)


class WrongKey(Rewrite):
    """A pre-shared key with one letter changed, on the access point or on the station."""

    id, title = "cle-wifi", "secret du Wi-Fi faux"
    kinds = frozenset({"ios", *_STATION})
    pattern = re.compile(r"(?:\bwpa-psk(?: ascii)?(?: 0)? |^\s*psk=\")(?P<x>[^\s\"]+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield found["x"][:-1] + ("x" if found["x"][-1] != "x" else "y")


class OtherSsid(Rewrite):
    """The name of a network without its last letter."""

    id, title = "nom-wifi", "nom du réseau Wi-Fi faux"
    kinds = frozenset({"ios", *_STATION})
    pattern = re.compile(r"(?:^\s*(?:dot11 )?ssid |^\s*ssid=\"|^\s*wpa-ssid )(?P<x>[^\s\"]+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        if len(found["x"]) > 1:
            yield found["x"][:-1]


class OtherBridgeGroup(Rewrite):
    """A bridge group that nothing else is in."""

    id, title = "groupe-de-pont", "groupe de pont faux"
    pattern = re.compile(r"^\s*bridge-group (?P<x>\d+)\Z", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        number = int(found["x"])
        yield str(number + 1 if number < 254 else number - 1)


class OtherCipherVlan(Rewrite):
    """The ciphers of a VLAN that the radio does not carry."""

    id, title = "vlan-chiffrement", "chiffrement d'un autre VLAN"
    pattern = re.compile(r"^\s*encryption vlan (?P<x>\d+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        number = int(found["x"]) + 1
        while number in setting.vlans:
            number += 1
        yield str(number)


class RadiusPort(Rewrite):
    """The port that an access point asks when none is typed, where the server does not listen."""

    id, title = "port-radius", "port RADIUS d'origine"
    pattern = re.compile(r"\bauth-port (?P<x>1812)\b", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        yield "1645"


class SharedSecret(WrongKey):
    """A shared secret with one letter changed, on the access point or on the RADIUS server."""

    id, title = "secret-radius", "secret partagé faux"
    kinds = frozenset({"ios", "file"})
    pattern = re.compile(r"^\s*(?:key (?:0 )?|secret\s*=\s*)(?P<x>[^\s\"]+)\Z", I)


class AccountName(OtherSsid):
    """An account without its last letter, on the RADIUS server or on the station."""

    id, title = "compte", "nom de compte faux"
    kinds = frozenset({"file"})
    pattern = re.compile(r"^(?:\s*identity=\"(?=.+\")|(?=\S+ Cleartext-Password))(?P<x>[^\s\"]+)")


class AccountPassword(WrongKey):
    """The password of an account with one letter changed, on the RADIUS server or on the station."""

    id, title = "mot-de-passe-compte", "mot de passe de compte faux"
    kinds = frozenset({"file"})
    pattern = re.compile(r"(?:Cleartext-Password := \"|^\s*password=\")(?P<x>[^\s\"]+)")


class AssignedVlan(Rewrite):
    """An account in the VLAN of another."""

    id, title = "vlan-attribue", "VLAN attribué faux"
    kinds = frozenset({"file"})
    pattern = re.compile(r"Tunnel-Private-Group-Id\s*:?=\s*\"?(?P<x>\d+)", I)

    def values(self, found: re.Match[str], line: Line, setting: Setting) -> Iterator[str]:
        number = int(found["x"])
        yield str(next((vlan for vlan in setting.vlans if vlan != number), number + 1))


def operators() -> tuple[Operator, ...]:
    """All of them, in the order in which a line's mutants are listed."""
    keys = (WrongKey(), OtherSsid(), SharedSecret(), AccountName(), AccountPassword())
    return (OverlappingChannel(), *keys, OtherBridgeGroup(), OtherCipherVlan(), RadiusPort(), AssignedVlan())
