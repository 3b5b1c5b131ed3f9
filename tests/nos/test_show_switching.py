"""The ``show`` of switching features, read by the ntc-templates of Cisco IOS."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

from tests.nos.conftest import Console, plane
from tests.nos.showing import MAC, table, tree
from trilab.nos.dataplane.base import Route
from trilab.nos.device import Device
from trilab.nos.features.errdisable import Disabled, DisabledPorts
from trilab.nos.features.etherchannel import Bundles
from trilab.nos.features.lldp import Neighbour, Neighbours
from trilab.nos.features.mac_table import Flush
from trilab.nos.features.port_security import Forget, SecureAddress, SecurePort, SecurePorts
from trilab.nos.features.snooping import Bindings, Bound, ForgetBindings

Connect = Callable[..., Console]


def test_spanning_tree_in_short(switch: Device, on_switch: Console) -> None:
    assert "No spanning tree instances exist" in on_switch.run("show spanning-tree root")
    plane(switch).tree = tree()
    rows = table(on_switch, "show spanning-tree root")
    assert {row["vlan_id"]: (row["priority"], row["root_cost"], row["root_port"]) for row in rows}["VLAN0010"] == (
        "24586", "4", "Gi0/8")  # fmt: skip
    on_switch.configure("spanning-tree portfast bpduguard default")
    summary = on_switch.run("show spanning-tree summary")
    assert "PortFast BPDU Guard Default  is enabled" in summary
    assert "VLAN0010                      0         0        0          2          2" in summary
    assert "VLAN0010            Root FWD 4         128.8" in on_switch.run("show spanning-tree interface gi0/8")
    assert "segments) in the system : 0" in on_switch.run("show spanning-tree blockedports")


def test_etherchannel_summary(switch: Device, on_switch: Console) -> None:
    on_switch.configure(
        "interface range gi0/4-6\nchannel-group 2 mode active\ninterface gi0/7\nchannel-group 3 mode on"
    )
    names = [f"GigabitEthernet0/{n}" for n in (4, 5, 6)]
    plane(switch).seen[Bundles] = Bundles(dict(zip(names, "PPs", strict=True)))
    rows = table(on_switch, "show etherchannel summary")
    assert rows == [
        {"group": "2", "bundle_name": "Po2", "bundle_status": "SU", "bundle_protocol": "LACP",
         "member_interface": ["Gi0/4", "Gi0/5", "Gi0/6"], "member_interface_status": ["P", "P", "s"]},
        {"group": "3", "bundle_name": "Po3", "bundle_status": "SD", "bundle_protocol": "-",
         "member_interface": ["Gi0/7"], "member_interface_status": ["D"]},
    ]  # fmt: skip


def test_port_security(switch: Device, on_switch: Console) -> None:
    on_switch.configure(
        "interface gi0/1\nswitchport port-security maximum 3\nswitchport port-security violation restrict\n"
        "switchport port-security mac-address sticky\nswitchport port-security"
    )
    addresses = (SecureAddress(MAC.format(1), 10, "SecureSticky"), SecureAddress(MAC.format(2), 10, "SecureDynamic", 4))
    plane(switch).seen[SecurePorts] = SecurePorts({"GigabitEthernet0/1": SecurePort(addresses, 5, (MAC.format(7), 10))})
    row = table(on_switch, "show port-security interface GigabitEthernet0/1")[0]
    assert row == {
        "port_security": "Enabled", "port_status": "Secure-up", "violation_mode": "Restrict", "aging_time": "0 mins",
        "aging_type": "Absolute", "ss_addr_aging": "Disabled", "max_mac_addrs": "3", "total_mac_addrs": "2",
        "config_mac_addrs": "0", "sticky_mac_addrs": "1", "last_src_mac_addr_vlan": "02aa.bbcc.dd07:10",
        "violation_count": "5",
    }  # fmt: skip
    assert re.search(r"Gi0/1 +3 +2 +5 +Restrict", on_switch.run("show port-security"))
    shown = on_switch.run("show port-security address")
    assert re.search(r"10    02aa.bbcc.dd01    SecureSticky +Gi0/1 +-", shown)
    assert re.search(r"10    02aa.bbcc.dd02    SecureDynamic +Gi0/1 +4", shown)
    on_switch.run("clear port-security all interface gi0/1")
    assert plane(switch).performed == [Forget("GigabitEthernet0/1", None)]


def test_lldp_neighbors(switch: Device, on_switch: Console) -> None:
    plane(switch).seen[Neighbours] = Neighbours((
        Neighbour("GigabitEthernet0/8", "0200.aabb.cc01", "GigabitEthernet0/7", "eth7", "SW2", "trilab NOS", "B",
                  ("10.0.99.2",), 120, 101, 99),
        Neighbour("GigabitEthernet0/1", "0200.aabb.cc02", "0200.aabb.cc02", "", "TEL1", "phone", "BT"),
    ))  # fmt: skip
    rows = table(on_switch, "show lldp neighbors")
    assert [(r["neighbor_name"], r["local_interface"], r["capabilities"], r["neighbor_interface"]) for r in rows] == [
        ("SW2", "Gi0/8", "B", "Gi0/7"), ("TEL1", "Gi0/1", "B,T", "0200.aabb.cc02")]  # fmt: skip
    detail = table(on_switch, "show lldp neighbors detail")
    assert [row["neighbor_name"] for row in detail] == ["SW2", "TEL1"]
    assert (detail[0]["mgmt_address"], detail[0]["vlan_id"], detail[0]["chassis_id"]) == (
        "10.0.99.2", "99", "0200.aabb.cc01")  # fmt: skip
    assert detail[0]["neighbor_description"] == "trilab NOS"
    on_switch.configure("no lldp run")
    assert "LLDP is not enabled" in on_switch.run("show lldp neighbors")


def test_vtp_status(on_switch: Console) -> None:
    on_switch.configure("vtp domain CENTRE\nvtp mode off")
    row = table(on_switch, "show vtp status")[0]
    assert (row["domain"], row["mode"], row["existing_vlan_count"]) == ("CENTRE", "Off", "8")
    on_switch.configure("vtp mode server")
    assert "Invalid input" in on_switch.screen


def test_monitor_sessions(switch: Device, on_switch: Console) -> None:
    assert "No SPAN configuration" in on_switch.run("show monitor")
    on_switch.configure("monitor session 1 source interface gi0/1 - 2\nmonitor session 1 source interface gi0/4 rx\n"
                        "monitor session 1 destination interface gi0/5")  # fmt: skip
    shown = on_switch.run("show monitor session 1")
    assert re.search(r"RX Only +: Gi0/4\n +Both +: Gi0/1,Gi0/2\nDestination Ports +: Gi0/5", shown)
    assert "monitor session 1 source interface GigabitEthernet0/4 rx\n" in switch.running()
    on_switch.configure("monitor session 2 destination interface gi0/5")
    assert "already configured" in on_switch.screen
    on_switch.configure("no monitor session 1")
    assert "monitor" not in switch.running()


def test_mac_table_settings(switch: Device, on_switch: Console) -> None:
    on_switch.configure("mac address-table static 0200.0000.0001 vlan 10 interface gi0/2\n"
                        "mac address-table aging-time 60\n"
                        "mac address-table static 0200.0000.0001 vlan 77 interface gi0/2")  # fmt: skip
    assert "VLAN 77 does not exist" in on_switch.screen
    assert "Global Aging Time:   60" in on_switch.run("show mac address-table aging-time")
    assert "mac address-table static 0200.0000.0001 vlan 10 interface GigabitEthernet0/2\n" in switch.running()
    on_switch.run("clear mac address-table dynamic interface gi0/2")
    assert plane(switch).performed == [Flush(None, "GigabitEthernet0/2", None)]


def test_dhcp_snooping(switch: Device, on_switch: Console) -> None:
    on_switch.configure("ip dhcp snooping\nip dhcp snooping vlan 10,77\nno ip dhcp snooping information option\n"
                        "interface gi0/8\nip dhcp snooping trust\n"
                        "interface gi0/1\nip dhcp snooping limit rate 6")  # fmt: skip
    shown = on_switch.run("show ip dhcp snooping")
    assert "configured on following VLANs:\n10,77\nDHCP snooping is operational on following VLANs:\n10\n" in shown
    assert re.search(r"GigabitEthernet0/8 +yes +yes +unlimited", shown)
    assert re.search(r"GigabitEthernet0/1 +no +no +6", shown)
    plane(switch).seen[Bindings] = Bindings(
        (Bound(MAC.format(1), IPv4Address("10.0.10.50"), 3599, 10, "GigabitEthernet0/1"),)
    )
    assert table(on_switch, "show ip dhcp snooping binding") == [
        {"mac_address": MAC.format(1).upper(), "ip_address": "10.0.10.50", "lease": "3599", "type": "dhcp-snooping",
         "vlan_id": "10", "interface": "GigabitEthernet0/1"}]  # fmt: skip
    on_switch.run("clear ip dhcp snooping binding *")
    assert plane(switch).performed == [ForgetBindings()]


def test_err_disabled(switch: Device, on_switch: Console) -> None:
    plane(switch).seen[DisabledPorts] = DisabledPorts({"GigabitEthernet0/1": Disabled("bpduguard", 12.4)})
    on_switch.configure("errdisable recovery cause bpduguard")
    assert table(on_switch, "show interfaces status err-disabled")[0] | {"name": ""} == {
        "interface": "Gi0/1", "name": "", "status": "err-disabled", "port_error": "bpduguard"}  # fmt: skip
    shown = on_switch.run("show errdisable recovery")
    assert "bpduguard                    Enabled" in shown
    assert "Gi0/1           bpduguard                           12" in shown


def test_show_ip_route_of_a_switch(switch: Device, on_switch: Console) -> None:
    on_switch.configure("ip default-gateway 10.0.10.254\ninterface gi0/2\nno switchport")
    assert "Default gateway is 10.0.10.254" in on_switch.run("show ip route")
    rows = {row["port"]: row for row in table(on_switch, "show interfaces status")}
    assert rows["Gi0/2"]["vlan_id"] == "routed"
    assert "Name: Gi0/2\nSwitchport: Disabled" in on_switch.run("show interfaces gi0/2 switchport")
    on_switch.configure("ip routing")
    plane(switch).table = [Route(IPv4Network("10.0.10.0/24"), "connected", None, "Vlan10", 0)]
    assert [row["protocol"] for row in table(on_switch, "show ip route")] == ["C"]
