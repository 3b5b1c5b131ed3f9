"""Every ``show`` is read by the ntc-templates of Cisco IOS; its values are those of the data plane and the model."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
from ntc_templates.parse import parse_output

from tests.nos.conftest import Console, plane
from tests.nos.showing import MAC, table, tree
from trilab.nos.dataplane.base import Lease, Route
from trilab.nos.device import Device

Connect = Callable[..., Console]


def test_vlan(on_switch: Console) -> None:
    for command in ("show vlan", "show vlan brief"):
        rows = {row["vlan_id"]: row for row in table(on_switch, command)}
        assert rows["10"]["vlan_name"] == "DATA"
        assert rows["10"]["status"] == "active"
        assert rows["10"]["interfaces"] == ["Gi0/1"]
        assert rows["30"]["interfaces"] == ["Gi0/1"]
        assert rows["1"]["interfaces"] == ["Gi0/2", "Gi0/3", "Gi0/4", "Gi0/5", "Gi0/6", "Gi0/7"]
        assert rows["20"] == {"vlan_id": "20", "vlan_name": "VLAN0020", "status": "active", "interfaces": []}
        assert {"1002", "1003", "1004", "1005"} <= rows.keys()


def test_vlan_by_id_and_name(on_switch: Console) -> None:
    assert [row["vlan_id"] for row in table(on_switch, "show vlan id 10")] == ["10"]
    assert "DATA" in on_switch.run("show vlan name DATA")
    assert "not found" in on_switch.run("show vlan id 77")


def test_interfaces_status(on_switch: Console) -> None:
    rows = {row["port"]: row for row in table(on_switch, "show interfaces status")}
    assert len(rows) == 8
    assert rows["Gi0/1"] | {"fc_mode": ""} == {
        "port": "Gi0/1", "name": "PC de l'accueil", "status": "connected", "vlan_id": "10", "duplex": "a-full",
        "speed": "a-1000", "type": "10/100/1000BaseTX", "fc_mode": "",
    }  # fmt: skip
    assert rows["Gi0/8"]["vlan_id"] == "trunk"
    assert rows["Gi0/3"]["status"] == "disabled"
    assert rows["Gi0/2"]["status"] == "notconnect"


def test_interfaces_switchport(on_switch: Console) -> None:
    rows = {row["interface"]: row for row in table(on_switch, "show interfaces switchport")}
    assert rows["Gi0/8"]["admin_mode"] == rows["Gi0/8"]["mode"] == "trunk"
    assert rows["Gi0/8"]["native_vlan"] == "20"
    assert rows["Gi0/8"]["trunking_vlans"] == ["1-5", "10", "20", "30-40", "100"]
    assert rows["Gi0/1"]["mode"] == rows["Gi0/1"]["admin_mode"] == "static access"
    assert (rows["Gi0/1"]["access_vlan"], rows["Gi0/1"]["voice_vlan"]) == ("10", "30")
    assert rows["Gi0/2"]["admin_mode"] == "dynamic auto"
    assert rows["Gi0/2"]["mode"] == "down"
    assert rows["Gi0/2"]["trunking_vlans"] == ["ALL"]


def test_switchport_wraps_long_lists(on_switch: Console) -> None:
    odd = list(range(1001, 1100, 2))
    on_switch.configure("interface gi0/8\nswitchport trunk allowed vlan " + ",".join(map(str, odd)))
    row = table(on_switch, "show interfaces gi0/8 switchport")[0]
    assert row["trunking_vlans"] == [str(vid) for vid in odd]


def test_interfaces_trunk(on_switch: Console) -> None:
    shown = on_switch.run("show interfaces trunk")
    assert "Gi0/8       on               802.1q         trunking      20" in shown
    assert "Gi0/8       1-5,10,20,30-40,100" in shown
    assert "Gi0/8       1,10,20,30\n" in shown  # allowed and existing
    assert "Gi0/1" not in shown


def test_interfaces(on_switch: Console) -> None:
    rows = {row["interface"]: row for row in table(on_switch, "show interfaces")}
    port = rows["GigabitEthernet0/1"]
    assert port["link_status"] == "up"
    assert port["protocol_status"].startswith("up")
    assert port["description"] == "PC de l'accueil"
    assert port["mac_address"] == "02aa.bbcc.dd01"
    assert (port["input_packets"], port["output_packets"]) == ("10", "20")
    assert (port["input_errors"], port["output_errors"]) == ("1", "2")
    assert (port["mtu"], port["duplex"], port["speed"]) == ("1500", "Full-duplex", "1000Mb/s")
    assert rows["Vlan10"]["ip_address"] == "10.0.10.2"
    assert rows["Vlan10"]["prefix_length"] == "24"
    assert rows["GigabitEthernet0/3"]["link_status"] == "administratively down"
    assert len(table(on_switch, "show interfaces GigabitEthernet0/2")) == 1


def test_subinterface(on_router: Console) -> None:
    row = table(on_router, "show interfaces GigabitEthernet0/1.10")[0]
    assert (row["encapsulation"], row["vlan_id"]) == ("802.1Q Virtual LAN", "10")


def test_interfaces_description(on_switch: Console) -> None:
    rows = {row["port"]: row for row in table(on_switch, "show interfaces description")}
    assert rows["Gi0/1"] == {"port": "Gi0/1", "status": "up", "protocol": "up", "description": "PC de l'accueil"}
    assert rows["Gi0/3"]["status"] == "admin down"


def test_ip_interface_brief(on_switch: Console) -> None:
    rows = {row["interface"]: row for row in table(on_switch, "show ip interface brief")}
    assert rows["Vlan10"] == {"interface": "Vlan10", "ip_address": "10.0.10.2", "status": "up", "proto": "up"}
    assert rows["Vlan1"]["status"] == "administratively down"
    assert rows["GigabitEthernet0/2"]["ip_address"] == "unassigned"


def test_ip_interface(on_router: Console) -> None:
    row = next(r for r in table(on_router, "show ip interface") if r["interface"] == "GigabitEthernet0/1.10")
    assert (row["ip_address"], row["prefix_length"]) == (["10.0.10.1"], ["24"])
    assert row["ip_helper"] == ["10.0.0.5", "10.0.0.6"]
    assert (row["inbound_acl"], row["outgoing_acl"]) == ("GUEST", "")


def test_mac_address_table(on_switch: Console) -> None:
    rows = table(on_switch, "show mac address-table")
    assert [(row["destination_address"], row["vlan_id"], row["destination_port"], row["type"]) for row in rows] == [
        ("02aa.bbcc.dd01", "10", ["Gi0/1"], "DYNAMIC"),
        ("02aa.bbcc.dd02", "20", ["Gi0/8"], "DYNAMIC"),
    ]
    for part in ("dynamic vlan 20", "address 02aa.bbcc.dd02", "interface gi0/8"):
        shown = on_switch.run(f"show mac address-table {part}")
        assert "Gi0/8" in shown
        assert "Gi0/1" not in shown


@pytest.mark.parametrize(
    ("command", "address", "age", "mac"),
    [("show arp", "address", "age_min", "hardware_address"), ("show ip arp", "ip_address", "age", "mac_address")],
)
def test_arp(on_switch: Console, command: str, address: str, age: str, mac: str) -> None:
    rows = table(on_switch, command)
    assert [(r[address], r[age], r[mac], r["interface"]) for r in rows] == [
        ("10.0.10.1", "3", "02aa.bbcc.dd05", "Vlan10"),
        ("10.0.10.2", "-", "02aa.bbcc.dd06", "Vlan10"),
    ]


def test_ip_route(router: Device, on_router: Console) -> None:
    hop = IPv4Address("10.0.10.254")
    plane(router).table = [
        Route(IPv4Network("10.0.10.0/24"), "connected", None, "GigabitEthernet0/1.10", 0),
        Route(IPv4Network("10.0.10.1/32"), "local", None, "GigabitEthernet0/1.10", 0),
        Route(IPv4Network("192.168.5.0/24"), "static", hop, None, 1),
        Route(IPv4Network("172.16.1.0/24"), "static", hop, None, 5),
        Route(IPv4Network("172.16.2.0/24"), "static", None, "Null0", 1),
        Route(IPv4Network("0.0.0.0/0"), "static", hop, None, 1),
    ]
    rows = {f"{r['network']}/{r['prefix_length']}": r for r in table(on_router, "show ip route")}
    assert rows["0.0.0.0/0"]["nexthop_ip"] == "10.0.10.254"
    assert rows["10.0.10.0/24"]["protocol"] == "C"
    assert rows["10.0.10.0/24"]["nexthop_if"] == "GigabitEthernet0/1.10"
    assert rows["10.0.10.1/32"]["protocol"] == "L"
    assert rows["172.16.1.0/24"]["distance"] == "5"
    assert rows["172.16.2.0/24"]["nexthop_if"] == "Null0"
    assert rows["192.168.5.0/24"]["protocol"] == "S"
    assert "Gateway of last resort is 10.0.10.254 to network 0.0.0.0" in on_router.run("show ip route")


def test_ip_route_without_default(on_router: Console) -> None:
    assert "Gateway of last resort is not set" in on_router.run("show ip route")


def test_switch_default_gateway(on_switch: Console) -> None:
    on_switch.configure("ip default-gateway 10.0.10.1")
    assert "Default gateway is 10.0.10.1" in on_switch.run("show ip route")


def test_dhcp_binding(router: Device, on_router: Console) -> None:
    plane(router).lease_list = [
        Lease(IPv4Address("10.0.10.11"), "01:02:aa:bb:cc:dd:01", MAC.format(1), 1_790_000_000.0),
        Lease(IPv4Address("10.0.10.12"), MAC.format(2), MAC.format(2), None),
    ]
    shown = on_router.run("show ip dhcp binding")
    assert "10.0.10.11          0102.aabb.ccdd.01       Sep 21 2026 02:13 PM    Automatic" in shown
    rows = parse_output(platform="cisco_ios", command="show ip dhcp binding", data=_without_spaces_in_dates(shown))
    assert [(r["ip_address"], r["hardware_address"]) for r in rows] == [
        ("10.0.10.11", "0102.aabb.ccdd.01"),
        ("10.0.10.12", "0102.aabb.ccdd.02"),
    ]


def _without_spaces_in_dates(text: str) -> str:
    """The template takes dates of one word only, where IOS prints five."""
    return text.replace("Sep 21 2026 02:13 PM", "Sep-21-2026-02:13-PM")


def test_dhcp_pool(on_router: Console) -> None:
    on_router.configure("ip dhcp excluded-address 10.0.10.1 10.0.10.10\nip dhcp pool DATA\nnetwork 10.0.10.0 /24")
    shown = on_router.run("show ip dhcp pool")
    assert "Pool DATA :" in shown
    assert "Total addresses                : 254" in shown
    assert "Excluded addresses             : 10" in shown


@pytest.mark.parametrize("command", ["show access-lists", "show ip access-lists"])
def test_access_lists(router: Device, on_router: Console, command: str) -> None:
    plane(router).hits = {"GUEST": {20: 7}, "10": {10: 1}}
    rows = {(r["acl_name"], r["line_num"]): r for r in _acl_rows(on_router.run(command))}
    deny = rows["GUEST", "20"]
    assert (deny["action"], deny["protocol"], deny["matches"], deny["log"]) == ("deny", "ip", "7", "log")
    assert (deny["src_network"], deny["src_wildcard"]) == ("10.0.30.0", "0.0.0.255")
    dhcp = rows["GUEST", "10"]
    assert (dhcp["src_port"], dhcp["dst_port"]) == ("bootpc", "bootps")
    ports = rows["GUEST", "30"]
    assert (ports["src_host"], ports["dst_port_range_start"], ports["dst_port_range_end"]) == (
        "10.0.0.1",
        "8000",
        "8010",
    )
    assert rows["GUEST", "40"]["tcp_flag"].strip() == "established"
    assert rows["GUEST", "50"]["icmp_type"] == "echo"
    assert rows["10", "10"]["src_wildcard"] == "0.255.255.255"
    assert rows["10", "10"]["matches"] == "1"
    assert rows["10", "20"]["src_host"] == "192.168.1.1"
    assert rows["10", "30"]["src_any"] == "any"


def _acl_rows(text: str) -> list[dict[str, Any]]:
    rows = parse_output(platform="cisco_ios", command="show ip access-lists", data=text)
    assert isinstance(rows, list)
    return [row for row in rows if row["line_num"]]


def test_one_access_list(on_router: Console) -> None:
    shown = on_router.run("show access-lists 10")
    assert "Standard IP access list 10" in shown
    assert "GUEST" not in shown


def test_spanning_tree(switch: Device, on_switch: Console) -> None:
    plane(switch).tree = tree()
    rows = table(on_switch, "show spanning-tree")
    assert {(r["vlan_id"], r["interface"], r["role"], r["status"]) for r in rows} >= {
        ("10", "Gi0/1", "Desg", "FWD"),
        ("10", "Gi0/8", "Root", "FWD"),
        ("20", "Gi0/8", "Root", "FWD"),
    }
    one = on_switch.run("show spanning-tree vlan 10")
    assert "Root ID    Priority    24586" in one
    assert "Bridge ID  Priority    32778  (priority 32768 sys-id-ext 10)" in one
    assert "VLAN0020" not in one
    assert "does not exist" in on_switch.run("show spanning-tree vlan 77")


def test_hosts(on_switch: Console) -> None:
    assert on_switch.run("show hosts").startswith("Default domain is not set\n")
    on_switch.configure("ip domain-name tri.lan\nno ip domain-lookup")
    assert on_switch.run("show hosts").splitlines()[:2] == [
        "Default domain is tri.lan",
        "Name/address lookup uses static mappings",
    ]


def test_version(on_switch: Console) -> None:
    row = table(on_switch, "show version")[0]
    assert row["hostname"] == "SW1"
    assert row["version"] == "15.0(2)SE11"
    assert row["hardware"] == ["WS-C2960-8TC-L"]
    assert (row["uptime_days"], row["uptime_hours"], row["uptime_minutes"]) == ("1", "2", "3")
    assert row["mac_address"] == ["02:AA:BB:CC:DD:01"]
    assert row["config_register"] == "0xF"


def test_inventory(on_switch: Console) -> None:
    row = table(on_switch, "show inventory")[0]
    assert row["pid"].strip() == "WS-C2960-8TC-L"
    assert row["sn"].startswith("TRI")


def test_users(switch: Device, on_switch: Console, connect: Connect) -> None:
    on_switch.configure("username marie privilege 15 secret x\nline vty 0 4\nlogin local")
    vty = connect(switch, enabled=False, line="vty", user="marie", source="10.0.10.50")
    vty.read()
    connect(switch, enabled=False, user="trilab").read()
    rows = table(vty, "show users")
    assert [(r["line"].strip(), r["user"], r["location"]) for r in rows] == [
        ("0 con 0", "idle", ""),  # the template takes the host for the user when IOS leaves the user empty
        ("*  1 vty 0", "marie", "10.0.10.50"),
    ]


def test_clock(on_switch: Console) -> None:
    assert on_switch.run("show clock").startswith("*")
    on_switch.run("clock set 10:20:30 14 July 2026")
    row = table(on_switch, "show clock")[0]
    assert (row["time"][:5], row["timezone"], row["dayweek"], row["month"], row["day"], row["year"]) == (
        "10:20", "UTC", "Tue", "Jul", "14", "2026",
    )  # fmt: skip
    assert not on_switch.run("show clock").startswith("*")


def test_ip_ssh(on_switch: Console) -> None:
    assert "SSH Disabled - version 1.99" in on_switch.run("show ip ssh")
    on_switch.configure("ip domain-name a.fr\ncrypto key generate rsa modulus 1024\nip ssh version 2")
    shown = on_switch.run("show ip ssh")
    assert "SSH Enabled - version 2.0" in shown
    assert "Authentication timeout: 120 secs; Authentication retries: 3" in shown


def test_history_and_privilege(on_switch: Console) -> None:
    assert "  show privilege" in (on_switch.run("show privilege") + on_switch.run("show history"))
    assert on_switch.run("show privilege") == "Current privilege level is 15"


def test_running_config_of_an_interface(on_switch: Console) -> None:
    shown = on_switch.run("show running-config interface gi0/1")
    assert shown.endswith(
        "interface GigabitEthernet0/1\n description PC de l'accueil\n switchport access vlan 10\n"
        " switchport mode access\n switchport voice vlan 30\nend\n"
    )


@pytest.mark.parametrize(
    ("filter_text", "expected"),
    [
        ("include hostname|^vlan 10", "hostname SW1\nvlan 10"),
        ("section ^vlan 10", "vlan 10\n name DATA"),
        ("begin ^line vty 5", "line vty 5 15\n login\n!\nend\n"),
    ],
)
def test_filters(on_switch: Console, filter_text: str, expected: str) -> None:
    assert on_switch.run(f"show running-config | {filter_text}") == expected


def test_exclude(on_switch: Console) -> None:
    shown = on_switch.run("show ip interface brief | exclude unassigned")
    assert [line.split()[0] for line in shown.splitlines()] == ["Interface", "Vlan10"]
