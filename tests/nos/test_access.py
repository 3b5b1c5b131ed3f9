"""Who comes in, at which privilege; what survives a reload."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.nos.conftest import Console, plane
from trilab.nos import passwords
from trilab.nos.device import Device
from trilab.nos.login import allowed

Connect = Callable[..., Console]
PASSWORD = r"Password: $"


def telnet(connect: Connect, device: Device, source: str = "10.0.0.9") -> Console:
    return connect(device, enabled=False, line="vty", user="", authenticated=False, source=source)


def test_console_is_free_and_enable_too(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    assert "level is 15" in console.run("show privilege")
    console.run("disable")
    assert "level is 1" in console.run("show privilege")


def test_enable_secret(switch: Device, connect: Connect) -> None:
    connect(switch).configure("enable password weak\nenable secret strong")
    console = connect(switch, enabled=False)
    console.read()
    console.run("enable", PASSWORD)
    for wrong in ("weak", "bad"):
        console.run(wrong, PASSWORD)
    assert "% Bad secrets" in console.run("wrong")
    console.run("enable", PASSWORD)
    console.run("strong")
    assert "level is 15" in console.run("show privilege")
    assert "strong" not in console.screen
    assert "weak" not in console.screen


def test_enable_password_alone(switch: Device, connect: Connect) -> None:
    connect(switch).configure("enable password weak")
    console = connect(switch, enabled=False)
    console.read()
    console.run("enable", PASSWORD)
    console.run("weak")
    assert "level is 15" in console.run("show privilege")


def test_enable_on_vty_without_secret(switch: Device, connect: Connect) -> None:
    connect(switch).configure("line vty 0 4\nno login")
    console = telnet(connect, switch)
    console.read()
    assert "% No password set" in console.run("enable")


@pytest.mark.parametrize(("privilege", "end"), [("", ">"), (" privilege 15", "#"), (" privilege 5", "#")])
def test_user_privilege_on_ssh(switch: Device, connect: Connect, privilege: str, end: str) -> None:
    connect(switch).configure(f"username marie{privilege} secret x")
    console = connect(switch, enabled=False, line="vty", user="marie", source="10.0.0.9")
    assert console.read().endswith(f"Switch{end}")


def test_line_privilege(switch: Device, connect: Connect) -> None:
    connect(switch).configure("line vty 0 4\nno login\nprivilege level 15")
    assert telnet(connect, switch).read().endswith("Switch#")


def test_service_account_is_at_15_whatever_is_configured(switch: Device, connect: Connect) -> None:
    connect(switch).configure("enable secret x\nbanner motd #HELLO#\nline con 0\nlogin\npassword y\nexec-timeout 0 1")
    console = connect(switch, enabled=False, user="trilab")
    assert console.read() == "Switch#"


def test_telnet_password(switch: Device, connect: Connect) -> None:
    console = telnet(connect, switch)
    assert "Password required, but none set" in console.rest()
    connect(switch).configure("line vty 0 4\npassword tel net")
    console = telnet(connect, switch)
    assert "User Access Verification" in console.read(PASSWORD)
    console.run("bad", PASSWORD)
    console.run("tel net")
    assert console.screen.endswith("Switch>")
    refused = telnet(connect, switch)
    refused.read(PASSWORD)
    refused.send("a\nb\nc\n")
    assert "% Bad passwords" in refused.rest()


def test_telnet_local(switch: Device, connect: Connect) -> None:
    connect(switch).configure("username marie privilege 15 secret pw\nline vty 0 4\nlogin local")
    console = telnet(connect, switch)
    console.read(r"Username: $")
    console.run("marie", PASSWORD)
    assert "% Login invalid" in console.run("wrong", r"Username: $")
    console.run("marie", PASSWORD)
    console.run("pw")
    assert console.screen.endswith("Switch#")


def test_banner_comes_first(switch: Device, connect: Connect) -> None:
    connect(switch).configure("banner motd #ACCES RESERVE#")
    assert "ACCES RESERVE\nSwitch>" in connect(switch, enabled=False).read()
    quiet = connect(switch, enabled=False, tty=False, command="show privilege").rest()
    assert quiet == "Current privilege level is 1\n"


def test_access_class(switch: Device, connect: Connect) -> None:
    connect(switch).configure("access-list 10 permit 10.0.99.0 0.0.0.255\nline vty 0 4\nno login\naccess-class 10 in")
    assert telnet(connect, switch, source="10.0.10.5").rest() == ""
    assert telnet(connect, switch, source="10.0.99.5").read().endswith("Switch>")
    assert allowed(switch.config, "MISSING", "10.0.10.5")


def test_vty_lines_run_out(router: Device, connect: Connect) -> None:
    connect(router).configure("line vty 0 4\nno login")
    for _ in range(5):
        telnet(connect, router).read()
    assert telnet(connect, router).rest() == ""
    assert [s.number for s in router.sessions if s.kind == "vty"] == [0, 1, 2, 3, 4]


def test_exec_timeout(switch: Device, connect: Connect) -> None:
    connect(switch).configure("line vty 0 4\nno login\nexec-timeout 0 1")
    assert telnet(connect, switch).rest().endswith("Switch>")


def test_write_and_startup(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    assert "startup-config is not present" in console.run("show startup-config")
    assert console.run("write memory") == "Building configuration...\n[OK]"
    assert switch.running() in console.run("show startup-config") + "\n"
    console.configure("hostname SAVED")
    asked = console.run("copy running-config startup-config", r"Destination filename \[startup-config\]\? $")
    assert asked == ""
    assert console.run("") == "Building configuration...\n[OK]"
    assert "hostname SAVED" in console.run("show startup-config")


def test_reload_keeps_what_was_saved_only(router: Device, connect: Connect) -> None:
    console = connect(router)
    console.configure(
        "hostname R1\nip domain-name a.fr\ncrypto key generate rsa modulus 2048\ninterface gi0/1\nno shutdown"
    )
    console.run("write")
    console.configure("hostname LOST\ninterface gi0/2\nno shutdown")
    other = connect(router, enabled=False)
    other.read()
    console.run("reload", r"Save\? \[yes/no\]: $")
    console.run("no", r"\[confirm\]$")
    console.send("\n")
    console.rest()
    other.rest()
    config = router.config
    assert (config.hostname, config.rsa_bits) == ("R1", 2048)
    assert not config.interfaces["GigabitEthernet0/1"].shutdown
    assert config.interfaces["GigabitEthernet0/2"].shutdown
    assert plane(router).applied[-1] == config
    assert router.sessions == []


def test_reload_can_save_and_can_be_declined(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("hostname KEPT")
    console.run("reload", r"\[yes/no\]: $")
    console.run("yes", r"\[confirm\]$")
    console.run("n")
    assert console.screen.endswith("KEPT#")
    console.run("reload", r"Proceed with reload\? \[confirm\]$")
    console.send("\n")
    console.rest()
    assert switch.config.hostname == "KEPT"


def test_erase(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.run("write")
    console.run("write erase", r"\[confirm\]$")
    assert "Erase of nvram: complete" in console.run("")
    assert switch.nvram.read() is None
    console.run("write")
    console.run("erase startup-config", r"\[confirm\]$")
    console.run("n")
    assert switch.nvram.read() is not None


def test_a_full_disk_is_told(switch: Device, connect: Connect) -> None:
    switch.nvram.startup.parent.parent.joinpath("nvram").write_text("a file where the folder should be")
    assert "%Error opening nvram" in connect(switch).run("write")


def test_copy_startup_to_running_merges(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("hostname OLD\nvlan 10")
    console.run("write")
    console.configure("hostname NEW\nvlan 20")
    console.run("copy startup-config running-config", r"\[running-config\]\? $")
    console.run("")
    assert switch.config.hostname == "OLD"
    assert {10, 20} <= switch.config.vlans.keys()


def test_a_damaged_startup_does_not_stop_the_boot(switch: Device) -> None:
    switch.nvram.write(
        "hostname OK\nfrobnicate\ninterface gi0/99\n shutdown\nvlan 10\n name X\nend\nhostname AFTER\n", None
    )
    switch.nvram.private.write_text("not json")
    switch.boot()
    assert switch.config.hostname == "OK"
    assert switch.config.vlans[10].name == "X"
    assert switch.config.rsa_bits is None


@pytest.mark.parametrize(
    ("password", "salt", "expected"),
    [
        # made with «openssl passwd -1»
        ("cisco", "abcd", "$1$abcd$2hDGYdE0UrwK2pqoiF6BB1"),
        ("", "ab", "$1$ab$rn6aQS/o7141mj179E/zA."),
        ("a much longer pass phrase than 16", "saltsalt", "$1$saltsalt$hXWfBVYBYUOYmpTWDCwYA1"),
    ],
)
def test_md5_crypt(password: str, salt: str, expected: str) -> None:
    assert passwords.md5_crypt(password, salt) == expected
    assert passwords.check_secret(expected, password)
    assert not passwords.check_secret(expected, password + "x")


def test_type_7() -> None:
    assert passwords.decode7("070C285F4D06") == "cisco"
    assert passwords.decode7(passwords.encode7("p@ss word")) == "p@ss word"
    for bad in ("", "07", "99AA", "07XY", "0"):
        assert passwords.decode7(bad) is None
