"""AAA on the wire: a switch, a FreeRADIUS server, and who is let in, by SSH and through a port with 802.1X."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest
from ntc_templates.parse import parse_output
from wire import address, cli, end, reaches, until

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live

SUPPLICANT = Path(__file__).with_name("supplicant.py").read_text(encoding="utf-8")
CABLES = ["sw1:1 pc1:1", "sw1:2 pc2:1", "sw1:3 srv:1", "sw1:5 sw2:5", "sw2:1 pc3:1"]
SWITCH = """configure terminal
hostname SW1
ip domain-name lab.example
username secours privilege 15 secret Local-1
crypto key generate rsa modulus 1024
spanning-tree portfast default
vlan 10,20,30,40,99
interface GigabitEthernet0/5
switchport mode trunk
interface range GigabitEthernet0/1 - 2
switchport mode access
switchport access vlan 20
interface GigabitEthernet0/3
switchport mode access
switchport access vlan 99
interface vlan 99
ip address 10.0.99.1 255.255.255.0
no shutdown
exit
aaa new-model
radius server S
address ipv4 10.0.99.200 auth-port 1812 acct-port 1813
key Secret-R
exit
radius-server timeout 1
radius-server retransmit 1
aaa authentication login default group radius local
aaa authorization exec default group radius local
aaa authentication dot1x default group radius
aaa authorization network default group radius
dot1x system-auth-control
line vty 0 15
transport input ssh"""
SWITCH2 = """configure terminal
hostname SW2
spanning-tree portfast default
vlan 10,20,30,40
interface GigabitEthernet0/5
switchport mode trunk
interface GigabitEthernet0/1
switchport mode access
switchport access vlan 20"""
USERS = """alice Cleartext-Password := "Pass-alice"
bob Cleartext-Password := "Pass-bob"
    Cisco-AVPair = "shell:priv-lvl=15"
carol Cleartext-Password := "Pass-carol"
    Tunnel-Type = VLAN, Tunnel-Medium-Type = IEEE-802, Tunnel-Private-Group-Id = "10"
dave Cleartext-Password := "Pass-dave"
    Tunnel-Type = VLAN, Tunnel-Medium-Type = IEEE-802, Tunnel-Private-Group-Id = "77"
"""
RADIUS = """ip addr add 10.0.99.200/24 dev eth1
cd /etc/freeradius/3.0
cat > mods-config/files/authorize
printf 'client sw1 {\\n ipaddr = 10.0.99.1\\n secret = Secret-R\\n}\\n' >> clients.conf
service freeradius start"""


@pytest.fixture(scope="module")
def lab(engine: NativeEngine) -> Iterator[Lab]:
    nodes = [NodeSpec(name, "switch", labels={"trilab-ports": "8"}) for name in ("sw1", "sw2")]
    nodes += [*(NodeSpec(f"pc{number}", "pc") for number in (1, 2, 3)), NodeSpec("srv", "server")]
    links = [LinkSpec(end(a), end(b)) for a, b in (cable.split() for cable in CABLES)]
    running = engine.up(LabSpec("dot1x", "t-1", tuple(nodes), tuple(links)))
    cli(running, "sw1", SWITCH)
    cli(running, "sw2", SWITCH2)
    for number in (1, 2, 3):
        address(running, f"pc{number}", f"10.0.0.{number}/24")
    done = running.run("srv", ["sh", "-c", RADIUS], input=USERS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert until(lambda: reaches(running, "srv", "10.0.99.1"))
    assert until(lambda: "User was successfully" in cli(running, "sw1", "test aaa group radius bob Pass-bob legacy"))
    yield running
    engine.down(running.spec.key)


def prompt(lab: Lab, user: str, password: str) -> str:
    """What a user's session shows first; empty when it is refused."""
    transport = paramiko.Transport(lab.connect("10.0.99.1", 22, source="srv"))
    try:
        transport.connect(username=user, password=password)
        channel = transport.open_session(timeout=20)
        channel.get_pty()
        channel.settimeout(20)
        channel.invoke_shell()
        shown = b""
        while not shown.endswith((b">", b"#")) and (more := channel.recv(1000)):
            shown += more
        return shown.decode().strip()
    except paramiko.AuthenticationException:
        return ""
    finally:
        transport.close()


def test_users_whom_only_the_server_knows_come_in_by_ssh(lab: Lab) -> None:
    assert prompt(lab, "alice", "faux") == ""
    assert prompt(lab, "alice", "Pass-alice") == "SW1>"
    assert prompt(lab, "bob", "Pass-bob") == "SW1#", "the server gives the privilege"
    assert prompt(lab, "secours", "Local-1") == "", "the server, which answers, does not know it"


def test_local_accounts_come_in_while_the_server_is_dead(lab: Lab) -> None:
    assert lab.run("srv", ["service", "freeradius", "stop"]).returncode == 0
    try:
        assert prompt(lab, "secours", "Local-1") == "SW1#"
        assert prompt(lab, "alice", "Pass-alice") == ""
        assert "No authoritative response" in cli(lab, "sw1", "test aaa group radius alice Pass-alice legacy")
    finally:
        assert lab.run("srv", ["service", "freeradius", "start"]).returncode == 0
    assert until(lambda: prompt(lab, "alice", "Pass-alice") == "SW1>")


def configure(lab: Lab, node: str, *lines: str) -> None:
    cli(lab, node, "\n".join(["configure terminal", *lines]))


def joins(lab: Lab, user: str, password: str) -> str:
    """How an attempt of pc1 to come in ends."""
    return lab.run("pc1", ["python3", "-c", SUPPLICANT, user, password, "20"], timeout=60).stdout


def sessions(lab: Lab) -> list[tuple[str, str]]:
    text = cli(lab, "sw1", "show authentication sessions").partition("\n")[2].rpartition("\n")[0].rpartition("\n")[0]
    if "No Auth Manager contexts" in text:
        return []
    rows = parse_output(platform="cisco_ios", command="show authentication sessions", data=text)
    assert isinstance(rows, list)
    return [(row["interface"], row["status"]) for row in rows]


PORT, SHOWN = "interface GigabitEthernet0/1", "show authentication sessions interface GigabitEthernet0/1"
FAR = "10.0.0.3"  # pc3, behind the trunk


@contextmanager
def far_in(lab: Lab, vlan: int) -> Iterator[None]:
    """pc3 is in another VLAN for a while."""
    configure(lab, "sw2", PORT, f"switchport access vlan {vlan}")
    yield
    configure(lab, "sw2", PORT, "switchport access vlan 20")


@pytest.fixture(scope="module")
def closed(lab: Lab) -> Lab:
    """The port of pc1 is controlled; pc2 and pc3 are in VLAN 20 without 802.1X, as controls."""
    assert until(lambda: reaches(lab, "pc1", FAR))
    configure(lab, "sw1", PORT, "dot1x pae authenticator", "dot1x timeout tx-period 1", "dot1x timeout quiet-period 1",
              "authentication port-control auto")  # fmt: skip
    return lab


def test_nothing_passes_before_the_server_has_let_the_user_in(closed: Lab) -> None:
    assert not reaches(closed, "pc1", FAR) and not reaches(closed, "pc3", "10.0.0.1")
    assert reaches(closed, "pc2", FAR), "control"
    assert joins(closed, "alice", "faux") == "failure"
    assert not reaches(closed, "pc1", FAR)
    assert until(lambda: joins(closed, "alice", "Pass-alice") == "success")
    assert until(lambda: reaches(closed, "pc1", FAR))
    assert sessions(closed) == [("Gi0/1", "Authz Success")]
    assert "User-Name:  alice" in cli(closed, "sw1", SHOWN)


def test_another_station_on_the_port_is_kept_out(closed: Lab) -> None:
    mac = closed.run("pc1", ["cat", "/sys/class/net/eth1/address"]).stdout.strip()
    other = ["ip", "link", "set", "eth1", "address", "02:00:00:00:00:99"]
    assert closed.run("pc1", other, trusted=True).returncode == 0
    try:
        assert not reaches(closed, "pc1", FAR)
        configure(closed, "sw1", PORT, "authentication host-mode multi-host")
        assert until(lambda: joins(closed, "alice", "Pass-alice") == "success")
    finally:
        assert closed.run("pc1", [*other[:-1], mac], trusted=True).returncode == 0
    assert until(lambda: reaches(closed, "pc1", FAR)), "after the first, everybody on the port"
    configure(closed, "sw1", PORT, "authentication host-mode single-host")


def test_the_server_assigns_a_vlan_that_is_seen_on_the_trunk(closed: Lab) -> None:
    assert until(lambda: joins(closed, "carol", "Pass-carol") == "success")
    capture = closed.popen("sw1", ["tcpdump", "-c1", "-nnei", "eth5", f"vlan 10 and host {FAR}"], trusted=True)
    assert capture.stderr is not None and capture.stdout is not None
    assert b"listening" in capture.stderr.readline() + capture.stderr.readline()
    assert until(lambda: not reaches(closed, "pc1", FAR) and capture.poll() is not None)
    assert FAR in capture.stdout.read().decode()
    with far_in(closed, 10):
        assert until(lambda: reaches(closed, "pc1", FAR))
        assert "Vlan Policy:  10" in cli(closed, "sw1", SHOWN)
    cli(closed, "sw1", "clear authentication sessions")
    assert until(lambda: joins(closed, "dave", "Pass-dave") == "success")
    assert sessions(closed) == [("Gi0/1", "Authz Failed")], "the switch has no VLAN 77"
    assert until(lambda: reaches(closed, "pc2", FAR)) and not reaches(closed, "pc1", FAR)


def test_guests_and_those_who_fail_get_vlans_of_their_own(closed: Lab) -> None:
    configure(closed, "sw1", PORT, "authentication event no-response action authorize vlan 30",
              "authentication event fail retry 1 action authorize vlan 40")  # fmt: skip
    assert until(lambda: "Guest Vlan" in cli(closed, "sw1", SHOWN))
    assert not reaches(closed, "pc1", FAR)
    with far_in(closed, 30):
        assert until(lambda: reaches(closed, "pc1", FAR))
        assert until(lambda: joins(closed, "alice", "faux") and "Auth Fail Vlan" in cli(closed, "sw1", SHOWN), 60)
        assert not reaches(closed, "pc1", FAR)
    with far_in(closed, 40):
        assert until(lambda: reaches(closed, "pc1", FAR))


def test_without_802_1x_the_port_is_open_again(closed: Lab) -> None:
    configure(closed, "sw1", PORT, "authentication port-control force-unauthorized")
    assert not reaches(closed, "pc1", FAR) and reaches(closed, "pc2", FAR)
    configure(closed, "sw1", PORT, "authentication port-control force-authorized")
    assert until(lambda: reaches(closed, "pc1", FAR))
