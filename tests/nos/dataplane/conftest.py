"""One lab of three routers for all live tests of routing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import wire

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

CABLES = ["pc1:1 r1:1", "r1:2 r2:1", "r2:2 r3:1", "r3:2 pc2:1", "r1:3 r3:3"]
PORTS = {
    "r1": {1: "10.1.0.254", 2: "10.12.0.1", 3: "10.13.0.1"},
    "r2": {1: "10.12.0.2", 2: "10.23.0.2"},
    "r3": {1: "10.23.0.3", 2: "10.3.0.254", 3: "10.13.0.3"},
}


def _base(node: str) -> str:
    lines = ["configure terminal", f"hostname {node.upper()}"]
    for number, address in PORTS[node].items():
        lines += [f"interface GigabitEthernet0/{number}", f"ip address {address} 255.255.255.0", "no shutdown"]
    return "\n".join([*lines, "do write"])


@pytest.fixture(scope="session")
def three_routers(engine: NativeEngine) -> Iterator[Lab]:
    """pc1 – r1 – r2 – r3 – pc2, and a cable between r1 and r3; addresses only, and saved."""
    nodes = [*(NodeSpec(name, "router") for name in PORTS), NodeSpec("pc1", "pc"), NodeSpec("pc2", "pc")]
    links = [LinkSpec(wire.end(a), wire.end(b)) for a, b in (cable.split() for cable in CABLES)]
    running = engine.up(LabSpec("routing", "t-1", tuple(nodes), tuple(links)))
    for node in PORTS:
        wire.cli(running, node, _base(node))
    for node, network in (("pc1", "10.1.0"), ("pc2", "10.3.0")):
        wire.address(running, node, f"{network}.1/24")
        assert running.run(node, ["ip", "route", "replace", "default", "via", f"{network}.254"]).returncode == 0
    yield running
    engine.down(running.spec.key)


@pytest.fixture(scope="module")
def routers(three_routers: Lab) -> Lab:
    """The lab with nothing but addresses: each device has just been reloaded."""
    for node in PORTS:
        done = three_routers.run(node, ["env", "USER=trilab", "/usr/lib/trilab/cli"], input="reload\nno\n\n")
        assert "Proceed with reload" in done.stdout
    assert wire.until(lambda: all(wire.reaches(three_routers, "r1", a) for a in ("10.1.0.1", "10.12.0.2", "10.13.0.3")))
    return three_routers
