"""Privilege, configuration mode, terminal, clock, end of session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from trilab.nos import accounts
from trilab.nos.accounts import Attempt
from trilab.nos.context import CommandError
from trilab.nos.dataplane.base import Notice
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.grammar.command import Command, Match
from trilab.nos.session import Session
from trilab.nos.show.text import clock_text

EXEC, PRIVILEGED = ("exec", "privileged"), ("privileged",)
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
HELP = {
    "enable": "Turn on privileged commands",
    "<level>": "Enable level",
    "disable": "Turn off privileged commands",
    "configure": "Enter configuration mode",
    "terminal": "Set terminal line parameters",
    "length": "Set number of lines on a screen",
    "<length>": "Number of lines on screen (0 for no pausing)",
    "width": "Set width of the display terminal",
    "<width>": "Number of characters on a screen line",
    "exit": "Exit from the EXEC",
    "logout": "Exit from the EXEC",
    "quit": "Exit from the EXEC",
    "clock": "Manage the system clock",
    "set": "Set the time and date",
    "<time>": "Current Time",
    "<day>": "Day of the month",
    "<year>": "Year",
    **{month: "Month of the year" for month in MONTHS},
}
CONFIGURE_HELP = {**HELP, "terminal": "Configure from the terminal"}


def commands() -> list[Command]:
    """Session control."""
    months = " | ".join(f"{month}=month" for month in MONTHS)
    day = "<day:int(1,31)>"
    return [
        Command(EXEC, "enable [<level:int(15,15)>]", _enable, HELP),
        Command(EXEC, "disable", _disable, HELP),
        Command(EXEC, "exit", _leave, HELP),
        Command(EXEC, "logout", _leave, HELP),
        Command(EXEC, "quit", _leave, HELP),
        Command(EXEC, "terminal length <length:int(0,512)>", _length, HELP, no="terminal length", undo=_no_length),
        Command(EXEC, "terminal width <width:int(0,512)>", _width, HELP, no="terminal width", undo=_no_width),
        Command(PRIVILEGED, "configure", _configure_from, CONFIGURE_HELP),
        Command(PRIVILEGED, "configure terminal", _configure, CONFIGURE_HELP),
        Command(PRIVILEGED, f"clock set <time:clock> ({day} ({months}) | ({months}) {day}) <year:int(1993,2035)>",
                _clock_set, HELP),
    ]  # fmt: skip


def _enable(s: Session, m: Match) -> None:
    config = s.device.config
    if s.level == 15:
        return
    if config.parts[Aaa].enable:
        _enable_by_list(s)
        return
    if config.enable_secret is None and config.enable_password is None:
        if s.kind == "vty":
            raise CommandError("% No password set")
        s.level = 15
        return
    for _ in range(3):
        typed = s.ask("Password: ", echo=False)
        if typed is None:
            return
        if accounts.enables(config, typed):
            s.level = 15
            return
    raise CommandError("% Bad secrets\n" if config.enable_secret is not None else "% Bad passwords\n")


def _enable_by_list(s: Session) -> None:
    for _ in range(3):
        typed = "" if s.device.config.parts[Aaa].enable[0] == "none" else s.ask("Password: ", echo=False)
        if typed is None:
            return
        if accounts.enable(s.device, Attempt(accounts.ENABLE_USER, typed, s.line(), s.source, s.number)):
            s.level = 15
            return
    raise CommandError("% Error in authentication.\n")


def _disable(s: Session, m: Match) -> None:
    s.level = 1


def _leave(s: Session, m: Match) -> None:
    s.close()


def _length(s: Session, m: Match) -> None:
    s.terminal.length = m["length"]


def _no_length(s: Session, m: Match) -> None:
    s.terminal.length = 24


def _width(s: Session, m: Match) -> None:
    s.terminal.columns = m["width"] or 512


def _no_width(s: Session, m: Match) -> None:
    s.terminal.columns = 80


def _configure_from(s: Session, m: Match) -> None:
    typed = s.ask("Configuring from terminal, memory, or network [terminal]? ")
    if typed is None:
        return
    if not "terminal".startswith(typed.strip().lower()):
        raise CommandError('?Must be "terminal"')
    _configure(s, m)


def _configure(s: Session, m: Match) -> None:
    if s.context.mode == "exec":
        s.out("Enter configuration commands, one per line.  End with CNTL/Z.")
    s.context.enter("config")


def _clock_set(s: Session, m: Match) -> None:
    month = MONTHS.index(m["month"]) + 1
    try:
        hour, minute, second = m["time"]
        wanted = datetime(m["year"], month, m["day"], hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise CommandError("% Invalid day of month") from error
    before = clock_text(s.device.now(), sure=s.device.clock_offset is not None).lstrip("*")
    s.device.clock_offset = timedelta()
    s.device.clock_offset = wanted - s.device.now()
    after = clock_text(wanted, sure=True)
    said = f"System clock has been updated from {before} to {after}, configured from console by {s.who()}."
    s.device.tell(Notice("SYS", 6, "CLOCKUPDATE", said))
