"""Services of a device on the wire: a router, a switch behind it, and a server that receives what they send."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from ntc_templates.parse import parse_output
from wire import address, cli, end, reaches, until

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live
CABLES = ["r1:1 sw1:1", "sw1:2 pc1:1", "sw1:3 pc2:1"]
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
        configure(lab, "sw1", "interface gi0/3", "switchport mode access", "shutdown", "logging trap errors")
        assert until(lambda: received("%LINK-5-CHANGED: Interface GigabitEthernet0/3, .* administratively down$"))
        configure(lab, "r1", f"logging {SERVER}", "interface Loopback0")
        assert until(lambda: received(rf"^{ROUTER} .*%LINK-3-UPDOWN: Interface Loopback0, changed state to up$"))
        configure(lab, "sw1", "interface gi0/3", "no shutdown")
        assert until(lambda: received(rf"^{SWITCH} <187>.*%LINK-3-UPDOWN: Interface GigabitEthernet0/3, .* up$"))
    finally:
        server.kill()
        server.wait()
    kept = logged(lab, "sw1")
    assert any("SYS-5-RESTART: System restarted --" in line for line in kept)
    assert "LINEPROTO-5-UPDOWN: Line protocol on Interface Vlan1, changed state to up" in kept
    assert kept[-1] == "LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/3, changed state to up"
    shown = cli(lab, "sw1", "show logging")
    assert re.search(rf"Logging to {SERVER} .*\n.*\n +[1-9]\d* message lines logged", shown)
