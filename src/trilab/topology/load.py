"""Reading a topology: Jinja, then YAML, then the models, then what only the whole file can tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from trilab.errors import FileError, UnknownNameError
from trilab.topology.merge import merged
from trilab.topology.model import ClabFile, Endpoint, Link, NodeConfig
from trilab.topology.scalars import DEFAULT_SUBNET
from trilab.topology.template import render_mapped
from trilab.topology.validation import validate
from trilab.topology.yamlfile import Loc, Source, parse, read_text

_NODE_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._|-]*")
_IFNAME = re.compile(r"[^\s/:]{1,15}")  # Linux: IFNAMSIZ is 16 with the final zero; dev_valid_name()
_LINUX_KINDS = frozenset({"linux", "bridge", "ovs-bridge", "host", "ext-container"})
_PSEUDO_NODES = frozenset({"host", "mgmt-net", "macvlan", "dummy"})  # special short ends: "host:eth9"


@dataclass(frozen=True)
class Topology:
    """A checked topology. ``nodes`` holds each node with what it inherits, in the order of the file."""

    source: Source
    file: ClabFile
    nodes: Mapping[str, NodeConfig]

    @property
    def name(self) -> str:
        """The topology's own name."""
        return self.file.name

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self.source.path

    @property
    def links(self) -> tuple[Link, ...]:
        """The links, in the order of the file."""
        return self.file.topology.links

    @property
    def subnet(self) -> IPv4Network:
        """The management network."""
        return self.file.mgmt.ipv4_subnet or DEFAULT_SUBNET

    def role(self, node: str) -> str | None:
        """The node's ``trilab-role`` label, as written."""
        if node not in self.nodes:
            raise UnknownNameError("nœud", node, self.nodes, where=str(self.path))
        return (self.nodes[node].labels or {}).get("trilab-role")


def load(path: Path, variables: Mapping[str, Any] | None = None) -> Topology:
    """Read, render and check a containerlab topology.

    Parameters:
        path: a ``*.clab.yml`` file; Jinja over ``variables`` is allowed in it.
        variables: the lab's, for one candidate.

    Raises:
        FileError: with line, column and field, whatever is wrong.
    """
    text, lines = render_mapped(path, read_text(path), variables or {})
    source = parse(path, text, lines)
    file = validate(ClabFile, source)
    _check_nodes(source, file)
    nodes = {name: merged(file.topology, name) for name in file.topology.nodes}
    topology = Topology(source, file, nodes)
    _check_kinds(topology)
    _check_links(topology)
    _check_addresses(topology)
    return topology


def _check_nodes(source: Source, file: ClabFile) -> None:
    graph = file.topology
    if not graph.nodes:
        raise source.error(("topology", "nodes"), "la topologie n'a aucun nœud.")
    for name in graph.nodes:
        if not _NODE_NAME.fullmatch(name):
            message = "nom de nœud incorrect : lettres, chiffres, « - », « . », « _ » et « | » seulement."
            raise source.error(("topology", "nodes", name), message, key=True)
    for section in ("kinds", "groups", "nodes"):
        for name, config in getattr(graph, section).items():
            if config.group and graph.groups and config.group not in graph.groups:
                loc = ("topology", section, name, "group")
                raise source.error(loc, f"groupe « {config.group} » inconnu.", hint=f"Groupes : {_list(graph.groups)}.")


def _check_kinds(topology: Topology) -> None:
    for name, node in topology.nodes.items():
        if node.kind is None:
            raise topology.source.error(
                ("topology", "nodes", name), "ce nœud n'a pas de « kind ».", hint="Donnez-le ici ou dans « defaults »."
            )


def _check_links(topology: Topology) -> None:
    used: dict[tuple[str, str], int] = {}
    macs: dict[str, str] = {}
    for index, link in enumerate(topology.links):
        for loc, end in _ends(index, link):
            if link.type is None and end.node in _PSEUDO_NODES and end.node not in topology.nodes:
                continue
            _check_end(topology, loc, end)
            _check_twice(topology, loc, end, used, index)
            if end.mac and end.mac in macs:
                message = f"adresse MAC {end.mac} déjà donnée à {macs[end.mac]}."
                raise topology.source.error((*loc, "mac"), message, hint="Une adresse MAC est unique dans un réseau.")
            if end.mac:
                macs[end.mac] = f"{end.node}:{end.interface}"


def _ends(index: int, link: Link) -> list[tuple[Loc, Endpoint]]:
    base: Loc = ("topology", "links", index)
    if link.endpoint:
        return [((*base, "endpoint"), link.endpoint)]
    return [((*base, "endpoints", rank), end) for rank, end in enumerate(link.endpoints)]


def _check_end(topology: Topology, loc: Loc, end: Endpoint) -> None:
    if end.node not in topology.nodes:
        unknown = UnknownNameError("nœud", end.node, topology.nodes)
        raise topology.source.error(loc, unknown.message, hint=unknown.hint)
    node = topology.nodes[end.node]
    if end.interface == "eth0" and node.network_mode != "none":
        message = f"{end.node}:eth0 est l'interface d'administration, elle ne se câble pas."
        raise topology.source.error(loc, message, hint="Commencez à eth1.")
    if node.kind in _LINUX_KINDS and (not _IFNAME.fullmatch(end.interface) or end.interface in (".", "..")):
        message = f"nom d'interface « {end.interface} » incorrect : 15 caractères au plus, sans espace, « / » ni « : »."
        raise topology.source.error(loc, message, hint="Exemple : eth1.")


def _check_twice(topology: Topology, loc: Loc, end: Endpoint, used: dict[tuple[str, str], int], index: int) -> None:
    where = (end.node, end.interface)
    if where in used:
        place = topology.source.place(("topology", "links", used[where]))
        message = f"{end.node}:{end.interface} est déjà câblée ligne {place.line}."
        raise topology.source.error(loc, message, hint="Une interface porte un seul lien : choisissez-en une autre.")
    used[where] = index


def _check_addresses(topology: Topology) -> None:
    taken: dict[IPv4Address, str] = {}
    subnet = topology.subnet
    gateway = topology.file.mgmt.ipv4_gw or subnet.network_address + 1
    for name, config in topology.file.topology.nodes.items():
        address, loc = config.mgmt_ipv4, ("topology", "nodes", name, "mgmt-ipv4")
        if address is None:
            continue
        if address in taken:
            raise _address(topology, loc, f"{address} est déjà l'adresse d'administration de {taken[address]}.")
        if address not in subnet or address in (subnet.network_address, subnet.broadcast_address):
            raise _address(topology, loc, f"{address} n'est pas une adresse d'hôte du réseau {subnet}.")
        if address == gateway:
            raise _address(topology, loc, f"{address} est l'adresse de l'hôte sur le réseau d'administration.")
        taken[address] = name
    for section in ("kinds", "groups"):
        for name, config in getattr(topology.file.topology, section).items():
            if config.mgmt_ipv4 is not None:
                raise _address(
                    topology, ("topology", section, name, "mgmt-ipv4"), "une adresse se donne à un seul nœud."
                )


def _address(topology: Topology, loc: Loc, message: str) -> FileError:
    return topology.source.error(loc, message, hint="Choisissez-en une autre, ou retirez ce champ.")


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names))
