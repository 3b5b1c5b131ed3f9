"""The archive of configurations, and what configurations differ in: ``archive config``, ``show archive``."""

from __future__ import annotations

import re

from trilab.nos import differences
from trilab.nos.context import CommandError
from trilab.nos.exec.control import PRIVILEGED
from trilab.nos.exec.flash import read
from trilab.nos.features.files import Archive
from trilab.nos.flash import RUNNING, STARTUP
from trilab.nos.grammar.command import Command, Match
from trilab.nos.session import Session

HELP = {
    "archive": "manage archive files",
    "config": "Archive the running configuration",
}
SHOW_HELP = {
    "show": "Show running system information",
    "archive": "Archive functions",
    "config": "Show archive config functions",
    "differences": "Show the difference between config files",
    "incremental-diffs": "Show the lines of a file that the running config has not",
    "rollback": "Config rollback",
    "timer": "Rollback timer",
    "ignorecase": "Ignore the case of letters",
    "<one>": "First file",
    "<other>": "Second file",
    "<file>": "File name",
}


def commands() -> list[Command]:
    """The commands."""
    p = PRIVILEGED
    return [
        Command(p, "archive config", _archive, HELP),
        Command(p, "show archive", _show, SHOW_HELP),
        Command(p, "show archive config differences [<one:stored> [<other:stored>]]", _differences, SHOW_HELP),
        Command(p, "show archive config incremental-diffs <file:stored> [ignorecase]", _incremental, SHOW_HELP),
        Command(p, "show archive config rollback timer", _timer, SHOW_HELP),
    ]


def _prefix(s: Session) -> str:
    config = s.device.config
    prefix = config.parts[Archive].prefix(config.hostname)
    if prefix is None:
        raise CommandError(" Archive feature not enabled")
    return prefix


def _kept(s: Session, prefix: str) -> list[int]:
    """The numbers of the archives, oldest first."""
    names = (re.fullmatch(rf"{re.escape(prefix)}-(\d{{1,6}})", file.name) for file in s.device.nvram.flash.files())
    return sorted(int(found[1]) for found in names if found is not None)


def keep(s: Session) -> None:
    """Archive what runs; the oldest archives go. Raises CommandError."""
    prefix = _prefix(s)
    kept = _kept(s, prefix)
    number = max(kept, default=0) + 1
    s.device.nvram.flash.write(f"{prefix}-{number}", s.device.running().encode())
    for old in [*kept, number][: -s.device.config.parts[Archive].maximum]:
        s.device.nvram.flash.delete(f"{prefix}-{old}")


def _archive(s: Session, m: Match) -> None:
    keep(s)


def _show(s: Session, m: Match) -> None:
    prefix, maximum = _prefix(s), s.device.config.parts[Archive].maximum
    kept = _kept(s, prefix)
    s.out(f"The maximum archive configurations allowed is {maximum}.")
    s.out(f"There are currently {len(kept)} archive configurations saved.")
    s.out(f"The next archive file will be named flash:{prefix}-{max(kept, default=0) + 1}")
    s.out(" Archive #  Name")
    for row in range(1, max(maximum, len(kept)) + 1):
        name = f"flash:{prefix}-{kept[row - 1]}" if row <= len(kept) else ""
        s.out(f"   {row:<9}{name}{' <- Most Recent' if row == len(kept) else ''}".rstrip())


def _differences(s: Session, m: Match) -> None:
    """What the second file (what runs) has that the first (what is saved) has not, and the other way round."""
    one = m.get("one", STARTUP)
    s.out(differences.contextual(read(s, one), read(s, m.get("other", RUNNING))))


def _incremental(s: Session, m: Match) -> None:
    s.out(differences.incremental(s.device.running(), read(s, m["file"]), ignore_case=m.has("ignorecase")))


def _timer(s: Session, m: Match) -> None:
    s.out("%No Rollback Confirmed Change pending")
