"""One management network per lab, in Docker: without a way out, and without a way from node to node."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from pyroute2 import IPRoute

from trilab.engine.containerlab.state import Names
from trilab.errors import HostError, InputError
from trilab.host import docker

VARIABLE = "TRILAB_MGMT_POOL"
POOL = "172.20.0.0/16"  # private (RFC 1918); 254 candidates with networks of 256 addresses
_TAKEN = ("overlap", "already in use", "conflict")  # Docker's words for a subnet that somebody has


def make(names: Names, wanted: IPv4Network) -> IPv4Network:
    """Make the network with the wanted subnet, or the first free one of its size in the pool; gives its subnet.

    Docker itself decides what is free: two labs that start at once cannot get the same.

    Raises:
        InputError: ``TRILAB_MGMT_POOL`` is not an IPv4 network.
        HostError: Docker refuses, or everything is taken.
    """
    pool = _pool()
    routes = _routes()
    for subnet in _candidates(wanted, pool):
        if any(subnet.overlaps(route) for route in routes):
            continue
        try:
            _create(names, subnet)
        except docker.DockerError as error:
            if any(word in error.said.lower() for word in _TAKEN):
                continue
            raise
        return subnet
    raise HostError(f"Plus de réseau d'administration libre dans {pool}.", f"Indiquez un autre bloc : {VARIABLE}.")


def _candidates(wanted: IPv4Network, pool: IPv4Network) -> Iterator[IPv4Network]:
    yield wanted
    yield from pool.subnets(new_prefix=max(wanted.prefixlen, pool.prefixlen))


def _pool() -> IPv4Network:
    written = os.environ.get(VARIABLE, POOL)
    try:
        return IPv4Network(written)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise InputError(f"{VARIABLE} : « {written} » n'est pas un réseau IPv4.", f"Exemple : {POOL}") from error


def _routes() -> list[IPv4Network]:
    """Where this machine's packets go already, its default route apart."""
    with IPRoute() as route:
        found = [(entry.get_attr("RTA_DST"), entry["dst_len"]) for entry in route.get_routes(family=2, table=254)]
    return [IPv4Network(f"{destination}/{length}") for destination, length in found if destination and length]


def _create(names: Names, subnet: IPv4Network) -> None:
    gateway = next(subnet.hosts())
    docker.run(
        *("network", "create", "--driver", "bridge", "--internal"),
        *("--subnet", str(subnet), "--gateway", str(gateway)),
        *("--opt", f"com.docker.network.bridge.name={names.bridge}"),
        names.network,
    )


def isolate(names: Names) -> None:
    """A node reaches the graders' side only, never another node: no way round the lab's own cables."""
    with IPRoute() as route:
        bridge = route.link_lookup(ifname=names.bridge)[0]
        for link in route.get_links(master=bridge):
            if link.get_attr("IFLA_MASTER") == bridge:
                route.brport("set", index=link["index"], isolated=1)


def remove(names: Names) -> None:
    """Remove the network, if it is there. Raises DockerError while a container is in it."""
    docker.remove("network", [names.network])
