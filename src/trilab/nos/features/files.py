"""How files are kept and reached: ``file prompt``, ``archive``, ``ip scp server enable``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from trilab.nos.context import Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config

HELP = {
    "file": "Adjust file system parameters",
    "prompt": "Prompting level",
    "quiet": "Seldom prompt for file operations",
    "noisy": "Ask for confirmation of file operations",
    "archive": "Archive the configuration",
    "path": "path for backups",
    "<path>": "Path for configuration archive files",
    "maximum": "maximum number of backup copies",
    "<maximum>": "maximum number of backup copies",
    "write-memory": "Enable automatic backup generation during write memory",
    "ip": "Global IP configuration subcommands",
    "scp": "Scp commands",
    "server": "SCP server",
    "enable": "Enable SCP server",
}
MAXIMUM = 10  # archives; IOS command reference, "maximum (archive configuration)"
_LONGEST = 56  # characters: a file's name has 63


@dataclass(frozen=True)
class Files:
    """``quiet``: file operations ask nothing. ``scp``: files may be copied over SSH."""

    quiet: bool = False
    scp: bool = False


@dataclass(frozen=True)
class Archive:
    """``path``: what the names of the archives in flash begin with, as typed; ``None``: none are kept."""

    path: str | None = None
    maximum: int = MAXIMUM
    write_memory: bool = False

    def prefix(self, hostname: str) -> str | None:
        """The same on a device of this name, short enough to be a file's name with a number."""
        return None if self.path is None else self.path.replace("$h", hostname)[:_LONGEST]


def commands() -> list[Command]:
    """The commands."""
    g, a = ("config",), ("archive",)
    return [
        Command(g, "file prompt quiet", _quiet, HELP, no="file prompt [quiet]", undo=_noisy),
        Command(g, "file prompt noisy", _noisy, HELP),
        Command(g, "ip scp server enable", _scp, HELP, undo=_no_scp),
        Command(g, "archive", _archive, HELP, undo=_no_archive),
        Command(a, "path <path:prefix>", _path, HELP, no="path [<path:prefix>]", undo=_no_path),
        Command(a, "maximum <maximum:int(1,14)>", _maximum, HELP, no="maximum [<maximum:int(1,14)>]",
                undo=_no_maximum),
        Command(a, "write-memory", _write_memory, HELP, undo=_no_write_memory),
    ]  # fmt: skip


def _files(c: Context, **values: bool) -> None:
    c.config.parts.put(replace(c.config.parts[Files], **values))


def _quiet(c: Context, m: Match) -> None:
    _files(c, quiet=True)


def _noisy(c: Context, m: Match) -> None:
    _files(c, quiet=False)


def _scp(c: Context, m: Match) -> None:
    _files(c, scp=True)


def _no_scp(c: Context, m: Match) -> None:
    _files(c, scp=False)


def _archive(c: Context, m: Match) -> None:
    c.enter("archive")


def _no_archive(c: Context, m: Match) -> None:
    c.config.parts.put(Archive())


def _path(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Archive], path=m["path"]))


def _no_path(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Archive], path=None))


def _maximum(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Archive], maximum=m["maximum"]))


def _no_maximum(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Archive], maximum=MAXIMUM))


def _write_memory(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Archive], write_memory=True))


def _no_write_memory(c: Context, m: Match) -> None:
    c.config.parts.put(replace(c.config.parts[Archive], write_memory=False))


def render(config: Config) -> list[str]:
    """``file prompt`` and the block of ``archive``."""
    lines, archive = [], config.parts[Archive]
    if config.parts[Files].quiet:
        lines += ["file prompt quiet", "!"]
    if archive != Archive():
        lines.append("archive")
        lines += [f" path flash:{archive.path}"] if archive.path is not None else []
        lines += [f" maximum {archive.maximum}"] if archive.maximum != MAXIMUM else []
        lines += [" write-memory"] if archive.write_memory else []
        lines.append("!")
    return lines


def render_scp(config: Config) -> list[str]:
    """``ip scp server enable``."""
    return ["ip scp server enable", "!"] if config.parts[Files].scp else []
