"""VRRP and HSRP on the wire: a gateway address that a router, a router on a stick and a switch share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ntc_templates.parse import parse_output
from wire import address, cli, end, reaches, until

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live

CABLES = ["sw1:1 r1:1", "sw1:2 r2:1", "sw1:3 pc1:1"]
BEYOND = "interface Loopback0\nip address 192.0.2.1 255.255.255.255"
VRRP, HSRP, FAR = "10.0.10.254", "10.0.10.253", "192.0.2.1"
VRRP_MAC = "00:00:5e:00:01:01"
HSRP_MACS = {1: "00:00:0c:07:ac:02", 2: "00:00:0c:9f:f0:02"}  # by version
CONFIGURATIONS = {
    "sw1": """configure terminal
ip routing
spanning-tree portfast default
vlan 10
interface range GigabitEthernet0/1 , GigabitEthernet0/3
switchport mode access
switchport access vlan 10
interface GigabitEthernet0/2
switchport mode trunk
interface Vlan10
ip address 10.0.10.3 255.255.255.0
no shutdown
standby 2 ip 10.0.10.253
standby 2 timers 1 3
standby 2 priority 90""",
    "r1": f"""configure terminal
{BEYOND}
interface GigabitEthernet0/1
ip address 10.0.10.1 255.255.255.0
no shutdown
vrrp 1 ip 10.0.10.254
vrrp 1 priority 120
standby 2 ip 10.0.10.253
standby 2 timers 1 3
standby 2 priority 110
standby 2 preempt""",
    "r2": f"""configure terminal
{BEYOND}
interface GigabitEthernet0/1
no shutdown
interface GigabitEthernet0/1.10
encapsulation dot1Q 10
ip address 10.0.10.2 255.255.255.0
vrrp 1 ip 10.0.10.254""",
}


@pytest.fixture(scope="module")
def lab(engine: NativeEngine) -> Iterator[Lab]:
    nodes = NodeSpec("sw1", "switch"), NodeSpec("r1", "router"), NodeSpec("r2", "router"), NodeSpec("pc1", "pc")
    links = [LinkSpec(end(a), end(b)) for a, b in (cable.split() for cable in CABLES)]
    running = engine.up(LabSpec("redundancy", "t-1", nodes, tuple(links)))
    for node, text in CONFIGURATIONS.items():
        cli(running, node, text)
    address(running, "pc1", "10.0.10.9/24")
    assert running.run("pc1", ["ip", "route", "replace", "default", "via", VRRP]).returncode == 0
    yield running
    engine.down(running.spec.key)


def states(lab: Lab, node: str, protocol: str) -> list[str]:
    text = cli(lab, node, f"show {protocol} brief")
    lines = text[text.index("Interface ") :].splitlines()
    table = "\n".join(lines[:2])
    rows = parse_output(platform="cisco_ios", command=f"show {protocol} brief", data=table)
    assert isinstance(rows, list)
    return [row["state"] for row in rows]


def agreed(lab: Lab, *, first: bool) -> bool:
    """Whether r1 serves both addresses, or the others do."""
    vrrp, hsrp = states(lab, "r1", "vrrp") + states(lab, "r2", "vrrp"), states(lab, "r1", "standby")
    hsrp += states(lab, "sw1", "standby")
    if first:
        return vrrp == ["Master", "Backup"] and hsrp == ["Active", "Standby"]
    return vrrp == ["Init", "Master"] and hsrp == ["Init", "Active"]


def neighbour(lab: Lab, target: str) -> str:
    return lab.run("pc1", ["ip", "neigh", "show", target]).stdout


def served(lab: Lab, version: int = 1) -> bool:
    """The PC gets beyond the gateway, and knows both addresses by their virtual MAC addresses."""
    passes = reaches(lab, "pc1", FAR) and reaches(lab, "pc1", VRRP) and reaches(lab, "pc1", HSRP)
    return passes and VRRP_MAC in neighbour(lab, VRRP) and HSRP_MACS[version] in neighbour(lab, HSRP)


def test_another_router_takes_the_address_and_gives_it_back(lab: Lab) -> None:
    assert until(lambda: agreed(lab, first=True), 60)
    assert until(lambda: served(lab), 30)
    cli(lab, "r1", "configure terminal\ninterface GigabitEthernet0/1\nshutdown")
    assert until(lambda: agreed(lab, first=False), 60)
    assert until(lambda: served(lab), 30)
    assert "%VRRP-6-STATECHANGE: Gi0/1.10 Grp 1 state Backup -> Master" in cli(lab, "r2", "show logging")
    assert "%HSRP-5-STATECHANGE: Vlan10 Grp 2 state Standby -> Active" in cli(lab, "sw1", "show logging")
    cli(lab, "sw1", "configure terminal\ninterface Vlan10\nstandby version 2")
    cli(lab, "r1", "configure terminal\ninterface GigabitEthernet0/1\nstandby version 2\nno shutdown")
    assert until(lambda: agreed(lab, first=True), 60)
    assert until(lambda: served(lab, version=2), 30)
