"""The data plane on the wire: two switches with two trunks between them, a router on a stick, four PCs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import paramiko
import pytest
from wire import cli, end, ping, reaches, until

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live

CABLES = [
    "sw1:1 pc1:1", "sw1:2 pc2:1", "sw1:7 r1:1", "sw1:5 sw2:5", "sw1:6 sw2:6", "sw2:1 pc3:1", "r1:2 pc4:1",
]  # fmt: skip
SWITCH = """configure terminal
hostname SW{number}
vlan 10
vlan 20
vlan 99
exit
interface range GigabitEthernet0/5 - 7
switchport mode trunk
switchport trunk native vlan 99
switchport trunk allowed vlan 10,20,99
exit
interface GigabitEthernet0/1
switchport mode access
switchport access vlan 10
spanning-tree portfast
interface GigabitEthernet0/2
switchport mode access
switchport access vlan 20
spanning-tree portfast
interface vlan 99
ip address 10.0.99.{number} 255.255.255.0
no shutdown
exit
ip default-gateway 10.0.99.254
"""
ROUTER = """configure terminal
interface GigabitEthernet0/1
no shutdown
interface GigabitEthernet0/1.10
encapsulation dot1Q 10
ip address 10.0.10.254 255.255.255.0
interface GigabitEthernet0/1.20
encapsulation dot1Q 20
ip address 10.0.20.254 255.255.255.0
interface GigabitEthernet0/1.99
encapsulation dot1Q 99 native
ip address 10.0.99.254 255.255.255.0
interface GigabitEthernet0/2
ip address 192.0.2.1 255.255.255.0
no shutdown
exit
ip dhcp excluded-address 10.0.10.1 10.0.10.49
ip dhcp pool DATA
network 10.0.10.0 255.255.255.0
default-router 10.0.10.254
"""


def static(lab: Lab, node: str, address: str, gateway: str) -> None:
    script = "pkill udhcpc; ip addr flush dev eth1; ip addr add $0/24 dev eth1; ip route replace default via $1"
    assert lab.run(node, ["sh", "-c", script, address, gateway]).returncode == 0


@pytest.fixture(scope="module")
def lab(engine: NativeEngine) -> Iterator[Lab]:
    nodes = [NodeSpec(name, "switch", labels={"trilab-ports": "8"}) for name in ("sw1", "sw2")]
    nodes += [NodeSpec("r1", "router"), *(NodeSpec(f"pc{number}", "pc") for number in range(1, 5))]
    links = [LinkSpec(end(a), end(b)) for a, b in (cable.split() for cable in CABLES)]
    running = engine.up(LabSpec("dataplane", "t-1", tuple(nodes), tuple(links)))
    for number in (1, 2):
        cli(running, f"sw{number}", SWITCH.format(number=number))
    cli(running, "r1", ROUTER)
    static(running, "pc2", "10.0.20.2", "10.0.20.254")
    static(running, "pc4", "192.0.2.10", "192.0.2.1")
    yield running
    engine.down(running.spec.key)


def address_of(lab: Lab, node: str) -> str:
    found = re.search(r"inet (10\.0\.10\.\d+)/24", lab.run(node, ["ip", "-4", "addr", "show", "eth1"]).stdout)
    return found[1] if found else ""


@pytest.fixture(scope="module")
def pcs(lab: Lab) -> dict[str, str]:
    """Addresses of the two data PCs, leased by the router through both switches."""
    assert until(lambda: bool(address_of(lab, "pc1") and address_of(lab, "pc3")))
    return {node: address_of(lab, node) for node in ("pc1", "pc3")}


def test_the_pool_leases_its_first_free_addresses(lab: Lab, pcs: dict[str, str]) -> None:
    assert set(pcs.values()) == {"10.0.10.50", "10.0.10.51"}
    assert all(address in cli(lab, "r1", "show ip dhcp binding") for address in pcs.values())


def test_one_vlan_over_the_trunk_and_another_through_the_router(lab: Lab, pcs: dict[str, str]) -> None:
    assert "ttl=64" in ping(lab, "pc1", pcs["pc3"])
    assert "ttl=63" in ping(lab, "pc1", "10.0.20.2")
    assert reaches(lab, "pc1", "192.0.2.10")
    assert reaches(lab, "pc4", "10.0.99.2")  # a switch answers through its default gateway


def test_frames_are_tagged_on_the_trunk_and_the_native_vlan_is_not(lab: Lab, pcs: dict[str, str]) -> None:
    capture = lab.popen("sw1", ["tcpdump", "-c8", "-nnei", "eth7", "icmp or (vlan and icmp)"], trusted=True)
    assert capture.stderr is not None and capture.stdout is not None
    assert b"listening" in capture.stderr.readline() + capture.stderr.readline()
    assert reaches(lab, "pc1", "10.0.20.2")
    assert reaches(lab, "pc4", "10.0.99.1")
    assert until(lambda: capture.poll() is not None or not reaches(lab, "pc4", "10.0.99.1"), 10)
    lines = capture.stdout.read().decode().splitlines()
    assert any("vlan 10," in line and "10.0.20.2" in line for line in lines)
    assert any("vlan 20," in line for line in lines)
    assert all("vlan" not in line for line in lines if "10.0.99.1" in line)


def test_a_missing_vlan_forwards_nothing(lab: Lab, pcs: dict[str, str]) -> None:
    cli(lab, "sw2", "configure terminal\nno vlan 10")
    try:
        assert not reaches(lab, "pc1", pcs["pc3"])
        assert reaches(lab, "pc1", "10.0.10.254")  # control
    finally:
        cli(lab, "sw2", "configure terminal\nvlan 10")
    assert until(lambda: reaches(lab, "pc1", pcs["pc3"]))


def test_a_native_vlan_that_is_not_allowed_is_dropped(lab: Lab) -> None:
    change = "configure terminal\ninterface GigabitEthernet0/7\nswitchport trunk allowed vlan "
    cli(lab, "sw1", change + "10,20")
    try:
        assert not reaches(lab, "pc4", "10.0.99.1")
        assert reaches(lab, "pc4", "10.0.20.2")  # control
    finally:
        cli(lab, "sw1", change + "10,20,99")
    assert until(lambda: reaches(lab, "pc4", "10.0.99.1"))


def test_shutdown_takes_the_neighbour_s_link_down(lab: Lab) -> None:
    cli(lab, "sw1", "configure terminal\ninterface GigabitEthernet0/2\nshutdown")
    try:
        assert "NO-CARRIER" in lab.run("pc2", ["ip", "link", "show", "eth1"]).stdout
    finally:
        cli(lab, "sw1", "configure terminal\ninterface GigabitEthernet0/2\nno shutdown")
    assert until(lambda: reaches(lab, "pc2", "10.0.20.254"))


def test_a_lost_trunk_is_replaced_by_the_other(lab: Lab, pcs: dict[str, str]) -> None:
    tree = cli(lab, "sw2", "show spanning-tree") + cli(lab, "sw1", "show spanning-tree")
    assert len(re.findall(r"Altn BLK", tree)) == 3  # one blocked end, listed for each of the three VLANs
    for port in (5, 6):
        cli(lab, "sw1", f"configure terminal\ninterface GigabitEthernet0/{port}\nshutdown")
        assert until(lambda: reaches(lab, "pc1", pcs["pc3"]))
        cli(lab, "sw1", f"configure terminal\ninterface GigabitEthernet0/{port}\nno shutdown")
        assert until(lambda: reaches(lab, "pc1", pcs["pc3"]))


def test_an_access_list_refuses_counts_and_says_so(lab: Lab) -> None:
    cli(
        lab,
        "r1",
        "configure terminal\nip access-list extended GUEST-IN\n"
        "deny ip 10.0.20.0 0.0.0.255 10.0.10.0 0.0.0.255\npermit icmp any any echo\nexit\n"
        "interface GigabitEthernet0/1.20\nip access-group GUEST-IN in",
    )
    try:
        assert "filtered" in ping(lab, "pc2", "10.0.10.254")
        assert reaches(lab, "pc2", "192.0.2.10")  # control
        assert not reaches(lab, "pc4", "10.0.20.2")  # the reply meets the implicit deny
        shown = cli(lab, "r1", "show access-lists")
        assert re.search(r"10 deny .*\(1 match\)", shown) and re.search(r"20 permit .*\(1 match\)", shown)
    finally:
        cli(lab, "r1", "configure terminal\ninterface GigabitEthernet0/1.20\nno ip access-group GUEST-IN in")
    assert reaches(lab, "pc2", "10.0.10.254")


def test_an_access_list_on_an_svi(lab: Lab) -> None:
    assert reaches(lab, "pc4", "10.0.99.1")
    change = "configure terminal\ninterface vlan 99\n"
    cli(lab, "sw1", "configure terminal\naccess-list 50 deny host 192.0.2.10\naccess-list 50 permit any\n"
        "interface vlan 99\nip access-group 50 in")  # fmt: skip
    try:
        assert not reaches(lab, "pc4", "10.0.99.1")
        assert reaches(lab, "r1", "10.0.99.1")  # control
        assert re.search(r"10 deny +192.0.2.10.*\(1 match\)", cli(lab, "sw1", "show access-lists 50"))
    finally:
        cli(lab, "sw1", change + "no ip access-group 50 in")
    assert reaches(lab, "pc4", "10.0.99.1")


def test_a_switch_that_routes_learns_by_ospf(lab: Lab) -> None:
    quick = "ip ospf hello-interval 1\nip ospf dead-interval 3\nip ospf network point-to-point\n"
    process = "router ospf 1\nnetwork 10.0.99.0 0.0.0.255 area 0\nnetwork 192.0.2.0 0.0.0.255 area 0"
    cli(lab, "sw1", f"configure terminal\nip routing\ninterface vlan 99\n{quick}{process}")
    cli(lab, "r1", f"configure terminal\ninterface GigabitEthernet0/1.99\n{quick}{process}")
    try:
        assert until(lambda: "O     192.0.2.0/24 [110/2] via 10.0.99.254" in cli(lab, "sw1", "show ip route"))
        assert re.search(r"FULL/ +- .*Vlan99", cli(lab, "sw1", "show ip ospf neighbor"))
        assert reaches(lab, "pc4", "10.0.99.1")
    finally:
        cli(lab, "r1", "configure terminal\nno router ospf 1")
        cli(lab, "sw1", "configure terminal\nno router ospf 1\nno ip routing")
    assert until(lambda: reaches(lab, "pc4", "10.0.99.1"))
    assert lab.run("sw1", ["pidof", "zebra"]).stdout == ""


def opens(lab: Lab, source: str | None, host: str, user: str, password: str) -> bool:
    transport = paramiko.Transport(lab.connect(host, 22, source=source))
    try:
        transport.connect(username=user, password=password)
        return True
    except paramiko.AuthenticationException:
        return False
    finally:
        transport.close()


def listens(lab: Lab, source: str, host: str) -> bool:
    try:
        lab.connect(host, 22, source=source).close()
        return True
    except ConnectionRefusedError:
        return False


def test_ssh_in_band_is_the_candidate_s_and_the_access_class_is_kept(lab: Lab, pcs: dict[str, str]) -> None:
    with pytest.raises(OSError):
        lab.connect("10.0.99.1", 22, source="pc1")
    cli(
        lab,
        "sw1",
        "configure terminal\nip domain-name lab.example\nusername admin secret Autre-1\nusername bob secret Lui-1\n"
        "crypto key generate rsa modulus 1024\naccess-list 10 permit 10.0.10.0 0.0.0.255\n"
        "line vty 0 15\ntransport input ssh\nlogin local\naccess-class 10 in",
    )
    assert until(lambda: listens(lab, "pc1", "10.0.99.1"))
    assert opens(lab, "pc1", "10.0.99.1", "bob", "Lui-1")
    assert opens(lab, "pc1", "10.0.99.1", "admin", "Autre-1")
    assert not opens(lab, "pc1", "10.0.99.1", "admin", "admin")
    assert opens(lab, None, str(lab.nodes["sw1"].mgmt_ip), "admin", "admin")
    with pytest.raises(ConnectionRefusedError):
        lab.connect("10.0.99.1", 22, source="pc2")
    with pytest.raises(ConnectionRefusedError):
        lab.connect("10.0.99.1", 23, source="pc1")
    cli(lab, "sw1", "configure terminal\nno username bob")
    assert not opens(lab, "pc1", "10.0.99.1", "bob", "Lui-1")


def test_nothing_typed_cuts_the_out_of_band_access(lab: Lab) -> None:
    router = str(lab.nodes["r1"].mgmt_ip)
    cli(
        lab,
        "r1",
        "configure terminal\nip route 172.20.20.0 255.255.255.0 192.0.2.10\naccess-list 101 deny ip any any\n"
        "interface GigabitEthernet0/2\nip access-group 101 in\nline vty 0 4\naccess-class 101 in",
    )
    cli(lab, "sw1", "configure terminal\ninterface vlan 20\nip address 172.20.20.1 255.255.255.0\nno shutdown")
    assert opens(lab, None, router, "admin", "admin")
    assert opens(lab, None, str(lab.nodes["sw1"].mgmt_ip), "admin", "admin")
    assert not reaches(lab, "pc2", router)  # nor does the data network reach it
