"""Services of a device on the wire: a router, a switch behind it, and a server that receives what they send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import paramiko
import pytest
import wire
from ntc_templates.parse import parse_output
from wire import address, cli, end, reaches

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live
CABLES = ["r1:1 sw1:1", "sw1:2 pc1:1", "sw1:3 pc2:1"]
PATIENCE = 60  # seconds; a wait ends as soon as what it waits for is there
SERVER, ROUTER, SWITCH = "10.0.0.9", "10.0.0.1", "10.0.0.2"


@pytest.fixture(scope="module")
def lab(engine: NativeEngine) -> Iterator[Lab]:
    nodes = [NodeSpec("sw1", "switch", labels={"trilab-ports": "4"}), NodeSpec("r1", "router"),
             NodeSpec("pc1", "pc"), NodeSpec("pc2", "pc")]  # fmt: skip
    links = [LinkSpec(end(a), end(b)) for a, b in (cable.split() for cable in CABLES)]
    running = engine.up(LabSpec("services", "t-1", tuple(nodes), tuple(links)))
    configure(running, "sw1", "hostname SW1", "interface range gi0/1 - 3", "spanning-tree portfast",
              "interface Vlan1", f"ip address {SWITCH} 255.255.255.0", "no shutdown")  # fmt: skip
    configure(running, "r1", "hostname R1", "interface gi0/1", f"ip address {ROUTER} 255.255.255.0", "no shutdown")
    address(running, "pc1", f"{SERVER}/24")
    assert until(lambda: all(reaches(running, "pc1", one) for one in (ROUTER, SWITCH)))
    yield running
    engine.down(running.spec.key)


def until(condition: Callable[[], bool]) -> bool:
    return wire.until(condition, PATIENCE)


def configure(lab: Lab, node: str, *lines: str) -> str:
    return cli(lab, node, "\n".join(["configure terminal", *lines]))


def logged(lab: Lab, node: str) -> list[str]:
    """The buffer, as ntc-templates reads it: facility-severity-mnemonic and text."""
    text = cli(lab, node, "show logging").partition("\n")[2].rpartition("\n")[0]
    rows = parse_output(platform="cisco_ios", command="show logging", data=text.rpartition("\n")[0])
    assert isinstance(rows, list)
    return [f"{row['facility']}-{row['severity']}-{row['mnemonic']}: {' '.join(row['message'])}" for row in rows]


_RECEIVE = """
import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("", 514))
    print("ready", flush=True)
    while True:
        data, (source, _) = server.recvfrom(4096)
        print(source, data.decode(), flush=True)
"""


def test_syslog_reaches_a_server_and_the_buffer(lab: Lab) -> None:
    server = lab.popen("pc1", ["sh", "-c", 'exec python3 -c "$0" >/tmp/syslog 2>&1', _RECEIVE])

    def received(pattern: str) -> bool:
        return bool(re.search(pattern, lab.run("pc1", ["cat", "/tmp/syslog"]).stdout, re.M))

    try:
        assert until(lambda: received("^ready"))
        configure(lab, "sw1", f"logging host {SERVER}", "logging trap informational")
        assert until(lambda: received(rf"^{SWITCH} <189>\d+: \*\w+ +\d+ [\d:.]+: %SYS-5-CONFIG_I: "))
        assert lab.run("pc2", ["ip", "link", "set", "eth1", "down"], trusted=True).returncode == 0
        assert until(lambda: received(rf"^{SWITCH} <187>.*%LINK-3-UPDOWN: Interface GigabitEthernet0/3, .* down$"))
        assert lab.run("pc2", ["ip", "link", "set", "eth1", "up"], trusted=True).returncode == 0
        assert until(lambda: received("%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/3, .* up$"))
        configure(lab, "sw1", "interface gi0/3", "switchport mode access", "shutdown")
        assert until(lambda: received("%LINK-5-CHANGED: Interface GigabitEthernet0/3, .* administratively down$"))
        configure(lab, "r1", f"logging {SERVER}", "interface Loopback0")
        assert until(lambda: received(rf"^{ROUTER} .*%LINK-3-UPDOWN: Interface Loopback0, changed state to up$"))
        configure(lab, "sw1", "logging trap errors", "interface gi0/3", "no shutdown")
        assert until(lambda: received(rf"^{SWITCH} <187>.*%LINK-3-UPDOWN: Interface GigabitEthernet0/3, .* up$"))
    finally:
        server.kill()
        server.wait()
    last = "LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/3, changed state to up"
    assert until(lambda: last in logged(lab, "sw1")[-3:])
    kept = logged(lab, "sw1")
    assert any("SYS-5-RESTART: System restarted --" in line for line in kept)
    assert "LINEPROTO-5-UPDOWN: Line protocol on Interface Vlan1, changed state to up" in kept
    shown = cli(lab, "sw1", "show logging")
    assert re.search(rf"Logging to {SERVER} .*\n.*\n +[1-9]\d* message lines logged", shown)


def log_in(lab: Lab, node: str, password: str) -> bool:
    """By SSH from pc1, as marie; refused counts as not let in."""
    try:
        with paramiko.Transport(lab.connect(node, 22, source="pc1", timeout=10)) as transport:
            transport.start_client(timeout=20)
            transport.auth_password("marie", password)
            return True
    except (paramiko.SSHException, OSError):
        return False


def opens(lab: Lab, host: str, port: int) -> bool:
    try:
        lab.connect(host, port, source="pc1", timeout=5).close()
        return True
    except OSError:
        return False


def test_too_many_wrong_passwords_close_the_terminal_lines(lab: Lab) -> None:
    configure(lab, "sw1", "ip domain-name tri.lan", "crypto key generate rsa modulus 2048", "ip ssh version 2",
              "username marie privilege 15 secret azerty", "login block-for 600 attempts 2 within 300",
              "login on-failure log", "login on-success log", "line vty 0 15", "login local")  # fmt: skip
    assert until(lambda: log_in(lab, SWITCH, "azerty"))
    assert opens(lab, SWITCH, 23)
    assert until(lambda: not log_in(lab, SWITCH, "faux") and "presently in Quiet-Mode" in cli(lab, "sw1", "show login"))
    assert not opens(lab, SWITCH, 22) and not opens(lab, SWITCH, 23)
    assert reaches(lab, "pc1", SWITCH)  # control: the switch itself is there
    said = "\n".join(logged(lab, "sw1"))
    assert f"SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: marie] [Source: {SERVER}] [localport: 22]" in said
    assert "SEC_LOGIN-1-QUIET_MODE_ON: " in said
    assert re.search(rf"marie +{SERVER} +22 +2 ", cli(lab, "sw1", "show login failures"))
    configure(lab, "sw1", "no login block-for")
    assert until(lambda: log_in(lab, SWITCH, "azerty"))


def test_the_clock_comes_from_the_network(lab: Lab) -> None:
    configure(lab, "r1", "ntp master 5")
    configure(lab, "sw1", f"ntp server {ROUTER}")
    assert until(lambda: f"synchronized, stratum 6, reference is {ROUTER}" in cli(lab, "sw1", "show ntp status"))
    assert re.search(rf"^\*~{re.escape(ROUTER)} +127\.127\.1\.1 +5 ", cli(lab, "sw1", "show ntp associations"), re.M)
    assert until(lambda: bool(re.search(r"^\d\d:\d\d:\d\d", cli(lab, "sw1", "show clock"), re.M)))  # no star
    configure(lab, "sw1", f"no ntp server {ROUTER}")
    assert "%NTP is not enabled." in cli(lab, "sw1", "show ntp status")
    assert lab.run("sw1", ["pidof", "chronyd"]).returncode != 0


def ask(lab: Lab, command: str, community: str, oid: str) -> list[str]:
    """What net-snmp's client on pc1 gets from sw1."""
    options = [command, "-v2c", "-r0", "-t2", "-Oqv", "-m", "", "-c", community, SWITCH, oid]
    return lab.run("pc1", options).stdout.splitlines()


def test_snmp_reads_the_interfaces_by_their_names(lab: Lab) -> None:
    configure(lab, "sw1", "ip domain-name tri.lan", "access-list 10 permit host 10.0.0.200")
    configure(lab, "sw1", "snmp-server community public ro",
              "snmp-server community fermee ro 10", "snmp-server location Salle 12")  # fmt: skip
    names = ["Vlan1", *(f"GigabitEthernet0/{number}" for number in range(1, 5))]
    assert until(lambda: ask(lab, "snmpwalk", "public", "1.3.6.1.2.1.2.2.1.2") == [f'"{name}"' for name in names])
    assert ask(lab, "snmpget", "public", "1.3.6.1.2.1.31.1.1.1.1.10102") == ['"Gi0/2"']
    assert ask(lab, "snmpget", "public", "1.3.6.1.2.1.1.5.0") == ['"SW1.tri.lan"']
    assert ask(lab, "snmpget", "public", "1.3.6.1.2.1.1.6.0") == ['"Salle 12"']
    assert ask(lab, "snmpget", "public", "1.3.6.1.2.1.2.2.1.8.10104") == ["2"]  # no cable
    assert int(ask(lab, "snmpget", "public", "1.3.6.1.2.1.31.1.1.1.6.10102")[0]) > 0
    assert ask(lab, "snmpget", "fermee", "1.3.6.1.2.1.1.5.0") == []  # its list permits another host
    assert ask(lab, "snmpget", "public", "1.3.6.1.2.1.1.5.0")  # control
    assert not any("eth" in line for line in ask(lab, "snmpwalk", "public", "1.3.6.1.2.1"))
    configure(lab, "sw1", "no snmp-server community public", "no snmp-server community fermee")
    assert ask(lab, "snmpget", "public", "1.3.6.1.2.1.1.5.0") == []
