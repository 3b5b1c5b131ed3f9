"""System messages: where they go, and in what form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest

from tests.nos.conftest import Console, plane
from tests.nos.showing import table
from trilab.nos.dataplane.base import Notice
from trilab.nos.dataplane.linkwatch import LinkWatch
from trilab.nos.defaults import factory
from trilab.nos.device import Device
from trilab.nos.features.syslog import Datagram, Logging, Stamp, stamp_text
from trilab.nos.model import Interface
from trilab.nos.names import Names

Connect = Callable[..., Console]
STAMP = r"\*[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3}: "
HAPPENED = Notice("LINK", 3, "UPDOWN", "Interface GigabitEthernet0/1, changed state to up")


def sent(device: Device) -> list[Datagram]:
    return [one for one in plane(device).performed if isinstance(one, Datagram)]


def test_the_buffer_is_read_by_the_template(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("no logging console\nno logging host 10.0.0.9\nlogging buffered 16384 informational")
    plane(switch).hear(HAPPENED)
    plane(switch).hear(Notice("SYS", 7, "TEST", "more than is kept"))
    rows = table(console, "show logging")
    assert [(row["facility"], row["severity"], row["mnemonic"]) for row in rows] == [
        ("SYS", "5", "RESTART"), ("SYS", "5", "CONFIG_I"), ("LINK", "3", "UPDOWN"),
    ]  # fmt: skip
    assert rows[1]["message"] == ["Configured from console by console"]
    assert "Buffer logging: level informational, 3 messages logged" in console.screen
    assert "Console logging: disabled" in console.screen
    console.run("clear logging", r"\[confirm\]$")
    console.run("")
    assert console.run("show logging").endswith("Log Buffer (16384 bytes):\n")


def test_the_oldest_lines_go_first(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("no logging console\nlogging buffered 4096")
    for number in range(100):
        plane(switch).hear(Notice("SYS", 5, "TEST", f"{number:060d}"))
    kept = switch.journal.lines()
    assert kept[-1].endswith("99")
    assert sum(len(line) + 1 for line in kept) <= 4096 < sum(len(line) + 1 for line in kept) + 100


def test_hosts_get_rfc_3164_text(router: Device, connect: Connect) -> None:
    console = connect(router)
    console.configure("""
no logging console
interface gi0/1
ip address 10.0.0.1 255.255.255.0
logging host 10.0.0.5
logging 10.0.0.6
logging host 10.0.0.6 transport udp port 5514
logging trap notifications
logging source-interface gi0/1
""")
    started = [one for one in sent(router) if b"LOGGINGHOST_STARTSTOP" in one.payload]
    assert {str(one.host.address) for one in started} == {"10.0.0.5", "10.0.0.6"}  # trap was informational then
    plane(router).performed.clear()
    plane(router).hear(HAPPENED)
    plane(router).hear(Notice("DHCP", 6, "ADDRESS_ASSIGN", "below the level"))
    assert [(str(one.host.address), one.host.port) for one in sent(router)] == [("10.0.0.5", 514), ("10.0.0.6", 5514)]
    assert {one.source for one in sent(router)} == {IPv4Address("10.0.0.1")}
    text = sent(router)[0].payload.decode()
    assert re.fullmatch(r"<187>\d+: " + STAMP + re.escape(str(HAPPENED)), text)  # local7 (23) * 8 + 3
    console.configure("logging facility local0\nlogging origin-id hostname\nno service timestamps log\nhostname R1")
    plane(router).performed.clear()
    plane(router).hear(HAPPENED)
    assert re.fullmatch(rb"<131>\d+: R1: %LINK-3-UPDOWN: .*", sent(router)[0].payload)
    console.configure("no logging trap\nno logging host 10.0.0.6")
    plane(router).performed.clear()
    plane(router).hear(HAPPENED)
    assert sent(router) == []
    assert "% Syslog host not found" in console.configure("no logging host 10.0.0.77")


def test_nothing_is_told_without_logging_on(switch: Device, connect: Connect) -> None:
    connect(switch).configure("logging host 10.0.0.5\nno logging on")
    plane(switch).performed.clear()
    before = switch.journal.lines()
    plane(switch).hear(HAPPENED)
    assert (sent(switch), switch.journal.lines()) == ([], before)


def test_the_console_is_interrupted_and_the_prompt_comes_back(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    plane(switch).hear(HAPPENED)
    shown = console.read(r"\nSwitch#$")
    assert re.search(STAMP + "%LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to up\n", shown)
    console.send("show priv")
    console.read("show priv$")
    plane(switch).hear(HAPPENED)
    assert console.read(r"to up\n$").startswith("\n*")  # what was typed is not put back …
    assert "Current privilege level is 15" in console.run("")
    console.configure("line con 0\nlogging synchronous")
    console.send("show priv")
    console.read("show priv$")
    plane(switch).hear(HAPPENED)
    console.read(r"to up\nSwitch#show priv$")  # … except on a synchronous line


def test_levels_of_the_console_and_the_monitor(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("line vty 0 4\nno login\nprivilege level 15\nlogging console warnings\nlogging monitor errors")
    remote = connect(switch, enabled=False, line="vty", user="marie", source="10.0.0.9")
    remote.read()
    plane(switch).hear(HAPPENED)
    assert "UPDOWN" in console.read(r"\nSwitch#$")
    assert "UPDOWN" not in remote.run("terminal monitor")
    plane(switch).hear(Notice("PM", 4, "ERR_DISABLE", "a warning"))
    plane(switch).hear(HAPPENED)
    assert "ERR_DISABLE" not in remote.read(r"to up\nSwitch#$")
    assert "ERR_DISABLE" in console.read(r"to up\nSwitch#$")
    remote.run("terminal no monitor")
    plane(switch).hear(HAPPENED)
    assert "UPDOWN" not in remote.run("show privilege")
    console.read(r"to up\nSwitch#$")
    assert "% Console already monitors" in console.run("terminal monitor")


def test_who_configured_is_told(switch: Device, connect: Connect) -> None:
    connect(switch).configure("line vty 0 4\nno login\nprivilege level 15")
    remote = connect(switch, enabled=False, line="vty", user="marie", source="10.0.0.9")
    remote.read()
    remote.run("configure terminal")
    remote.send("hostname SW1\x1a")
    remote.read(r"SW1#$")
    assert switch.journal.lines()[-1].endswith("%SYS-5-CONFIG_I: Configured from console by marie on vty0 (10.0.0.9)")


def test_reload_and_clock_are_told(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("logging host 10.0.0.5")
    console.run("clock set 10:11:12 1 January 2030")
    assert re.search(r"%SYS-6-CLOCKUPDATE: System clock has been updated from .* to 10:11:12\.000 UTC Tue Jan 1 2030",
                     switch.journal.lines()[-1])  # fmt: skip
    assert not switch.journal.lines()[-1].startswith("*")
    console.run("write")
    console.run("reload", r"\[confirm\]$")
    console.send("\n")
    console.rest()
    told = [one.payload for one in sent(switch)]
    assert any(b"%SYS-5-RELOAD: Reload requested by console. Reload Reason: Reload Command." in text for text in told)
    assert "%SYS-5-RESTART: System restarted --" in switch.journal.lines()[0]


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        (Stamp("none", frozenset()), ""),
        (Stamp("uptime", frozenset()), "1d02h: "),
        (Stamp("datetime", frozenset()), "*Mar  1 00:01:02: "),
        (Stamp("datetime", frozenset({"msec", "year", "show-timezone"})), "*Mar  1 2027 00:01:02.003 UTC: "),
    ],
)
def test_stamps(stamp: Stamp, text: str) -> None:
    assert stamp_text(stamp, datetime(2027, 3, 1, 0, 1, 2, 3000, UTC), 93_784, sure=False) == text


def test_sequence_numbers(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("no logging console\nservice sequence-numbers\nservice timestamps log datetime")
    plane(switch).hear(HAPPENED)
    assert re.match(r"00000\d: \*[A-Z]\w\w [ \d]\d \d\d:\d\d:\d\d: %LINK", switch.journal.lines()[-1])
    assert table(console, "show logging")[-1]["number"]


def said(watch: LinkWatch, config: object, carriers: set[str], disabled: set[str] | None = None,
         forwarding: dict[int, bool] | None = None) -> list[str]:  # fmt: skip
    notices = watch.follow(config, carriers, disabled or set(), forwarding or {})  # type: ignore[arg-type]
    return [str(notice) for notice in notices]


def test_links_that_change() -> None:
    config, watch = factory(Names("switch", 2)), LinkWatch()
    config.interfaces["Vlan10"] = Interface("Vlan10")
    port, line = "Interface GigabitEthernet0/1", "%LINEPROTO-5-UPDOWN: Line protocol on Interface"
    assert said(watch, config, {"eth1"}) == [
        f"%LINK-3-UPDOWN: {port}, changed state to up", f"{line} GigabitEthernet0/1, changed state to up",
        "%LINK-5-CHANGED: Interface Vlan1, changed state to administratively down",
        "%LINK-3-UPDOWN: Interface Vlan10, changed state to up",
    ]  # fmt: skip
    assert watch.unsettled()
    assert said(watch, config, {"eth1"}, forwarding={10: True}) == [f"{line} Vlan10, changed state to up"]
    assert not watch.unsettled()
    up = {10: True}
    assert said(watch, config, {"eth1"}, forwarding=up) == []
    assert said(watch, config, set(), forwarding=up) == [
        f"{line} GigabitEthernet0/1, changed state to down", f"%LINK-3-UPDOWN: {port}, changed state to down",
    ]  # fmt: skip
    assert len(said(watch, config, {"eth1"}, forwarding=up)) == 2
    assert said(watch, config, {"eth1"}, {"GigabitEthernet0/1"}, up)[-1].endswith("changed state to down")
    config.interfaces["GigabitEthernet0/1"].shutdown = True
    assert said(watch, config, set(), forwarding=up) == [
        f"%LINK-5-CHANGED: {port}, changed state to administratively down"
    ]
    del config.interfaces["Vlan10"]
    assert said(watch, config, set()) == [
        "%LINK-5-CHANGED: Interface Vlan10, changed state to administratively down",
        f"{line} Vlan10, changed state to down",
    ]  # fmt: skip


def test_settings_of_a_course(switch: Device, connect: Connect) -> None:
    connect(switch).configure("""
service timestamps log datetime msec localtime show-timezone
service timestamps debug datetime msec
logging buffered informational
logging 192.168.1.10
logging trap 6
logging host 192.168.1.11
logging console 4
""")
    settings = switch.config.parts[Logging]
    assert (settings.buffered, settings.trap, settings.console, settings.size) == (6, 6, 4, 4096)
    text = switch.running()
    for line in ("service timestamps log datetime msec localtime show-timezone", "logging buffered informational",
                 "logging host 192.168.1.10", "logging console warnings"):  # fmt: skip
        assert f"\n{line}\n" in text
