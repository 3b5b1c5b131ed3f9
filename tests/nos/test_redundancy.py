"""VRRP and HSRP as typed and shown."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from tests.nos.conftest import Console, plane
from tests.nos.showing import table
from trilab.nos.device import Device
from trilab.nos.features.redundancy.model import Peer, Redundancy, Status

Connect = Callable[..., Console]
PORT = "interface GigabitEthernet0/1\nip address 10.0.0.1 255.255.255.0\n"
OTHER = Peer(IPv4Address("10.0.0.2"), 90, 2.5)


def test_vrrp_is_read_by_the_templates(router: Device, connect: Connect) -> None:
    console = connect(router)
    console.configure(PORT + "vrrp 1 ip 10.0.0.254\nvrrp 1 priority 120\nvrrp 2 ip 10.0.0.253\nno vrrp 2 preempt")
    plane(router).seen[Redundancy] = Redundancy({
        ("VRRP", "GigabitEthernet0/1", 1): Status("Master"), ("VRRP", "GigabitEthernet0/1", 2): Status("Backup", OTHER),
    })  # fmt: skip
    first, second = table(console, "show vrrp all")
    assert (first["state"], first["virtual_mac_address"], first["priority"]) == ("Master", "0000.5e00.0101", "120")
    assert (first["master_ip_address"], first["master_down_interval"]) == ("10.0.0.1", "3.531")
    assert (second["master_ip_address"], second["master_priority"], second["preempt"]) == ("10.0.0.2", "90", "disabled")
    rows = [
        (
            row["interface"],
            row["group"],
            row["priority"],
            row["time"],
            row["preempt"],
            row["state"],
            row["master_ip_address"],
            row["virtual_ip_address"],
        )
        for row in table(console, "show vrrp brief")
    ]
    assert rows == [
        ("Gi0/1", "1", "120", "3531", "Y", "Master", "10.0.0.1", "10.0.0.254"),
        ("Gi0/1", "2", "100", "3609", " ", "Backup", "10.0.0.2", "10.0.0.253"),
    ]


def test_hsrp_is_read_by_the_templates(router: Device, connect: Connect) -> None:
    console = connect(router)
    console.configure(PORT + "standby 1 ip 10.0.0.254\nstandby 1 priority 110\nstandby 1 preempt\nstandby 1 name LAN")
    plane(router).seen[Redundancy] = Redundancy({
        ("HSRP", "GigabitEthernet0/1", 1): Status("Active", None, OTHER, 2, 3661.0, 1.0),
    })  # fmt: skip
    (row,) = table(console, "show standby")
    wanted: dict[str, Any] = {
        "state": "Active", "state_changes": "2", "state_last_change": "01:01:01", "virtual_ip": "10.0.0.254",
        "active_virtual_mac": "0000.0c07.ac01", "hello_time": "3", "hold_time": "10", "preemption": "enabled",
        "active_router": "local", "standby_router": "10.0.0.2", "standby_router_priority": "90", "priority": "110",
        "group_name": "LAN",
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    (short,) = table(console, "show standby brief")
    assert [short[name] for name in ("interface", "preempt", "state", "active", "standby")] == [
        "Gi0/1", "P", "Active", "local", "10.0.0.2",
    ]  # fmt: skip


def test_version_2_has_more_groups(router: Device, connect: Connect) -> None:
    console = connect(router)
    assert "must be 0 to 255" in console.configure(PORT + "standby 300 ip 10.0.0.254")
    console.configure("interface GigabitEthernet0/1\nstandby version 2\nstandby 300 ip 10.0.0.254")
    assert "not allowed when groups > 255" in console.configure("interface GigabitEthernet0/1\nstandby version 1")
    (row,) = table(console, "show standby")
    assert (row["version"], row["group"], row["local_virtual_mac"]) == ("2", "300", "0000.0c9f.f12c")


def test_a_group_goes_as_a_whole_and_foreign_addresses_are_warned_about(router: Device, connect: Connect) -> None:
    console = connect(router)
    console.configure(
        PORT + "standby ip 10.0.0.254\nstandby 0 timers 1 4\nvrrp 7 ip 10.0.0.254\nvrrp 7 description Salle"
    )
    shown = console.run("show running-config interface GigabitEthernet0/1")
    assert " standby 0 ip 10.0.0.254\n standby 0 timers 1 4\n" in shown.replace("\r", "")
    assert "not within a subnet" in console.configure("interface GigabitEthernet0/1\nvrrp 8 ip 10.9.9.9")
    console.configure("interface GigabitEthernet0/1\nno standby 0\nno vrrp 7\nno vrrp 8")
    shown = console.run("show running-config interface GigabitEthernet0/1")
    assert "standby" not in shown and "vrrp" not in shown
