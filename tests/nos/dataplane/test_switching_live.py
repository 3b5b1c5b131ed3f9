"""Switching features on the wire: two switches with three cables between them, two PCs on each."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from ntc_templates.parse import parse_output
from wire import address, cli, end, ping, reaches, send, until

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live

# what follows the Ethernet addresses: IPv4, UDP 68 to 67, BOOTP with the options of a DHCPDISCOVER
DISCOVER = (
    bytes.fromhex("0800 45000110 00000000 401179de 00000000 ffffffff 00440043 00fc0000 01010600 00000001")
    + bytes(228)
    + bytes.fromhex("63825363 350101 ff 00000000")
)

CABLES = [
    "sw1:1 pc1:1", "sw1:2 pc2:1", "sw1:3 sw2:3", "sw1:5 sw2:5", "sw1:6 sw2:6", "sw2:1 pc3:1", "sw2:2 pc4:1",
]  # fmt: skip
SWITCH = """configure terminal
hostname SW{number}
spanning-tree portfast default
interface range GigabitEthernet0/3 , GigabitEthernet0/5 - 6
switchport mode trunk
interface GigabitEthernet0/3
shutdown
"""


@pytest.fixture(scope="module")
def lab(engine: NativeEngine) -> Iterator[Lab]:
    nodes = [NodeSpec(name, "switch", labels={"trilab-ports": "8"}) for name in ("sw1", "sw2")]
    nodes += [NodeSpec(f"pc{number}", "pc") for number in range(1, 5)]
    links = [LinkSpec(end(a), end(b)) for a, b in (cable.split() for cable in CABLES)]
    running = engine.up(LabSpec("switching", "t-1", tuple(nodes), tuple(links)))
    for number in (1, 2):
        cli(running, f"sw{number}", SWITCH.format(number=number))
    cli(running, "sw1", "configure terminal\nspanning-tree vlan 1 root primary")
    for number in range(1, 5):
        address(running, f"pc{number}", f"10.0.0.{number}/24")
    yield running
    engine.down(running.spec.key)


def shown(lab: Lab, node: str, command: str) -> list[dict[str, str]]:
    """The rows of a ``show``, as ntc-templates reads them."""
    text = cli(lab, node, command).partition("\n")[2].rpartition("\n")[0]
    rows = parse_output(platform="cisco_ios", command=command, data=text.rpartition("\n")[0])
    assert isinstance(rows, list)
    return rows


def configure(lab: Lab, node: str, *lines: str) -> None:
    cli(lab, node, "\n".join(["configure terminal", *lines]))


def role(lab: Lab, node: str, port: str) -> str:
    rows = [row for row in shown(lab, node, "show spanning-tree") if row["interface"] == port]
    return f"{rows[0]['role']} {rows[0]['status']}" if rows else ""


def test_the_tree_follows_priority_cost_and_port_priority(lab: Lab) -> None:
    assert until(lambda: role(lab, "sw2", "Gi0/5") == "Root FWD" and role(lab, "sw2", "Gi0/6") == "Altn BLK")
    assert "This bridge is the root" in cli(lab, "sw1", "show spanning-tree")
    assert shown(lab, "sw2", "show spanning-tree root")[0]["root_port"] == "Gi0/5"
    configure(lab, "sw2", "interface GigabitEthernet0/6", "spanning-tree cost 2")
    assert until(lambda: role(lab, "sw2", "Gi0/6") == "Root FWD" and role(lab, "sw2", "Gi0/5") == "Altn BLK")
    configure(lab, "sw2", "interface GigabitEthernet0/6", "no spanning-tree cost")
    assert until(lambda: role(lab, "sw2", "Gi0/5") == "Root FWD")
    configure(lab, "sw1", "interface GigabitEthernet0/6", "spanning-tree port-priority 64")
    assert until(lambda: role(lab, "sw2", "Gi0/6") == "Root FWD")
    assert until(lambda: reaches(lab, "pc1", "10.0.0.3"))


def test_a_lost_root_port_is_replaced(lab: Lab) -> None:
    configure(lab, "sw1", "interface GigabitEthernet0/6", "shutdown")
    try:
        assert until(lambda: reaches(lab, "pc1", "10.0.0.3"))
        assert role(lab, "sw2", "Gi0/5") == "Root FWD"
    finally:
        configure(lab, "sw1", "interface GigabitEthernet0/6", "no spanning-tree port-priority", "no shutdown")
    assert until(lambda: role(lab, "sw2", "Gi0/6") == "Altn BLK")


def carrier(lab: Lab, node: str, device: str) -> bool:
    return "NO-CARRIER" not in lab.run(node, ["ip", "link", "show", device], trusted=True).stdout


def test_bpdu_guard_disables_a_port_until_it_is_shut_and_opened(lab: Lab) -> None:
    port = "interface GigabitEthernet0/3"
    configure(lab, "sw1", port, "switchport mode access", "spanning-tree bpduguard enable", "no shutdown")
    assert shown(lab, "sw1", "show interfaces status")[2]["status"] == "notconnect"  # the other end is shut: control
    configure(lab, "sw2", port, "no shutdown")
    assert until(lambda: shown(lab, "sw1", "show interfaces status")[2]["status"] == "err-disabled")
    assert not carrier(lab, "sw2", "eth3")
    reasons = shown(lab, "sw1", "show interfaces status err-disabled")
    assert [(row["interface"], row["port_error"]) for row in reasons] == [("Gi0/3", "bpduguard")]
    configure(lab, "sw1", port, "no spanning-tree bpduguard", "shutdown", "no shutdown")
    assert until(lambda: role(lab, "sw1", "Gi0/3").startswith("Desg"))
    configure(lab, "sw2", port, "shutdown")


def bundle(lab: Lab, modes: tuple[str, str]) -> None:
    for node, mode in zip(("sw1", "sw2"), modes, strict=True):
        configure(lab, node, "interface range GigabitEthernet0/5 - 6", f"channel-group 1 mode {mode}")


def bundled(lab: Lab, node: str) -> list[str]:
    rows = shown(lab, node, "show etherchannel summary")
    return [f"{rows[0]['bundle_status']}", *rows[0]["member_interface_status"]]


@pytest.fixture
def channel(lab: Lab) -> Iterator[None]:
    """Whatever the test bundled is taken apart."""
    yield
    for node in ("sw1", "sw2"):
        configure(lab, node, "interface range GigabitEthernet0/5 - 6", "no channel-group", "no shutdown",
                  "switchport trunk allowed vlan all", "exit", "no interface Port-channel1")  # fmt: skip
    assert until(lambda: role(lab, "sw2", "Gi0/5") == "Root FWD")


@pytest.mark.usefixtures("channel")
def test_a_negotiated_channel_is_one_port_of_the_tree_and_outlives_a_cable(lab: Lab) -> None:
    bundle(lab, ("passive", "passive"))
    assert bundled(lab, "sw1") == ["SD", "s", "s"]
    assert not reaches(lab, "pc1", "10.0.0.3")
    assert reaches(lab, "pc1", "10.0.0.2")  # control
    bundle(lab, ("active", "passive"))
    assert until(lambda: role(lab, "sw2", "Po1") == "Root FWD")
    assert bundled(lab, "sw1") == bundled(lab, "sw2") == ["SU", "P", "P"]
    assert until(lambda: reaches(lab, "pc1", "10.0.0.3"))
    assert "Gi0/5" not in [row["interface"] for row in shown(lab, "sw1", "show spanning-tree")]
    for port, other in ((5, 6), (6, 5)):
        configure(lab, "sw1", f"interface GigabitEthernet0/{other}", "no shutdown")
        assert until(lambda: bundled(lab, "sw1") == ["SU", "P", "P"])
        configure(lab, "sw1", f"interface GigabitEthernet0/{port}", "shutdown")
        assert "D" in bundled(lab, "sw1")
        assert until(lambda: reaches(lab, "pc1", "10.0.0.3"), 3)
        assert role(lab, "sw2", "Po1") == "Root FWD"
    configure(lab, "sw1", "interface Port-channel1", "switchport trunk allowed vlan 2-4094")
    assert not reaches(lab, "pc1", "10.0.0.3")
    assert bundled(lab, "sw1") == ["SU", "P", "D"]  # its ports follow
    configure(lab, "sw1", "interface GigabitEthernet0/5", "switchport trunk allowed vlan 1-4094")
    assert until(lambda: bundled(lab, "sw1") == ["SD", "s", "D"])


@pytest.mark.usefixtures("channel")
def test_a_channel_without_negotiation(lab: Lab) -> None:
    bundle(lab, ("on", "on"))
    assert until(lambda: reaches(lab, "pc1", "10.0.0.3"))
    assert bundled(lab, "sw1") == ["SU", "P", "P"]
    for port in (5, 6):
        configure(lab, "sw2", f"interface GigabitEthernet0/{port}", "shutdown")
        assert bundled(lab, "sw2").count("P") == 1
        assert until(lambda: reaches(lab, "pc1", "10.0.0.3"), 3)
        configure(lab, "sw2", f"interface GigabitEthernet0/{port}", "no shutdown")


def hello(sender: str) -> bytes:
    """A broadcast of a made-up sender, in a protocol of the experimental range (IEEE 802)."""
    return b"\xff" * 6 + bytes.fromhex(sender.replace(":", "")) + b"\x88\xb5" + bytes(46)


def test_port_security_keeps_the_first_sender_and_refuses_another(lab: Lab) -> None:
    port, secure = "interface GigabitEthernet0/2", "switchport port-security"
    configure(lab, "sw1", port, "switchport mode access", f"{secure} mac-address sticky",
              f"{secure} violation restrict", secure)  # fmt: skip
    assert until(lambda: reaches(lab, "pc2", "10.0.0.1"))
    own = lab.run("pc2", ["cat", "/sys/class/net/eth1/address"]).stdout.strip().replace(":", "")
    own = f"{own[:4]}.{own[4:8]}.{own[8:]}"
    sticky = f" {secure} mac-address sticky {own}"
    assert until(lambda: sticky in cli(lab, "sw1", "show running-config interface GigabitEthernet0/2"))
    send(lab, "pc2", hello("02:00:00:00:00:99"))
    assert until(lambda: secured(lab)["violation_count"] == "1")
    assert secured(lab)["last_src_mac_addr_vlan"] == "0200.0000.0099:1"
    macs = cli(lab, "sw1", "show mac address-table")
    assert f"{own}    STATIC      Gi0/2" in macs and "0200.0000.0099" not in macs
    assert reaches(lab, "pc2", "10.0.0.1")  # the first is not troubled


def secured(lab: Lab) -> dict[str, str]:
    return shown(lab, "sw1", "show port-security interface GigabitEthernet0/2")[0]


def test_a_violation_shuts_the_port_whose_sticky_address_stays(lab: Lab) -> None:
    port = "interface GigabitEthernet0/2"
    configure(lab, "sw1", port, "switchport port-security violation shutdown")
    send(lab, "pc2", hello("02:00:00:00:00:98"))
    assert until(lambda: secured(lab)["port_status"] == "Secure-shutdown")
    assert not carrier(lab, "pc2", "eth1")
    assert shown(lab, "sw1", "show interfaces status err-disabled")[0]["port_error"] == "psecure-violation"
    configure(lab, "sw1", port, "shutdown", "no shutdown")
    assert until(lambda: reaches(lab, "pc2", "10.0.0.1"))
    assert (secured(lab)["sticky_mac_addrs"], secured(lab)["port_status"]) == ("1", "Secure-up")
    configure(lab, "sw1", port, "no switchport port-security mac-address sticky", "no switchport port-security",
              "switchport port-security mac-address 0200.0000.0097", "switchport port-security")  # fmt: skip
    assert until(lambda: not carrier(lab, "pc2", "eth1") or not reaches(lab, "pc2", "10.0.0.1"))
    configure(lab, "sw1", "default interface GigabitEthernet0/2", port, "shutdown", "no shutdown")
    assert until(lambda: reaches(lab, "pc2", "10.0.0.1"))


def test_a_static_address_decides_where_frames_go(lab: Lab) -> None:
    mac = lab.run("pc3", ["cat", "/sys/class/net/eth1/address"]).stdout.strip().replace(":", "")
    line = f"mac address-table static {mac[:4]}.{mac[4:8]}.{mac[8:]} vlan 1 interface"
    assert until(lambda: reaches(lab, "pc1", "10.0.0.3"))
    configure(lab, "sw1", f"{line} GigabitEthernet0/2")
    try:
        assert not reaches(lab, "pc1", "10.0.0.3")
        assert reaches(lab, "pc1", "10.0.0.2")  # control
        cli(lab, "sw1", "clear mac address-table dynamic")
        table = cli(lab, "sw1", "show mac address-table static")
        assert f"{mac[8:]}    STATIC      Gi0/2" in table and "DYNAMIC" not in table
    finally:
        configure(lab, "sw1", f"no {line} GigabitEthernet0/2")
    assert until(lambda: reaches(lab, "pc1", "10.0.0.3"))


def test_a_monitor_session_copies_both_ways_of_a_port(lab: Lab) -> None:
    configure(lab, "sw1", "monitor session 1 source interface GigabitEthernet0/1",
              "monitor session 1 destination interface GigabitEthernet0/2")  # fmt: skip
    try:
        capture = lab.popen("pc2", ["tcpdump", "-c2", "-nnei", "eth1", "icmp and host 10.0.0.3"], trusted=True)
        assert capture.stderr is not None and capture.stdout is not None
        assert b"listening" in capture.stderr.readline() + capture.stderr.readline()
        assert until(lambda: reaches(lab, "pc1", "10.0.0.3") and capture.poll() is not None)
        copies = capture.stdout.read().decode()
        assert "10.0.0.1 > 10.0.0.3: ICMP echo request" in copies and "10.0.0.3 > 10.0.0.1: ICMP echo reply" in copies
        assert not reaches(lab, "pc2", "10.0.0.1")  # a destination switches nothing
    finally:
        configure(lab, "sw1", "no monitor session 1")
    assert until(lambda: reaches(lab, "pc2", "10.0.0.1"))


def test_lldp_neighbours_come_and_go(lab: Lab) -> None:
    def seen() -> set[tuple[str, str, str]]:
        rows = [row for row in shown(lab, "sw1", "show lldp neighbors") if row["local_interface"] != "Gi0/3"]
        return {(row["neighbor_name"], row["local_interface"], row["neighbor_interface"]) for row in rows}

    assert until(lambda: seen() == {("SW2", f"Gi0/{n}", f"Gi0/{n}") for n in (5, 6)})
    assert shown(lab, "sw1", "show lldp neighbors detail")[0]["capabilities"] == "B"
    configure(lab, "sw2", "interface GigabitEthernet0/5", "no lldp transmit")
    assert until(lambda: seen() == {("SW2", "Gi0/6", "Gi0/6")})
    configure(lab, "sw2", "no lldp run")
    assert until(lambda: seen() == set())
    configure(lab, "sw2", "lldp run", "interface GigabitEthernet0/5", "lldp transmit")


POOL = "dnsmasq --keep-in-foreground --port=0 --interface=eth1 --bind-interfaces --no-ping --dhcp-authoritative \
    --dhcp-leasefile=/tmp/leases --dhcp-range="
LEASE = ["udhcpc", "-i", "eth1", "-f", "-q", "-n", "-t", "6", "-T", "1", "-A", "1", "-s", "/bin/true"]


def lease(lab: Lab, node: str) -> str:
    """What a client is offered, first come first served; its address stays as it is."""
    done = lab.run(node, LEASE)
    found = re.search(r"lease of (\S+) obtained", done.stdout + done.stderr)
    return found[1] if found else ""


@pytest.fixture
def servers(lab: Lab) -> Iterator[None]:
    """A DHCP server behind the trunks, and another one on a user's port, much nearer."""
    assert lab.run("pc2", ["ip", "address", "add", "192.168.66.1/24", "dev", "eth1"], trusted=True).returncode == 0
    pools = {"pc3": "10.0.0.100,10.0.0.110,1h", "pc2": "192.168.66.100,192.168.66.110,1h"}
    running = [lab.popen(node, ["sh", "-c", f"exec {POOL}{pool}"]) for node, pool in pools.items()]
    yield
    for process in running:
        process.terminate()
        process.wait(5)
    lab.run("pc2", ["ip", "address", "del", "192.168.66.1/24", "dev", "eth1"], trusted=True)


@pytest.mark.usefixtures("servers")
def test_a_rogue_server_is_not_heard_and_the_lease_is_bound_to_its_port(lab: Lab) -> None:
    assert until(lambda: lease(lab, "pc1").startswith("192.168.66."))  # the rogue one answers, and first: control
    configure(lab, "sw1", "ip dhcp snooping", "ip dhcp snooping vlan 1", "interface range GigabitEthernet0/5 - 6",
              "ip dhcp snooping trust")  # fmt: skip
    got = lease(lab, "pc1")
    assert got.startswith("10.0.0.1")
    mac = lab.run("pc1", ["cat", "/sys/class/net/eth1/address"]).stdout.strip()
    rows = [r for r in shown(lab, "sw1", "show ip dhcp snooping binding") if r["mac_address"].lower() == mac]
    assert [(r["ip_address"], r["vlan_id"], r["interface"]) for r in rows] == [(got, "1", "GigabitEthernet0/1")]
    assert 3500 < int(rows[0]["lease"]) <= 3600
    configure(lab, "sw1", "interface GigabitEthernet0/1", "ip dhcp snooping limit rate 5")
    discover = b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) + DISCOVER
    send(lab, "pc1", *([discover] * 20))
    reasons = "show interfaces status err-disabled"
    assert until(lambda: [row["port_error"] for row in shown(lab, "sw1", reasons)] == ["dhcp-rate-limit"])
    configure(lab, "sw1", "no ip dhcp snooping", "interface GigabitEthernet0/1", "shutdown", "no shutdown")
    assert until(lambda: reaches(lab, "pc1", "10.0.0.2"))


def test_a_switch_routes_between_its_vlans_and_over_a_routed_port(lab: Lab) -> None:
    """pc1 in VLAN 1 of sw1; pc4 in VLAN 20 of sw2, behind the cable of the ports 3, which is no switch port."""
    port, svi = "interface GigabitEthernet0/3", "no shutdown"
    configure(lab, "sw1", "interface vlan 1", "ip address 10.0.0.251 255.255.255.0", svi, port, "no switchport",
              "ip address 10.9.9.1 255.255.255.252", "no shutdown", "exit",
              "ip route 10.0.20.0 255.255.255.0 10.9.9.2")  # fmt: skip
    configure(lab, "sw2", "vlan 20", "interface vlan 20", "ip address 10.0.20.254 255.255.255.0", svi,
              "interface GigabitEthernet0/2", "switchport mode access", "switchport access vlan 20", port,
              "no switchport", "ip address 10.9.9.2 255.255.255.252", "no shutdown", "exit", "ip routing",
              "ip route 10.0.0.0 255.255.255.0 10.9.9.1")  # fmt: skip
    change = "ip address del 10.0.0.4/24 dev eth1 && ip address add 10.0.20.4/24 dev eth1"
    assert lab.run("pc4", ["sh", "-c", change], trusted=True).returncode == 0
    for node, gateway in (("pc1", "10.0.0.251"), ("pc4", "10.0.20.254")):
        assert lab.run(node, ["ip", "route", "add", "10.0.0.0/8", "via", gateway], trusted=True).returncode == 0
    assert until(lambda: reaches(lab, "pc1", "10.0.0.251") and reaches(lab, "pc4", "10.0.20.254"))
    assert not reaches(lab, "pc1", "10.0.20.4")  # sw1 does not route yet
    configure(lab, "sw1", "ip routing")
    assert until(lambda: "ttl=62" in ping(lab, "pc1", "10.0.20.4"))
    table = shown(lab, "sw1", "show ip route")
    assert ("S", "10.0.20.0", "10.9.9.2") in [(r["protocol"], r["network"], r["nexthop_ip"]) for r in table]
    assert shown(lab, "sw1", "show interfaces status")[2]["vlan_id"] == "routed"
    configure(lab, "sw2", port, "switchport", "shutdown")
    assert not reaches(lab, "pc1", "10.0.20.4")
    assert "10.9.9.2 255" not in cli(lab, "sw2", "show running-config")


def test_tech_support_asks_every_daemon(lab: Lab) -> None:
    def sections() -> dict[str, str]:
        typed = "show tech-support\nexit\n"
        text = lab.run("sw1", ["env", "USER=trilab", "/usr/lib/trilab/cli"], input=typed).stdout
        return dict(re.findall(r"-{18} show (.*?) -{18}\n(.*?)(?=\n-{18} |\Z)", text, re.S))

    def told() -> bool:
        found = sections()
        assert [*found][:1] == ["version"] and [*found][-1:] == ["logging"]
        return all(word in found[where] for where, word in (
            ("spanning-tree", "Gi0/5 "), ("lldp neighbors", "SW2"), ("mac address-table", "DYNAMIC"),
            ("interfaces status", "connected"),
        ))  # fmt: skip

    assert until(lambda: reaches(lab, "pc1", "10.0.0.3"))
    assert until(told)


SEEN = """
for bridge in $(ovs-vsctl list-br | sort); do
    ovs-ofctl --no-stats --sort -O OpenFlow13 dump-flows $bridge
done
ovs-vsctl --format=csv --columns=name,vlan_mode,tag,trunks,lacp,other_config list port | sort
ovs-vsctl --format=csv --columns=name,rstp_enable,other_config list bridge | sort
ovs-vsctl --format=csv --columns=name,type,options list interface | sort
ovs-vsctl --format=csv --columns=name list mirror
ovs-appctl fdb/show br0 | grep static
ip -br address | sed "s/@[^ ]*//" | awk '{ $2 = ""; print }' | grep -v ^sv | sort
ip route | sed "s/ linkdown//"; nft list table netdev trilab; cat /proc/sys/net/ipv4/ip_forward
"""


def test_a_saved_configuration_makes_the_same_data_plane_after_a_reload(lab: Lab) -> None:
    secure = "switchport port-security"
    configure(lab, "sw1", "spanning-tree vlan 1 priority 8192", "spanning-tree portfast bpduguard default",
              "ip dhcp snooping vlan 1", "ip dhcp snooping", "mac address-table aging-time 60",
              "interface range GigabitEthernet0/5 - 6", "channel-group 2 mode active", "interface Port-channel2",
              "ip dhcp snooping trust", "spanning-tree port-priority 32", "interface GigabitEthernet0/2",
              "switchport mode access", f"{secure} mac-address 0200.0000.0001", secure, "exit",
              "mac address-table static 0200.0000.0002 vlan 1 interface GigabitEthernet0/1",
              "monitor session 1 source interface GigabitEthernet0/1",
              "monitor session 1 destination interface GigabitEthernet0/3")  # fmt: skip
    before = lab.run("sw1", ["sh", "-c", SEEN]).stdout
    assert "dl_src=02:00:00:00:00:01" in before and "tp_src=67" in before and "ag2" in before
    text = cli(lab, "sw1", "show running-config")
    cli(lab, "sw1", "write memory")
    configure(lab, "sw1", "no ip dhcp snooping", "no interface Port-channel2", "interface vlan 1", "no ip address")
    assert lab.run("sw1", ["sh", "-c", SEEN]).stdout != before
    lab.run("sw1", ["env", "USER=trilab", "/usr/lib/trilab/cli"], input="reload\nno\n\n")
    until(lambda: lab.run("sw1", ["sh", "-c", SEEN]).stdout == before)
    assert lab.run("sw1", ["sh", "-c", SEEN]).stdout == before
    assert cli(lab, "sw1", "show running-config") == text
