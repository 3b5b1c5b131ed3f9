"""First program of a container: makes it what a node of trilab's own engine is before its start-up.

The role and the labels come from the environment: containerlab gives ``CLAB_LABEL_…`` for each label and
``CLAB_INTFS``, the number of cables (https://containerlab.dev/manual/nodes/). Elsewhere ``TRILAB_ROLE`` names the role.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NODE = Path("/etc/trilab/node.json")
LABEL = "CLAB_LABEL_TRILAB_"
CABLES = 60.0  # seconds to wait for the cables, which containerlab lays once all containers run
POLL = 0.1
DATA = re.compile(r"eth[1-9][0-9]?")


def labels(environment: Mapping[str, str]) -> dict[str, str]:
    """The labels of ours: ``CLAB_LABEL_TRILAB_ROLE`` is ``trilab-role``."""
    found = {
        "trilab-" + name.removeprefix(LABEL).lower().replace("_", "-"): value
        for name, value in sorted(environment.items())
        if name.startswith(LABEL)
    }
    if "TRILAB_ROLE" in environment:
        found.setdefault("trilab-role", environment["TRILAB_ROLE"])
    return found


def describe(hostname: str, environment: Mapping[str, str], mgmt: str, interfaces: list[str]) -> dict[str, Any]:
    """What ``node.json`` says; ``mgmt``: address with prefix length, empty where eth0 has none."""
    known = labels(environment)
    return {
        "name": hostname,
        "role": known.get("trilab-role", ""),
        "mgmt": mgmt,
        "labels": known,
        "interfaces": sorted(interfaces, key=lambda name: (len(name), name)),
    }


def cables(environment: Mapping[str, str]) -> int:
    """How many cables the container will have."""
    written = environment.get("CLAB_INTFS", "")
    return int(written) if written.isdigit() else 0


def ready(links: list[dict[str, Any]]) -> list[str]:
    """The data interfaces that are there and up, from ``ip -json link``.

    One answer of the kernel says both: an interface that is being renamed is not yet in /sys under its new name.
    """
    up = (str(link["ifname"]) for link in links if "UP" in link["flags"])
    return [name for name in up if DATA.fullmatch(name)]


def wait_for_cables(wanted: int) -> list[str]:
    """The data interfaces once there are ``wanted``, or those that came in time."""
    deadline = time.monotonic() + CABLES
    while len(found := ready(json.loads(_ip("-json", "link") or "[]"))) < wanted and time.monotonic() < deadline:
        time.sleep(POLL)
    return found


def _ip(*words: str) -> str:
    return subprocess.run(["ip", *words], capture_output=True, text=True).stdout


def management() -> str:
    """Address and prefix length of eth0."""
    for link in json.loads(_ip("-json", "-4", "address", "show", "dev", "eth0") or "[]"):
        for info in link.get("addr_info", []):
            return f"{info['local']}/{info['prefixlen']}"
    return ""


def apart(hostname: str) -> None:
    """Management leads nowhere: no route by it, no name server (Docker's is a NAT rule), no name of other nodes."""
    for family in ("-4", "-6"):
        _ip(family, "route", "flush", "default", "dev", "eth0")
    subprocess.run(["nft", "delete", "table", "ip", "nat"], capture_output=True)
    Path("/etc/hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {hostname}\n")
    Path("/etc/resolv.conf").write_text("")


def open_settings() -> None:
    """Docker mounts /proc/sys read-only; a switch or a router, which may mount, sets its kernel itself."""
    subprocess.run(["mount", "-o", "remount,bind,rw", "/proc/sys"], capture_output=True)


def main(environment: Mapping[str, str]) -> None:
    """Prepare, and describe the node unless somebody has done so."""
    hostname = socket.gethostname()
    interfaces = wait_for_cables(cables(environment))
    apart(hostname)
    open_settings()
    if not NODE.exists():
        about = describe(hostname, environment, management(), interfaces)
        NODE.write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    import os

    main(os.environ)
