"""What a container learns about itself from containerlab's environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from trilab.container import start

# of a container of containerlab 0.79, shortened
ENVIRONMENT = {
    "CLAB_INTFS": "2",
    "CLAB_LABEL_CLAB_NODE_NAME": "tel1",
    "CLAB_LABEL_CLAB_NODE_KIND": "linux",
    "CLAB_LABEL_TRILAB_ROLE": "phone",
    "CLAB_LABEL_TRILAB_TONE": "1000",
    "HOME": "/root",
}


def test_node_json_is_what_the_native_engine_writes() -> None:
    about = start.describe("tel1", ENVIRONMENT, "172.20.20.31/24", ["eth10", "eth2", "eth1"])
    assert about == {
        "name": "tel1",
        "role": "phone",
        "mgmt": "172.20.20.31/24",
        "labels": {"trilab-role": "phone", "trilab-tone": "1000"},
        "interfaces": ["eth1", "eth2", "eth10"],
    }


def test_a_bare_container_takes_its_role_from_the_environment() -> None:
    assert start.describe("c", {"TRILAB_ROLE": "pc"}, "", [])["role"] == "pc"
    assert start.describe("c", {"TRILAB_ROLE": "pc", "CLAB_LABEL_TRILAB_ROLE": "switch"}, "", [])["role"] == "switch"
    assert start.describe("c", {}, "", [])["role"] == ""


def test_the_number_of_cables() -> None:
    assert start.cables(ENVIRONMENT) == 2
    assert start.cables({}) == 0


def test_a_cable_counts_once_it_is_up_under_its_name() -> None:
    links: list[dict[str, Any]] = [
        {"ifname": "lo", "flags": ["LOOPBACK", "UP", "LOWER_UP"]},
        {"ifname": "eth0", "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"]},
        {"ifname": "clab-1f2e3d", "flags": ["BROADCAST", "MULTICAST", "UP"]},  # not renamed yet
        {"ifname": "eth1", "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"]},
        {"ifname": "eth2", "flags": ["BROADCAST", "MULTICAST"]},
        {"ifname": "eth10", "flags": ["NO-CARRIER", "BROADCAST", "MULTICAST", "UP"]},  # the far end comes later
    ]
    assert start.ready(links) == ["eth1", "eth10"]


def test_it_needs_nothing_but_the_standard_library(repository: Path) -> None:
    """It runs as in the node: without site-packages, from a folder that holds the node-side packages only."""
    code = "import json, trilab.container.start as s; print(json.dumps(s.describe('a', {}, '', [])))"
    done = subprocess.run(
        [sys.executable, "-S", "-s", "-P", "-c", code],
        env={"PYTHONPATH": str(repository / "src"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["name"] == "a", done.stderr
