"""The network that every contender starts: four PCs, two switches, a router between; pc1 pings pc4."""

from __future__ import annotations

from trilab.engine.base import LabSpec, LinkSpec, NodeSpec

LAB = "banc-moteurs"
TARGET = "10.0.2.4"  # pc4, from pc1
LINKS = (
    (("sw1", "eth1"), ("pc1", "eth1")),
    (("sw1", "eth2"), ("pc2", "eth1")),
    (("sw1", "eth8"), ("r1", "eth1")),
    (("sw2", "eth8"), ("r1", "eth2")),
    (("sw2", "eth1"), ("pc3", "eth1")),
    (("sw2", "eth2"), ("pc4", "eth1")),
)
# edge ports, which forward at once, but only from the next time that their link comes up (IEEE 802.1D-2004, 17.25)
_SWITCH = """interface range GigabitEthernet0/1 - 8
spanning-tree portfast
shutdown
no shutdown"""
_ROUTER = """interface GigabitEthernet0/1
ip address 10.0.1.254 255.255.255.0
no shutdown
interface GigabitEthernet0/2
ip address 10.0.2.254 255.255.255.0
no shutdown"""


def _typed(lines: str) -> tuple[str, ...]:
    """A command that types configuration as the graders' account does."""
    return (f"USER=trilab SSH_ORIGINAL_COMMAND='configure terminal\n{lines}\nend' /usr/lib/trilab/cli",)


def _pc(number: int) -> NodeSpec:
    net = 1 if number < 3 else 2
    address = f"ip address add 10.0.{net}.{number}/24 dev eth1"
    return NodeSpec(f"pc{number}", "server", exec=(address, f"ip route add 10.0.0.0/16 via 10.0.{net}.254"))


def spec(number: int) -> LabSpec:
    """The lab of one candidate, from 0 on."""
    switches = (NodeSpec(name, "switch", exec=_typed(_SWITCH), labels={"trilab-ports": "8"}) for name in ("sw1", "sw2"))
    router = NodeSpec("r1", "router", exec=_typed(_ROUTER))
    links = tuple(LinkSpec(a, b) for a, b in LINKS)
    return LabSpec(LAB, f"banc-{number}", (*switches, router, *map(_pc, range(1, 5))), links)
