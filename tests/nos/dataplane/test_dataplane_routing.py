from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network

from dataplane_configs import device, put, stick

from trilab.nos.dataplane import links, readback, routing
from trilab.nos.dataplane.base import PortState, Route
from trilab.nos.model import Config, StaticRoute


def net(text: str) -> IPv4Network:
    return IPv4Network(text)


def lines(config: Config) -> list[str]:
    return [route.line() for route in routing.desired(config).values()]


def router(*routes: StaticRoute) -> Config:
    config = stick()
    put(config, "GigabitEthernet0/2", "192.0.2.1/24", shutdown=False)
    config.routes = list(routes)
    return config


def test_a_next_hop_is_reached_through_its_connected_network():
    config = router(StaticRoute(net("0.0.0.0/0"), IPv4Address("192.0.2.10")))
    assert lines(config) == ["route replace 0.0.0.0/0 metric 1 proto static via 192.0.2.10 dev eth2 onlink"]


def test_distance_is_the_metric():
    config = router(StaticRoute(net("10.9.0.0/16"), IPv4Address("10.0.20.1"), distance=200))
    assert "metric 200 proto static via 10.0.20.1 dev eth1.20" in lines(config)[0]


def test_null0_discards():
    config = router(StaticRoute(net("10.9.0.0/16"), interface="Null0"))
    assert lines(config) == ["route replace blackhole 10.9.0.0/16 metric 1 proto static"]


def test_recursion_through_another_static_route():
    config = router(
        StaticRoute(net("10.6.0.0/16"), IPv4Address("10.7.1.1")),
        StaticRoute(net("10.7.0.0/16"), IPv4Address("192.0.2.10")),
    )
    assert "10.6.0.0/16 metric 1 proto static via 192.0.2.10 dev eth2" in lines(config)[0]


def test_routes_that_lead_nowhere_are_not_installed():
    config = router(
        StaticRoute(net("10.5.0.0/16"), IPv4Address("172.20.20.1")),
        StaticRoute(net("10.6.0.0/16"), IPv4Address("10.7.0.1")),
        StaticRoute(net("10.7.0.0/16"), IPv4Address("10.6.0.1")),
        StaticRoute(net("10.8.0.0/16"), interface="GigabitEthernet0/7"),
    )
    assert lines(config) == []


def test_a_shut_interface_takes_its_routes_away():
    config = router(StaticRoute(net("10.9.0.0/16"), IPv4Address("192.0.2.10")))
    put(config, "GigabitEthernet0/2", shutdown=True)
    assert lines(config) == []


def test_a_shut_parent_takes_the_routes_of_its_subinterfaces_away():
    config = router(StaticRoute(net("10.9.0.0/16"), IPv4Address("10.0.10.1")))
    put(config, "GigabitEthernet0/1", shutdown=True)
    assert lines(config) == []


def test_equal_routes_share_the_load():
    config = router(
        StaticRoute(net("10.9.0.0/16"), IPv4Address("10.0.10.1")),
        StaticRoute(net("10.9.0.0/16"), IPv4Address("10.0.20.1")),
    )
    assert lines(config)[0].count("nexthop") == 2


def test_a_switch_has_its_default_gateway_only():
    config = device("switch", vlans=(99,))
    put(config, "Vlan99", "10.0.99.1/24")
    config.default_gateway = IPv4Address("10.0.99.254")
    config.routes = [StaticRoute(net("10.9.0.0/16"), IPv4Address("10.0.99.3"))]
    assert lines(config) == ["route replace 0.0.0.0/0 metric 1 proto static via 10.0.99.254 dev Vlan99 onlink"]


def test_a_route_removed_by_its_link_is_not_an_error_to_remove():
    old = routing.desired(router(StaticRoute(net("10.9.0.0/16"), IPv4Address("192.0.2.10"))))
    assert routing.removals(old, {}) == ["route del 10.9.0.0/16 metric 1 proto static"]
    assert routing.removals(old, old) == []


def states(config: Config, down: str = "") -> dict[str, PortState]:
    return {name: PortState(name, True, name != down, name != down, "", 1500) for name in config.interfaces}


def table_of(config: Config, down: str = "") -> list[Route]:
    known = states(config, down)
    return readback.table(readback.own_routes(config, known), readback.statics(config, json.dumps(KERNEL), known))


KERNEL = [
    {"dst": "default", "gateway": "192.0.2.10", "dev": "eth2", "protocol": "static", "metric": 1, "flags": ["onlink"]},
    {"dst": "192.0.2.0/24", "dev": "eth2", "protocol": "kernel", "scope": "link", "prefsrc": "192.0.2.1", "flags": []},
    {"dst": "10.6.0.0/16", "gateway": "192.0.2.10", "dev": "eth2", "protocol": "static", "metric": 1, "flags": []},
    {"type": "blackhole", "dst": "10.8.0.0/16", "protocol": "static", "metric": 1, "flags": []},
]


def test_the_table_names_the_configured_next_hop_and_what_the_kernel_lacks_is_not_listed():
    config = router(
        StaticRoute(net("0.0.0.0/0"), IPv4Address("192.0.2.10")),
        StaticRoute(net("10.6.0.0/16"), IPv4Address("10.7.1.1")),
        StaticRoute(net("10.7.0.0/16"), IPv4Address("192.0.2.10")),
        StaticRoute(net("10.8.0.0/16"), interface="Null0"),
    )
    table = table_of(config)
    static = {str(r.prefix): (r.next_hop, r.interface) for r in table if r.source == "static"}
    assert static == {
        "0.0.0.0/0": (IPv4Address("192.0.2.10"), None),
        "10.6.0.0/16": (IPv4Address("10.7.1.1"), None),
        "10.8.0.0/16": (None, "Null0"),
    }
    assert [str(r.prefix) for r in table if r.source == "local"] == ["10.0.10.254/32", "10.0.20.254/32", "192.0.2.1/32"]


def test_a_link_that_is_down_hides_its_routes():
    config = router(StaticRoute(net("0.0.0.0/0"), IPv4Address("192.0.2.10")))
    table = table_of(config, down="GigabitEthernet0/2")
    assert not [route for route in table if str(route.prefix) in ("0.0.0.0/0", "192.0.2.0/24")]


CABLED = frozenset({"eth1", "eth2"})


def test_links_of_a_router_on_a_stick():
    wanted = links.desired(router(), CABLED)
    assert set(wanted) == {"eth1", "eth1u", "eth1.10", "eth1.20", "eth2"}
    assert wanted["eth1"].address is None and wanted["eth1"].up


def test_an_address_moves_without_being_twice_on_the_device():
    old = device("switch", vlans=(98, 99))
    put(old, "Vlan98", "10.0.99.1/24")
    put(old, "Vlan99")
    new = device("switch", vlans=(98, 99))
    put(new, "Vlan98")
    put(new, "Vlan99", "10.0.99.1/24")
    changes = links.changes(links.desired(old, CABLED), links.desired(new, CABLED))
    assert changes == ["addr del 10.0.99.1/24 dev Vlan98", "addr replace 10.0.99.1/24 brd + dev Vlan99"]


def test_an_svi_is_made_before_and_removed_after():
    bare, with_svi = device("switch", vlans=(99,)), device("switch", vlans=(99,))
    put(with_svi, "Vlan99", "10.0.99.1/31")
    old, new = links.desired(bare, CABLED), links.desired(with_svi, CABLED)
    assert links.create_pairs(old, new) == ["link add Vlan99 type veth peer name sv99", "link set sv99 up"]
    assert links.changes(old, new) == ["link set Vlan99 up", "addr replace 10.0.99.1/31 dev Vlan99"]
    assert links.delete_pairs(new, old) == ["link del Vlan99"]
    assert links.changes(new, new) == []


def test_shutdown_takes_the_cable_down():
    old, new = device("switch"), device("switch")
    put(new, "GigabitEthernet0/1", shutdown=True)
    assert links.changes(links.desired(old, CABLED), links.desired(new, CABLED)) == ["link set eth1 down"]
