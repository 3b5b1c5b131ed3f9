"""From a lab's specification to the topology file that containerlab deploys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from trilab.engine.base import LabSpec, NodeSpec
from trilab.engine.containerlab.state import Names
from trilab.engine.native import oci
from trilab.topology.spec import Vendor

TOOLS = "trilab-tools"  # the container of the graders' programs: untouched image, no network
DEVICES = ["/dev/net/tun"]
SYSCTLS = {"net.ipv4.ip_forward": "0"}  # Docker gives the host's value
# What Docker gives every container, and NET_BROADCAST, which Linux does not use (capabilities(7)).
_NOT_ASKED = frozenset(
    f"CAP_{name}"
    for name in (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", "NET_BROADCAST"),
    )
)


def capabilities(role: str) -> list[str]:
    """What a node needs beyond Docker's default set, without ``CAP_``."""
    wanted = (*oci.BASE_CAPS, *oci.EXTRA_CAPS.get(role, ()))
    return [name.removeprefix("CAP_") for name in wanted if name not in _NOT_ASKED]


def security(role: str) -> list[str]:
    """Docker's AppArmor profile forbids every mount, which switches and routers need."""
    return ["apparmor=unconfined"] if "SYS_ADMIN" in capabilities(role) else []


def topology(
    spec: LabSpec, names: Names, image: str, subnet: IPv4Network, addresses: Mapping[str, IPv4Address], keys: Path
) -> str:
    """The topology file (JSON, which is YAML). ``keys``: the file of the graders' public key."""
    nodes = {node.name: _node(node, addresses[node.name], keys) for node in spec.nodes}
    vendors = {node.name: node.vendor.kind if node.vendor else "" for node in spec.nodes}
    nodes[TOOLS] = {"network-mode": "none", "entrypoint": "/usr/bin/sleep", "cmd": "infinity"}
    content = {
        "name": names.lab,
        "mgmt": {
            "network": names.network,
            "bridge": names.bridge,
            "ipv4-subnet": str(subnet),
            "external-access": False,
        },
        "topology": {
            "defaults": {
                "kind": "linux",
                "image": image,
                "image-pull-policy": "Never",
                "privileged": False,
                "restart-policy": "no",  # a container that starts again has lost its cables
                "devices": DEVICES,
            },
            "nodes": nodes,
            "links": [
                {
                    "type": "veth",
                    "endpoints": [
                        {"node": node, "interface": port(vendors[node], name)} for node, name in (link.a, link.b)
                    ],
                    "mtu": link.mtu,
                }
                for link in spec.links
            ],
        },
    }
    return literal(json.dumps(content, indent=1)) + "\n"


def port(kind: str, interface: str) -> str:
    """What containerlab calls a data port of a vendor's kind (or of a node of ours): SR Linux alone does not take
    ``ethN``."""
    return interface.replace("eth", "e1-") if kind == "nokia_srlinux" else interface


def _vendor(vendor: Vendor, address: IPv4Address) -> dict[str, Any]:
    """A vendor's device: containerlab knows how to start it, and with which rights."""
    return {"kind": vendor.kind, "image": vendor.image, "mgmt-ipv4": str(address), "privileged": True}


def _node(node: NodeSpec, address: IPv4Address, keys: Path) -> dict[str, Any]:
    if node.vendor is not None:
        return _vendor(node.vendor, address)
    binds = [f"{source}:{target}{':ro' if read_only else ''}" for source, target, read_only in node.binds]
    about: dict[str, Any] = {
        "mgmt-ipv4": str(address),
        "labels": {**node.labels, "trilab-role": node.role},
        "env": dict(node.env),
        "binds": [*binds, f"{keys}:/etc/trilab/authorized_keys:ro"],
        "cap-add": capabilities(node.role),
        "security-opts": security(node.role),
        "sysctls": SYSCTLS,
        "dns": {"servers": ["127.0.0.1"]},  # Docker's name server would ask the host's
    }
    if node.memory is not None:
        about["memory"] = f"{node.memory}B"
    return about


def variable(label: str) -> str:
    """The environment variable that containerlab makes of a label (https://containerlab.dev/manual/nodes/)."""
    return "CLAB_LABEL_" + label.upper().replace("-", "_")


def literal(text: str) -> str:
    """containerlab takes the file for a Go template, then replaces ``$NAME`` by the environment's."""
    return text.replace("{{", "{{ `{{` }}").replace("$", "$$")
