"""A router's port that asks for its address, as towards an operator: r1 asks r2, and translates pc1 to what it got."""

from __future__ import annotations

import pytest
from wire import cli, reaches, until

from trilab.engine.base import Lab

pytestmark = pytest.mark.live


def test_an_address_is_leased_used_and_given_up(routers: Lab) -> None:
    cli(routers, "r2", "configure terminal\nip dhcp excluded-address 10.12.0.1 10.12.0.99\nip dhcp pool ISP\n"
        "network 10.12.0.0 255.255.255.0\ndefault-router 10.12.0.2")  # fmt: skip
    cli(routers, "r1", "configure terminal\naccess-list 1 permit 10.1.0.0 0.0.0.255\n"
        "ip nat inside source list 1 interface GigabitEthernet0/2 overload\n"
        "interface GigabitEthernet0/1\nip nat inside\ninterface GigabitEthernet0/2\nip nat outside\n"
        "ip address dhcp")  # fmt: skip
    assert until(lambda: "10.12.0.100     YES DHCP   up" in cli(routers, "r1", "show ip interface brief"))
    assert until(lambda: reaches(routers, "pc1", "10.12.0.2"))  # r2 knows no way back: it is translated
    table = cli(routers, "r1", "show ip route")
    assert "S*    0.0.0.0/0 [254/0] via 10.12.0.2" in table
    assert "C        10.12.0.0/24 is directly connected, GigabitEthernet0/2" in table
    assert reaches(routers, "pc1", "10.23.0.2")  # by the default route of the server
    assert "DHCP Lease server: 10.12.0.2" in cli(routers, "r1", "show dhcp lease")
    assert " ip address dhcp\n" in cli(routers, "r1", "show running-config interface GigabitEthernet0/2")
    assert "%DHCP-6-ADDRESS_ASSIGN: Interface GigabitEthernet0/2 assigned DHCP address 10.12.0.100" in (
        routers.run("r1", ["cat", "/run/trilab/daemon.log"]).stdout
    )
    cli(routers, "r1", "configure terminal\ninterface GigabitEthernet0/2\nno ip address")
    assert "unassigned" in cli(routers, "r1", "show ip interface brief | include 0/2")
    assert "0.0.0.0/0" not in cli(routers, "r1", "show ip route")
    assert routers.run("r1", ["pidof", "udhcpc"]).stdout == ""
    assert until(lambda: "10.12.0.100" not in cli(routers, "r2", "show ip dhcp binding"))  # it was released
    cli(routers, "r1", "configure terminal\ninterface GigabitEthernet0/2\nip address 10.12.0.1 255.255.255.0")
    assert until(lambda: reaches(routers, "r1", "10.12.0.2"))
