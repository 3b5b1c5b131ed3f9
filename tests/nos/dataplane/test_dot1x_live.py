"""AAA on the wire: a switch, a FreeRADIUS server, and who is let in."""

from __future__ import annotations

from collections.abc import Iterator

import paramiko
import pytest
from wire import cli, end, reaches, until

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live

CABLES = ["sw1:1 pc1:1", "sw1:2 pc2:1", "sw1:3 srv:1", "sw1:5 sw2:5", "sw2:1 pc3:1"]
SWITCH = """configure terminal
hostname SW1
ip domain-name lab.example
username secours privilege 15 secret Local-1
crypto key generate rsa modulus 1024
spanning-tree portfast default
vlan 99
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
line vty 0 15
transport input ssh"""
USERS = """alice Cleartext-Password := "Pass-alice"
bob Cleartext-Password := "Pass-bob"
    Cisco-AVPair = "shell:priv-lvl=15"
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
