"""Logins under watch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.nos.conftest import Console, plane
from trilab.nos.dataplane import nft
from trilab.nos.dataplane.base import FailedLogin, Notice
from trilab.nos.device import Device
from trilab.nos.features.attacks import Quiet, Watch
from trilab.nos.gate import Gate

Connect = Callable[..., Console]


class Clock:
    def __init__(self, settings: Watch) -> None:
        self.seconds, self.settings = 0.0, settings
        self.told: list[str] = []
        self.asked: list[object] = []
        self.gate = Gate(lambda: self.settings, self._tell, self.asked.append, lambda: "NOW", lambda: self.seconds)

    def _tell(self, notice: Notice) -> None:
        self.told.append(str(notice))

    def fail(self, seconds: float) -> None:
        self.seconds = seconds
        self.gate.failure("eve", "10.0.0.9", 23)


def test_too_many_failures_close_the_gate_for_a_while() -> None:
    clock = Clock(Watch(block=100, attempts=3, within=30, failure=2, success=1))
    clock.fail(0)
    clock.fail(20)
    clock.fail(31)  # a new window
    assert not clock.gate.quiet
    assert clock.gate.window() == (30, 1)
    clock.fail(40)
    clock.fail(50)
    assert clock.gate.quiet_left() == 100
    assert clock.asked == [Quiet(True, None)]
    who = "[user: eve] [Source: 10.0.0.9] [localport: 23] [Reason: Login Authentication Failed]"
    assert clock.told == [
        f"%SEC_LOGIN-4-LOGIN_FAILED: Login failed {who} at NOW",  # every second one
        f"%SEC_LOGIN-4-LOGIN_FAILED: Login failed {who} at NOW",
        "%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft for watching failures is 11 secs, "
        f"{who} [ACL: sl_def_acl] at NOW",
    ]  # fmt: skip
    clock.gate.end("block period timed out")
    assert clock.asked[-1] == Quiet(False)
    assert clock.told[-1] == "%SEC_LOGIN-5-QUIET_MODE_OFF: Quiet Mode is OFF, because block period timed out at NOW"
    clock.gate.success("marie", "10.0.0.8", 22)
    assert clock.told[-1].endswith("Login Success [user: marie] [Source: 10.0.0.8] [localport: 22] at NOW")
    assert [(one.user, one.count) for one in clock.gate.failures] == [("eve", 5)]


def test_without_block_for_nothing_closes() -> None:
    clock = Clock(Watch())
    for second in range(20):
        clock.fail(second)
    assert (clock.asked, clock.told, clock.gate.total) == ([], [], 20)


def test_telnet_is_cut_in_quiet_mode_and_opens_again(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("""
no logging console
username marie secret pw
login block-for 100 attempts 2 within 30
login delay 1
login on-failure log
login on-success log
line vty 0 4
login local
""")
    remote = connect(switch, enabled=False, line="vty", user="", authenticated=False, source="10.0.0.9")
    remote.read(r"Username: $")
    remote.run("eve", r"Password: $")
    remote.run("bad", r"Username: $")
    remote.run("eve", r"Password: $")
    remote.send("bad\n")
    remote.rest()
    asked = [one for one in plane(switch).performed if isinstance(one, Quiet)]
    assert asked == [Quiet(True)]
    shown = console.run("show login")
    assert "Router presently in Quiet-Mode." in shown and "All failed login is logged." in shown
    assert "A login delay of 1 seconds is applied." in shown
    assert re.search(r"^eve +10\.0\.0\.9 +23 +2 +", console.run("show login failures"), re.M)
    console.configure("no login block-for")
    assert Quiet(False) in plane(switch).performed
    assert "NOT enabled to watch" in console.run("show login")
    remote = connect(switch, enabled=False, line="vty", user="marie", source="10.0.0.8")
    remote.read()
    said = "\n".join(switch.journal.lines())
    assert re.search(
        r"%SEC_LOGIN-4-LOGIN_FAILED: Login failed \[user: eve\] \[Source: 10\.0\.0\.9\] \[localport: 23\]", said
    )
    assert re.search(r"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success \[user: marie\] \[Source: 10\.0\.0\.8\]", said)


def test_failures_of_ssh_count(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("no logging console\nlogin on-failure log")
    assert "No logged failed login attempts" in console.run("show login failures")
    plane(switch).hear(FailedLogin("SSH", 6, "FAILED", "", user="eve", source="10.0.0.9"))
    assert "[user: eve] [Source: 10.0.0.9] [localport: 22]" in switch.journal.lines()[-1]
    assert switch.gate.total == 1


@pytest.mark.parametrize("line", ["login block-for 60", "login block-for 60 attempts 0 within 5", "login delay 11"])
def test_refused(switch: Device, connect: Connect, line: str) -> None:
    assert "% In" in connect(switch).configure(line)


def test_the_filter_of_quiet_mode(switch: Device, connect: Connect) -> None:
    connect(switch).configure("ip access-list standard ADMIN\npermit host 10.0.0.1\nline vty 0 4\ntransport input ssh")
    assert "jump refused" not in nft.filters(switch.config)
    assert nft.filters(switch.config, (), Quiet(True)).count("jump refused") == 2
    exempt = nft.filters(switch.config, (), Quiet(True, "ADMIN"))
    assert exempt.count("jump v_") == 2 and "jump refused" not in exempt
