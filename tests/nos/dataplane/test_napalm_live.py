"""The ``ios`` driver of NAPALM, unmodified, on a switch and a router: getters, candidates; files by SCP."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import paramiko
import pytest
from wire import address, cli, end, reaches, until

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

napalm, netmiko, scp = (pytest.importorskip(name) for name in ("napalm", "netmiko", "scp"))
pytestmark = pytest.mark.live

PATIENCE = dict.fromkeys(("conn_timeout", "auth_timeout", "banner_timeout", "read_timeout_override"), 60)  # seconds
CABLES = ["sw1:1 pc1:1", "sw1:2 r1:1", "sw1:3 sw2:3"]
SWITCH = """configure terminal
hostname SW1
ip domain-name tri.lan
vlan 10
name DATA
interface GigabitEthernet0/1
description PC
switchport mode access
switchport access vlan 10
spanning-tree portfast
interface GigabitEthernet0/2
switchport mode access
switchport access vlan 10
spanning-tree portfast
interface GigabitEthernet0/3
switchport mode trunk
interface Vlan10
ip address 10.0.10.2 255.255.255.0
no shutdown"""
ROUTER = """configure terminal
hostname R1
ip domain-name tri.lan
crypto key generate rsa modulus 1024
username marie privilege 15 secret azerty
username eleve secret azerty
line vty 0 4
login local
transport input ssh
line con 0
privilege level 15
interface GigabitEthernet0/1
ip address 10.0.10.1 255.255.255.0
ipv6 address 2001:db8:10::1/64
ipv6 address fe80::1 link-local
no shutdown
do write"""


@pytest.fixture(scope="module")
def lab(engine: NativeEngine) -> Iterator[Lab]:
    nodes = [NodeSpec(name, "switch", labels={"trilab-ports": "4"}) for name in ("sw1", "sw2")]
    nodes += [NodeSpec("r1", "router"), NodeSpec("pc1", "pc")]
    links = [LinkSpec(end(a), end(b)) for a, b in (cable.split() for cable in CABLES)]
    running = engine.up(LabSpec("napalm", "t-1", tuple(nodes), tuple(links)))
    cli(running, "sw1", SWITCH)
    cli(running, "r1", ROUTER)
    address(running, "pc1", "10.0.10.9/24")
    assert until(lambda: all(reaches(running, "pc1", f"10.0.10.{host}") for host in (1, 2)))
    yield running
    engine.down(running.spec.key)


def _carry(here: socket.socket, there: socket.socket) -> None:
    with here, there, suppress(OSError):  # the driver hangs up as it likes
        while True:
            for source in select.select([here, there], [], [])[0]:
                data = source.recv(65536)
                if not data:
                    return
                (there if source is here else here).sendall(data)


def _lead(here: socket.socket, connect: Callable[[], socket.socket]) -> None:
    with here:
        _carry(here, connect())


@contextmanager
def door(connect: Callable[[], socket.socket]) -> Iterator[int]:
    """A port of this machine; every connection to it leads where ``connect`` leads."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):  # closed: no more connections
                while True:
                    here = listener.accept()[0]
                    threading.Thread(target=_lead, args=(here, connect), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def driver(lab: Lab) -> Iterator[Callable[[str], Any]]:
    """Opens the driver on a node, through a port of this machine that leads to the node's SSH."""
    opened: dict[str, Any] = {}
    with ExitStack() as doors:

        def build(node: str) -> Any:
            if node not in opened:
                port = doors.enter_context(door(lambda: lab.connect(str(lab.nodes[node].mgmt_ip), 22, timeout=10)))
                options = {"port": port, **PATIENCE}
                one = napalm.get_network_driver("ios")("127.0.0.1", "admin", "admin", optional_args=options)
                one.open()
                opened[node] = one
            return opened[node]

        yield build
        for one in opened.values():
            one.close()


def test_facts_and_interfaces(driver: Callable[[str], Any], lab: Lab) -> None:
    switch, router = driver("sw1"), driver("r1")
    facts = switch.get_facts()
    assert (facts["hostname"], facts["fqdn"], facts["model"]) == ("SW1", "SW1.tri.lan", "WS-C2960-8TC-L")
    assert facts["interface_list"] == ["Vlan1", "Vlan10", *(f"GigabitEthernet0/{number}" for number in range(1, 5))]
    assert router.get_facts()["interface_list"] == ["GigabitEthernet0/1"]
    ports = switch.get_interfaces()
    assert {name for name, port in ports.items() if port["is_up"]} == {
        "Vlan10", "GigabitEthernet0/1", "GigabitEthernet0/2", "GigabitEthernet0/3",
    }  # fmt: skip
    assert not ports["Vlan1"]["is_enabled"] and ports["GigabitEthernet0/4"]["is_enabled"]
    assert (ports["GigabitEthernet0/1"]["description"], ports["GigabitEthernet0/1"]["speed"]) == ("PC", 1000.0)
    mac = lab.run("r1", ["cat", "/sys/class/net/eth1/address"]).stdout.strip()
    assert router.get_interfaces()["GigabitEthernet0/1"]["mac_address"] == mac.upper()


def test_addresses(driver: Callable[[str], Any]) -> None:
    assert driver("sw1").get_interfaces_ip() == {"Vlan10": {"ipv4": {"10.0.10.2": {"prefix_length": 24}}}}
    both = driver("r1").get_interfaces_ip()["GigabitEthernet0/1"]
    assert both["ipv4"] == {"10.0.10.1": {"prefix_length": 24}}
    assert both["ipv6"] == {"fe80::1": {"prefix_length": 10}, "2001:db8:10::1": {"prefix_length": 64}}


def test_counters_count_packets(driver: Callable[[str], Any], lab: Lab) -> None:
    router = driver("r1")
    before = router.get_interfaces_counters()["GigabitEthernet0/1"]
    assert lab.run("pc1", ["ping", "-c20", "-i0.01", "-q", "10.0.10.1"], trusted=True).returncode == 0
    after = router.get_interfaces_counters()["GigabitEthernet0/1"]
    for one in ("rx_unicast_packets", "tx_unicast_packets"):
        assert after[one] - before[one] >= 20
    assert after["rx_octets"] - before["rx_octets"] >= 20 * 98  # Ethernet, IPv4, ICMP, 56 bytes
    assert after["rx_errors"] == 0


def test_tables(driver: Callable[[str], Any], lab: Lab) -> None:
    mac = lab.run("pc1", ["cat", "/sys/class/net/eth1/address"]).stdout.strip().upper()
    assert reaches(lab, "pc1", "10.0.10.1") and reaches(lab, "pc1", "10.0.10.2")
    vlans = driver("sw1").get_vlans()
    assert vlans["10"] == {"name": "DATA", "interfaces": ["GigabitEthernet0/1", "GigabitEthernet0/2"]}
    assert vlans["1"]["interfaces"] == ["GigabitEthernet0/4"]
    learnt = {row["mac"]: row for row in driver("sw1").get_mac_address_table()}
    assert (learnt[mac]["interface"], learnt[mac]["vlan"], learnt[mac]["static"]) == ("Gi0/1", 10, False)
    for node, interface in (("sw1", "Vlan10"), ("r1", "GigabitEthernet0/1")):
        known = {row["ip"]: row for row in driver(node).get_arp_table()}
        assert (known["10.0.10.9"]["mac"], known["10.0.10.9"]["interface"]) == (mac, interface)


def test_lldp(driver: Callable[[str], Any]) -> None:
    switch = driver("sw1")
    expected = {
        "GigabitEthernet0/2": [{"hostname": "R1", "port": "Gi0/1"}],
        "GigabitEthernet0/3": [{"hostname": "Switch", "port": "Gi0/3"}],
    }
    assert until(lambda: switch.get_lldp_neighbors() == expected)
    detail = switch.get_lldp_neighbors_detail()["GigabitEthernet0/2"][0]
    assert (detail["remote_system_name"], detail["remote_port"]) == ("R1", "Gi0/1")
    assert detail["remote_system_enable_capab"] == ["router"]
    assert driver("r1").get_lldp_neighbors() == {"GigabitEthernet0/1": [{"hostname": "SW1", "port": "Gi0/2"}]}


def test_users_and_configuration(driver: Callable[[str], Any]) -> None:
    user = driver("r1").get_users()["marie"]
    assert user["level"] == 15 and user["password"].startswith("$1$")
    config = driver("r1").get_config()
    assert "\ninterface GigabitEthernet0/1\n ip address 10.0.10.1 255.255.255.0\n" in config["running"]
    assert config["running"].strip("!\n") in config["startup"]
    assert driver("sw1").get_config()["startup"] == "startup-config is not present"


def test_ping(driver: Callable[[str], Any]) -> None:
    good = driver("r1").ping("10.0.10.9", count=3)["success"]
    assert (good["probes_sent"], good["packet_loss"]) == (3, 0)
    assert good["rtt_max"] > 0
    lost = driver("r1").ping("10.0.10.77", count=2, timeout=1)["success"]
    assert (lost["probes_sent"], lost["packet_loss"]) == (2, 2)


def test_candidate_configurations_need_the_scp_server(driver: Callable[[str], Any], lab: Lab) -> None:
    """Without SCP server the driver cannot bring one: it says so, and nothing changes."""
    router = driver("r1")
    cli(lab, "r1", "configure terminal\nno ip scp server enable")
    before = router.get_config()["running"]
    for load in (router.load_merge_candidate, router.load_replace_candidate):
        with pytest.raises(napalm.base.exceptions.CommandErrorException):
            load(config="hostname X\n")
    assert router.get_config()["running"] == before


@pytest.fixture
def router(driver: Callable[[str], Any], lab: Lab) -> Any:
    cli(lab, "r1", "configure terminal\nip scp server enable\narchive\npath flash:archive")
    return driver("r1")


def test_a_candidate_is_merged_and_rolled_back(router: Any) -> None:
    before = router.get_config()["running"]
    router.load_merge_candidate(config="interface GigabitEthernet0/1\n description vers SW1\nend\n")
    assert router.compare_config().splitlines() == ["+interface GigabitEthernet0/1", "+ description vers SW1"]
    router.commit_config()
    assert router.get_interfaces()["GigabitEthernet0/1"]["description"] == "vers SW1"
    assert " description vers SW1" in router.get_config()["startup"]
    router.rollback()
    assert router.get_config()["running"].replace("file prompt quiet\n!\n", "") == before
    router.load_merge_candidate(config="ip route 10.9.0.0 255.255.0.0 10.0.10.9\nrouter bgp 65000\nend\n")
    with pytest.raises(napalm.base.exceptions.MergeConfigException):
        router.commit_config()
    assert "router bgp" not in router.get_config()["running"] and "10.9.0.0" not in router.get_config()["running"]


def test_a_candidate_replaces_or_is_discarded(router: Any, lab: Lab) -> None:
    def next_hop() -> str:
        return lab.run("r1", ["ip", "route", "get", "10.9.1.1"]).stdout

    route = "ip route 10.9.0.0 255.255.0.0 10.0.10.9"
    wanted = router.get_config()["running"].replace("\nend", f"\n{route}\nend")
    router.load_replace_candidate(config=wanted)
    assert f"+{route}" in router.compare_config().splitlines()
    router.discard_config()
    assert router.compare_config() == "" and "10.0.10.9" not in next_hop()
    router.load_replace_candidate(config=wanted)
    router.commit_config()
    assert until(lambda: "via 10.0.10.9 " in next_hop())  # what the kernel does
    router.rollback()
    assert until(lambda: "10.0.10.9" not in next_hop())


def test_files_by_scp_in_band(lab: Lab, tmp_path: Path) -> None:
    cli(lab, "r1", "configure terminal\nip scp server enable")
    content = bytes(range(256)) * 400
    sent, back = tmp_path / "envoi.bin", tmp_path / "retour.bin"
    sent.write_bytes(content)
    assert until(lambda: _answers(lab), 60)
    with door(lambda: lab.connect("10.0.10.1", 22, source="pc1", timeout=60)) as port:
        account = {"host": "127.0.0.1", "port": port, "username": "marie", "password": "azerty"}
        with netmiko.ConnectHandler(device_type="cisco_ios", **account, **PATIENCE) as router:
            options = {"file_system": "flash:", "socket_timeout": 60}
            done = netmiko.file_transfer(router, str(sent), "envoi.bin", **options)
            assert done["file_transferred"] and done["file_verified"]
            done = netmiko.file_transfer(router, "envoi.bin", str(back), direction="get", **options)
            assert done["file_verified"] and back.read_bytes() == content
        with _scp(port, "eleve") as copier, pytest.raises(scp.SCPException, match="Privilege denied"):
            copier.get("flash:envoi.bin", str(back))
        with _scp(port, "marie") as copier, pytest.raises(scp.SCPException, match="Error opening"):
            copier.get("/etc/passwd", str(back))
        cli(lab, "r1", "configure terminal\nno ip scp server enable")
        with _scp(port, "marie") as copier, pytest.raises(scp.SCPException, match="Administratively disabled"):
            copier.put(str(sent), "flash:autre.bin")
    assert "autre.bin" not in cli(lab, "r1", "dir")


def _answers(lab: Lab) -> bool:
    try:
        lab.connect("10.0.10.1", 22, source="pc1", timeout=10).close()
    except OSError:
        return False
    return True


@contextmanager
def _scp(port: int, user: str) -> Iterator[Any]:
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", port, user, "azerty", look_for_keys=False, allow_agent=False, timeout=60)
        with scp.SCPClient(client.get_transport(), socket_timeout=60) as copier:
            yield copier


def test_ntp_and_snmp(driver: Callable[[str], Any], lab: Lab) -> None:
    cli(
        lab,
        "r1",
        "configure terminal\nntp master 5\nsnmp-server community lecture ro 10\nsnmp-server location Salle 12",
    )
    cli(lab, "sw1", "configure terminal\nntp server 10.0.10.1\nsnmp-server contact admin@tri.lan")
    assert driver("sw1").get_ntp_servers() == {"10.0.10.1": {}}
    assert until(lambda: any(one["synchronized"] for one in driver("sw1").get_ntp_stats()), 60)
    (peer,) = driver("sw1").get_ntp_stats()
    assert (peer["remote"], peer["referenceid"], peer["stratum"]) == ("10.0.10.1", "127.127.1.1", 5)
    told = driver("r1").get_snmp_information()
    assert told["community"] == {"lecture": {"mode": "ro", "acl": "10"}}
    assert (told["location"], told["contact"]) == ("Salle 12", "unknown")
    assert told["chassis_id"].startswith("TRI")
    assert driver("sw1").get_snmp_information()["contact"] == "admin@tri.lan"
