"""OSPF: what is typed, what FRR is told, what is shown of its answers."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from ntc_templates.parse import parse_output

from tests.nos.conftest import Console, plane
from trilab.nos.dataplane import frr, frrtable, frrtext
from trilab.nos.dataplane.base import Route
from trilab.nos.device import Device
from trilab.nos.features.ospf import wire
from trilab.nos.features.ospf.model import automatic_router_id

Connect = Callable[..., Console]
TYPED = """
interface lo0
ip address 1.1.1.1 255.255.255.0
interface gi0/1
ip address 10.1.0.254 255.255.255.0
no shutdown
interface gi0/2
ip address 10.12.0.1 255.255.255.0
ip ospf 1 area 10
ip ospf hello-interval 5
no shutdown
router ospf 1
network 10.0.0.0 0.255.255.255 area 0.0.0.0
network 1.1.1.1 0.0.0.0 area 0
passive-interface gi0/1
auto-cost reference-bandwidth 10000
redistribute static subnets
area 10 stub no-summary
default-information originate always metric 5
"""


@pytest.fixture
def console(router: Device, connect: Connect) -> Console:
    made = connect(router)
    made.configure(TYPED)
    return made


def told(router: Device) -> frrtext.Sections:
    return wire.sections(router.config, IPv4Address("1.1.1.1"))


def test_what_frr_is_told(router: Device, console: Console) -> None:
    sections = told(router)
    assert sections["interface eth1"] == (
        "ip ospf cost 10", "ip ospf hello-interval 10", "ip ospf dead-interval 40", "ip ospf passive",
        "ip ospf area 0",
    )  # fmt: skip
    assert sections["interface eth2"][1:] == ("ip ospf hello-interval 5", "ip ospf dead-interval 20", "ip ospf area 10")
    assert "ip ospf passive" in sections["interface lo0"]
    assert {"area 10 stub", "area 10 stub no-summary",
            "redistribute static metric 20 metric-type 2 route-map data",
            "default-information originate always metric 5 metric-type 2"} <= {*sections["router ospf"]}  # fmt: skip


def test_running_config(console: Console) -> None:
    shown = console.run("show running-config | section router")
    assert shown.splitlines() == [
        "router ospf 1", " auto-cost reference-bandwidth 10000", " area 10 stub no-summary",
        " redistribute static subnets", " passive-interface GigabitEthernet0/1",
        " network 1.1.1.1 0.0.0.0 area 0", " network 10.0.0.0 0.255.255.255 area 0",
        " default-information originate always metric 5",
    ]  # fmt: skip


def test_the_router_id_is_the_highest_loopback_else_the_highest_address(router: Device, console: Console) -> None:
    assert automatic_router_id(router.config) == IPv4Address("1.1.1.1")
    console.configure("no interface lo0")
    assert automatic_router_id(router.config) == IPv4Address("10.12.0.1")
    assert frr.plan(router.config, None) == frr.Plan()  # without an address nothing starts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("no network 10.0.0.0 0.255.255.255 area 0", "interface eth2"),
        ("no passive-interface gi0/1", "interface eth1"),
        ("passive-interface default", "interface eth1"),
        ("no redistribute static", "router ospf"),
        ("no area 10 stub", "router ospf"),
        ("no default-information originate", "router ospf"),
        ("no auto-cost reference-bandwidth", "router ospf"),
    ],
)
def test_no_forms_change_what_frr_is_told(router: Device, console: Console, typed: str, kept: str) -> None:
    before = told(router)
    console.configure(f"router ospf 1\n{typed}")
    assert told(router) != before or typed == "passive-interface default"
    assert kept in told(router)


def test_a_process_removed_takes_its_lines_along(router: Device, console: Console) -> None:
    console.configure("no router ospf 1")
    assert told(router) == {}
    shown = console.run("show running-config")
    assert "ip ospf 1 area 10" not in shown and "ip ospf hello-interval 5" in shown


def test_refusals(console: Console) -> None:
    console.run("configure terminal")
    assert "This device runs one OSPF process: 1" in console.run("router ospf 2")
    assert "process 2 is not running" in console.run("no router ospf 2")
    console.run("router ospf 1")
    assert "Backbone area can not" in console.run("area 0 stub")
    assert "Invalid input" in console.run("timers throttle spf 1 2 3")


def test_changes_leave_interfaces_first_and_replace_without_a_gap() -> None:
    old: frrtext.Sections = {
        "": ("ip route 10.0.0.0/8 Null0 1",),
        "router ospf": ("ospf router-id 1.1.1.1", "area 1 stub", "area 1 stub no-summary"),
        "interface eth1": ("ip ospf cost 1", "ip ospf area 0"),
    }
    new: frrtext.Sections = {
        "": (),
        "router ospf": ("ospf router-id 2.2.2.2", "area 1 stub"),
        "interface eth1": ("ip ospf cost 9", "ip ospf area 1"),
    }
    assert frrtext.changes(old, new).splitlines() == [
        "interface eth1", " no ip ospf area 0", "exit",
        "no ip route 10.0.0.0/8 Null0 1",
        "router ospf", " no area 1 stub no-summary", "exit",
        "router ospf", " ospf router-id 2.2.2.2", "exit",
        "interface eth1", " ip ospf cost 9", " ip ospf area 1", "exit",
    ]  # fmt: skip
    assert frrtext.changes(old, old) == ""
    assert frrtext.changes(old, {}).splitlines() == [
        "interface eth1", " no ip ospf area 0", " no ip ospf cost 1", "exit", "no ip route 10.0.0.0/8 Null0 1",
        "no router ospf",
    ]  # fmt: skip


NEIGHBOR = {"nbrState": "Full/Backup", "nbrPriority": 1, "upTimeInMsec": 11627, "routerDeadIntervalTimerDueMsec": 33406,
            "ifaceAddress": "10.12.0.2", "ifaceName": "eth2:10.12.0.1"}  # fmt: skip
ALONE = NEIGHBOR | {"nbrState": "Full/-", "ifaceName": "eth1:10.1.0.254", "ifaceAddress": "10.1.0.9"}
PORT = {"ifUp": True, "ospfEnabled": True, "area": "0.0.0.10", "routerId": "1.1.1.1", "networkType": "BROADCAST",
        "cost": 10, "transmitDelaySecs": 1, "state": "DROther", "priority": 1, "timerMsecs": 5000, "timerDeadSecs": 20,
        "timerWaitSecs": 20, "timerRetransmitSecs": 5, "timerHelloInMsecs": 612, "nbrCount": 2,
        "nbrAdjacentCount": 1}  # fmt: skip


def test_neighbours_as_shown(router: Device, console: Console) -> None:
    plane(router).answers["ospfd", "show ip ospf neighbor json"] = {
        "neighbors": {"2.2.2.2": [NEIGHBOR], "3.3.3.3": [ALONE], "9.9.9.9": [NEIGHBOR | {"ifaceName": "eth0:x"}]}
    }
    rows = rows_of("show ip ospf neighbor", console.run("show ip ospf neighbor"))
    assert rows == [
        {"neighbor_id": "2.2.2.2", "priority": "1", "state": "FULL/BDR", "dead_time": "00:00:33",
         "ip_address": "10.12.0.2", "interface": "GigabitEthernet0/2"},
        {"neighbor_id": "3.3.3.3", "priority": "0", "state": "FULL/  -", "dead_time": "00:00:33",
         "ip_address": "10.1.0.9", "interface": "GigabitEthernet0/1"},
    ]  # fmt: skip
    assert "10.12.0.2" not in console.run("show ip ospf neighbor gi0/1")


def rows_of(command: str, text: str) -> list[dict[str, Any]]:
    rows = parse_output(platform="cisco_ios", command=command, data=text)
    assert isinstance(rows, list)
    return rows


def test_interfaces_as_shown(router: Device, console: Console) -> None:
    plane(router).answers["ospfd", "show ip ospf interface json"] = {"interfaces": {"eth2": PORT, "eth0": PORT}}
    (row,) = rows_of("show ip ospf interface brief", console.run("show ip ospf interface brief"))
    assert row == {"interface": "Gi0/2", "process": "1", "area": "10", "ip_address": "10.12.0.1", "prefix_length": "24",
                   "cost": "10", "state": "DROTHER", "neighbors_fc": "1/2"}  # fmt: skip
    assert "Hello 5, Dead 20, Wait 20, Retransmit 5" in console.run("show ip ospf interface")
    assert "OSPF not enabled on GigabitEthernet0/1" in console.run("show ip ospf interface gi0/1")


HOPS = [{"ip": "10.12.0.2", "interfaceName": "eth2", "active": True},
        {"ip": "10.1.0.9", "interfaceName": "eth1", "active": True}]  # fmt: skip


def test_the_table_of_frr(router: Device, console: Console) -> None:
    console.configure("ip route 10.6.0.0 255.255.0.0 10.12.0.2 5")
    entry = {
        "protocol": "ospf",
        "installed": True,
        "distance": 110,
        "metric": 20,
        "uptime": "00:01:44",
        "nexthops": HOPS,
    }
    zebra = {
        "10.3.0.0/24": [entry | {"prefix": "10.3.0.0/24"}],
        "10.6.0.0/16": [entry | {"prefix": "10.6.0.0/16", "protocol": "static", "distance": 5, "nexthops": HOPS[:1]},
                        entry | {"prefix": "10.6.0.0/16", "installed": False}],
        "172.20.20.0/24": [entry | {"prefix": "172.20.20.0/24", "protocol": "connected"}],
    }  # fmt: skip
    found = frrtable.routes(router.config, zebra, {"10.3.0.0/24": {"routeType": "N IA"}})
    first = Route(
        IPv4Network("10.3.0.0/24"), "ospf", IPv4Address("10.12.0.2"), "GigabitEthernet0/2", 110, 20, "IA", 104
    )
    assert found[0] == first
    assert [(r.source, r.interface) for r in found[2:]] == [("static", None)]
    plane(router).table = found
    rows = rows_of("show ip route", console.run("show ip route"))
    assert [(r["type"], r["nexthop_ip"], r["nexthop_if"], r["uptime"]) for r in rows[:2]] == [
        ("IA", "10.1.0.9", "GigabitEthernet0/1", "00:01:44"), ("IA", "10.12.0.2", "GigabitEthernet0/2", "00:01:44"),
    ]  # fmt: skip
    assert "O IA" not in console.run("show ip route static")
    detail = console.run("show ip route 10.3.0.9")
    assert 'Known via "ospf 1", distance 110, metric 20, type inter area' in detail
    assert "% Subnet not in table" in console.run("show ip route 10.9.9.9")
    assert "% Network not in table" in console.run("show ip route 11.9.9.9")


@pytest.mark.parametrize(("text", "seconds"), [("00:01:44", 104), ("1d02h03m", 93780), ("01w2d03h", 788400)])
def test_ages_of_frr(text: str, seconds: int) -> None:
    assert frrtable.seconds(text) == seconds


def test_clear_asks(router: Device, console: Console) -> None:
    console.run("clear ip ospf process", r"\[no\]: $")
    console.run("no")
    assert plane(router).cleared == []
    console.run("clear ip ospf process", r"\[no\]: $")
    console.run("yes")
    assert plane(router).cleared == ["ospf"]


def test_a_switch_routes_by_ospf_once_it_routes(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("interface vlan 1\nip address 10.0.1.1 255.255.255.0\nno shutdown")
    console.run("configure terminal")
    assert "IP routing not enabled" in console.run("router ospf 1")
    console.run("end")
    console.configure("ip routing\nrouter ospf 1\nnetwork 10.0.0.0 0.255.255.255 area 0")
    plan = frr.plan(switch.config, IPv4Address("10.0.1.1"))
    assert "ip ospf area 0" in plan.sections["interface Vlan1"]
    console.configure("no ip routing")
    assert frr.plan(switch.config, IPv4Address("10.0.1.1")) == frr.Plan()
