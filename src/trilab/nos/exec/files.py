"""Saving, erasing, reloading."""

from __future__ import annotations

from trilab.nos.context import CommandError
from trilab.nos.dataplane.base import Notice
from trilab.nos.exec import archive, flash
from trilab.nos.exec.control import PRIVILEGED
from trilab.nos.features.files import Archive
from trilab.nos.features.system import yes
from trilab.nos.grammar.command import Command, Match
from trilab.nos.session import Session

HELP = {
    "write": "Write running configuration to memory, network, or terminal",
    "memory": "Write to NV memory",
    "erase": "Erase NV memory",
    "terminal": "Write to terminal",
    "copy": "Copy from one file to another",
    "running-config": "Current system configuration",
    "startup-config": "Startup configuration",
    "reload": "Halt and perform a cold restart",
    "nvram:": "Filesystem to be erased",
}
ERASE_HELP = {**HELP, "erase": "Erase a filesystem", "startup-config": "Erase contents of configuration memory"}
_BUILDING = "Building configuration..."


def commands() -> list[Command]:
    """``write``, ``copy``, ``erase``, ``reload``."""
    p = PRIVILEGED
    return [
        Command(p, "write [memory]", _write, HELP),
        Command(p, "write erase", _erase, HELP),
        Command(p, "erase (startup-config | nvram:)", _erase, ERASE_HELP),
        Command(p, "copy running-config startup-config", _save_as, HELP),
        Command(p, "copy startup-config running-config", _merge, HELP),
        Command(p, "reload", _reload, HELP),
    ]


def _write(s: Session, m: Match) -> None:
    s.out(_BUILDING)
    try:
        s.device.save()
    except OSError as error:
        raise CommandError(f"%Error opening nvram: ({error.strerror})") from error
    s.out("[OK]")
    if s.device.config.parts[Archive].write_memory:
        archive.keep(s)


def _save_as(s: Session, m: Match) -> None:
    name = flash.ask(s, "Destination filename [startup-config]? ")
    if name is None:
        return
    if name.strip() not in ("", "startup-config"):
        raise CommandError(f"%Error opening nvram:{name.strip()} (No such file or directory)")
    _write(s, m)


def _erase(s: Session, m: Match) -> None:
    if not s.confirm("Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]"):
        return
    s.device.nvram.erase()
    s.out("[OK]\nErase of nvram: complete")


def _merge(s: Session, m: Match) -> None:
    text = s.device.nvram.read()
    if text is None:
        raise CommandError("%% Non-volatile configuration memory invalid or not present")
    flash.merge(s, text)


def _reload(s: Session, m: Match) -> None:
    if s.device.nvram.read() != s.device.running():
        answer = None
        while answer is None or answer.strip().lower() not in ("y", "yes", "n", "no"):
            answer = s.ask("\nSystem configuration has been modified. Save? [yes/no]: ")
            if answer is None:
                return
        if yes(answer):
            _write(s, m)
    if s.confirm("Proceed with reload? [confirm]"):
        s.device.tell(Notice("SYS", 5, "RELOAD", f"Reload requested by {s.who()}. Reload Reason: Reload Command."))
        s.device.reload()
        s.close()
