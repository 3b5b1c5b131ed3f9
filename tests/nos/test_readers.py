"""What others make of our configuration text (ciscoconfparse2, hier-config), and long pasted blocks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from ciscoconfparse2 import CiscoConfParse
from hier_config import Host
from netmiko import ConnectHandler

from tests.nos.conftest import Console
from tests.nos.test_netmiko import port  # noqa: F401  (a fixture)
from trilab.nos import defaults, interpreter, running
from trilab.nos.device import Device
from trilab.nos.grammar.graph import Grammar
from trilab.nos.model import Config

REFUSED = re.compile(r"^ *(%|\^)", re.M)
BEFORE = {
    "switch": """vlan 10
 name DATA
spanning-tree vlan 10 priority 4096
interface GigabitEthernet0/1
 description PC
 switchport mode access
 switchport access vlan 10
 switchport port-security maximum 2
 switchport port-security
interface GigabitEthernet0/8
 switchport mode trunk
 switchport trunk allowed vlan 10,20
aaa new-model
aaa authentication login default group radius local
radius server S
 address ipv4 10.0.0.9 auth-port 1812 acct-port 1813
 key Secret
""",
    "router": """interface GigabitEthernet0/1
 ip address 10.0.0.1 255.255.255.0
 ip nat inside
 no shutdown
ip access-list extended WEB
 permit tcp any any eq www
 deny ip any any log
router ospf 1
 network 10.0.0.0 0.0.0.255 area 0
ip route 0.0.0.0 0.0.0.0 10.0.0.254
""",
}
AFTER = {
    "switch": """vlan 20
 name VOIX
no vlan 10
interface GigabitEthernet0/1
 no description
 switchport access vlan 20
 spanning-tree portfast
interface GigabitEthernet0/2
 shutdown
interface GigabitEthernet0/8
 no switchport trunk allowed vlan
no radius server S
""",
    "router": """interface GigabitEthernet0/1
 ip address 10.1.0.1 255.255.255.0
 no ip nat inside
 ip helper-address 10.0.0.5
router ospf 1
 no network 10.0.0.0 0.0.0.255 area 0
 passive-interface GigabitEthernet0/1
ip route 10.9.0.0 255.255.0.0 10.0.0.9
no ip route 0.0.0.0 0.0.0.0 10.0.0.254
""",
}


def typed(grammar: Grammar, text: str, onto: Config) -> Config:
    config, refused = interpreter.load(text, onto, grammar)
    assert refused == []
    return config


@pytest.mark.parametrize("role", ["switch", "router"])
def test_hier_config_finds_the_lines_that_lead_to_another_configuration(
    grammars: dict[str, Grammar], role: str
) -> None:
    grammar = grammars[role]
    before = typed(grammar, BEFORE[role], defaults.factory(grammar.names))
    after = typed(grammar, AFTER[role], before)
    assert running.render(before) != running.render(after)
    host = Host("device", "ios")
    host.load_running_config(running.render(before))
    host.load_generated_config(running.render(after))
    host.remediation_config()
    lines = host.remediation_config_filtered_text(set(), set())
    assert running.render(typed(grammar, lines, before)) == running.render(after)


@pytest.mark.parametrize("role", ["switch", "router"])
def test_ciscoconfparse_reads_every_line_and_its_parent(grammars: dict[str, Grammar], role: str) -> None:
    config = typed(grammars[role], BEFORE[role], defaults.factory(grammars[role].names))
    text = running.render(config)
    parsed = CiscoConfParse(text.splitlines(), syntax="ios")
    assert [line.text for line in parsed.objs] == [line for line in text.splitlines() if line]
    first = parsed.find_objects("^interface GigabitEthernet0/1$")[0]
    block = running.render_interface(config, "GigabitEthernet0/1").splitlines()[2:-1]
    assert [child.text for child in first.children] == block


def test_a_pasted_block_of_two_hundred_lines(switch: Device, connect: Callable[..., Console]) -> None:
    block = [f"vlan {vid}\nname V{vid}" for vid in range(100, 196)]
    block += ["interface range gi0/1 - 4", "switchport mode access", "! a comment", "switchport access vlan 195", "end"]
    lines = "\n".join(["configure terminal", *block, "show clock"]).splitlines()
    assert len(lines) >= 198
    console = connect(switch)
    console.send("\n".join(lines) + "\n")
    said = console.read(r"show clock\n[*.]?\d\d:.*\n\S+#$")
    assert REFUSED.search(said) is None
    assert [switch.config.vlans[vid].name for vid in range(100, 196)] == [f"V{vid}" for vid in range(100, 196)]
    assert {switch.config.interfaces[f"GigabitEthernet0/{n}"].access_vlan for n in range(1, 5)} == {195}


def test_netmiko_sends_two_hundred_lines(switch: Device, port: int) -> None:  # noqa: F811
    lines = [line for vid in range(200, 300) for line in (f"vlan {vid}", f"name V{vid}")]
    session = ConnectHandler(device_type="cisco_ios", host="127.0.0.1", port=port, username="admin", password="admin")
    with session:
        session.enable()
        assert REFUSED.search(session.send_config_set(lines, cmd_verify=False, read_timeout=60)) is None
    assert len(switch.config.vlans) == 101
