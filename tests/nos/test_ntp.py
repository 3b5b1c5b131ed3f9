"""The clock from the network."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Address

from tests.nos.conftest import Console, plane
from trilab.nos.dataplane import ntp
from trilab.nos.dataplane.base import ClockSet
from trilab.nos.device import Device
from trilab.nos.features.ntp import Ntp, Server, Synchrony

Connect = Callable[..., Console]
TRACKING = ("0A000001,10.0.0.1,9,1795540220.618007541,-0.000001508,-0.000000559,0.000000559,-0.540,-0.000,13.329,"
            "0.000028875,0.000011962,2.0,Normal\n")  # fmt: skip
SOURCES = ("^,*,10.0.0.1,8,6,17,12,-0.000007147,-0.000007706,0.000014470\n"
           "^,?,10.0.0.7,0,6,0,4294967295,0.000000000,0.000000000,0.000000000\n")  # fmt: skip
DATA = ("10.0.0.1,0A000001,123,10.0.0.2,0A000002,Normal,4,Server,8,4,16,-29,0.000000002,0.000000,0.000000,7F7F0101,,"
        "1795542717.688766020,-0.000003651,0.000014458,0.000000023,0.000104155,0.00,111,111,1111,No,No,Kernel,Kernel,"
        "4,4,4,4,4,4,0,0\n")  # fmt: skip
LOST = "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,1.0,1.0,0.0,Not synchronised\n"


def test_configuration(router: Device, connect: Connect) -> None:
    console = connect(router)
    assert console.run("show ntp status") == "%NTP is not enabled."
    console.configure("""
interface gi0/1
ip address 10.0.0.2 255.255.255.0
ntp server 10.0.0.7
ntp server 10.0.0.1
ntp server 10.0.0.7 prefer
ntp master 5
ntp source gi0/1
""")
    servers = (Server(IPv4Address("10.0.0.1")), Server(IPv4Address("10.0.0.7"), True))
    assert router.config.parts[Ntp] == Ntp(servers, 5, "GigabitEthernet0/1")
    text = ntp.settings(router.config)
    assert "server 10.0.0.7 iburst minpoll 6 maxpoll 10 prefer\nlocal stratum 5\nbindacqaddress 10.0.0.2\n" in text
    console.configure("no ntp server 10.0.0.7\nno ntp source\nno ntp master")
    assert router.config.parts[Ntp] == Ntp(servers[:1])
    assert "% NTP: No such server" in console.configure("no ntp server 10.9.9.9")


def test_status_and_associations(router: Device, connect: Connect) -> None:
    console = connect(router)
    console.configure("no logging console\nntp server 10.0.0.1\nntp server 10.0.0.7")
    plane(router).seen[Synchrony] = ntp.parse(TRACKING, SOURCES, DATA, None)
    status = console.run("show ntp status")
    assert status.startswith("Clock is synchronized, stratum 9, reference is 10.0.0.1\n")
    assert re.search(
        r"reference time is EE[0-9A-F]{6}\.[0-9A-F]{8} \(\d\d:\d\d:\d\d\.618 UTC Tue Nov 24 2026\)", status
    )
    rows = console.run("show ntp associations").splitlines()[2:-1]
    assert rows[0].split() == ["*~10.0.0.1", "127.127.1.1", "8", "12", "64", "17", "0.014", "-0.008", "0.014"]
    assert rows[1].split()[:6] == ["~10.0.0.7", ".INIT.", "16", "-", "64", "0"]
    plane(router).seen[Synchrony] = ntp.parse(LOST, SOURCES, "", None)
    assert "Clock is unsynchronized, stratum 16, no reference clock" in console.run("show ntp status")


def test_a_master_follows_its_own_clock() -> None:
    seen = ntp.parse(TRACKING.replace("0A000001,10.0.0.1,9", "7F7F0101,,8"), "", "", 8)
    assert (seen.synchronized, seen.reference) == (True, "127.127.1.1")
    assert [(one.mark, one.address, one.stratum) for one in seen.associations] == [("*", "127.127.1.1", 7)]


def test_the_clock_is_sure_once_the_network_gives_it(router: Device, connect: Connect) -> None:
    console = connect(router)
    assert console.run("show clock").startswith("*")
    console.run("clock set 10:11:12 1 January 2030")
    plane(router).hear(ClockSet("NTP", 6, "CLOCK", "", synchronized=True))
    shown = console.run("show clock")
    assert not shown.startswith("*") and "2030" not in shown
