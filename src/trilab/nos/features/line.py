"""Console and virtual terminal lines."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from trilab.nos.context import CommandError, Context
from trilab.nos.defaults import VTY_MAX, vty
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.features.aaa.servers import need_new_model
from trilab.nos.features.credentials import PASSWORD, read_password, show_password
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Line

HELP = {
    "line": "Configure a terminal line",
    "console": "Primary terminal line",
    "vty": "Virtual terminal",
    "<first>": "First Line number",
    "<last>": "Last Line number",
    "password": "Set a password",
    "0": "Specifies an UNENCRYPTED password will follow",
    "7": "Specifies a HIDDEN password will follow",
    "<clear>": "The UNENCRYPTED (cleartext) line password",
    "<hidden>": "The HIDDEN line password string",
    "login": "Enable password checking",
    "local": "Local password checking",
    "authentication": "Authentication parameters.",
    "<list>": "Use an authentication list with this name.",
    "transport": "Define transport protocols for line",
    "input": "Define which protocols to use when connecting to the terminal server",
    "all": "All protocols",
    "none": "No protocols",
    "ssh": "TCP/IP SSH protocol",
    "telnet": "TCP/IP Telnet protocol",
    "exec-timeout": "Set the EXEC timeout",
    "<minutes>": "Timeout in minutes",
    "<seconds>": "Timeout in seconds",
    "access-class": "Filter connections based on an IP access list",
    "<acl>": "IP access list",
    "in": "Filter incoming connections",
    "privilege": "Change privilege level for line",
    "level": "Assign default privilege level for line",
    "<level>": "Default privilege level for line",
    "logging": "Modify message logging facilities",
    "synchronous": "Synchronized message output",
}
TRANSPORTS = {"all": frozenset({"telnet", "ssh"}), "none": frozenset[str]()}


def commands() -> list[Command]:
    """``line`` and the commands of its mode."""
    g, n = ("config",), ("line",)
    return [
        Command(g, "line console <first:int(0,0)>", _line_console, HELP),
        Command(g, f"line vty <first:int(0,{VTY_MAX})> [<last:int(0,{VTY_MAX})>]", _line_vty, HELP, undo=_no_line_vty),
        Command(n, f"password {PASSWORD}", _password, HELP, no="password [<rest:line>]", undo=_no_password),
        Command(n, "login [local]", _login, HELP, undo=_no_login),
        Command(n, "login authentication <list:word>", _authentication, HELP, no="login authentication [<list:word>]",
                undo=_no_authentication),
        Command(n, "transport input (all | none | (ssh=proto | telnet=proto)+)", _transport, HELP,
                no="transport input [<rest:line>]", undo=_no_transport),
        Command(n, "exec-timeout <minutes:int(0,35791)> [<seconds:int(0,2147483)>]", _timeout, HELP,
                no="exec-timeout [<rest:line>]", undo=_no_timeout),
        Command(n, "access-class <acl:word> in", _access_class, HELP, no="access-class [<acl:word>] in",
                undo=_no_access_class),
        Command(n, "privilege level <level:int(0,15)>", _privilege, HELP, no="privilege level [<level:int(0,15)>]",
                undo=_no_privilege),
        Command(n, "logging synchronous", _synchronous, HELP, undo=_no_synchronous),
    ]  # fmt: skip


def _line_console(c: Context, m: Match) -> None:
    c.enter("line", ("con", "0", "0"))


def _line_vty(c: Context, m: Match) -> None:
    first, last = m["first"], m.get("last", m["first"])
    if last < first:
        raise CommandError("% Bad range: the last line comes before the first")
    known = max(line.last for line in c.config.lines if line.kind == "vty")
    if last > known:
        c.config.lines.append(vty(known + 1, last))
    c.enter("line", ("vty", str(first), str(last)))


def _no_line_vty(c: Context, m: Match) -> None:
    first = m["first"]
    if first <= 4 or c.config.role != "router":
        raise CommandError("% Can't delete last 5 VTY lines" if c.config.role == "router" else
                           "% Can't delete last 16 VTY lines")  # fmt: skip
    split(c.config, first, VTY_MAX)
    c.config.lines = [line for line in c.config.lines if line.kind == "con" or line.last < first]


def split(config: Config, first: int, last: int) -> list[Line]:
    """Cut the vty ranges so that ``first``–``last`` is made of whole ranges; returns these."""
    cut: list[Line] = []
    for line in config.lines:
        bounds = sorted({line.first, *(edge for edge in (first, last + 1) if line.first < edge <= line.last)})
        ends = [*(bound - 1 for bound in bounds[1:]), line.last]
        if line.kind == "con":
            cut.append(line)
        else:
            cut += [replace(line, first=low, last=high) for low, high in zip(bounds, ends, strict=True)]
    config.lines = cut
    return [line for line in cut if line.kind == "vty" and first <= line.first and line.last <= last]


def merge(config: Config) -> None:
    """Join neighbouring vty ranges that are alike; 4 and 5 stay apart, as IOS writes them."""
    merged: list[Line] = []
    for line in config.lines:
        before = merged[-1] if merged else None
        if before and line.kind == before.kind == "vty" and line.first != 5 and _alike(before, line):
            merged[-1] = replace(before, last=line.last)
        else:
            merged.append(line)
    config.lines = merged


def _alike(one: Line, other: Line) -> bool:
    return replace(one, first=other.first, last=other.last) == other


def _set(c: Context, **values: object) -> None:
    kind, first, last = c.target
    if kind == "con":
        chosen = [line for line in c.config.lines if line.kind == "con"]
    else:
        chosen = split(c.config, int(first), int(last))
    for line in chosen:
        for name, value in values.items():
            setattr(line, name, value)
    merge(c.config)


def _password(c: Context, m: Match) -> None:
    _set(c, password=read_password(m))


def _no_password(c: Context, m: Match) -> None:
    _set(c, password=None)


def _login(c: Context, m: Match) -> None:
    if c.config.parts[Aaa].new_model and c.interactive:
        raise CommandError("AAA is enabled. Command not supported. Use an aaa authentication methodlist")
    _set(c, login="local" if m.has("local") else "password")
    if not m.has("local") and c.interactive:
        kind, first, last = c.target
        for line in c.config.lines:
            if line.kind == kind and line.password is None and int(first) <= line.first and line.last <= int(last):
                base = 0 if kind == "con" else 1
                for number in range(line.first, line.last + 1):
                    c.say(f"% Login disabled on line {number + base}, until 'password' is set")


def _no_login(c: Context, m: Match) -> None:
    _set(c, login="none")


def _authentication(c: Context, m: Match) -> None:
    aaa = c.config.parts[Aaa]
    need_new_model(c)
    if c.interactive and m["list"] != "default" and m["list"] not in dict(aaa.logins):
        c.say(f'AAA: Warning authentication list "{m["list"]}" is not defined for LOGIN.')
    _set(c, authentication=None if m["list"] == "default" else m["list"])


def _no_authentication(c: Context, m: Match) -> None:
    _set(c, authentication=None)


def _transport(c: Context, m: Match) -> None:
    named = next((TRANSPORTS[word] for word in ("all", "none") if m.has(word)), None)
    _set(c, transport=frozenset(m.all("proto")) if named is None else named)


def _no_transport(c: Context, m: Match) -> None:
    _set(c, transport=TRANSPORTS["all"])


def _timeout(c: Context, m: Match) -> None:
    _set(c, exec_timeout=60 * m["minutes"] + m.get("seconds", 0))


def _no_timeout(c: Context, m: Match) -> None:
    _set(c, exec_timeout=0)


def _access_class(c: Context, m: Match) -> None:
    _set(c, access_class=m["acl"])


def _no_access_class(c: Context, m: Match) -> None:
    _set(c, access_class=None)


def _privilege(c: Context, m: Match) -> None:
    _set(c, privilege=m["level"])


def _no_privilege(c: Context, m: Match) -> None:
    _set(c, privilege=1)


def _synchronous(c: Context, m: Match) -> None:
    _set(c, logging_synchronous=True)


def _no_synchronous(c: Context, m: Match) -> None:
    _set(c, logging_synchronous=False)


def render(config: Config) -> list[str]:
    """All ``line`` blocks."""
    lines: list[str] = []
    for line in config.lines:
        lines += _block(config, copy(line))
    return [*lines, "!"]


def _block(config: Config, line: Line) -> list[str]:
    numbers = f"{line.first}" if line.first == line.last else f"{line.first} {line.last}"
    block = [f"line {line.kind} {numbers}"]
    if line.access_class is not None:
        block.append(f" access-class {line.access_class} in")
    if line.exec_timeout != 600:
        block.append(f" exec-timeout {line.exec_timeout // 60} {line.exec_timeout % 60}")
    if line.privilege != 1:
        block.append(f" privilege level {line.privilege}")
    if line.password is not None:
        block.append(f" password {show_password(config, line.password)}")
    if line.logging_synchronous:
        block.append(" logging synchronous")
    default = "none" if line.kind == "con" else "password"
    if line.login != default or line.kind == "vty":
        block.append({"none": " no login", "password": " login", "local": " login local"}[line.login])
    if line.authentication is not None and config.parts[Aaa].new_model:
        block.append(f" login authentication {line.authentication}")
    if line.transport != TRANSPORTS["all"]:
        block.append(f" transport input {' '.join(sorted(line.transport, reverse=True)) or 'none'}")
    return block
