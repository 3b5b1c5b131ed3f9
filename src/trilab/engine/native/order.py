"""From a lab's specification to the order that a bubble executes."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path

from trilab.engine import addresses
from trilab.engine.base import LabSpec, NodeSpec
from trilab.engine.native import cgroups, radio
from trilab.engine.native.state import LabFolder
from trilab.engine.native.wire import NodeOrder, Order
from trilab.errors import HostError
from trilab.host import tools
from trilab.images import NodeImage

SCRATCH = "1g"  # what the nodes of one lab may write, in memory


def build(
    spec: LabSpec, image: NodeImage, folder: LabFolder, doors: Mapping[str, list[int]], kernel: Path | None = None
) -> Order:
    """The order for a lab; ``kernel``: the radio kernel of a lab that needs one.

    Raises:
        HostError: the machine lacks the runtime or /dev/net/tun.
    """
    network = IPv4Network(spec.mgmt_subnet)
    public = folder.make_key()
    chosen = addresses.assign(spec, network)
    nodes = [
        NodeOrder(
            name=node.name,
            role=node.role,
            address=f"{chosen[node.name]}/{network.prefixlen}",
            env=dict(node.env),
            binds=[(str(source), target, read_only) for source, target, read_only in node.binds],
            doors=doors[node.name],
            files=_files(node, spec, f"{chosen[node.name]}/{network.prefixlen}", public),
        )
        for node in spec.nodes
    ]
    return Order(
        runtime=tools.oci_runtime(),
        rootfs=str(image.rootfs),
        layer=str(image.layer / "files"),
        tun=str(_tun(folder)),
        gateway=f"{next(network.hosts())}/{network.prefixlen}",
        scratch=SCRATCH,
        doors=doors[cgroups.SUPERVISOR],
        nodes=nodes,
        cables=[(link.a, link.b, link.mtu) for link in spec.links],
        radio=radio.order(spec, kernel) if kernel else None,
    )


def _files(node: NodeSpec, spec: LabSpec, address: str, public: str) -> dict[str, tuple[str, int]]:
    ends = [end for link in spec.links for end in (link.a, link.b)]
    about = {
        "name": node.name,
        "role": node.role,
        "mgmt": address,
        "labels": dict(node.labels),
        "interfaces": sorted((name for owner, name in ends if owner == node.name), key=lambda name: (len(name), name)),
    }
    return {
        "/etc/hostname": (f"{node.name}\n", 0o644),
        "/etc/hosts": (f"127.0.0.1 localhost\n127.0.1.1 {node.name}\n", 0o644),
        "/etc/trilab/node.json": (json.dumps(about, indent=1) + "\n", 0o644),
        "/etc/trilab/authorized_keys": (public + "\n", 0o644),
    }


def _tun(folder: LabFolder) -> Path:
    """/dev/net/tun, or a copy that everybody may open where root runs trilab and the system keeps it closed."""
    tun = Path("/dev/net/tun")
    if not tun.exists():
        raise HostError("/dev/net/tun manque sur cette machine.", "À faire : sudo modprobe tun")
    if stat.S_IMODE(tun.stat().st_mode) & 0o006 == 0o006:
        return tun
    if os.geteuid() != 0:
        raise HostError("/dev/net/tun est réservé à root sur cette machine.", "À faire : sudo chmod 666 /dev/net/tun")
    copy = folder.path / "tun"
    os.mknod(copy, stat.S_IFCHR | 0o666, tun.stat().st_rdev)
    copy.chmod(0o666)
    return copy
