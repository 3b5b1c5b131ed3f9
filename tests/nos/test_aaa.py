"""Method lists: who may come in, at which privilege."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from ntc_templates.parse import parse_output

from tests.nos.conftest import Console, plane
from trilab.nos import running
from trilab.nos.dataplane.base import AccessReply
from trilab.nos.dataplane.sshd import by_lists, settings
from trilab.nos.device import Device
from trilab.nos.features.dot1x import PortSession, PortSessions
from trilab.nos.server import Server

Connect = Callable[..., Console]
BASE = """username sec privilege 15 secret Local-1
enable secret En-1
aaa new-model
radius server S
address ipv4 10.0.0.200 auth-port 1812 acct-port 1813
key Secret
exit
"""


def configured(device: Device, connect: Connect, *lines: str) -> Console:
    """A console on the device."""
    console = connect(device)
    assert "% " not in console.configure(BASE + "\n".join(lines))
    return console


def came(device: Device, connect: Connect, user: str, password: str) -> str:
    """The prompt (or the refusal) after a login by telnet."""
    console = connect(device, enabled=False, line="vty", user="", authenticated=False, source="10.0.0.9")
    console.read("Username: ")
    console.run(user, "Password: ")
    console.send(password + "\n")
    return console.read(r"[>#]$|Username: $|Authorization failed\.\n$").rpartition("\n")[2] or "failed"


@pytest.mark.parametrize(
    ("reply", "user", "password", "prompt"),
    [
        (AccessReply(True), "alice", "x", "Switch>"),
        (AccessReply(True, 15), "alice", "x", "Switch>"),  # no authorization asked for: the line's privilege
        (AccessReply(False), "sec", "Local-1", "Username: "),  # a refusal is final
        (None, "sec", "Local-1", "Switch>"),
        (None, "sec", "x", "Username: "),
        (None, "alice", "x", "Username: "),
    ],
)
def test_servers_first_then_local_accounts(
    switch: Device, connect: Connect, reply: AccessReply | None, user: str, password: str, prompt: str
) -> None:
    configured(switch, connect, "aaa authentication login default group radius local")
    plane(switch).radius_reply = reply
    assert came(switch, connect, user, password) == prompt
    servers, asked = plane(switch).asked_radius[0]
    assert servers == ["10.0.0.200"]
    assert (asked.user, asked.password, asked.nas, asked.caller) == (user, password, "Switch", "10.0.0.9")


@pytest.mark.parametrize(
    ("methods", "reply", "user", "password", "prompt"),
    [
        ("group radius local", AccessReply(True, 15), "alice", "x", "Switch#"),
        ("group radius local", AccessReply(True), "alice", "x", "Switch>"),
        ("local", AccessReply(True, 15), "alice", "x", "failed"),  # it has no local account
        ("group radius local", None, "sec", "Local-1", "Switch#"),
        ("if-authenticated", AccessReply(True, 15), "alice", "x", "Switch>"),
    ],
)
def test_authorization_gives_the_privilege(
    switch: Device, connect: Connect, methods: str, reply: AccessReply | None, user: str, password: str, prompt: str
) -> None:
    configured(
        switch,
        connect,
        "aaa authentication login default group radius local",
        f"aaa authorization exec default {methods}",
    )
    plane(switch).radius_reply = reply
    assert came(switch, connect, user, password) == prompt


def test_a_list_of_a_line_and_methods_that_ask_for_a_password_only(switch: Device, connect: Connect) -> None:
    configured(switch, connect, "aaa authentication login SECOURS line enable", "line vty 0 4", "password Ligne",
               "login authentication SECOURS")  # fmt: skip
    console = connect(switch, enabled=False, line="vty", user="", authenticated=False)
    console.read("Password: ")
    console.run("faux", "Password: ")
    console.run("Ligne")
    assert " login authentication SECOURS\n" in running.render(switch.config)


def test_enable_by_a_server(switch: Device, connect: Connect) -> None:
    configured(switch, connect, "aaa authentication login default none",
               "aaa authentication enable default group radius enable")  # fmt: skip
    console = connect(switch, enabled=False, line="vty", user="", authenticated=False)
    console.read()
    plane(switch).radius_reply = AccessReply(False)
    console.run("enable", "Password: ")
    console.run("En-1", "Password: ")
    plane(switch).radius_reply = None
    assert console.run("En-1") == "" and console.screen.endswith("Switch#")
    assert plane(switch).asked_radius[0][1].user == "$enab15$"


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ("aaa authentication login default group tacacs+", "% TACACS+ is not supported here"),
        ("aaa authentication login default local enable line none group radius", "% At most 4 methods"),
        ("tacacs-server host 10.0.0.1", "% Invalid input detected"),
        ("line vty 0 4\nlogin local", "AAA is enabled. Command not supported."),
        (
            "line vty 0 4\nlogin authentication RIEN",
            'AAA: Warning authentication list "RIEN" is not defined for LOGIN.',
        ),
    ],
)
def test_said(switch: Device, connect: Connect, lines: str, answer: str) -> None:
    assert answer in configured(switch, connect).configure(lines)


def test_the_ssh_server_asks_the_lists_when_they_say_more_than_local(switch: Device, connect: Connect) -> None:
    console = configured(switch, connect)
    assert not by_lists(switch.config) and "UsePAM no" in settings(switch.config)
    console.configure("aaa authentication login default group radius local")
    assert by_lists(switch.config) and "UsePAM yes" in settings(switch.config)


def test_only_our_own_server_may_ask_for_somebody(switch: Device, connect: Connect) -> None:
    configured(switch, connect, "aaa authentication login default group radius local",
               "aaa authorization exec default group radius")  # fmt: skip
    plane(switch).radius_reply = AccessReply(True, 15)
    asked = {"line": "login", "user": "alice", "password": "x", "source": "10.0.0.9"}
    assert Console(Server(switch, frozenset()), **asked).rest() == ""
    assert plane(switch).asked_radius == []
    server = Server(switch, frozenset({os.getuid()}))
    assert Console(server, **asked).rest() == "yes\n"
    session = Console(server, line="vty", user="alice", source="10.0.0.9")
    assert session.read().endswith("Switch#"), "it comes in with what the server gave"
    again = Console(server, line="vty", user="alice", source="10.0.0.9")
    assert "% Authorization failed." in again.rest(), "once"
    session.socket.close()


def test_show_dot1x_is_read_by_ntc_templates(switch: Device, connect: Connect) -> None:
    console = configured(switch, connect, "dot1x system-auth-control", "interface gi0/1", "switchport mode access",
                         "dot1x pae authenticator", "dot1x timeout tx-period 5", "authentication port-control auto",
                         "authentication host-mode multi-host")  # fmt: skip
    bob = PortSession("Authz Success", "02:00:00:00:00:01", "bob", "Authentication Server", 10, 7, 3)
    plane(switch).seen[PortSessions] = PortSessions({"GigabitEthernet0/1": bob})
    rows = parse_output(platform="cisco_ios", command="show dot1x all", data=console.run("show dot1x all"))
    assert isinstance(rows, list)
    (row,) = rows
    assert (row["sysauthcontrol"], row["interface"], row["pae"]) == ("Enabled", "GigabitEthernet0/1", "AUTHENTICATOR")
    assert (row["portcontrol"], row["hostmode"], row["txperiod"]) == ("AUTO", "MULTI_HOST", "5")
    shown = console.run("show authentication sessions")
    (session,) = parse_output(platform="cisco_ios", command="show authentication sessions", data=shown)
    assert (session["interface"], session["mac_address"]) == ("Gi0/1", "0200.0000.0001")
    details = console.run("show authentication sessions interface gi0/1 details")
    assert "User-Name:  bob" in details and "Vlan Policy:  10" in details
    assert "AUTHENTICATED" in console.run("show dot1x interface gi0/1 details")


@pytest.mark.parametrize(
    "lines",
    [
        "interface gi0/1\ndot1x pae authenticator",
        "interface gi0/1\nswitchport mode trunk\nauthentication port-control auto",
    ],
)
def test_802_1x_is_for_access_ports(switch: Device, connect: Connect, lines: str) -> None:
    assert "Command rejected: Dot1x is supported only on" in connect(switch).configure(f"interface gi0/1\n{lines}")
