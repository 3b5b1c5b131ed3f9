"""IPv6 on the wire: addresses, advertisements to pc1 and pc2, static routes, then OSPFv3."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ntc_templates.parse import parse_output
from wire import cli, reaches, until

from trilab.engine.base import Lab

pytestmark = pytest.mark.live
NETWORKS = {
    "r1": {1: "2001:db8:1::fe", 2: "2001:db8:12::1"},
    "r2": {1: "2001:db8:12::2", 2: "2001:db8:23::2"},
    "r3": {1: "2001:db8:23::3", 2: "2001:db8:3::fe"},
}


def configure(lab: Lab, node: str, *lines: str) -> str:
    return cli(lab, node, "\n".join(["configure terminal", *lines]))


def table(lab: Lab, node: str, command: str) -> list[dict[str, Any]]:
    text = cli(lab, node, command).partition(command)[2].partition("\n")[2].rpartition(f"{node.upper()}#exit")[0]
    rows = parse_output(platform="cisco_ios", command=command, data=text)
    assert isinstance(rows, list)
    return rows


def routes(lab: Lab, node: str) -> dict[str, dict[str, Any]]:
    return {row["network"]: row for row in table(lab, node, "show ipv6 route")}


@pytest.fixture(scope="module")
def six(routers: Lab) -> Lab:
    for node, addresses in NETWORKS.items():
        lines = ["ipv6 unicast-routing"]
        for number, address in addresses.items():
            lines += [f"interface GigabitEthernet0/{number}", f"ipv6 address {address}/64"]
        configure(routers, node, *lines, "ipv6 address fe80::fe link-local")
    return routers


def own(lab: Lab, node: str) -> str:
    """The address that a PC made from an advertisement."""
    found = re.search(r"inet6 (2001:\S+)/64 scope global", lab.run(node, ["ip", "-6", "addr", "show", "eth1"]).stdout)
    return found[1] if found else ""


def test_pcs_address_themselves_from_advertisements(six: Lab) -> None:
    assert until(lambda: own(six, "pc1").startswith("2001:db8:1:") and own(six, "pc2").startswith("2001:db8:3:"))
    assert until(lambda: reaches(six, "pc1", "2001:db8:12::1"))
    shown = {row["interface"]: row for row in table(six, "r3", "show ipv6 interface brief")}
    assert shown["GigabitEthernet0/2"]["ipv6_address"] == ["FE80::FE", "2001:DB8:3::FE"]
    assert "!!!!!" in cli(six, "r1", "ping 2001:db8:12::2")


def test_static_routes(six: Lab) -> None:
    assert not reaches(six, "pc1", own(six, "pc2"))
    configure(six, "r1", "ipv6 route 2001:db8:3::/64 2001:db8:12::2")
    configure(six, "r2", "ipv6 route 2001:db8:3::/64 2001:db8:23::3", "ipv6 route 2001:db8:1::/64 2001:db8:12::1")
    configure(six, "r3", "ipv6 route ::/0 2001:db8:23::2")
    assert until(lambda: reaches(six, "pc1", own(six, "pc2")))
    row = routes(six, "r1")["2001:DB8:3::/64"]
    assert (row["protocol"], row["distance"], row["nexthop_ip"]) == ("S", "1", "2001:DB8:12::2")
    assert routes(six, "r3")["::/0"]["protocol"] == "S"


def test_ospfv3_takes_over(six: Lab) -> None:
    configure(six, "r1", "no ipv6 route 2001:db8:3::/64")
    configure(six, "r2", "no ipv6 route 2001:db8:3::/64", "no ipv6 route 2001:db8:1::/64")
    configure(six, "r3", "no ipv6 route ::/0")
    assert until(lambda: not reaches(six, "pc1", own(six, "pc2")))
    quick = ("ipv6 ospf network point-to-point", "ipv6 ospf hello-interval 1", "ipv6 ospf dead-interval 3")
    for number, (node, ports) in enumerate(NETWORKS.items(), 1):
        lines = [f"ipv6 router ospf {number}", f"router-id {number}.{number}.{number}.{number}"]
        for port in ports:
            lines += [f"interface GigabitEthernet0/{port}", *quick, f"ipv6 ospf {number} area 0"]
        configure(six, node, *lines)
    assert until(lambda: "FULL/" in cli(six, "r1", "show ipv6 ospf neighbor"), 30)
    assert until(lambda: "2001:DB8:3::/64" in routes(six, "r1") and "2001:DB8:1::/64" in routes(six, "r3"), 30)
    row = routes(six, "r1")["2001:DB8:3::/64"]
    assert (row["protocol"], row["distance"], row["metric"]) == ("O", "110", "3")
    assert row["nexthop_ip"].startswith("FE80:") and row["nexthop_if"] == "GigabitEthernet0/2"
    assert until(lambda: reaches(six, "pc1", own(six, "pc2")))
    assert "2.2.2.2" in cli(six, "r1", "show ipv6 ospf neighbor")


def test_without_routing_nothing_is_forwarded_and_without_addresses_nothing_is_left(six: Lab) -> None:
    configure(six, "r2", "no ipv6 unicast-routing")
    assert not reaches(six, "pc1", own(six, "pc2"))
    assert reaches(six, "pc1", "2001:db8:1::fe")  # control
    configure(six, "r3", "no ipv6 router ospf 3", "interface GigabitEthernet0/1", "no ipv6 address", "interface "
              "GigabitEthernet0/2", "no ipv6 address", "no ipv6 unicast-routing")  # fmt: skip
    assert "inet6" not in six.run("r3", ["ip", "-6", "addr", "show", "eth1"]).stdout
    assert six.run("r3", ["pidof", "ospf6d", "zebra"]).stdout == ""
