"""The console as a user meets it: prompts, errors, help, editing, paging, pasted blocks."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from ipaddress import IPv4Address

import pytest

from tests.nos.conftest import Console, plane
from trilab.nos.dataplane.base import PingReply
from trilab.nos.device import Device
from trilab.nos.features.spanning import TreePort
from trilab.nos.server import Opening, Server

Connect = Callable[..., Console]


def test_prompts_of_every_mode(switch: Device, router: Device, connect: Connect) -> None:
    console = connect(switch, enabled=False)
    assert console.read() == "Switch>"
    console.send("enable\nconf t\nhostname SW1\ninterface gi0/1\ninterface range gi0/1-2\ninterface vlan 99\nvlan 10\n"
                 "line vty 0 4\nip access-list standard A\nip access-list extended B\nend\nexit\n")  # fmt: skip
    text = console.rest()
    for prompt in ("Switch#conf t", "Switch(config)#hostname", "SW1(config)#interface",
                   "SW1(config-if)#interface range", "SW1(config-if-range)#interface vlan", "SW1(config-if)#vlan 10",
                   "SW1(config-vlan)#line", "SW1(config-line)#ip", "SW1(config-std-nacl)#ip",
                   "SW1(config-ext-nacl)#end", "SW1#exit"):  # fmt: skip
        assert f"\n{prompt}" in text
    console = connect(router)
    console.run("conf t")
    console.run("int gi0/1.10")
    assert console.run("ip dhcp pool P") == ""
    assert "Router(config-subif)#ip dhcp pool P\nRouter(dhcp-config)#" in console.screen


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("shw version", "         ^\n% Invalid input detected at '^' marker.\n"),  # «Switch#» and «sh» before the mark
        ("show ip intt", "                  ^\n% Invalid input detected at '^' marker.\n"),
        ("show vlan brief x", "                       ^\n% Invalid input detected at '^' marker.\n"),
        ("show", "% Incomplete command.\n"),
        ("show interfaces gi", "% Incomplete command.\n"),
        ("sh i", '% Ambiguous command:  "sh i"'),
        ("sh ip a", '% Ambiguous command:  "sh ip a"'),
        ("show ip eigrp", "               ^\n% Invalid input detected at '^' marker.\n"),
        ("show interfaces fa0/1", "                       ^\n% Invalid input detected at '^' marker.\n"),
        ("show interfaces gi0/9", "                       ^\n% Invalid input detected at '^' marker.\n"),
        ("show run | inc", "% Incomplete command.\n"),
        ("show run | foo x", "                  ^\n% Invalid input detected at '^' marker.\n"),
    ],
)
def test_errors_are_those_of_ios(switch: Device, connect: Connect, line: str, expected: str) -> None:
    assert connect(switch).run(line) == expected


@pytest.mark.parametrize(
    "line",
    ["switchport trunk encapsulation dot1q", "ip address 10.0.0.1 255.255.255.0", "ip helper-address 10.0.0.1",
     "ip access-group 10 in", "channel-group 1 mode desirable", "switchport protected", "storm-control broadcast"],
)  # fmt: skip
def test_what_a_switch_port_lacks_is_refused(switch: Device, connect: Connect, line: str) -> None:
    console = connect(switch)
    console.configure(f"interface gi0/1\n{line}")
    assert "% Invalid input detected" in console.screen
    assert len(plane(switch).applied) == 1  # the boot only


@pytest.mark.parametrize(
    "line", ["vlan 10", "interface vlan 10", "spanning-tree vlan 1 root primary", "ip default-gateway 1.1.1.1"]
)
def test_what_a_router_lacks_is_refused(router: Device, connect: Connect, line: str) -> None:
    console = connect(router)
    assert "% Invalid input detected" in console.configure(line)
    assert len(plane(router).applied) == 1


@pytest.mark.parametrize(
    "line", ["vtp mode server", "ip dhcp pool A", "router eigrp 1", "spanning-tree mode mst", "banner login #a#"]
)
def test_outside_of_the_subset_is_refused(switch: Device, connect: Connect, line: str) -> None:
    assert "% Invalid input detected" in connect(switch).configure(line)


def test_help_lists_next_words(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.send("show vlan ?")
    text = console.read(r"Switch#show vlan $")
    assert "  brief  VTP all VLAN status in brief\n" in text
    assert text.index("brief") < text.index("<cr>")


def test_help_of_a_partial_word(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.send("conf t\nin?")
    assert console.read(r"interface\nSwitch\(config\)#in$")
    console.send("terface ?")
    text = console.read(r"#interface $")
    assert "GigabitEthernet IEEE 802.3z" in text
    assert "Vlan" in text
    assert "range" in text
    console.send("gi0/1\nswitchport access vlan ?")
    console.read(r"<1-4094>[^$]*\nSwitch\(config-if\)#switchport access vlan $")


def test_help_after_nonsense(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.send("frob ?")
    assert "% Unrecognized command" in console.read(r"Switch#frob $")


def test_user_level_hides_privileged_words(switch: Device, connect: Connect) -> None:
    console = connect(switch, enabled=False)
    console.read()
    console.send("?")
    text = console.read(r"\nSwitch>$")
    assert "enable" in text
    assert "configure" not in text
    assert "reload" not in text
    assert "% Invalid input" in console.run("show running-config")
    assert "% Invalid input" in console.run("configure terminal")
    assert "Mac Address Table" in console.run("show mac address-table")


def test_tab_completes(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.send("sho\t")
    assert console.read(r"\nSwitch#show $")
    console.send("vl\tbr\t\n")
    assert "VLAN Name" in console.read()


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("shov\x7fw clock", "show clock"),
        ("clock\x01show \x05", "show clock"),
        ("xxx\x15show clock", "show clock"),
        ("show clock zzz\x17\x7f", "show clock"),
        ("show clockzz\x1b[D\x1b[D\x0b", "show clock"),
        ("how clock\x01s", "show clock"),
        ("show  \x02\x04clock", "show clock"),
        ("garbage\x03show clock", "show clock"),
    ],
)
def test_line_editing(switch: Device, connect: Connect, keys: str, line: str) -> None:
    console = connect(switch)
    console.send(keys + "\n")
    console.read(r"UTC[^\n]*\nSwitch#$")
    assert f"  {line}\n" in console.run("show history") + "\n"


def test_history_recall(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.run("show clock")
    console.run("show privilege")
    console.send("\x1b[A\x1b[A\n")
    assert "UTC" in console.read(r"UTC[^\n]*\nSwitch#$")
    console.send("\x10\x10\x0e\n")
    console.read(r"UTC[^\n]*\nSwitch#$")


def test_pages(switch: Device, connect: Connect) -> None:
    console = connect(switch, rows=10)
    console.send("show running-config\n")
    first = console.read(r" --More-- $")
    assert first.count("\n") == 10  # the echo's and nine lines
    console.send("\r")
    assert console.read(r" --More-- $").strip("\r ").count("\n") == 1
    console.send(" ")
    assert console.read(r" --More-- $").count("\n") == 9
    console.send("q")
    console.read(r"Switch#$")
    console.run("terminal length 0")
    assert "--More--" not in console.run("show running-config")


def test_a_block_of_200_lines_is_taken_whole(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    block = "".join(f"vlan {vid}\nname V{vid}\n" for vid in range(100, 200))
    console.send("configure terminal\n" + block + "end\n")
    console.read(r"Switch#end\n?|\nSwitch#$")
    console.run("show clock")
    assert [switch.config.vlans[vid].name for vid in range(100, 200)] == [f"V{vid}" for vid in range(100, 200)]


def test_crlf_is_one_end_of_line(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.send("show clock\r\nshow privilege\r\n")
    text = console.read(r"level is 15\nSwitch#$")
    assert text.count("Switch#") == 2


@pytest.mark.parametrize(("key", "done"), [("\x1a", True), ("\x03", False)])
def test_ctrl_z_and_ctrl_c_leave_configuration(switch: Device, connect: Connect, key: str, done: bool) -> None:
    """Ctrl-Z runs the line first, Ctrl-C drops it."""
    console = connect(switch)
    console.run("configure terminal")
    console.run("interface gi0/1")
    console.send(f"shutdown{key}")
    assert console.read().endswith("\nSwitch#")
    assert switch.config.interfaces["GigabitEthernet0/1"].shutdown is done


def test_paging_what_a_command_says_blocks_nobody(switch: Device, connect: Connect) -> None:
    slow, other = connect(switch, rows=5), connect(switch)
    slow.send("configure terminal\ninterface range gi0/1-8\nspanning-tree portfast\n")
    slow.read(r" --More-- $")
    other.configure("hostname FREE")
    assert switch.config.hostname == "FREE"
    assert switch.config.interfaces["GigabitEthernet0/8"].parts[TreePort].portfast == "edge"


def test_do_and_global_commands_in_a_sub_mode(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.run("configure terminal")
    console.run("interface gi0/1")
    assert "UTC" in console.run("do show clock")
    assert console.screen.endswith("(config-if)#")
    console.run("hostname SW9")
    assert console.screen.endswith("SW9(config)#")
    console.run("exit")
    assert console.screen.endswith("SW9#")


def test_comments_and_blank_lines_do_nothing(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    assert console.run("! a comment") == ""
    assert console.run("   ") == ""


def test_a_refusal_of_the_system_is_told_and_changes_nothing(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    plane(switch).refuse = "ovs-vsctl: no such port"
    assert "% ovs-vsctl: no such port" in console.configure("hostname OTHER")
    assert switch.config.hostname == "Switch"


def test_exec_form(switch: Device, connect: Connect) -> None:
    console = connect(switch, enabled=False, user="trilab", command="show running-config | include hostname", tty=False)
    assert console.rest() == "hostname Switch\n"


def test_pipe(switch: Device, connect: Connect) -> None:
    console = connect(switch, enabled=False, tty=False)
    console.send("enable\nshow privilege")
    console.socket.shutdown(socket.SHUT_WR)
    assert "Current privilege level is 15\n" in console.rest()


def test_ping(router: Device, connect: Connect) -> None:
    plane(router).replies = [PingReply(False, None, "."), *[PingReply(True, ms, "!") for ms in (0.4, 2.0, 5.7, 1.0)]]
    console = connect(router)
    text = console.run("ping 10.0.0.9")
    assert text == (
        "Type escape sequence to abort.\nSending 5, 100-byte ICMP Echos to 10.0.0.9, timeout is 2 seconds:\n.!!!!\n"
        "Success rate is 80 percent (4/5), round-trip min/avg/max = 1/2/6 ms"
    )
    console.configure("interface gi0/1\nip address 10.0.0.1 255.255.255.0")
    console.run("ping 10.0.0.9 repeat 2 size 1500 timeout 1 source gi0/1")
    address = IPv4Address("10.0.0.1")
    assert plane(router).asked[-1] == (IPv4Address("10.0.0.9"), 2, 1500, 1.0, address)
    console.run("ping 10.0.0.9 source 10.0.0.1")
    assert plane(router).asked[-1][4] == address
    assert "% Invalid source address" in console.run("ping 10.0.0.9 source 10.9.9.9")


def test_ping_of_a_name(router: Device, connect: Connect) -> None:
    console = connect(router)
    assert "% Unrecognized host or address" in console.run("ping nowhere")
    assert plane(router).asked == []


def test_traceroute_and_clear(router: Device, connect: Connect) -> None:
    console = connect(router)
    assert "Tracing the route to 10.0.0.9\n  1 10.0.0.9" in console.run("traceroute 10.0.0.9")
    console.run("clear arp")
    console.run("clear ip dhcp binding *")
    console.run("clear ip dhcp binding 10.0.0.7")
    assert plane(router).cleared == ["arp", "lease None", "lease 10.0.0.7"]


def test_ssh_joins_the_other_end(router: Device, connect: Connect) -> None:
    console = connect(router)
    console.send("ssh -l admin 10.0.0.9\nhello")
    while plane(router).remote is None:
        console.thread.join(0.01)
    remote = plane(router).remote
    assert remote is not None
    remote.settimeout(10)
    assert remote.recv(100).startswith(b"hello")
    remote.sendall(b"bye\r\n")
    remote.close()
    assert "bye" in console.read(r"bye\nRouter#$")


def test_sessions_share_one_device(switch: Device, connect: Connect) -> None:
    one, two = connect(switch), connect(switch)
    one.configure("hostname SHARED")
    two.send("\n")
    two.read(r"\nSHARED#$")
    assert len(switch.sessions) == 2


@pytest.mark.parametrize("opening", ["", "{}", "[]", '{"line": "tty"}', "\x00\xff", '{"line": "console", "rows": "x"}'])
def test_a_bad_opening_is_hung_up(switch: Device, opening: str) -> None:
    here, there = socket.socketpair()
    with here:
        here.sendall(opening.encode("latin-1") + b"\n")
        here.settimeout(10)
        Server(switch).start(there)
        assert here.recv(100) == b""
    assert switch.sessions == []


def test_the_service_account_is_for_its_uid_only(switch: Device) -> None:
    here, there = socket.socketpair()
    with here:
        here.sendall(json.dumps({"line": "console", "user": "trilab"}).encode() + b"\n")
        here.settimeout(10)
        Server(switch, frozenset()).start(there)
        assert here.recv(100) == b""


def test_opening_defaults() -> None:
    assert Opening.of({"line": "vty"}) == Opening("vty", "", False, "", 0, 0, None, False)


def test_configure_asks_from_where(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    question = r"network \[terminal\]\? $"
    console.run("configure", until=question)
    assert "Enter configuration commands" in console.run("")
    assert console.screen.endswith("(config)#")
    console.run("end")
    console.run("configure", until=question)
    assert '?Must be "terminal"' in console.run("memory")
