"""Routes on the wire: static ones, then OSPF between three routers."""

from __future__ import annotations

from typing import Any

import pytest
from ntc_templates.parse import parse_output
from wire import cli, ping, reaches, until

from trilab.engine.base import Lab

pytestmark = pytest.mark.live


def configure(lab: Lab, node: str, *lines: str) -> str:
    return cli(lab, node, "\n".join(["configure terminal", *lines]))


def table(lab: Lab, node: str, command: str, template: str = "") -> list[dict[str, Any]]:
    text = cli(lab, node, command).partition(command)[2].partition("\n")[2].rpartition(f"{node.upper()}#exit")[0]
    rows = parse_output(platform="cisco_ios", command=template or command, data=text)
    assert isinstance(rows, list)
    return rows


def routes(lab: Lab, node: str) -> dict[str, dict[str, Any]]:
    return {f"{row['network']}/{row['prefix_length']}": row for row in table(lab, node, "show ip route")}


def kernel(lab: Lab, node: str) -> str:
    return lab.run(node, ["ip", "-4", "route"]).stdout


FLOATING = ("ip route 10.3.0.0 255.255.255.0 10.13.0.3", "ip route 10.3.0.0 255.255.255.0 10.12.0.2 200")


@pytest.fixture(scope="module")
def statics(routers: Lab) -> Lab:
    configure(routers, "r1", *FLOATING, "ip route 10.99.0.0 255.255.0.0 Null0", "ip route 10.98.0.9 255.255.255.255 "
              "GigabitEthernet0/2 10.12.0.2")  # fmt: skip
    configure(routers, "r2", "ip route 10.3.0.0 255.255.255.0 10.23.0.3", "ip route 10.1.0.0 255.255.255.0 10.12.0.1")
    configure(routers, "r3", "ip route 0.0.0.0 0.0.0.0 10.13.0.1", "ip route 10.1.0.0 255.255.255.0 10.23.0.2 210",
              "ip route 10.1.0.0 255.255.255.0 10.13.0.1 5")  # fmt: skip
    return routers


def test_static_routes_carry_packets_and_are_shown(statics: Lab) -> None:
    assert until(lambda: "ttl=62" in ping(statics, "pc1", "10.3.0.1"))
    shown = routes(statics, "r1")
    assert (shown["10.3.0.0/24"]["protocol"], shown["10.3.0.0/24"]["nexthop_ip"]) == ("S", "10.13.0.3")
    assert shown["10.98.0.9/32"]["nexthop_if"] == "GigabitEthernet0/2"
    assert shown["10.99.0.0/16"]["nexthop_if"] == "Null0"
    third = routes(statics, "r3")
    assert (third["10.1.0.0/24"]["distance"], third["10.1.0.0/24"]["nexthop_ip"]) == ("5", "10.13.0.1")
    assert third["0.0.0.0/0"]["protocol"] == "S"


def test_null0_discards(statics: Lab) -> None:
    assert not reaches(statics, "pc1", "10.99.1.1")
    assert reaches(statics, "pc1", "10.3.0.1")  # control


def test_a_floating_route_takes_over_when_the_link_is_lost(statics: Lab) -> None:
    configure(statics, "r3", "interface GigabitEthernet0/3", "shutdown")
    try:
        assert until(lambda: "ttl=61" in ping(statics, "pc1", "10.3.0.1"))
        backup = routes(statics, "r1")["10.3.0.0/24"]
        assert (backup["distance"], backup["nexthop_ip"]) == ("200", "10.12.0.2")
    finally:
        configure(statics, "r3", "interface GigabitEthernet0/3", "no shutdown")
    assert until(lambda: "ttl=62" in ping(statics, "pc1", "10.3.0.1"))


def test_a_route_that_is_removed_carries_nothing(statics: Lab) -> None:
    configure(statics, "r1", *(f"no {line}" for line in FLOATING))
    assert not reaches(statics, "pc1", "10.3.0.1")
    assert reaches(statics, "r1", "10.12.0.2")  # control
    assert "10.3.0.0/24" not in routes(statics, "r1")


QUICK = ("ip ospf hello-interval 1", "ip ospf dead-interval 3", "ip ospf retransmit-interval 1")


def port(number: int, *more: str) -> list[str]:
    return [f"interface GigabitEthernet0/{number}", *QUICK, *more]


@pytest.fixture(scope="module")
def ospf(statics: Lab) -> Lab:
    """Area 0 between the routers (r1–r3 is the dear way), pc2's network in area 3, r1's own default route."""
    p2p = "ip ospf network point-to-point"
    configure(statics, "r1", *(f"no {line}" for line in FLOATING),
              "no ip route 10.99.0.0 255.255.0.0 Null0", "no ip route 10.98.0.9 255.255.255.255",
              "interface Loopback0", "ip address 1.1.1.1 255.255.255.0", *port(2, p2p),
              *port(3, p2p, "ip ospf cost 50"), "router ospf 1", "network 10.0.0.0 0.255.255.255 area 0",
              "network 1.1.1.0 0.0.0.255 area 0", "passive-interface GigabitEthernet0/1")  # fmt: skip
    configure(statics, "r2", "no ip route 10.3.0.0 255.255.255.0", "no ip route 10.1.0.0 255.255.255.0",
              *port(1, p2p), *port(2), "router ospf 1", "router-id 2.2.2.2", "network 10.12.0.2 0.0.0.0 area 0",
              "network 10.23.0.0 0.0.0.255 area 0")  # fmt: skip
    configure(statics, "r3", "no ip route 0.0.0.0 0.0.0.0", "no ip route 10.1.0.0 255.255.255.0",
              "router ospf 7", "router-id 3.3.3.3", *port(1, "ip ospf 7 area 0"), *port(2, "ip ospf 7 area 3"),
              *port(3, p2p, "ip ospf cost 50", "ip ospf 7 area 0"), "router ospf 7",
              "passive-interface default", "no passive-interface GigabitEthernet0/1",
              "no passive-interface GigabitEthernet0/3")  # fmt: skip
    return statics


def full(lab: Lab, node: str) -> set[str]:
    rows = table(lab, node, "show ip ospf neighbor")
    return {row["neighbor_id"] for row in rows if row["state"].startswith("FULL")}


def metric(lab: Lab, node: str, prefix: str) -> str:
    return str(routes(lab, node).get(prefix, {}).get("metric", ""))


def test_neighbours_become_full_and_routes_are_learnt(ospf: Lab) -> None:
    assert until(lambda: full(ospf, "r1") == {"2.2.2.2", "3.3.3.3"} and full(ospf, "r3") == {"1.1.1.1", "2.2.2.2"})
    assert until(lambda: metric(ospf, "r1", "10.3.0.0/24") == metric(ospf, "r3", "10.1.0.0/24") == "3")
    assert "ttl=61" in ping(ospf, "pc1", "10.3.0.1")
    row = routes(ospf, "r1")["10.3.0.0/24"]
    assert (row["protocol"], row["type"], row["distance"], row["metric"], row["nexthop_ip"], row["nexthop_if"]) == (
        "O", "IA", "110", "3", "10.12.0.2", "GigabitEthernet0/2",
    )  # fmt: skip
    third = routes(ospf, "r3")
    assert (third["10.1.0.0/24"]["metric"], third["1.1.1.1/32"]["metric"]) == ("3", "3")
    assert not [prefix for prefix in third if prefix.startswith("172.20.")]  # nothing out of band is announced
    assert "10.3.0.0/24 " in kernel(ospf, "r1")


def test_what_ospf_shows(ospf: Lab) -> None:
    rows = {row["interface"]: row for row in table(ospf, "r1", "show ip ospf interface brief")}
    assert rows["Gi0/3"] | {} == {
        "interface": "Gi0/3", "process": "1", "area": "0", "ip_address": "10.13.0.1", "prefix_length": "24",
        "cost": "50", "state": "P2P", "neighbors_fc": "1/1",
    }  # fmt: skip
    assert rows["Lo0"]["state"] == "LOOP"
    assert rows["Gi0/1"]["neighbors_fc"] == "0/0"
    assert "No Hellos (Passive interface)" in cli(ospf, "r1", "show ip ospf interface GigabitEthernet0/1")
    detail = {row["neighbor_id"]: row for row in table(ospf, "r1", "show ip ospf neighbor detail")}
    assert detail["3.3.3.3"]["address"] == "10.13.0.3"
    links = table(ospf, "r1", "show ip ospf database")
    assert {"1.1.1.1", "2.2.2.2", "3.3.3.3"} <= {row["link_id"] for row in links}
    assert {row["router_id"] for row in links} == {"1.1.1.1"}
    about = cli(ospf, "r1", "show ip protocols")
    assert 'Routing Protocol is "ospf 1"' in about and "10.0.0.0 0.255.255.255 area 0" in about


def test_a_lost_link_moves_the_traffic(ospf: Lab) -> None:
    configure(ospf, "r2", "interface GigabitEthernet0/2", "shutdown")
    try:
        assert until(lambda: metric(ospf, "r1", "10.3.0.0/24") == metric(ospf, "r3", "10.1.0.0/24") == "51")
        assert "ttl=62" in ping(ospf, "pc1", "10.3.0.1")
    finally:
        configure(ospf, "r2", "interface GigabitEthernet0/2", "no shutdown")
    assert until(lambda: metric(ospf, "r1", "10.3.0.0/24") == metric(ospf, "r3", "10.1.0.0/24") == "3")


def test_redistribution_and_a_default_route(ospf: Lab) -> None:
    configure(ospf, "r1", "ip route 172.16.5.0 255.255.255.0 10.1.0.1", "ip route 192.168.7.0 255.255.255.0 10.1.0.1",
              "ip route 0.0.0.0 0.0.0.0 10.1.0.1", "router ospf 1", "redistribute static",
              "default-information originate")  # fmt: skip
    assert until(lambda: {"192.168.7.0/24", "0.0.0.0/0"} <= routes(ospf, "r2").keys())
    learnt = routes(ospf, "r2")
    assert "172.16.5.0/24" not in learnt  # no «subnets»
    assert (learnt["192.168.7.0/24"]["type"], learnt["192.168.7.0/24"]["metric"]) == ("E2", "20")
    assert (learnt["0.0.0.0/0"]["type"], learnt["0.0.0.0/0"]["metric"]) == ("E2", "1")
    configure(ospf, "r1", "router ospf 1", "redistribute static subnets metric-type 1")
    assert until(lambda: routes(ospf, "r2").get("172.16.5.0/24", {}).get("type") == "E1")
    configure(ospf, "r1", "router ospf 1", "no redistribute static", "no default-information originate")
    assert until(lambda: not {"192.168.7.0/24", "0.0.0.0/0", "172.16.5.0/24"} & routes(ospf, "r2").keys())


def test_a_wrong_key_separates_and_a_right_one_joins(ospf: Lab) -> None:
    auth = ("ip ospf authentication message-digest", "ip ospf message-digest-key 1 md5 clef")
    configure(ospf, "r1", "interface GigabitEthernet0/3", *auth)
    try:
        assert until(lambda: full(ospf, "r1") == {"2.2.2.2"})
        configure(ospf, "r3", "interface GigabitEthernet0/3", *auth)
        assert until(lambda: full(ospf, "r1") == {"2.2.2.2", "3.3.3.3"})
    finally:
        for node in ("r1", "r3"):
            configure(ospf, node, "interface GigabitEthernet0/3", *(f"no {line}" for line in auth))
    assert until(lambda: full(ospf, "r1") == {"2.2.2.2", "3.3.3.3"})


def test_a_static_route_beats_ospf_unless_it_floats(ospf: Lab) -> None:
    configure(ospf, "r1", "ip route 10.3.0.0 255.255.255.0 10.13.0.3 150")
    assert routes(ospf, "r1")["10.3.0.0/24"]["protocol"] == "O"
    assert "From 10.12.0.2" in ping(ospf, "pc1", "10.3.0.1", "-t2")
    configure(ospf, "r1", "ip route 10.3.0.0 255.255.255.0 10.13.0.3 20")
    assert until(lambda: "From 10.13.0.3" in ping(ospf, "pc1", "10.3.0.1", "-t2"))  # the second router on the way
    assert routes(ospf, "r1")["10.3.0.0/24"]["distance"] == "20"
    configure(ospf, "r1", "no ip route 10.3.0.0 255.255.255.0 10.13.0.3")
    assert until(lambda: routes(ospf, "r1")["10.3.0.0/24"]["protocol"] == "O")


def test_a_reload_brings_the_saved_routes_back(ospf: Lab) -> None:
    cli(ospf, "r3", "write")
    before = sorted(routes(ospf, "r3"))
    ospf.run("r3", ["env", "USER=trilab", "/usr/lib/trilab/cli"], input="reload\n\n")
    assert until(lambda: sorted(routes(ospf, "r3")) == before)
    assert until(lambda: reaches(ospf, "pc1", "10.3.0.1"))


def test_without_a_process_nothing_of_it_stays(ospf: Lab) -> None:
    configure(ospf, "r1", "no router ospf 1")
    assert "ospf" not in kernel(ospf, "r1")
    assert ospf.run("r1", ["pidof", "ospfd", "zebra", "staticd", "mgmtd"]).stdout == ""
    assert "ip ospf 1" not in cli(ospf, "r1", "show running-config")
    assert {"192.168.7.0/24", "0.0.0.0/0"} <= routes(ospf, "r1").keys()  # static ones are the kernel's again
    assert not reaches(ospf, "pc1", "10.3.0.1")
    assert reaches(ospf, "r1", "10.12.0.2")  # control


def test_rip_in_the_place_of_ospf(ospf: Lab) -> None:
    timers = ("router rip", "version 2", "no auto-summary", "timers basic 5 15 15 20", "network 10.0.0.0")
    no_direct_way = "passive-interface GigabitEthernet0/3"
    configure(ospf, "r1", "no router ospf 1", *timers, "passive-interface GigabitEthernet0/1", no_direct_way)
    configure(ospf, "r2", "no router ospf 1", *timers)
    configure(ospf, "r3", "no router ospf 7", *timers, no_direct_way)
    assert until(lambda: metric(ospf, "r1", "10.3.0.0/24") == metric(ospf, "r3", "10.1.0.0/24") == "2", 30)
    row = routes(ospf, "r1")["10.3.0.0/24"]
    assert (row["protocol"], row["distance"], row["nexthop_ip"]) == ("R", "120", "10.12.0.2")
    assert reaches(ospf, "pc1", "10.3.0.1")
    assert "10.3.0.0/24\n    [2] via 10.12.0.2" in cli(ospf, "r1", "show ip rip database")
    assert 'Routing Protocol is "rip"' in cli(ospf, "r1", "show ip protocols")
    configure(ospf, "r1", "no router rip")
    assert "10.3.0.0/24" not in routes(ospf, "r1")
    assert ospf.run("r1", ["pidof", "ripd", "zebra"]).stdout == ""
