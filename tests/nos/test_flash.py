"""Configurations kept as files."""

from __future__ import annotations

from collections.abc import Callable

from tests.nos.conftest import Console
from tests.nos.showing import table
from trilab.nos.device import Device

Connect = Callable[..., Console]


def keep(console: Console, name: str) -> str:
    console.run(f"copy running-config flash:{name}", r"\]\? $")
    return console.run("")


def test_kept_merged_replaced_and_deleted(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("no logging console\nhostname AVANT\nvlan 10\nname DATA")
    before = switch.running()
    assert "bytes copied" in keep(console, "avant.cfg")
    (row,) = table(console, "dir")
    assert (row["name"], row["size"]) == ("avant.cfg", str(len(before.encode())))
    assert console.run("more flash:/avant.cfg").strip() == before.strip()
    console.configure("hostname APRES\nno vlan 10\nvlan 20")
    console.run("copy flash:avant.cfg running-config", r"\]\? $")
    console.run("")
    assert switch.config.hostname == "AVANT" and {10, 20} <= switch.config.vlans.keys()  # merged
    assert "Rollback Done" in console.run("configure replace flash:avant.cfg force")
    assert switch.running() == before and 20 not in switch.config.vlans
    console.run("delete flash:avant.cfg", r"\]\? $")
    console.run("", r"\[confirm\]$")
    console.run("")
    assert "No such file or directory" in console.run("more flash:avant.cfg")


def test_the_name_asked_for_counts(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    for answer in ("", "autre.cfg", "flash:/troisieme"):
        console.run("copy running-config flash:", r"\[running-config\]\? $")
        assert "bytes copied" in console.run(answer)
    assert [path.name for path in switch.nvram.flash.files()] == ["autre.cfg", "running-config", "troisieme"]
    console.run("copy running-config flash:", r"\]\? $")
    assert "%Error opening ../startup" in console.run("../startup")


def test_replace_asks_and_refuses_what_it_does_not_understand(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    keep(console, "a.cfg")
    path = switch.nvram.startup.parent / "flash" / "a.cfg"
    console.configure("no logging console\nhostname APRES")
    path.write_text("hostname X\nrouter bgp 65000\n")
    assert "% Not accepted: router bgp 65000" in console.run("configure replace flash:a.cfg force")
    assert switch.config.hostname == "APRES"
    path.write_text("hostname X\n")
    console.run("configure replace flash:a.cfg", r"\[no\]: $")
    console.run("no")
    assert switch.config.hostname == "APRES"
    for bad in ("flash:../startup", "flash:a/b", "flash:.x", "tftp:x"):
        assert "% Invalid input" in console.run(f"more {bad}")
