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

# Docker's daemons and shims: PSS 164, 256 and 485 MiB for 8, 32 and 96 containers (docs/benchmarks.md, 2026-11-24)
DOCKER = Need(140, 0)  # on each machine
CONTAINER = Need(4, 0)  # and for each container
# A launcher of clabernetes runs a whole Docker for one node. Not measured on a cluster: RSS of dockerd and containerd,
# since a pod is counted alone.
LAUNCHER = Need(256, 10)
PODS = 110  # on one machine of a cluster: kubelet's own default (maxPods, KubeletConfiguration v1beta1)

# CPU seconds to start one pme-voip (nine nodes), 2026-11-24, two starts each: native 1.4 and 1.8 (trilab and the whole
# bubble), containerlab 5.9 and 6.8 (half of it Docker's daemons), rounded up
START: Mapping[str, float] = {"native": 1.9, "containerlab": 6.8}
# Twelve pme-voip labs at once on two cores, native engine, 2026-11: graded in 56 s (112 CPU seconds)
GRADE = 9.3  # CPU seconds for one grading
MEASURED_LAB = "pme-voip"  # what START and GRADE were measured with

SPARE = 0.8  # of a machine's memory and cores: the part that a plan may fill
