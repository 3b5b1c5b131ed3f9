"""What labs cost: the measured figures, each with its source and date, kept here and nowhere else.

All were taken on one machine with two cores and 24 GiB (Linux 6.18). Memory of nodes is proportional (PSS): pages that
nodes share are counted once, so many labs on one machine cost what their sum says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trilab.topology.spec import Role


@dataclass(frozen=True)
class Need:
    """``memory`` in MiB; ``cpu`` in thousandths of a core, at rest."""

    memory: int
    cpu: int


# Memory: PSS per node of pme-voip a few seconds after its start, native engine, 2026-11-24, rounded up (switch 33.4,
# router 23.4, ipbx 44.8, phone 10.2, pc 1.7). A router also counts FRR (29, OSPF running), a server Samba as a domain
# controller (277, the heaviest daemon we have). Processor: a nine-node lab leaves two cores 99 % idle (2.2 each).
ROLES: Mapping[Role, Need] = {
    "switch": Need(34, 3),
    "router": Need(53, 3),
    "ap": Need(34, 3),
    "ipbx": Need(45, 3),
    "phone": Need(11, 3),
    "pc": Need(2, 3),
    "server": Need(277, 3),
    "wifi-client": Need(2, 3),
}
RADIO = Need(110, 10)  # the air of one lab with three radios: docs/dev/radio.md

# dockerd, containerd and ten shims: 268 MB RSS for ten containers, 2026-11 (RSS: an upper bound)
CONTAINER = Need(26, 0)  # Docker's share of each container
# A launcher of clabernetes runs a whole Docker for one node: those 268 MB again. Not measured on a cluster.
LAUNCHER = Need(256, 10)
PODS = 110  # on one machine of a cluster: kubelet's own default (maxPods, KubeletConfiguration v1beta1)

# Twelve pme-voip labs at once on two cores, native engine, 2026-11: up in 11.6 s, graded in 56 s (112 CPU seconds)
START = 1.9  # CPU seconds for a lab of nine nodes
GRADE = 9.3  # CPU seconds for one grading
MEASURED_LAB = "pme-voip"  # what START and GRADE were measured with

SPARE = 0.8  # of a machine's memory and cores: the part that a plan may fill
