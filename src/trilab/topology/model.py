"""Pydantic models of the containerlab topology file (https://containerlab.dev/manual/topo-def-file/).

They say what a file may hold, engine apart. What the native engine does with each field is in ``native.py``.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from trilab.topology.scalars import (
    Integer,
    Ip4,
    Ip6,
    Label,
    Mac,
    Memory,
    Mtu,
    Port,
    Prefix4,
    Prefix6,
    Subnet,
    Text,
    Vni,
    Words,
)
from trilab.topology.validation import Strict

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")


class Mgmt(Strict):
    """The management network."""

    network: str | None = None
    bridge: str | None = None
    ipv4_subnet: Subnet | None = None
    ipv6_subnet: str | None = None
    ipv4_gw: Ip4 | None = None
    ipv6_gw: Ip6 | None = None
    ipv4_range: str | None = None
    ipv6_range: str | None = None
    mtu: Mtu | None = None
    external_access: bool | None = None
    skip_when_unused: bool | None = None
    driver_opts: dict[str, Text] | None = None


class NodeConfig(Strict):
    """A node, or what defaults, a kind or a group give to nodes. ``None``: not written at this level."""

    kind: str | None = None
    image: str | None = None
    image_pull_policy: str | None = None
    restart_policy: str | None = None
    license: str | None = None
    type: str | None = None
    group: str | None = None
    startup_config: str | None = None
    startup_delay: Integer | None = None
    enforce_startup_config: bool | None = None
    suppress_startup_config: bool | None = None
    auto_remove: bool | None = None
    exec: Words | None = None
    binds: Words | None = None
    volumes: Words | None = None
    ports: tuple[Text, ...] | None = None
    env: dict[str, Text] | None = None
    env_files: Words | None = None
    credentials: dict[str, str] | None = None
    user: Text | None = None
    hostname: str | None = None
    entrypoint: str | None = None
    cmd: str | None = None
    labels: dict[str, Label] | None = None
    runtime: str | None = None
    mgmt_ipv4: Ip4 | None = None
    mgmt_ipv6: Ip6 | None = None
    network_mode: str | None = None
    link_apply_mode: str | None = None
    cpu: float | None = Field(default=None, ge=0)
    memory: Memory | None = None
    cpu_set: Text | None = None
    extras: dict[str, Any] | None = None
    config: dict[str, Any] | None = None
    stages: dict[str, Any] | None = None
    dns: dict[str, Any] | None = None
    certificate: dict[str, Any] | None = None
    healthcheck: dict[str, Any] | None = None
    components: tuple[dict[str, Any], ...] | None = None
    aliases: Words | None = None
    shm_size: Text | None = None
    cap_add: Words | None = None
    privileged: bool | None = None
    cgroupns_mode: str | None = None
    cgroup_parent: str | None = None
    pid_mode: str | None = None
    tmpfs: dict[str, str] | None = None
    security_opts: Words | None = None
    sysctls: dict[str, Text] | None = None
    devices: Words | None = None

    def written(self) -> dict[str, Any]:
        """The fields that this level sets, by Python name.

        An empty text and a zero count as not set, as for containerlab; ``false`` counts.
        """
        values = {name: getattr(self, name) for name in sorted(self.model_fields_set)}
        return {name: value for name, value in values.items() if value is False or value not in (None, "", 0)}


class Endpoint(Strict):
    """One end of a link."""

    node: str
    interface: str
    mac: Mac | None = None
    ipv4: Prefix4 | None = None
    ipv6: Prefix6 | None = None
    vars: dict[str, Any] | None = None


LinkType = Literal["veth", "veth-stitched", "mgmt-net", "macvlan", "host", "vxlan", "vxlan-stitched", "dummy"]
_ONE_END: dict[str, tuple[str, ...]] = {  # link types with a single «endpoint» → what they also need
    "mgmt-net": ("host_interface",),
    "macvlan": ("host_interface",),
    "host": ("host_interface",),
    "vxlan": ("remote", "vni", "dst_port"),
    "vxlan-stitched": ("remote", "vni", "dst_port"),
    "dummy": (),
}
_OPTIONAL = {"macvlan": ("mode",), "vxlan": ("src_port",), "vxlan-stitched": ("src_port",)}
_SPECIFIC = ("host_interface", "mode", "remote", "vni", "dst_port", "src_port")


class Link(Strict):
    """A link, short (``endpoints: ["a:eth1", "b:eth1"]``) or extended (``type`` and one or two end tables)."""

    type: LinkType | None = None  # None: short form
    endpoints: tuple[Endpoint, ...] = ()
    endpoint: Endpoint | None = None
    mtu: Mtu | None = None
    ipv4: tuple[Prefix4, ...] | None = Field(default=None, min_length=1, max_length=2)
    ipv6: tuple[Prefix6, ...] | None = Field(default=None, min_length=1, max_length=2)
    vars: dict[str, Any] | None = None
    labels: dict[str, Label] | None = None
    host_interface: str | None = None
    mode: Literal["private", "vepa", "bridge", "passthru", "source"] | None = None
    remote: str | None = None
    vni: Vni | None = None
    dst_port: Port | None = None
    src_port: Port | None = None

    @field_validator("endpoints", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Short ends become tables."""
        if not isinstance(value, list):
            raise ValueError("une liste de deux extrémités est attendue")
        return [_short_end(item) if isinstance(item, str) else item for item in value]

    @model_validator(mode="after")
    def _shape(self) -> Link:
        kind = self.type or "veth"
        if kind not in _ONE_END:
            allowed: tuple[str, ...] = ()
            if len(self.endpoints) != 2 or self.endpoint is not None:
                raise ValueError('un lien a deux extrémités : endpoints: ["a:eth1", "b:eth1"]')
        else:
            allowed = _ONE_END[kind] + _OPTIONAL.get(kind, ())
            if self.endpoints or self.endpoint is None:
                raise ValueError(f"un lien de type {kind} a une seule extrémité, sous la clé « endpoint »")
            for name in _ONE_END[kind]:
                if getattr(self, name) is None:
                    raise ValueError(f"un lien de type {kind} exige « {name.replace('_', '-')} »")
        for name in _SPECIFIC:
            if name not in allowed and getattr(self, name) is not None:
                raise ValueError(f"« {name.replace('_', '-')} » n'existe pas pour un lien de type {kind}")
        return self

    @property
    def ends(self) -> tuple[Endpoint, ...]:
        """The one or two ends."""
        return self.endpoints or ((self.endpoint,) if self.endpoint else ())


def _short_end(text: str) -> dict[str, str]:
    node, colon, interface = text.partition(":")
    if not colon or not node or not interface or any(char.isspace() for char in text):
        raise ValueError("extrémité attendue sous la forme nœud:interface (exemple : sw1:eth1)")
    return {"node": node, "interface": interface}


class Graph(Strict):
    """The ``topology`` table."""

    defaults: NodeConfig = NodeConfig()
    kinds: dict[str, NodeConfig] = Field(default_factory=dict)
    groups: dict[str, NodeConfig] = Field(default_factory=dict)
    nodes: dict[str, NodeConfig]
    links: tuple[Link, ...] = ()

    @field_validator("defaults", mode="before")
    @classmethod
    def _empty_defaults(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("kinds", "groups", "nodes", mode="before")
    @classmethod
    def _empty_configs(cls, value: Any) -> Any:
        """``sw1:`` with nothing after it is a node with no field of its own."""
        if not isinstance(value, dict):
            return value
        return {name: {} if config is None else config for name, config in value.items()}


class ClabFile(Strict):
    """A whole containerlab topology file."""

    name: str
    prefix: str | None = None
    mgmt: Mgmt = Mgmt()
    topology: Graph
    settings: dict[str, Any] | None = None
    debug: bool | None = None

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("nom de topologie attendu : lettres, chiffres, « - », « . » et « _ »")
        return value
