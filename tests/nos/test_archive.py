"""The archive of configurations, and what configurations differ in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tests.nos.conftest import Console
from tests.nos.showing import table
from trilab.nos import differences
from trilab.nos.device import Device

Connect = Callable[..., Console]
OLD = """!
hostname R1
!
interface GigabitEthernet0/1
 ip address 10.0.0.1 255.0.0.0
 shutdown
!
interface GigabitEthernet0/2
 no ip address
!
end
"""
NEW = OLD.replace(" shutdown\n", " description PC\n").replace("hostname R1", "hostname R2")
NEW = NEW.replace("!\nend", "router rip\n version 2\n!\nend")


def test_differences_are_told_under_their_headings() -> None:
    assert differences.contextual(OLD, NEW).splitlines() == [
        "!Contextual Config Diffs:", "-hostname R1", "+hostname R2", "interface GigabitEthernet0/1", " -shutdown",
        " +description PC", "+router rip", " +version 2",
    ]  # fmt: skip
    assert differences.contextual(OLD, OLD.replace("!\n", "")).splitlines()[1:] == ["!No changes were found"]


def test_incremental_differences() -> None:
    merge = "HOSTNAME r1\ninterface GigabitEthernet0/1\n ip address 10.0.0.1 255.0.0.0\n description PC\nend\n"
    assert differences.incremental(OLD, merge, ignore_case=True).splitlines() == [
        "!List of Commands:", "interface GigabitEthernet0/1", " description PC", "end",
    ]  # fmt: skip
    assert "HOSTNAME r1" in differences.incremental(OLD, merge)
    assert differences.incremental(OLD, OLD).splitlines() == ["!List of Commands:", "end", "!No changes were found"]


@given(st.text(), st.text())
def test_any_two_texts_can_be_compared(old: str, new: str) -> None:
    same = differences.entries(old) == differences.entries(new)
    assert ("!No changes were found" in differences.contextual(old, new).splitlines()[1:2]) == same


def test_archives_are_numbered_and_the_oldest_go(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    assert table(console, "show archive")[0]["state"] == "not enabled"
    assert "Archive feature not enabled" in console.run("archive config")
    console.configure("no logging console\nip scp server enable\nfile prompt quiet\narchive\npath flash:cfg\nmaximum 2")
    assert "archive\n path flash:cfg\n maximum 2\n!" in switch.running()
    for name in ("UN", "DEUX", "TROIS"):
        console.configure(f"hostname {name}")
        console.run("archive config")
    assert [path.name for path in switch.nvram.flash.files()] == ["cfg-2", "cfg-3"]
    console.run("write")
    console.configure("archive\nwrite-memory")
    console.run("write")
    shown = console.run("show archive")
    assert (
        "There are currently 2 archive configurations saved.\nThe next archive file will be named flash:cfg-5" in shown
    )
    assert "   2        flash:cfg-4 <- Most Recent" in shown
    (row,) = table(console, "show archive")
    assert (row["filenames"], row["current_index"]) == (["flash:cfg-3", "flash:cfg-4"], "2")
    console.run("configure replace flash:cfg-3 force")
    assert switch.config.hostname == "TROIS" and "write-memory" not in switch.running()
    changed = console.run("show archive config differences flash:cfg-3 flash:/cfg-4").splitlines()
    assert changed == ["!Contextual Config Diffs:", "archive", " +write-memory"]
    assert "No changes were found" in console.run("show archive config differences system:/running-config flash:cfg-3")
    assert " -write-memory" in console.run("show archive config differences")  # saved with it


def test_archives_are_called_after_the_device(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure(f"no logging console\nhostname SW-7\narchive\npath flash:/$h-{'x' * 60}")
    console.run("archive config")
    (name,) = (path.name for path in switch.nvram.flash.files())
    assert name.startswith("SW-7-xxx") and "hostname SW-7" in console.run(f"more flash:{name}")
    assert " path flash:$h-x" in switch.running()
    assert "% Invalid input" in console.configure("archive\npath flash:$t")
    console.configure("archive\nno path")
    assert "not enabled" in console.run("archive config")


def test_quiet_file_operations(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("no logging console\nfile prompt quiet\nhostname AVANT")
    for _ in range(2):
        assert "bytes copied" in console.run("copy running-config flash:/a")
    digest = hashlib.md5(switch.running().encode()).hexdigest()
    assert f"verify /md5 (flash:/a) = {digest}" in console.run("verify /md5 flash:a")
    assert "Verified" in console.run(f"verify /md5 flash:a {digest}")
    assert "%Error verifying flash:/a" in console.run("verify /md5 flash:a 00")
    assert "bytes copied" in console.run("copy flash:a startup-config")
    assert switch.nvram.read() == switch.running()
    assert console.run("copy null: flash:/a") == "0 bytes copied"
    switch.nvram.flash.write("a", b"hostname APRES\nrouter bgp 65000\nvlan 7\n\xff\n")
    merged = console.run("copy flash:/a running-config")
    assert "router bgp 65000\n       ^\n% Invalid input detected at '^' marker." in merged
    assert switch.config.hostname == "APRES" and 7 in switch.config.vlans
    console.run("delete flash:a")
    assert switch.nvram.flash.files() == []


def test_revert_needs_the_archive(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("no logging console\nfile prompt quiet\nhostname AVANT")
    console.run("copy running-config flash:a")
    console.configure("hostname APRES")
    assert "%Please turn config archive on" in console.run("configure replace flash:a force revert trigger error")
    console.configure("archive\npath flash:cfg")
    assert "Rollback Done" in console.run("configure replace flash:a force revert trigger error")
    assert switch.config.hostname == "AVANT"
    console.run("write")
    console.configure("hostname APRES")
    assert "Rollback Done" in console.run("configure replace nvram:startup-config force")
    assert switch.config.hostname == "AVANT"
