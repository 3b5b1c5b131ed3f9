"""Logins under watch: ``login block-for``, ``login delay``, what is logged of attempts (IOS: "Login Enhancements")."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config

if TYPE_CHECKING:
    from trilab.nos.session import Session

DELAY = 1  # seconds between attempts, once logins are watched
KEPT = 50  # failures that are remembered
HELP = {
    "login": "Enable secure login checking",
    "block-for": "Set quiet-mode active time period",
    "<block>": "Time period in seconds",
    "attempts": "Set max number of fail attempts",
    "<attempts>": "Number of fail attempts",
    "within": "Watch period for fail attempts",
    "<within>": "Time period in seconds",
    "delay": "Set delay between successive fail login",
    "<delay>": "Time period in seconds",
    "quiet-mode": "Set quiet-mode options",
    "access-class": "Set access class ACL",
    "<acl>": "Access list name or number",
    "on-failure": "Set options for failed login attempt",
    "on-success": "Set options for successful login attempt",
    "log": "Generate syslogs on logins",
    "every": "Periodicity of logs",
    "<every>": "Number of attempts",
    "show": "Show running system information",
    "failures": "Display login failures",
}
SHOW_HELP = {**HELP, "login": "Display Secure Login Configurations and State"}


@dataclass(frozen=True)
class Watch:
    """What is done about logins. Times are seconds; ``failure``, ``success``: every how many are logged."""

    block: int | None = None
    attempts: int = 0
    within: int = 0
    delay: int | None = None
    acl: str | None = None
    failure: int | None = None
    success: int | None = None

    @property
    def pause(self) -> int:
        """Seconds between two attempts."""
        return self.delay if self.delay is not None else DELAY if self.block is not None else 0


@dataclass(frozen=True)
class Quiet:
    """What the data plane is asked: refuse new terminal sessions but from ``acl``, or no longer."""

    on: bool
    acl: str | None = None


@dataclass(frozen=True)
class Tried:
    """A login that failed. ``port``: of the service, 22 or 23; ``when``: as ``show clock`` writes it."""

    user: str
    source: str
    port: int
    count: int = 1
    when: str = ""


def commands() -> list[Command]:
    """``login …`` of the global mode, and ``show login``."""
    g = ("config",)
    number = "int(1,65535)"
    return [
        Command(g, f"login block-for <block:{number}> attempts <attempts:{number}> within <within:{number}>", _block,
                HELP, no="login block-for [<rest:line>]", undo=_no_block),
        Command(g, "login delay <delay:int(1,10)>", _delay, HELP, no="login delay [<rest:line>]", undo=_no_delay),
        Command(g, "login quiet-mode access-class <acl:word>", _acl, HELP,
                no="login quiet-mode access-class [<acl:word>]", undo=_no_acl),
        Command(g, f"login on-failure log [every <every:{number}>]", _set("failure"), HELP,
                no="login on-failure [<rest:line>]", undo=_unset("failure")),
        Command(g, f"login on-success log [every <every:{number}>]", _set("success"), HELP,
                no="login on-success [<rest:line>]", undo=_unset("success")),
        Command(EXEC_MODES, "show login", _show, SHOW_HELP),
        Command(EXEC_MODES, "show login failures", _failures, SHOW_HELP),
    ]  # fmt: skip


def _put(c: Context, **values: object) -> None:
    c.config.parts.put(replace(c.config.parts[Watch], **values))  # type: ignore[arg-type]


def _block(c: Context, m: Match) -> None:
    _put(c, block=m["block"], attempts=m["attempts"], within=m["within"])


def _no_block(c: Context, m: Match) -> None:
    _put(c, block=None, attempts=0, within=0, acl=None)


def _delay(c: Context, m: Match) -> None:
    _put(c, delay=m["delay"])


def _no_delay(c: Context, m: Match) -> None:
    _put(c, delay=None)


def _acl(c: Context, m: Match) -> None:
    if c.config.parts[Watch].block is None:
        raise CommandError("% Configure 'login block-for' first")
    _put(c, acl=m["acl"])


def _no_acl(c: Context, m: Match) -> None:
    _put(c, acl=None)


def _set(which: str) -> Callable[[Context, Match], None]:
    return lambda c, m: _put(c, **{which: m.get("every", 1)})


def _unset(which: str) -> Callable[[Context, Match], None]:
    return lambda c, m: _put(c, **{which: None})


def render(config: Config) -> list[str]:
    """The lines of the configuration."""
    watch = config.parts[Watch]
    lines = []
    if watch.block is not None:
        lines.append(f"login block-for {watch.block} attempts {watch.attempts} within {watch.within}")
    if watch.delay is not None:
        lines.append(f"login delay {watch.delay}")
    if watch.acl is not None:
        lines.append(f"login quiet-mode access-class {watch.acl}")
    for name, every in (("on-failure", watch.failure), ("on-success", watch.success)):
        if every is not None:
            lines.append(f"login {name} log" + (f" every {every}" if every != 1 else ""))
    return [*lines, "!"] if lines else []


def _show(s: Session, m: Match) -> None:
    watch, gate = s.device.config.parts[Watch], s.device.gate
    kind = "A default" if watch.delay is None else "A"
    s.out(f"     {kind} login delay of {watch.pause} seconds is applied." if watch.pause else
          "     No login delay has been applied.")  # fmt: skip
    s.out("     No Quiet-Mode access list has been configured." if watch.acl is None else
          f"     Quiet-Mode access list {watch.acl} is applied.")  # fmt: skip
    for word, every in (("successful", watch.success), ("failed", watch.failure)):
        if every is not None:
            s.out(f"     {'All' if every == 1 else f'Every {every}'} {word} login is logged.")
    if watch.block is None:
        s.out("\n     Router NOT enabled to watch for login Attacks")
        return
    s.out("\n     Router enabled to watch for login Attacks.\n"
          f"     If more than {watch.attempts} login failures occur in {watch.within} seconds or less,\n"
          f"     logins will be disabled for {watch.block} seconds.\n")  # fmt: skip
    left = gate.quiet_left()
    if left is not None:
        sources = "all sources" if watch.acl is None else f"sources denied by access list {watch.acl}"
        s.out(f"     Router presently in Quiet-Mode.\n     Will remain in Quiet-Mode for {round(left)} seconds.\n"
              f"     Denying logins from {sources}.")  # fmt: skip
        return
    window, failures = gate.window()
    s.out(f"     Router presently in Normal-Mode.\n     Current Watch Window\n"
          f"         Time remaining: {round(window)} seconds.\n"
          f"         Login failures for current window: {failures}.\n"
          f"     Total login failures: {gate.total}.")  # fmt: skip


def _failures(s: Session, m: Match) -> None:
    gate = s.device.gate
    if not gate.failures:
        s.out("     *** No logged failed login attempts with the device.***")
        return
    s.out(f"Total failed logins: {gate.total}\nDetailed information about last {KEPT} failures\n")
    s.out(f"{'Username':<16}{'SourceIPAddr':<16}{'lPort':<6}{'Count':<6}TimeStamp")
    for one in gate.failures:
        s.out(f"{one.user:<16}{one.source:<16}{one.port:<6}{one.count:<6}{one.when}")


AREA = Area(commands, render)
