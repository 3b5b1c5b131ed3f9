"""Management addresses of the nodes of a lab."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from trilab.engine.base import LabSpec


def assign(spec: LabSpec, network: IPv4Network) -> dict[str, IPv4Address]:
    """Node → address in ``network``, the first of which is the graders' side.

    An address that the topology asks for keeps its place in a network that replaces the topology's.
    """
    first = IPv4Network(spec.mgmt_subnet).network_address
    asked = {node.name: network[int(node.mgmt_ipv4) - int(first)] for node in spec.nodes if node.mgmt_ipv4 is not None}
    taken = {*asked.values(), next(network.hosts())}
    free = (address for address in network.hosts() if address not in taken)
    return {node.name: asked.get(node.name) or next(free) for node in spec.nodes}
