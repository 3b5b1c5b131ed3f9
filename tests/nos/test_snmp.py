"""SNMP: settings, and what the agent is told of the interfaces."""

from __future__ import annotations

from collections.abc import Callable

from tests.nos.conftest import Console, plane
from tests.nos.showing import table
from trilab.nos.dataplane import snmp
from trilab.nos.device import Device

Connect = Callable[..., Console]


def test_settings(router: Device, connect: Connect) -> None:
    console = connect(router)
    console.configure("""
no logging console
hostname R1
ip domain-name tri.lan
interface gi0/1
ip address 10.0.0.1 255.255.255.0
access-list 10 deny 10.0.0.66
access-list 10 permit 10.0.0.0 0.0.0.255
snmp-server community lecture ro 10
snmp-server community public
snmp-server location Salle 12
snmp-server contact admin@tri.lan
""")
    text = snmp.settings(router.config).splitlines()
    assert text[0] == "agentaddress udp:10.0.0.1:161"
    assert text[1:3] == ["com2sec refused 10.0.0.66/255.255.255.255 lecture",
                         "com2sec c0 10.0.0.0/255.255.255.0 lecture"]  # fmt: skip
    assert "com2sec c1 default public" in text and "sysName R1.tri.lan" in text and "sysLocation Salle 12" in text
    assert [(row["name"], row["access_list_number"]) for row in table(console, "show snmp community")] == [
        ("lecture", "10"), ("public", ""),
    ]  # fmt: skip
    assert "\nsnmp-server community lecture RO 10\n" in router.running()
    assert console.run("show snmp location") == "Salle 12"
    assert "% Invalid input" in console.configure("snmp-server community secret rw")
    assert "% Invalid input" in console.configure("snmp-server community secret rw 10")


def test_interfaces_have_their_names(on_switch: Console, switch: Device) -> None:
    values = snmp.table(switch.config, plane(switch).state)
    asked = iter(["PING\n", "get\n", ".1.3.6.1.2.1.2.2.1.2.10101\n", "getnext\n", ".1.3.6.1.2.1.31.1.1.1.1.10101\n",
                  "get\n", ".1.3.6.1.2.1.2.2.1.2.99999\n", "set\n", ".1.3.6.1.2.1.2.2.1.7.10101\n", "integer 2\n",
                  "getnext\n", ".1.3.6.1.2.1.31.9\n"])  # fmt: skip
    assert "".join(snmp.answer(asked, lambda: values)) == (
        "PONG\n.1.3.6.1.2.1.2.2.1.2.10101\nstring\nGigabitEthernet0/1\n"
        ".1.3.6.1.2.1.31.1.1.1.1.10102\nstring\nGi0/2\nNONE\nnot-writable\nNONE\n"
    )
    statuses = {number: values[(*snmp.INTERFACES, 2, 1, 8, number)][1] for number in (10, 10101, 10102)}
    assert statuses == {10: "1", 10101: "1", 10102: "2"}
    assert values[(*snmp.EXTENDED, 1, 1, 1, 18, 10101)] == ("string", "PC de l'accueil")
