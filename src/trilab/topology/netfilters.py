"""Jinja filters over IPv4 networks: what an author of labs needs to write an addressing plan."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Interface, IPv4Network
from typing import Any


class FilterError(ValueError):
    """A filter was given something that it cannot compute; the message is French."""


def _interface(value: Any) -> IPv4Interface:
    text = str(value)
    if "/" not in text:
        raise FilterError(f"« {text} » n'a pas de préfixe (exemple attendu : 10.1.10.0/24)")
    try:
        return IPv4Interface(text)
    except ValueError as error:
        raise FilterError(f"« {text} » n'est pas une adresse IPv4 avec préfixe (exemple : 10.1.10.0/24)") from error


def _network(value: Any) -> IPv4Network:
    return _interface(value).network


def _whole(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise FilterError(f"{what} : un nombre entier est attendu, pas « {value} »")
    return value


def host(value: Any, number: int) -> str:
    """``"10.1.10.0/24" | host(1)`` → ``10.1.10.1``; negative numbers count back from the broadcast address."""
    net, number = _network(value), _whole(number, "host")
    offset = number if number >= 0 else net.num_addresses - 1 + number
    if not 0 < offset < net.num_addresses - 1:
        raise FilterError(f"l'hôte {number} n'existe pas dans {net}")
    return str(net[offset])


def subnet(value: Any, prefix: int, number: int) -> str:
    """``"10.1.0.0/16" | subnet(24, 10)`` → ``10.1.10.0/24``: the ``number``-th subnet, from 0."""
    net, prefix, number = _network(value), _whole(prefix, "subnet"), _whole(number, "subnet")
    if not net.prefixlen <= prefix <= 32 or not 0 <= number < 2 ** (prefix - net.prefixlen):
        raise FilterError(f"le sous-réseau {number} en /{prefix} n'existe pas dans {net}")
    return str(IPv4Network((int(net.network_address) + number * 2 ** (32 - prefix), prefix)))


def first_host(value: Any) -> str:
    """The first usable address."""
    return host(value, 1)


def last_host(value: Any) -> str:
    """The last usable address."""
    return host(value, -1)


def network(value: Any) -> str:
    """The network address, without prefix."""
    return str(_network(value).network_address)


def broadcast(value: Any) -> str:
    """The broadcast address."""
    return str(_network(value).broadcast_address)


def netmask(value: Any) -> str:
    """``255.255.255.0``."""
    return str(_network(value).netmask)


def wildcard(value: Any) -> str:
    """``0.0.0.255``, as an access list wants it."""
    return str(_network(value).hostmask)


def prefixlen(value: Any) -> int:
    """``24``."""
    return _network(value).prefixlen


def cidr(value: Any) -> str:
    """The network of an address: ``10.1.10.5/24`` → ``10.1.10.0/24``."""
    return str(_network(value))


def address(value: Any) -> str:
    """The address alone: ``10.1.10.5/24`` → ``10.1.10.5``."""
    return str(_interface(value).ip)


def filters() -> dict[str, Callable[..., Any]]:
    """Every filter by its name in templates."""
    every = (host, subnet, first_host, last_host, network, broadcast, netmask, wildcard, prefixlen, cidr, address)
    return {function.__name__: function for function in every}
