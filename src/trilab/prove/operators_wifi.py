"""Mutation operators of Wi-Fi: autonomous access points, and the files of stations."""

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


def operators() -> tuple[Operator, ...]:
    """All of them, in the order in which a line's mutants are listed."""
    return (OverlappingChannel(), WrongKey(), OtherSsid(), OtherBridgeGroup(), OtherCipherVlan())
