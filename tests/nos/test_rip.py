"""RIP: what is typed, what FRR is told."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

import pytest

from tests.nos.conftest import Console, plane
from trilab.nos.dataplane import frr
from trilab.nos.dataplane.base import Route
from trilab.nos.device import Device
from trilab.nos.features import rip

Connect = Callable[..., Console]


@pytest.fixture
def console(router: Device, connect: Connect) -> Console:
    made = connect(router)
    made.configure("""
interface gi0/1
ip address 10.1.0.254 255.255.255.0
no shutdown
interface gi0/2
ip address 192.168.5.1 255.255.255.0
no shutdown
router rip
version 2
no auto-summary
network 10.1.0.0
redistribute static metric 3
redistribute ospf 1
passive-interface gi0/1
""")
    return made


def test_what_frr_is_told(router: Device, console: Console) -> None:
    assert rip.sections(router.config) == {
        "router rip": ("version 2", "network eth1", "passive-interface eth1",
                       "redistribute static metric 3 route-map data", "timers basic 30 180 60"),
    }  # fmt: skip
    assert frr.plan(router.config, None).daemons == ("mgmtd", "zebra", "staticd", "ripd")
    console.configure("router rip\nno version\nnetwork 192.168.5.0\nno passive-interface gi0/1")
    sections = rip.sections(router.config)
    assert sections["interface eth2"] == ("ip rip send version 1", "ip rip receive version 1 2")
    assert sections["router rip"][:2] == ("network eth1", "network eth2")
    console.configure("no router rip")
    assert frr.plan(router.config, None) == frr.Plan()


def test_running_config_tells_the_class_and_that_nothing_is_summarised(console: Console) -> None:
    assert console.run("show running-config | section router").splitlines() == [
        "router rip", " version 2", " redistribute ospf 1", " redistribute static metric 3",
        " passive-interface GigabitEthernet0/1", " network 10.0.0.0", " no auto-summary",
    ]  # fmt: skip


def test_refusals(console: Console) -> None:
    console.run("configure terminal")
    console.run("router rip")
    assert "Invalid input" in console.run("auto-summary")
    assert "Bad network number" in console.run("network 239.1.1.1")
    assert "flush timer" in console.run("timers basic 30 180 180 100")


def test_shows(router: Device, console: Console) -> None:
    plane(router).table = [
        Route(IPv4Network("10.1.0.0/24"), "connected", None, "GigabitEthernet0/1", 0),
        Route(IPv4Network("172.16.0.0/16"), "rip", IPv4Address("10.1.0.1"), "GigabitEthernet0/1", 120, 2, "", 12),
    ]
    shown = console.run("show ip rip database")
    assert "10.1.0.0/24    directly connected, GigabitEthernet0/1" in shown
    assert "172.16.0.0/16\n    [2] via 10.1.0.1, 00:00:12, GigabitEthernet0/1" in shown
    assert "R     172.16.0.0/16 [120/2] via 10.1.0.1, 00:00:12" in console.run("show ip route rip")
    about = console.run("show ip protocols")
    assert "send version 2, receive version 2" in about and "10.1.0.1             120      00:00:12" in about
