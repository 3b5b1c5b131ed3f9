"""What configuration commands do to the model, and what they print."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from tests.nos.conftest import Console, plane
from trilab.nos import passwords
from trilab.nos.dataplane.base import Notice, StpState
from trilab.nos.device import Device
from trilab.nos.features.port_security import PortSecurity
from trilab.nos.features.spanning import Tree, TreePort
from trilab.nos.model import ALL_VLANS, Config

Connect = Callable[..., Console]


@pytest.fixture
def sw(switch: Device, connect: Connect) -> Callable[[str], str]:
    return connect(switch).configure


@pytest.fixture
def rt(router: Device, connect: Connect) -> Callable[[str], str]:
    return connect(router).configure


Typist = Callable[[str], str]
P = "GigabitEthernet0/{}".format


def test_factory_switch(switch: Device) -> None:
    ports = [i for i in switch.config.interfaces.values() if i.name != "Vlan1"]
    assert len(ports) == 8
    assert not any(port.shutdown for port in ports)
    assert {port.mode for port in ports} == {"dynamic"}
    assert switch.config.interfaces["Vlan1"].shutdown
    assert plane(switch).applied == [switch.config]


def test_factory_router_ports_are_shut_down(router: Device) -> None:
    assert all(interface.shutdown for interface in router.config.interfaces.values())


def test_access_vlan_is_created_when_missing(switch: Device, sw: Typist) -> None:
    printed = sw("interface gi0/1\nswitchport mode access\nswitchport access vlan 30\nswitchport voice vlan 40")
    assert "% Access VLAN does not exist. Creating vlan 30" in printed
    assert "% Voice VLAN does not exist. Creating vlan 40" in printed
    assert {30, 40} <= switch.config.vlans.keys()
    port = switch.config.interfaces[P(1)]
    assert (port.mode, port.access_vlan, port.voice_vlan) == ("access", 30, 40)
    sw("interface gi0/1\nno switchport mode\nno switchport access vlan\nno switchport voice vlan 40")
    assert (port := switch.config.interfaces[P(1)]).mode == "dynamic"
    assert (port.access_vlan, port.voice_vlan) == (1, None)


@pytest.mark.parametrize(
    ("lines", "allowed"),
    [
        ("10,20", {10, 20}),
        ("10,20\nadd 30-32", {10, 20, 30, 31, 32}),
        ("10,20,30\nremove 20", {10, 30}),
        ("except 2-4094", {1}),
        ("none", set()),
        ("10\nall", set(ALL_VLANS)),
        ("10\nadd 20\nnone\nadd 7", {7}),
    ],
)
def test_allowed_vlans(switch: Device, sw: Typist, lines: str, allowed: set[int]) -> None:
    typed = "\n".join(f"switchport trunk allowed vlan {line}" for line in lines.splitlines())
    sw(f"interface gi0/8\n{typed}")
    assert switch.config.interfaces[P(8)].allowed == allowed
    sw("interface gi0/8\nno switchport trunk allowed vlan")
    assert switch.config.interfaces[P(8)].allowed == ALL_VLANS


@pytest.mark.parametrize("bad", ["0", "4095", "10-5", "10,,20", "x", "10 20"])
def test_bad_vlan_lists(switch: Device, sw: Typist, bad: str) -> None:
    assert "% Invalid input" in sw(f"interface gi0/8\nswitchport trunk allowed vlan {bad}")
    assert switch.config.interfaces[P(8)].allowed == ALL_VLANS


def test_nonegotiate_conflicts_with_dynamic(switch: Device, sw: Typist) -> None:
    conflict = "Command rejected: Conflict between 'nonegotiate' and 'dynamic' status on this interface: Gi0/8"
    assert conflict in sw("interface gi0/8\nswitchport nonegotiate")
    sw("interface gi0/8\nswitchport mode trunk\nswitchport nonegotiate")
    assert switch.config.interfaces[P(8)].nonegotiate
    assert conflict in sw("interface gi0/8\nswitchport mode dynamic auto")


def test_portfast_warns(switch: Device, sw: Typist) -> None:
    assert "%Portfast has been configured on GigabitEthernet0/1" in sw("interface gi0/1\nspanning-tree portfast")
    assert switch.config.interfaces[P(1)].parts[TreePort].portfast == "edge"
    sw("interface gi0/1\nno spanning-tree portfast")
    assert switch.config.interfaces[P(1)].parts[TreePort].portfast is None


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("gi0/1-3", [1, 2, 3]),
        ("gi0/1 - 3", [1, 2, 3]),
        ("GigabitEthernet 0/1-2 , gi0/5", [1, 2, 5]),
        ("g0/1,g0/7", [1, 7]),
        ("gigabitEthernet0/1 - 0/2", [1, 2]),
    ],
)
def test_interface_ranges(switch: Device, sw: Typist, typed: str, numbers: list[int]) -> None:
    sw(f"interface range {typed}\nshutdown")
    down = [name for name, i in switch.config.interfaces.items() if i.shutdown and name != "Vlan1"]
    assert down == [P(n) for n in numbers]


@pytest.mark.parametrize("typed", ["gi0/7-9", "gi0/3-1", "fa0/1-2", "gi0/1 gi0/2", "gi0/1,,gi0/2"])
def test_bad_ranges(switch: Device, sw: Typist, typed: str) -> None:
    assert "% Invalid input" in sw(f"interface range {typed}")


@pytest.mark.parametrize("typed", ["gi0/1", "GigabitEthernet 0/1", "g0/1", "Gig0/1", "gigabitethernet0/1"])
def test_interface_spellings(switch: Device, sw: Typist, typed: str) -> None:
    sw(f"interface {typed}\ndescription uplink to R1")
    assert switch.config.interfaces[P(1)].description == "uplink to R1"


def test_vlans(switch: Device, sw: Typist) -> None:
    printed = sw("vlan 10\nname DATA\nvlan 20,30-32\nvlan 40\nname DATA\nvlan 1\nname X\nno vlan 1\nno vlan 30-31")
    assert sorted(switch.config.vlans) == [1, 10, 20, 32, 40]
    assert switch.config.vlans[10].name == "DATA"
    assert switch.config.vlans[40].name == ""
    assert "have an identical name: DATA" in printed
    assert "%Default VLAN 1 may not have its name changed." in printed
    assert "%Default VLAN 1 may not be deleted." in printed
    assert "Bad VLAN list" in sw("vlan 4095")


def test_svi(switch: Device, sw: Typist) -> None:
    printed = sw(
        "interface vlan99\nip address 10.0.99.2 255.255.255.0\ninterface vlan 98\nip address 10.0.99.3 255.255.255.0"
    )
    assert "% 10.0.99.0 overlaps with Vlan99" in printed
    assert switch.config.interfaces["Vlan99"].address == IPv4Interface("10.0.99.2/24")
    assert list(switch.config.interfaces)[-3:] == ["Vlan1", "Vlan98", "Vlan99"]
    sw("no interface vlan 98\nip default-gateway 10.0.99.1")
    assert "Vlan98" not in switch.config.interfaces
    assert switch.config.default_gateway == IPv4Address("10.0.99.1")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("10.0.0.0 255.255.255.0", "Bad mask /24 for address 10.0.0.0"),
        ("10.0.0.255 255.255.255.0", "Bad mask /24 for address 10.0.0.255"),
        ("10.0.0.1 255.0.255.0", "Bad mask 0xFF00FF00 for address 10.0.0.1"),
        ("224.0.0.1 255.255.255.0", "Not a valid host address - 224.0.0.1"),
        ("10.0.0.1 0.0.0.0", "Bad mask 0x00000000"),
        ("10.0.0.256 255.255.255.0", "% Invalid input"),
        ("10.0.0.1", "% Incomplete command."),
    ],
)
def test_bad_addresses(router: Device, rt: Typist, typed: str, message: str) -> None:
    assert message in rt(f"interface gi0/1\nip address {typed}")
    assert router.config.interfaces[P(1)].address is None


def test_subinterfaces(router: Device, rt: Typist) -> None:
    printed = rt("interface gi0/1.10\nip address 10.0.10.1 255.255.255.0\nencapsulation dot1q 10\n"
                 "ip address 10.0.10.1 255.255.255.0\ninterface gi0/1.11\nencapsulation dot1Q 10\n"
                 "encapsulation dot1Q 99 native")  # fmt: skip
    assert "subinterface is already configured as part of" in printed
    assert "is not permitted" in printed
    ten, eleven = router.config.interfaces["GigabitEthernet0/1.10"], router.config.interfaces["GigabitEthernet0/1.11"]
    assert (ten.address, ten.encapsulation) == (IPv4Interface("10.0.10.1/24"), 10)
    assert (eleven.encapsulation, eleven.encapsulation_native) == (99, True)
    rt("no interface gi0/1.11")
    assert "GigabitEthernet0/1.11" not in router.config.interfaces


def test_default_interface(router: Device, switch: Device, rt: Typist, sw: Typist) -> None:
    rt("interface gi0/1\nno shutdown\nip address 10.0.0.1 255.0.0.0\ndefault interface gi0/1")
    assert router.config.interfaces[P(1)].address is None
    assert router.config.interfaces[P(1)].shutdown
    sw("interface gi0/1\nshutdown\nswitchport access vlan 9\nexit\ndefault interface gi0/1")
    assert switch.config.interfaces[P(1)].access_vlan == 1
    assert not switch.config.interfaces[P(1)].shutdown


def test_static_routes(router: Device, rt: Typist) -> None:
    printed = rt("ip route 10.9.0.0 255.255.0.0 10.0.0.2\nip route 0.0.0.0 0.0.0.0 10.0.0.2 200\n"
                 "ip route 10.1.1.1 255.255.255.0 10.0.0.2\nip route 10.8.0.0 255.255.0.0 Null0\n"
                 "no ip route 10.7.0.0 255.255.0.0")  # fmt: skip
    assert "%Inconsistent address and mask" in printed
    assert "%No matching route to delete" in printed
    assert [(str(r.prefix), r.distance) for r in router.config.routes] == [
        ("0.0.0.0/0", 200), ("10.8.0.0/16", 1), ("10.9.0.0/16", 1),
    ]  # fmt: skip
    rt("no ip route 0.0.0.0 0.0.0.0 10.0.0.2\nno ip route 10.8.0.0 255.255.0.0")
    assert [str(r.prefix) for r in router.config.routes] == ["10.9.0.0/16"]
    rt("interface gi0/1\nip address 10.0.0.1 255.0.0.0")
    assert "it's this router" in rt("ip route 172.16.0.0 255.255.0.0 10.0.0.1")


def test_dhcp(router: Device, rt: Typist) -> None:
    rt("ip dhcp excluded-address 10.0.10.1 10.0.10.9\nip dhcp excluded-address 10.0.10.200\nip dhcp pool DATA\n"
       "network 10.0.10.0 255.255.255.0\ndefault-router 10.0.10.1\ndns-server 10.0.0.53 10.0.0.54\n"
       "domain-name a.fr\nlease 0 8 30\noption 66 ascii 10.0.0.7\noption 150 ip 10.0.0.7 10.0.0.8\n"
       "option 43 hex f104.0a00.0007")  # fmt: skip
    pool = router.config.dhcp_pools["DATA"]
    assert pool.network == IPv4Network("10.0.10.0/24")
    assert pool.dns_servers == [IPv4Address("10.0.0.53"), IPv4Address("10.0.0.54")]
    assert pool.lease == 8 * 3600 + 30 * 60
    assert pool.options == {43: ("hex", "f1040a000007"), 66: ("ascii", "10.0.0.7"), 150: ("ip", "10.0.0.7 10.0.0.8")}
    assert len(router.config.dhcp_excluded) == 2
    rt("ip dhcp pool DATA\nlease infinite\nno option 43\nno dns-server\nexit\nno ip dhcp excluded-address 10.0.10.200")
    pool = router.config.dhcp_pools["DATA"]
    assert (pool.lease, sorted(pool.options), pool.dns_servers) == (None, [66, 150], [])
    assert len(router.config.dhcp_excluded) == 1
    printed = rt("ip dhcp pool B\nnetwork 10.0.10.128 /25\noption 3 ip 10.0.0.1\noption 66 hex 1\nlease 0")
    for part in ("overlaps with pool DATA", "option 3 has a command", "% Invalid hex string.", "cannot be zero"):
        assert part in printed
    rt("no ip dhcp pool DATA")
    assert "DATA" not in router.config.dhcp_pools


def test_named_access_list(router: Device, rt: Typist) -> None:
    rt("ip access-list extended A\npermit tcp any host 10.0.0.1 eq 22 www\ndeny ip any any\n"
       "15 permit icmp any any echo\n"
       "remark last\nno 20")  # fmt: skip
    acl = router.config.acls["A"]
    assert [(e.sequence, e.action, e.protocol) for e in acl.entries if e.action != "remark"] == [
        (10, "permit", "tcp"), (15, "permit", "icmp"),
    ]  # fmt: skip
    assert acl.entries[0].destination_port == ("eq", (22, 80))
    assert "% Duplicate sequence number" in rt("ip access-list extended A\n10 permit udp any any")
    rt("ip access-list resequence A 100 5")
    assert [e.sequence for e in router.config.acls["A"].entries if e.action != "remark"] == [100, 105]
    rt("ip access-list extended A\nno permit icmp any any echo")
    assert [e.sequence for e in router.config.acls["A"].entries if e.action != "remark"] == [100]
    assert "already exists" in rt("ip access-list standard A")
    rt("no ip access-list extended A")
    assert router.config.acls == {}


def test_numbered_access_lists(router: Device, rt: Typist) -> None:
    rt("access-list 10 remark admins\naccess-list 10 permit 10.0.0.77 0.0.0.255\naccess-list 10 permit host 10.9.9.9\n"
       "access-list 10 permit host 10.9.9.9\naccess-list 101 permit udp any range 5000 4000 any gt 1023")  # fmt: skip
    ten = router.config.acls["10"]
    assert [e.action for e in ten.entries] == ["remark", "permit", "permit"]
    assert ten.entries[1].source == (IPv4Address("10.0.0.0"), IPv4Address("0.0.0.255"))
    assert router.config.acls["101"].entries[0].source_port == ("range", (4000, 5000))
    printed = rt("access-list 10 permit tcp any any\naccess-list 101 permit any\naccess-list 300 permit any")
    assert printed.count("% Invalid input") == 3
    rt("no access-list 10")
    assert "10" not in router.config.acls


def test_lines(switch: Device, sw: Typist) -> None:
    sw("line vty 0 15\nlogin local\ntransport input ssh\nexec-timeout 5 30\naccess-class ADMIN in\n"
       "line vty 3\ntransport input none\nline con 0\npassword console 1\nlogin\nlogging synchronous")  # fmt: skip
    text = switch.running()
    for block in (
        "line con 0\n password console 1\n logging synchronous\n login\n",
        "line vty 0 2\n access-class ADMIN in\n exec-timeout 5 30\n login local\n transport input ssh\n",
        "line vty 3\n access-class ADMIN in\n exec-timeout 5 30\n login local\n transport input none\n",
        "line vty 4\n access-class ADMIN in\n exec-timeout 5 30\n login local\n transport input ssh\n",
        "line vty 5 15\n access-class ADMIN in\n exec-timeout 5 30\n login local\n transport input ssh\n",
    ):
        assert block in text
    sw("line vty 3\ntransport input ssh")
    assert "line vty 0 4\n" in switch.running()


def test_router_grows_vty_lines(router: Device, rt: Typist) -> None:
    assert "line vty 5" not in router.running()
    rt("line vty 0 15\nlogin local")
    assert "line vty 0 4\n login local\nline vty 5 15\n login local\n" in router.running()
    rt("no line vty 5 15")
    assert "line vty 5" not in router.running()


def test_secrets(switch: Device, sw: Typist) -> None:
    stored = passwords.md5_crypt("cisco", "abcd")
    printed = sw(f"enable secret 5 {stored}\nusername a privilege 15 secret pass word\nusername b secret 5 junk\n"
                 "username c password 7 070C285F4D06\nusername c secret x")  # fmt: skip
    assert switch.config.enable_secret == stored
    secret = switch.config.users["a"].secret
    assert secret is not None
    assert passwords.check_secret(secret, "pass word")
    assert "not a valid encrypted secret" in printed
    assert "Can not have both" in printed
    assert switch.config.users["c"].password == "cisco"
    assert "username c password 0 cisco" in switch.running()
    sw("service password-encryption")
    assert "username c password 7 " in switch.running()
    assert "cisco" not in switch.running()


def test_banners(switch: Device, connect: Connect, sw: Typist) -> None:
    sw("banner motd #Acces reserve#")
    assert switch.config.banner_motd == "Acces reserve"
    console = connect(switch, enabled=False)
    console.read()
    console.send("enable\nconf t\nbanner motd @\nline one\n  line two ?\n@\nend\n")
    console.read(r"#end\n.*CONFIG_I.*\n[^\n]*#$")
    assert switch.config.banner_motd == "\nline one\n  line two ?\n"
    assert "banner motd ^C\nline one\n  line two ?\n^C\n" in switch.running()
    sw("no banner motd")
    assert switch.config.banner_motd is None


def test_rsa_key(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.run("conf t")
    assert "define a hostname other than Switch" in console.run("crypto key generate rsa modulus 1024")
    console.run("hostname SW1")
    assert "% Please define a domain-name first." in console.run("crypto key generate rsa modulus 1024")
    console.run("ip domain name a.fr")
    asked = console.run("crypto key generate rsa", r"modulus \[512\]: $")
    assert "The name for the keys will be: SW1.a.fr" in asked
    console.run("100", r"modulus \[512\]: $")
    console.run("2048")
    assert switch.config.rsa_bits == 2048
    console.run("crypto key generate rsa general-keys modulus 1024")
    assert switch.config.rsa_bits == 1024
    assert "rsa" not in switch.running()
    console.run("crypto key zeroize rsa", r"\[yes/no\]: $")
    console.run("no")
    assert switch.config.rsa_bits == 1024
    console.run("crypto key zeroize rsa", r"\[yes/no\]: $")
    console.run("yes")
    assert switch.config.rsa_bits is None


@pytest.mark.parametrize(
    ("typed", "priority"),
    [("priority 4096", 4096), ("root primary", 24576), ("root secondary", 28672), ("priority 5000", 32768)],
)
def test_spanning_tree(switch: Device, sw: Typist, typed: str, priority: int) -> None:
    printed = sw(f"spanning-tree vlan 10,20 {typed}")
    assert switch.config.parts[Tree].priority == priority
    assert ("increments of 4096" in printed) == (typed == "priority 5000")
    sw("no spanning-tree vlan 10,20 priority")
    assert switch.config.parts[Tree] == Tree()


@pytest.mark.parametrize("name", ["1SW", "SW_", "é", "a" * 64])
def test_bad_host_names(switch: Device, sw: Typist, name: str) -> None:
    assert "illegal characters" in sw(f"hostname {name}")
    assert switch.config.hostname == "Switch"


def test_nothing_is_applied_when_nothing_changes(switch: Device, sw: Typist) -> None:
    sw("hostname A")
    count = len(plane(switch).applied)
    sw("hostname A\ninterface gi0/1\nno shutdown")
    assert len(plane(switch).applied) == count


def test_one_tree_refuses_a_second_priority(switch: Device, sw: Typist) -> None:
    sw("spanning-tree vlan 10 priority 4096\nspanning-tree vlan 20 priority 4096")
    assert switch.config.parts[Tree].priority_vlans == {10, 20}
    assert "one spanning tree carries all VLANs" in sw("spanning-tree vlan 20 priority 8192")
    assert switch.config.parts[Tree].priority == 4096
    sw("spanning-tree vlan 1-100 priority 8192\nno spanning-tree vlan 20-100 priority")
    assert "spanning-tree vlan 1-19 priority 8192\n" in switch.running()


def test_a_channel_takes_the_settings_of_its_first_port_and_gives_its_own(switch: Device, sw: Typist) -> None:
    text = sw("interface range gi0/5 - 6\nswitchport mode trunk\nchannel-group 1 mode active")
    assert text.count("Creating a port-channel interface Port-channel 1") == 1
    config = switch.config
    assert config.interfaces["Port-channel1"].mode == "trunk"
    sw("interface port-channel 1\nswitchport trunk native vlan 99\ndescription Vers SW2\nshutdown")
    member = switch.config.interfaces[P(5)]
    assert (member.native_vlan, member.shutdown, member.description) == (99, True, "")
    assert "cannot be mixed" in sw("interface gi0/7\nchannel-group 1 mode on")
    assert "Invalid input" in sw("interface gi0/7\nchannel-group 1 mode desirable")
    assert "Invalid input" in sw("interface gi0/7\nchannel-group 7 mode on")
    assert "physical ports only" in sw("interface po1\nchannel-group 2 mode on")
    sw("no interface po1")
    assert switch.config.interfaces[P(5)].channel is None


def test_port_security_refuses_what_ios_refuses(switch: Device, sw: Typist) -> None:
    start = "interface gi0/1\nswitchport port-security"
    assert "is a dynamic port" in sw(start)
    sw("interface range gi0/1-2\nswitchport mode access")
    sw(f"{start}\nswitchport port-security maximum 2\nswitchport port-security mac-address 0200.0000.000a")
    assert "Found duplicate mac-address" in sw(f"{start} mac-address 0200.0000.000a")
    sw(f"{start} mac-address 0200.0000.000b")
    assert "has reached maximum limit" in sw(f"{start} mac-address 0200.0000.000c")
    assert "Maximum is less than" in sw(f"{start} maximum 1")
    assert "is a secure port" in sw("interface gi0/1\nswitchport mode dynamic auto")
    assert "is a secure port" in sw("interface gi0/1\nchannel-group 1 mode active")
    assert "sticky' first" in sw("interface gi0/2\nswitchport port-security mac-address sticky 0200.0000.000d")
    assert switch.config.interfaces[P(1)].parts[PortSecurity].addresses == ("02:00:00:00:00:0a", "02:00:00:00:00:0b")
    assert "\n switchport port-security maximum 2\n" in switch.running()


def test_what_the_data_plane_learns_is_configured_and_told(switch: Device) -> None:
    def change(config: Config) -> None:
        config.hostname = "LEARNT"

    plane(switch).hear(Notice("PM", 4, "ERR_DISABLE", "bpduguard error"))
    assert switch.config.hostname == "Switch"
    plane(switch).hear(Notice("PORT_SECURITY", 6, "ADDRESS", "learnt", change))
    assert switch.config.hostname == "LEARNT"
    assert plane(switch).applied[-1].hostname == "LEARNT"


def test_a_routed_port_is_no_switch_port_until_it_is_one_again(switch: Device, sw: Typist) -> None:
    sw("interface gi0/3\ndescription Vers R1\nswitchport mode trunk\nno switchport")
    sw("interface gi0/3\nip address 10.9.9.1 255.255.255.252")
    port = switch.config.interfaces[P(3)]
    assert (port.routed, port.mode, str(port.address)) == (True, "dynamic", "10.9.9.1/30")
    assert "Invalid input" in sw("interface gi0/3\nswitchport mode access")
    assert "\n description Vers R1\n no switchport\n ip address 10.9.9.1 255.255.255.252\n" in switch.running()
    sw("interface gi0/3\nswitchport\nswitchport mode access")
    port = switch.config.interfaces[P(3)]
    assert (port.routed, port.mode, port.address) == (False, "access", None)
    assert "Invalid input" in sw("interface gi0/3\nip address 10.9.9.1 255.255.255.252")


def test_ip_routing(switch: Device, sw: Typist) -> None:
    sw("ip routing\nip route 10.1.0.0 255.255.0.0 10.0.0.9\nip route 0.0.0.0 0.0.0.0 vlan 1")
    assert "\nip routing\n" in switch.running()
    assert [str(route.prefix) for route in switch.config.routes] == ["0.0.0.0/0", "10.1.0.0/16"]
    sw("no ip routing")
    assert "\nip routing\n" not in switch.running()


@pytest.mark.parametrize(
    ("root", "mac", "chosen"),
    [(32768, "02:00:00:00:00:01", 24576), (24576, "02:00:00:00:00:09", 24576), (24576, "02:00:00:00:00:01", 20480),
     (4096, "02:00:00:00:00:09", 0), (0, "02:00:00:00:00:09", 32768)],
)  # fmt: skip
def test_root_primary_beats_the_root_there_is(switch: Device, sw: Typist, root: int, mac: str, chosen: int) -> None:
    plane(switch).tree = StpState(mac, root, 4, P(8), "02:00:00:00:00:05", 32768, ())
    printed = sw("spanning-tree vlan 1 root primary")
    assert switch.config.parts[Tree].priority == chosen
    assert ("Failed to make the bridge root" in printed) == (root == 0)
