"""Configurations kept as files: ``dir``, ``copy`` from and to flash, ``more``, ``delete``, ``configure replace``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from trilab.nos import interpreter
from trilab.nos.context import CommandError
from trilab.nos.defaults import boot_base
from trilab.nos.exec.control import PRIVILEGED
from trilab.nos.features.system import yes
from trilab.nos.grammar.command import Command, Match
from trilab.nos.session import Session

TOTAL = 16 * 1024 * 1024  # bytes that the file system says it has
HELP = {
    "dir": "List files on a filesystem",
    "flash:": "Directory or file name",
    "<file>": "Directory or file name",
    "copy": "Copy from one file to another",
    "running-config": "Current system configuration",
    "startup-config": "Startup configuration",
    "more": "Display the contents of a file",
    "delete": "Delete a file",
    "configure": "Enter configuration mode",
    "replace": "Replace the running-config with a new config file",
    "force": "Execute the commands without asking for confirmation",
}
_SURE = (
    "This will apply all necessary additions and deletions\nto replace the current running configuration with the\n"
    "contents of the specified configuration file, which is\nassumed to be a complete configuration, not a partial\n"
    "configuration. Enter Y if you are sure you want to proceed. ? [no]: "
)


def commands() -> list[Command]:
    """The commands."""
    p = PRIVILEGED
    return [
        Command(p, "dir [flash: | <file:flash>]", _dir, HELP),
        Command(p, "copy running-config <file:flash>", _keep, HELP),
        Command(p, "copy <file:flash> running-config", _merge, HELP),
        Command(p, "more <file:flash>", _more, HELP),
        Command(p, "delete <file:flash>", _delete, HELP),
        Command(p, "configure replace <file:flash> [force]", _replace, HELP),
    ]


def _folder(s: Session) -> Path:
    return s.device.nvram.startup.parent / "flash"


def _read(s: Session, name: str) -> str:
    try:
        return (_folder(s) / name).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CommandError(f"%Error opening flash:/{name} (No such file or directory)") from error


def _dir(s: Session, m: Match) -> None:
    name = m.get("file")
    if name is not None:
        _read(s, name)
    known = sorted(_folder(s).glob("*")) if _folder(s).exists() else []
    s.out(f"Directory of flash:/{name or ''}\n")
    if not known:
        s.out("No files in directory")
    for number, path in enumerate(known, 2):
        if name in (None, path.name):
            when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            s.out(f"{number:5d}  -rwx {path.stat().st_size:11d}  {when:%b %d %Y %H:%M:%S} +00:00  {path.name}")
    used = sum(path.stat().st_size for path in known)
    s.out(f"\n{TOTAL} bytes total ({TOTAL - used} bytes free)")


def _keep(s: Session, m: Match) -> None:
    name = m["file"]
    if s.ask(f"Destination filename [{name}]? ") is None:
        return
    path = _folder(s) / name
    if path.exists() and not s.confirm("%Warning:There is a file already existing with this name\n"
                                       "Do you want to over write? [confirm]"):  # fmt: skip
        return
    text = s.device.running()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    s.out(f"{len(text.encode())} bytes copied")


def _merge(s: Session, m: Match) -> None:
    text = _read(s, m["file"])
    if s.ask("Destination filename [running-config]? ") is None:
        return
    with s.device.edit() as config:
        merged, refused = interpreter.load(text, config, s.device.grammar)
        vars(config).update(vars(merged))
    for line in refused:
        s.out(f"% Not accepted: {line}")
    s.out(f"{len(text.encode())} bytes copied")


def _more(s: Session, m: Match) -> None:
    s.out(_read(s, m["file"]))


def _delete(s: Session, m: Match) -> None:
    _read(s, m["file"])
    if s.ask(f"Delete filename [{m['file']}]? ") is not None and s.confirm(f"Delete flash:/{m['file']}? [confirm]"):
        (_folder(s) / m["file"]).unlink(missing_ok=True)


def _replace(s: Session, m: Match) -> None:
    text = _read(s, m["file"])
    if not m.has("force") and not yes(s.ask(_SURE)):
        return
    wanted, refused = interpreter.load(text, boot_base(s.device.names), s.device.grammar)
    if refused:
        raise CommandError("\n".join([*(f"% Not accepted: {line}" for line in refused), "%Rollback failed"]))
    with s.device.edit() as config:
        wanted.rsa_bits = config.rsa_bits
        vars(config).update(vars(wanted))
    s.out("Total number of passes: 1\nRollback Done\n")
