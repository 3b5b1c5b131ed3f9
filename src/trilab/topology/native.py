"""What the native engine does with each field of a containerlab file, with the reason. Nothing is silently ignored:
a field is honoured, or has no effect that a user could miss (said here), or is refused by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from trilab.errors import FileError
from trilab.topology.load import Topology
from trilab.topology.merge import levels
from trilab.topology.model import Link
from trilab.topology.yamlfile import Loc

Use = Literal["honoured", "no effect", "refused"]


@dataclass(frozen=True)
class Treatment:
    """What becomes of a field. ``reason`` is French where a user reads it (refused), English elsewhere.

    ``harmless``: values of a refused field (of a list or a table: entries) that ask for what the engine does anyway.
    """

    use: Use
    reason: str = ""
    harmless: tuple[Any, ...] = ()

    def refuses(self, value: Any) -> bool:
        """Whether a topology may not say ``value``."""
        if self.use != "refused" or value in (None, "", ()):
            return False
        entries = value.items() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        return any(entry not in self.harmless for entry in entries)


def _no(reason: str, *harmless: Any) -> Treatment:
    return Treatment("refused", reason, harmless)


_HONOURED = Treatment("honoured")
_CONTAINER = "les droits et les espaces de noms d'un nœud sont fixés par le moteur natif"
_BOOT = "un nœud démarre par l'init de trilab"
_FILES = "seul « binds » apporte des fichiers à un nœud"
_VENDOR = "réservé aux images de constructeurs"
_START = "un équipement démarre sans configuration ; jouez une solution avec « trilab solve »"
_READY = "le moteur natif sait lui-même quand un nœud est prêt"
_MGMT = "le réseau d'administration du moteur natif est un pont IPv4 interne à la maquette"

NODE: dict[str, Treatment] = {
    "kind": _HONOURED,
    "group": _HONOURED,
    "labels": _HONOURED,
    "env": _HONOURED,
    "exec": _HONOURED,
    "binds": _HONOURED,
    "memory": _HONOURED,
    "mgmt_ipv4": _HONOURED,
    "image": Treatment("no effect", "all nodes run trilab's one image; the role label says what starts in it"),
    "image_pull_policy": Treatment("no effect", "the image is built, never pulled"),
    "runtime": Treatment("no effect", "names a container daemon; there is none"),
    "type": Treatment("no effect", "has a meaning for vendor kinds only; kind linux ignores it"),
    "auto_remove": Treatment("no effect", "a lab that is taken down leaves nothing anyway"),
    "link_apply_mode": Treatment("no effect", "about changing a running lab, which trilab does not do"),
    "config": Treatment("no effect", "variables of containerlab's own config command"),
    "suppress_startup_config": Treatment("no effect", "no startup configuration is ever generated"),
    "enforce_startup_config": _no(_START, False),
    "startup_config": _no(_START),
    "startup_delay": _no(_READY),
    "stages": _no(_READY),
    "healthcheck": _no(_READY),
    "restart_policy": _no("un nœud arrêté le reste, pour que l'incident se voie", "no", "No"),
    "license": _no(_VENDOR),
    "extras": _no(_VENDOR),
    "components": _no(_VENDOR),
    "certificate": _no("le moteur natif n'émet pas de certificats"),
    "volumes": _no(_FILES),
    "tmpfs": _no(_FILES),
    "shm_size": _no(_FILES),
    "env_files": _no("écrivez les variables sous « env »"),
    "ports": _no("rien d'une maquette n'est publié sur l'hôte ; utilisez « trilab ssh »"),
    "aliases": _no("les nœuds se connaissent par leur nom seulement"),
    "hostname": _no("le nom d'hôte est le nom du nœud"),
    "credentials": _no("les comptes d'administration sont fixés par trilab"),
    "user": _no("les programmes d'un nœud tournent sous leurs propres comptes", "root", "0"),
    "entrypoint": _no(_BOOT),
    "cmd": _no(_BOOT),
    "mgmt_ipv6": _no(_MGMT),
    "dns": _no("aucun serveur DNS extérieur n'est joignable d'une maquette"),
    "network_mode": _no("chaque nœud a son propre espace réseau"),
    "cpu": _no("le moteur natif ne limite pas le processeur", 0),
    "cpu_set": _no("le moteur natif ne limite pas le processeur"),
    "cap_add": _no(_CONTAINER, "NET_ADMIN", "SYS_ADMIN", "IPC_LOCK", "SYS_NICE"),
    "privileged": _no(_CONTAINER, False),
    "cgroupns_mode": _no(_CONTAINER, "private"),
    "cgroup_parent": _no(_CONTAINER),
    "pid_mode": _no(_CONTAINER),
    "security_opts": _no(_CONTAINER, "apparmor=unconfined"),
    "sysctls": _no(_CONTAINER, ("net.ipv4.ip_forward", "0")),
    "devices": _no(_CONTAINER, "/dev/net/tun"),
}

MGMT: dict[str, Treatment] = {
    "ipv4_subnet": _HONOURED,
    "network": Treatment("no effect", "the name of a Docker network"),
    "bridge": Treatment("no effect", "the name of a bridge of the host; ours is inside the lab"),
    "skip_when_unused": Treatment("no effect", "every node has a management interface"),
    "external_access": _no("une maquette native n'a aucun accès à l'extérieur", False),
    "ipv4_gw": _no(_MGMT),
    "ipv4_range": _no(_MGMT),
    "ipv6_subnet": _no(_MGMT),
    "ipv6_gw": _no(_MGMT),
    "ipv6_range": _no(_MGMT),
    "mtu": _no(_MGMT, 1500),
    "driver_opts": _no(_MGMT),
}

ROOT: dict[str, Treatment] = {
    "name": _HONOURED,
    "mgmt": _HONOURED,
    "topology": _HONOURED,
    "prefix": Treatment("no effect", "names containers on the host, where a lab shows nothing"),
    "debug": Treatment("no effect", "containerlab's own verbosity"),
    "settings": _no("le moteur natif n'émet pas de certificats"),
}

LINK: dict[str, Treatment] = {
    "type": _HONOURED,
    "endpoints": _HONOURED,
    "mtu": _HONOURED,
    "vars": Treatment("no effect", "variables of containerlab's own config command"),
    "labels": Treatment("no effect", "nothing reads them"),
    "ipv4": _no("l'adressage est le travail du candidat ; utilisez « exec » pour un nœud déjà configuré"),
    "ipv6": _no("l'adressage est le travail du candidat ; utilisez « exec » pour un nœud déjà configuré"),
    "mac": _no("le moteur natif choisit les adresses MAC"),
}

_INTERFACE = re.compile(r"eth[1-9][0-9]?")
_HOSTNAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?")  # RFC 1123, 2.1


def native_refusals(topology: Topology) -> list[FileError]:
    """Everything in a topology that the native engine cannot honour, in the order of the file; empty: it can run."""
    found = _fields(topology, ROOT, topology.file, ())
    found += _fields(topology, MGMT, topology.file.mgmt, ("mgmt",))
    for loc, config in _applied(topology):
        found += _fields(topology, NODE, config, loc)
    for name, node in topology.nodes.items():
        found += _node(topology, name, str(node.kind))
    for index, link in enumerate(topology.links):
        found += _link(topology, ("topology", "links", index), link)
    return sorted(found, key=lambda error: (error.line or 0, error.column or 0))


def _applied(topology: Topology) -> list[tuple[Loc, Any]]:
    """Each table that some node uses, once; what no node uses changes nothing."""
    tables: dict[Loc, Any] = {}
    for name in topology.nodes:
        tables |= {("topology", *place): config for place, config in levels(topology.file.topology, name)}
    return list(tables.items())


def _fields(topology: Topology, table: dict[str, Treatment], model: Any, loc: Loc) -> list[FileError]:
    found = []
    for name in sorted(model.model_fields_set):
        value, treatment = getattr(model, name), table[name]
        if treatment.refuses(value):
            found.append(_refusal(topology, (*loc, name.replace("_", "-")), treatment.reason, key=True))
    return found


def _node(topology: Topology, name: str, kind: str) -> list[FileError]:
    loc: Loc = ("topology", "nodes", name)
    found = []
    if kind != "linux":
        reason = f"le kind « {kind} » demande une image de constructeur ou un objet de l'hôte ; seul « linux » convient"
        found.append(_refusal(topology, (*loc, "kind"), reason))
    if not _HOSTNAME.fullmatch(name):
        reason = "ce nom ne peut pas être un nom d'hôte : lettres, chiffres et tirets seulement"
        found.append(_refusal(topology, loc, reason, key=True))
    return found


def _link(topology: Topology, loc: Loc, link: Link) -> list[FileError]:
    if (kind := link.type or "veth") != "veth":
        reason = f"un lien de type {kind} sort de la maquette ; seul « veth » convient"
        return [_refusal(topology, (*loc, "type"), reason)]
    found = _fields(topology, {**LINK, "endpoint": _HONOURED}, link, loc)
    for rank, end in enumerate(link.endpoints):
        place = (*loc, "endpoints", rank)
        found += [
            _refusal(topology, (*place, name), LINK[name].reason, key=True)
            for name in ("mac", "ipv4", "ipv6")
            if getattr(end, name) is not None
        ]
        if end.node not in topology.nodes:
            found.append(_refusal(topology, place, f"« {end.node} » relie la maquette à l'hôte"))
        elif not _INTERFACE.fullmatch(end.interface):
            found.append(_refusal(topology, place, f"interface « {end.interface} » : eth1 à eth99 seulement"))
    return found


def _refusal(topology: Topology, loc: Loc, reason: str, *, key: bool = False) -> FileError:
    hint = "Retirez-le : seul containerlab lui-même, sans trilab, l'honore."
    return topology.source.error(loc, f"refusé par le moteur natif : {reason}.", key=key, hint=hint)
