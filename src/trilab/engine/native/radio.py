"""The radio of a lab: what its container needs, decided outside; its bundle, made inside the bubble.

A lab with access points or Wi-Fi stations gets one container beside its nodes. In it the radio kernel runs as nobody,
on a read-only image, with no device and no path of the host; every radio port of a node is a cable to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trilab.engine.base import LabSpec, NodeSpec
from trilab.engine.native import oci
from trilab.engine.native.net import Cable

NAME = "_radio"  # no node has this name: host names hold no underscore
KEEPER_ADDRESS, DOOR_PORT = "169.254.76.1", 7001  # as trilab.radio.wire, which runs inside and is not imported here
CONTROL = ("ctl0", "ctl1")  # the keeper's own cable to the guest: both ends in its namespace
SLOTS = 8  # SSIDs per access point, each a port airN of its node
AAA = "aaa0"  # port of an access point's node: hostapd's way out to a RADIUS server, through the node
MEMORY = 128  # MiB of the guest; a station or access point adds about one
COUNTRY = "FR"
KINDS = {"ap": "ap", "wifi-client": "station"}
SOCKET_FOLDER = "/run/trilab/radio"  # in a node, holding its ``socket`` to the agent


@dataclass(frozen=True)
class RadioPort:
    """One port of a node: its name there, the name of our end of its cable, the interface that the radio kernel reads.

    ``mac``: its address in the node; None: the kernel's choice.
    """

    name: str
    here: str
    end: str
    mac: str | None = None


@dataclass(frozen=True)
class RadioNode:
    """A node with radios. ``radios``: their MAC addresses."""

    name: str
    kind: str  # "ap" or "station"
    radios: tuple[str, ...]
    ports: tuple[RadioPort, ...]


@dataclass(frozen=True)
class RadioOrder:
    """The radio to start with a lab. ``kernel``: path on the host; ``memory``: MiB."""

    kernel: str
    nodes: tuple[RadioNode, ...]
    memory: int = MEMORY
    country: str = COUNTRY

    def config(self) -> str:
        """What the keeper reads."""
        return json.dumps({"memory": self.memory, "country": self.country, "nodes": [asdict(n) for n in self.nodes]})

    def cables(self) -> Iterator[Cable]:
        """The cables between the nodes and the radio; the keeper's own last."""
        for node in self.nodes:
            for port in node.ports:
                yield Cable((node.name, port.name), (NAME, port.here), 1500, mac=port.mac)
        yield Cable((NAME, CONTROL[0]), (NAME, CONTROL[1]), 1500)

    def bridged(self) -> list[tuple[str, str, str]]:
        """(cable, inner, end) of the stations' ports: the cable comes and goes with the association, while the
        radio kernel's own interface must never go down (its driver does not recover from ENETDOWN)."""
        return [
            (port.here, f"q{port.here[1:]}", port.end)
            for node in self.nodes
            for port in node.ports
            if port.end != port.here
        ]

    def shining(self) -> list[str]:
        """Our ends that are up from the start; a station's follows its association."""
        return [*CONTROL, *(port.here for node in self.nodes if node.kind == "ap" for port in node.ports)]


def needed(spec: LabSpec) -> bool:
    """Whether a lab has anything on the air."""
    return any(node.role in KINDS for node in spec.nodes)


def order(spec: LabSpec, kernel: Path) -> RadioOrder:
    """The radio of a lab."""
    nodes: list[RadioNode] = []
    for node in spec.nodes:
        if node.role in KINDS:
            nodes.append(_node(spec.key, node, sum(len(one.ports) for one in nodes)))
    return RadioOrder(str(kernel), tuple(nodes), MEMORY + len(nodes))


def _node(key: str, node: NodeSpec, first: int) -> RadioNode:
    mac = _mac(f"{key}/{node.name}")
    if node.role == "ap":
        names = [*(f"air{slot}" for slot in range(SLOTS)), AAA]
        ports = tuple(RadioPort(name, f"p{rank}", f"p{rank}") for rank, name in enumerate(names, first))
    else:
        ports = (RadioPort("wlan0", f"p{first}", f"r{first}", mac),)
    return RadioNode(node.name, KINDS[node.role], (mac,), ports)


def _mac(name: str) -> str:
    """A locally administered address that depends on the name only (IEEE 802-2014, 8.4).

    The last four bits are zero: the further SSIDs of an access point count from there.
    """
    digest = hashlib.sha256(name.encode()).digest()
    return ":".join(f"{byte:02x}" for byte in (0x02, *digest[:4], digest[4] & 0xF0))


def bundle(folder: Path, root: str, netns: str, kernel: str, wanted: RadioOrder, sockets: Path) -> None:
    """Write the OCI bundle of the radio container. Paths are the bubble's; ``sockets``: a folder per node."""
    for node in wanted.nodes:
        (sockets / node.name).mkdir(parents=True)
    config = folder / "radio.json"
    config.write_text(wanted.config())
    config.chmod(0o644)
    binds = [(kernel, "/run/trilab/linux", True), (str(config), "/run/trilab/radio.json", True)]
    (folder / "config.json").write_text(
        json.dumps(_oci(root, netns, [*binds, (str(sockets), "/run/trilab/sockets", False)], wanted.memory))
    )


def _oci(root: str, netns: str, binds: list[tuple[str, str, bool]], memory: int) -> dict[str, Any]:
    env = {"PYTHONPATH": "/usr/lib/trilab/python"}
    made = oci.config("radio", "radio", root, netns, tun=None, env=env, binds=binds)
    # NET_*: its cables; SETUID, SETGID, KILL: the kernel runs as nobody
    caps = ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_SETPCAP"]
    program = ["/usr/bin/python3", "-S", "-s", "-P", "-m", "trilab.radio.keeper"]
    made["process"] |= {
        "args": program,
        "capabilities": {kind: caps for kind in ("bounding", "effective", "permitted")},
        "noNewPrivileges": True,
    }
    made["root"]["readonly"] = True
    for mount in made["mounts"]:
        if mount["destination"] == "/tmp":  # the guest's memory is a file there, which it executes
            mount["options"] = ["nosuid", "nodev", "mode=1777", f"size={memory + 16}m"]
    return made
