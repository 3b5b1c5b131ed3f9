"""Configurations kept as files: ``dir``, ``copy`` from and to flash, ``more``, ``delete``, ``configure replace``."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from trilab.nos import interpreter
from trilab.nos.context import CommandError
from trilab.nos.defaults import boot_base
from trilab.nos.exec.control import PRIVILEGED
from trilab.nos.features.files import Archive, Files
from trilab.nos.features.system import yes
from trilab.nos.flash import RUNNING, STARTUP, TOTAL, Flash, name_in
from trilab.nos.grammar.command import Command, Match
from trilab.nos.session import Session

HELP = {
    "dir": "List files on a filesystem",
    "flash:": "Directory or file name",
    "<file>": "Directory or file name",
    "copy": "Copy from one file to another",
    "null:": "Copy from null: file system",
    "running-config": "Current system configuration",
    "startup-config": "Startup configuration",
    "more": "Display the contents of a file",
    "delete": "Delete a file",
    "configure": "Enter configuration mode",
    "replace": "Replace the running-config with a new config file",
    "force": "Execute the commands without asking for confirmation",
    "revert": "Parameters for reverting the configuration",
    "trigger": "Trigger for reverting the configuration",
    "error": "Revert to the original configuration upon error",
    "verify": "Verify a file",
    "/md5": "Compute an md5 signature for a file",
    "<md5>": "Hash value",
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
        Command(p, "copy running-config (flash: | <file:flash>)", _keep, HELP),
        Command(p, "copy null: <file:flash>", _empty, HELP),
        Command(p, "copy <file:flash> running-config", _merge, HELP),
        Command(p, "copy <file:flash> startup-config", _save, HELP),
        Command(p, "more <file:flash>", _more, HELP),
        Command(p, "delete <file:flash>", _delete, HELP),
        Command(p, "verify /md5 <file:flash> [<md5:word>]", _verify, HELP),
        Command(p, "configure replace <file:stored> [force] [revert=revert trigger error]", _replace, HELP),
    ]


def read(s: Session, place: str) -> str:
    """The text of a stored configuration. Raises CommandError."""
    if place == RUNNING:
        return s.device.running()
    text = s.device.nvram.read() if place == STARTUP else None
    name = name_in(place)
    if text is None and name is None:
        raise CommandError(f"%Error opening {place} (No such file or directory)")
    return text if text is not None else _content(s, name or "").decode("utf-8", "replace")


def ask(s: Session, question: str) -> str | None:
    """Ask where a file is to go; nothing is asked with ``file prompt quiet``."""
    return "" if s.device.config.parts[Files].quiet else s.ask(question)


def merge(s: Session, text: str) -> None:
    """``copy … running-config``."""
    if ask(s, "Destination filename [running-config]? ") is None:
        return
    said: list[str] = []
    with s.device.edit() as config:
        merged, _ = interpreter.load(text, config, s.device.grammar, said.append)
        vars(config).update(vars(merged))
    for refusal in said:
        s.out(refusal)
    s.out(f"{len(text.encode())} bytes copied")


def _flash(s: Session) -> Flash:
    return s.device.nvram.flash


def _content(s: Session, name: str) -> bytes:
    try:
        return _flash(s).content(name)
    except FileNotFoundError as error:
        raise CommandError(f"%Error opening flash:/{name} (No such file or directory)") from error


def _dir(s: Session, m: Match) -> None:
    name = m.get("file")
    if name is not None:
        _content(s, name)
    known = _flash(s).files()
    s.out(f"Directory of flash:/{name or ''}\n")
    if not known:
        s.out("No files in directory")
    for number, path in enumerate(known, 2):
        if name in (None, path.name):
            when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            s.out(f"{number:5d}  -rwx {path.stat().st_size:11d}  {when:%b %d %Y %H:%M:%S} +00:00  {path.name}")
    s.out(f"\n{TOTAL} bytes total ({_flash(s).free()} bytes free)")


def _named(typed: str) -> str:
    """The file that an answer means."""
    name = name_in(typed if ":" in typed else f"flash:{typed}")
    if name is None:
        raise CommandError(f"%Error opening {typed} (Invalid file name)")
    return name


def _write(s: Session, name: str, content: bytes) -> None:
    typed = ask(s, f"Destination filename [{name}]? ")
    if typed is None:
        return
    if typed.strip():
        name = _named(typed.strip())
    sure = "%Warning:There is a file already existing with this name\nDo you want to over write? [confirm]"
    if _flash(s).has(name) and not s.device.config.parts[Files].quiet and not s.confirm(sure):
        return
    _flash(s).write(name, content)
    s.out(f"{len(content)} bytes copied")


def _keep(s: Session, m: Match) -> None:
    _write(s, m.get("file", "running-config"), s.device.running().encode())


def _empty(s: Session, m: Match) -> None:
    _write(s, m["file"], b"")


def _merge(s: Session, m: Match) -> None:
    merge(s, _content(s, m["file"]).decode("utf-8", "replace"))


def _save(s: Session, m: Match) -> None:
    text = _content(s, m["file"]).decode("utf-8", "replace")
    if ask(s, "Destination filename [startup-config]? ") is None:
        return
    s.device.nvram.write(text, s.device.nvram.rsa_bits())
    s.out(f"[OK]\n{len(text.encode())} bytes copied")


def _more(s: Session, m: Match) -> None:
    s.out(_content(s, m["file"]).decode("utf-8", "replace"))


def _delete(s: Session, m: Match) -> None:
    _content(s, m["file"])
    if ask(s, f"Delete filename [{m['file']}]? ") is None:
        return
    if s.device.config.parts[Files].quiet or s.confirm(f"Delete flash:/{m['file']}? [confirm]"):
        _flash(s).delete(m["file"])


def _verify(s: Session, m: Match) -> None:
    found = hashlib.md5(_content(s, m["file"]), usedforsecurity=False).hexdigest()
    wanted = m.get("md5")
    s.out(f".Done!\nverify /md5 (flash:/{m['file']}) = {found}\n" if wanted is None else ".Done!")
    if wanted is not None and wanted.lower() == found:
        s.out(f"Verified (flash:/{m['file']}) = {found}\n")
    elif wanted is not None:
        s.out(f"%Error verifying flash:/{m['file']}\nComputed signature  = {found}\nSubmitted signature = {wanted}\n")


def _replace(s: Session, m: Match) -> None:
    if m.has("revert") and s.device.config.parts[Archive].path is None:
        raise CommandError("%Please turn config archive on before using this command")
    text = read(s, m["file"])
    if not m.has("force") and not yes(s.ask(_SURE)):
        return
    wanted, refused = interpreter.load(text, boot_base(s.device.names), s.device.grammar)
    if refused:
        raise CommandError("\n".join([*(f"% Not accepted: {line}" for line in refused), "%Rollback failed"]))
    with s.device.edit() as config:
        wanted.rsa_bits = config.rsa_bits
        vars(config).update(vars(wanted))
    s.out("Total number of passes: 1\nRollback Done\n")
