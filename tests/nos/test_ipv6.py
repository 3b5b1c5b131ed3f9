"""IPv6: what is typed, what FRR is told, what is shown."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Interface
from typing import Any

import pytest
from ntc_templates.parse import parse_output

from tests.nos.conftest import Console, plane
from trilab.nos.dataplane import frr, frrtext, probe
from trilab.nos.dataplane.base import PingReply, PortState
from trilab.nos.dataplane.ipv6 import eui64
from trilab.nos.device import Device
from trilab.nos.features import ipv6, ospf3

Connect = Callable[..., Console]
TYPED = """
ipv6 unicast-routing
interface gi0/1
ipv6 address 2001:db8:1::1/64
ipv6 address fe80::1 link-local
ipv6 ospf 1 area 0
no shutdown
interface gi0/2
ipv6 address 2001:db8:2::/64 eui-64
ipv6 nd ra suppress
no shutdown
ipv6 route 2001:db8:9::1/48 2001:db8:1::9 200
ipv6 route ::/0 gi0/1 fe80::9
ipv6 router ospf 1
router-id 1.1.1.1
passive-interface gi0/2
"""


@pytest.fixture
def console(router: Device, connect: Connect) -> Console:
    made = connect(router)
    made.configure(TYPED)
    return made


def test_what_frr_is_told(router: Device, console: Console) -> None:
    sections = ipv6.sections(router.config)
    assert sections == {
        "": ("ipv6 route ::/0 fe80::9 eth1 1", "ipv6 route 2001:db8:9::/48 2001:db8:1::9 200"),
        "interface eth1": ("no ipv6 nd suppress-ra", "ipv6 nd prefix 2001:db8:1::/64"),
    }
    modern = ospf3.sections(router.config, IPv4Address("9.9.9.9"))
    assert modern["router ospf6"] == ("ospf6 router-id 1.1.1.1",)
    assert modern["interface eth1"][-1] == "ipv6 ospf6 area 0.0.0.0"
    assert "ospf6d" in frr.plan(router.config, IPv4Address("9.9.9.9")).daemons
    console.configure("no ipv6 router ospf 1")
    assert ospf3.sections(router.config, IPv4Address("9.9.9.9")) == {}
    assert "ipv6 ospf 1" not in console.run("show running-config")


def test_a_line_that_is_a_no_is_undone_by_its_contrary() -> None:
    old: frrtext.Sections = {"interface eth1": ("no ipv6 nd suppress-ra",)}
    assert frrtext.changes(old, {}) == "interface eth1\n ipv6 nd suppress-ra\nexit\n"


@pytest.mark.parametrize(
    ("mode", "typed", "said"),
    [
        ("interface gi0/2", "ipv6 address 2001:db8:1::2/64", "overlapping"),
        ("interface gi0/2", "ipv6 address ff02::1/64", "not a valid address"),
        ("interface gi0/2", "ipv6 address 2001:db8::1 link-local", "Invalid link-local"),
        ("interface gi0/2", "ipv6 address 2001:db8::1", "Incomplete"),
        ("hostname R1", "ipv6 route 2001:db8::/32 fe80::1", "Interface has to be specified"),
        ("hostname R1", "no ipv6 route 2001:db8::/32", "No matching route"),
        ("hostname R1", "ipv6 router ospf 2", "one OSPFv3 process: 1"),
    ],
)
def test_refusals(console: Console, mode: str, typed: str, said: str) -> None:
    console.run("configure terminal")
    console.run(mode)
    assert said in console.run(typed)


def test_the_lower_half_from_a_mac() -> None:
    assert eui64(IPv6Interface("2001:db8::/64"), "02:aa:bb:cc:dd:01") == IPv6Interface("2001:db8::aa:bbff:fecc:dd01/64")


ENTRY: dict[str, Any] = {"installed": True, "distance": 110, "metric": 2}


def test_shows(router: Device, console: Console) -> None:
    name = "GigabitEthernet0/1"
    data = plane(router)
    data.state = {name: PortState(name, True, True, True, "", 1500)}
    data.seen[ipv6.Held] = ipv6.Held({name: (IPv6Interface("2001:db8:1::1/64"), IPv6Interface("fe80::1/64"))})
    rows = {row["interface"]: row for row in parsed("show ipv6 interface brief", console)}
    assert rows[name] == {
        "interface": name, "ipv6_address": ["FE80::1", "2001:DB8:1::1"], "admin": "up", "protocol": "up",
    }  # fmt: skip
    assert rows["GigabitEthernet0/2"]["ipv6_address"] == ["unassigned"]
    hop = {"ip": "fe80::7", "interfaceName": "eth1", "active": True}
    data.answers["zebra", "show ipv6 route json"] = {
        "2001:db8:3::/64": [ENTRY | {"protocol": "ospf6", "prefix": "2001:db8:3::/64", "nexthops": [hop]}],
        "2001:db8:9::/48": [ENTRY | {"protocol": "static", "prefix": "2001:db8:9::/48", "distance": 200, "metric": 0,
                                     "nexthops": [hop | {"ip": "2001:db8:1::9"}]}],
    }  # fmt: skip
    found = {row["network"]: row for row in parsed("show ipv6 route", console)}
    learnt = found["2001:DB8:3::/64"]
    assert (learnt["protocol"], learnt["metric"], learnt["nexthop_ip"], learnt["nexthop_if"]) == (
        "O",
        "2",
        "FE80::7",
        name,
    )
    assert (found["2001:DB8:9::/48"]["distance"], found["2001:DB8:9::/48"]["nexthop_if"]) == ("200", "")
    assert found["2001:DB8:1::/64"]["protocol"] == "C" and found["2001:DB8:1::1/128"]["protocol"] == "L"


def test_interface(router: Device, console: Console) -> None:
    name = "GigabitEthernet0/1"
    console.configure(f"interface {name}\nipv6 address 2001:db8:1::1/64\nipv6 address fe80::1 link-local")
    plane(router).state = {name: PortState(name, True, True, True, "", 1500)}
    plane(router).seen[ipv6.Held] = ipv6.Held({name: (IPv6Interface("2001:db8:1::1/64"), IPv6Interface("fe80::1/64"))})
    assert console.run(f"show ipv6 interface {name}").splitlines() == [
        f"{name} is up, line protocol is up",
        "  IPv6 is enabled, link-local address is FE80::1 ",
        "  Global unicast address(es):",
        "    2001:DB8:1::1, subnet is 2001:DB8:1::/64 ",
        "  MTU is 1500 bytes",
    ]
    plane(router).seen[ipv6.Held] = ipv6.Held()
    console.configure("interface gi0/2\nno ipv6 address\nno ipv6 enable")
    assert "GigabitEthernet0/2" not in console.run("show ipv6 interface")  # it does not speak IPv6
    assert "no link-local address" in console.run("show ipv6 interface gi0/1")


def parsed(command: str, console: Console) -> list[dict[str, Any]]:
    rows = parse_output(platform="cisco_ios", command=command, data=console.run(command))
    assert isinstance(rows, list)
    return rows


def test_neighbours(router: Device, console: Console) -> None:
    plane(router).answers["ospf6d", "show ipv6 ospf6 neighbor json"] = {
        "neighbors": [{"neighborId": "2.2.2.2", "priority": 1, "deadTime": "00:00:31", "state": "Full",
                       "ifState": "DR", "interfaceName": "eth1", "interfaceState": "BDR"}],
    }  # fmt: skip
    shown = console.run("show ipv6 ospf neighbor")
    assert "2.2.2.2           1   FULL/DR         00:00:31" in shown and "GigabitEthernet0/1" in shown


def test_ping(router: Device, console: Console) -> None:
    plane(router).replies = [PingReply(True, 1.0, "!")] * 5
    assert "Success rate is 100 percent (5/5)" in console.run("ping 2001:db8::7")
    assert "!!!!!" in console.run("ping ipv6 2001:db8::7 repeat 5")
    assert str(plane(router).asked[0][0]) == "2001:db8::7"


def test_icmpv6_answers_are_told_apart() -> None:
    sent = probe.request6(7, 3, 100)
    assert len(sent) == 60
    reply = bytes([129]) + sent[1:]
    assert probe.verdict6(reply, 7, 3) == "!" and probe.verdict6(reply, 7, 4) is None
    refused = bytes([1, 1]) + bytes(6) + bytes(40) + sent
    assert probe.verdict6(refused, 7, 3) == "A" and probe.verdict6(refused, 8, 3) is None
    assert probe.verdict6(bytes([1, 0]) + refused[2:], 7, 3) == "U"
