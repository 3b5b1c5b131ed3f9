"""From a checked topology to what the native engine builds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from trilab.errors import FileError, UnknownNameError
from trilab.french import count
from trilab.topology.load import Topology
from trilab.topology.merge import levels
from trilab.topology.model import Link
from trilab.topology.native import native_refusals
from trilab.topology.spec import ACCESS, NO_ACCESS, LabSpec, LinkSpec, NodeSpec, Role, Vendor
from trilab.topology.yamlfile import Loc

ROLES: tuple[Role, ...] = get_args(Role)
NOS_ROLES: frozenset[str] = frozenset({"switch", "router", "ap"})  # they have the IOS-style command line
MAX_PORTS = 48
LABELS = ("trilab-role", "trilab-ports", "trilab-tone", ACCESS)  # other labels are the author's own
_CONTAINERLAB_FOLDERS = ("__clabNodeDir__", "__clabDir__")


def plan(topology: Topology, lab_id: str, candidate: str, vendors: Mapping[Role, Vendor] | None = None) -> LabSpec:
    """What to build for one candidate. ``vendors``: role → the device that takes its place on containerlab.

    Raises:
        FileError: the native engine cannot honour something (the first; the hint counts the others), a role is
            missing or unknown, a bind is not there, a port label is wrong.
    """
    refusals = native_refusals(topology)
    if refusals:
        first = refusals[0]
        if len(refusals) > 1:
            first.hint += f" (Et {count(len(refusals) - 1, 'autre refus', 'autres refus')} dans ce fichier.)"
        raise first
    _check_room(topology)
    return LabSpec(
        lab=lab_id,
        candidate=candidate,
        nodes=tuple(_node(topology, name, vendors or {}) for name in topology.nodes),
        links=tuple(_cable(link) for link in topology.links),
        mgmt_subnet=str(topology.subnet),
    )


def _check_room(topology: Topology) -> None:
    """The management network holds every node, and the host."""
    room = topology.subnet.num_addresses - 3  # network, broadcast, host
    if room < len(topology.nodes):
        message = f"{topology.subnet} est trop petit pour {len(topology.nodes)} nœuds."
        raise topology.source.error(("mgmt", "ipv4-subnet"), message, hint="Prenez un réseau plus grand.")


def _cable(link: Link) -> LinkSpec:
    a, b = link.endpoints
    return LinkSpec((a.node, a.interface), (b.node, b.interface), link.mtu or 1500)


def _node(topology: Topology, name: str, vendors: Mapping[Role, Vendor]) -> NodeSpec:
    node = topology.nodes[name]
    role = _role(topology, name)
    _check_labels(topology, name)
    _check_ports(topology, name, role)
    _check_env(topology, name)
    return NodeSpec(
        name=name,
        role=role,
        env=dict(node.env or {}),
        labels=dict(node.labels or {}),
        binds=tuple(_bind(topology, name, bind) for bind in node.binds or ()),
        exec=node.exec or (),
        memory=node.memory,
        mgmt_ipv4=node.mgmt_ipv4,
        vendor=vendors.get(role),
    )


def _role(topology: Topology, name: str) -> Role:
    written = topology.role(name)
    for role in ROLES:
        if role == written:
            return role
    loc = origin(topology, name, "labels", "trilab-role")
    message = f"rôle « {written} » inconnu pour {name}." if written else f"{name} n'a pas d'étiquette trilab-role."
    raise topology.source.error(loc, message, hint=f"Rôles : {', '.join(ROLES)}.")


def _check_labels(topology: Topology, name: str) -> None:
    for label in topology.nodes[name].labels or {}:
        if label.startswith("trilab-") and label not in LABELS:
            unknown = UnknownNameError("étiquette", label, LABELS)
            loc = origin(topology, name, "labels", label)
            raise topology.source.error(loc, unknown.message, key=True, hint=unknown.hint)
    access = (topology.nodes[name].labels or {}).get(ACCESS, NO_ACCESS)
    if access != NO_ACCESS:
        loc = origin(topology, name, "labels", ACCESS)
        raise topology.source.error(
            loc, f"{ACCESS} : seule la valeur « {NO_ACCESS} » existe.", hint="Retirez l'étiquette."
        )


def _check_ports(topology: Topology, name: str, role: Role) -> None:
    written = (topology.nodes[name].labels or {}).get("trilab-ports")
    if written is None:
        return
    loc = origin(topology, name, "labels", "trilab-ports")
    if role not in NOS_ROLES:
        raise topology.source.error(loc, f"trilab-ports ne s'applique pas au rôle {role}.", hint="Retirez l'étiquette.")
    if not written.isascii() or not written.isdigit() or not 1 <= int(written) <= MAX_PORTS:
        raise topology.source.error(loc, f"trilab-ports : un nombre de 1 à {MAX_PORTS} est attendu.")
    ends = (end for link in topology.links for end in link.endpoints if end.node == name)
    highest = max((int(end.interface.removeprefix("eth")) for end in ends), default=0)
    if highest > int(written):
        message = f"{name} a {written} ports, mais eth{highest} est câblée."
        raise topology.source.error(loc, message, hint="Augmentez trilab-ports ou changez le câblage.")


def _check_env(topology: Topology, name: str) -> None:
    """containerlab replaces ``${NAME}`` and imports the user's environment; a graded lab must not depend on it."""
    for key, value in (topology.nodes[name].env or {}).items():
        if key == "__IMPORT_ENVS" or "${" in value:
            loc = origin(topology, name, "env", key)
            message = "refusé par le moteur natif : l'environnement de l'utilisateur n'entre pas dans une maquette."
            raise topology.source.error(loc, message, hint="Écrivez la valeur.")


def _bind(topology: Topology, name: str, bind: str) -> tuple[Path, str, bool]:
    """``host:node[:ro|rw]``; a relative host path starts at the topology file."""
    host, _, rest = bind.partition(":")
    target, _, options = rest.partition(":")
    if not target.startswith("/") or options not in ("", "ro", "rw"):
        raise _bind_error(topology, name, bind, "forme attendue : chemin:/chemin/dans/le/nœud[:ro]")
    if any(folder in host for folder in _CONTAINERLAB_FOLDERS) or "${" in host:
        raise _bind_error(topology, name, bind, "les variables de containerlab n'existent pas dans le moteur natif")
    path = (topology.path.parent / Path(host).expanduser()).resolve()
    if not path.exists():
        raise _bind_error(topology, name, bind, f"{path} n'existe pas sur cette machine")
    return path, target, options == "ro"


def _bind_error(topology: Topology, name: str, bind: str, why: str) -> FileError:
    return topology.source.error(origin(topology, name, "binds"), f"montage « {bind} » : {why}.")


def origin(topology: Topology, name: str, *keys: str) -> Loc:
    """Where a node's value is written: the most particular level that has it, else the node itself."""
    for place, _ in reversed(levels(topology.file.topology, name)):
        loc: Loc = ("topology", *place, *keys)
        if loc in topology.source.values:
            return loc
    return ("topology", "nodes", name)
