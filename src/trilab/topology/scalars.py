"""Types of the single values of a topology file: each checks one and says in French what was expected."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from trilab.topology.yamlfile import PlainFloat

DEFAULT_SUBNET = IPv4Network("172.20.20.0/24")  # containerlab's own default
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_MEMORY = re.compile(r"(\d+)\s*(b|kib|kb|k|mib|mb|m|gib|gb|g)?", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "k": 2**10, "m": 2**20, "g": 2**30}  # as Docker: kb, mb and gb are binary too


def _text(value: Any) -> Any:
    """A scalar as its text, the way environment variables and labels are read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, PlainFloat):
        return value.text
    return str(value) if isinstance(value, int | float) else value


def _mac(value: Any) -> Any:
    mac = value.lower().replace("-", ":") if isinstance(value, str) else ""
    if not _MAC.fullmatch(mac) or int(mac[:2], 16) & 1:  # IEEE 802: the low bit of the first octet marks a group
        raise ValueError("adresse MAC de carte attendue, six octets (exemple : 02:00:00:00:00:01)")
    return mac


def _memory(value: Any) -> Any:
    found = _MEMORY.fullmatch(str(value).strip()) if isinstance(value, str | int) else None
    if not found or not int(found[1]):
        raise ValueError("quantité de mémoire attendue (exemple : 256mb)")
    return int(found[1]) * _UNITS[(found[2] or "").lower()[:1]]


def _subnet(value: Any) -> Any:
    if value == "auto":
        return DEFAULT_SUBNET
    try:
        return IPv4Network(str(value))
    except ValueError as error:
        raise ValueError("réseau IPv4 attendu, bits d'hôte à zéro (exemple : 172.20.20.0/24)") from error


def _reader(kind: type[Any], expected: str) -> BeforeValidator:
    """A check that a text is an address of ``kind``."""

    def check(value: Any) -> Any:
        try:
            return kind(value if isinstance(value, str) else "")
        except ValueError as error:
            raise ValueError(f"{expected} attendue") from error

    return BeforeValidator(check)


Text = Annotated[str, BeforeValidator(_text)]
Label = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
Mac = Annotated[str, BeforeValidator(_mac)]
Memory = Annotated[int, BeforeValidator(_memory)]
Subnet = Annotated[IPv4Network, BeforeValidator(_subnet)]
Ip4 = Annotated[IPv4Address, _reader(IPv4Address, "adresse IPv4")]
Ip6 = Annotated[IPv6Address, _reader(IPv6Address, "adresse IPv6")]
Prefix4 = Annotated[IPv4Interface, _reader(IPv4Interface, "adresse IPv4 avec préfixe")]
Prefix6 = Annotated[IPv6Interface, _reader(IPv6Interface, "adresse IPv6 avec préfixe")]
Integer = Annotated[int, Field(strict=True)]
Mtu = Annotated[int, Field(strict=True, ge=1, le=65535)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Vni = Annotated[int, Field(strict=True, ge=1, le=16777215)]  # RFC 7348: 24 bits
Words = tuple[str, ...]
