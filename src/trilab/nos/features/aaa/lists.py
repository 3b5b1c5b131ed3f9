"""``aaa new-model``, and the lists of methods for terminal lines, ``enable``, ports and what users may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trilab.nos import accounts
from trilab.nos.accounts import Attempt
from trilab.nos.context import CommandError, Context
from trilab.nos.features.aaa.model import GROUP, Aaa
from trilab.nos.features.aaa.servers import edit, need_new_model
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "aaa": "Authentication, Authorization and Accounting.",
    "new-model": "Enable NEW access control commands and functions.(Disables OLD commands.)",
    "session-id": "AAA Session ID",
    "common": "Use the same session id for all AAA services",
    "authentication": "Authentication configurations parameters.",
    "authorization": "Authorization configurations parameters.",
    "login": "Set authentication lists for logins.",
    "enable": "Set authentication list for enable.",
    "dot1x": "Set authentication lists for IEEE 802.1x.",
    "exec": "For starting an exec (shell).",
    "network": "For network services. (PPP, SLIP, ARAP)",
    "<list>": "Named authentication list.",
    "default": "The default list.",
    "group": "Use Server-group",
    "<group>": "Server-group name; radius: all Radius hosts",
    "local": "Use local username authentication.",
    "local-case": "Use case-sensitive local username authentication.",
    "line": "Use line password for authentication.",
    "none": "NO authentication.",
    "if-authenticated": "Succeed if user has authenticated.",
    "test": "Test subsystems, memory, and interfaces",
    "<user>": "Username",
    "<clear>": "Password",
    "legacy": "Send request from legacy functions",
    "new-code": "Send request from new code",
}
ENABLE_HELP = {**HELP, "enable": "Use enable password for authentication."}
_GROUPS = "(group=method <group:word>"
_LOGIN = f"{_GROUPS} | local=method | local-case=method | enable=method | line=method | none=method)+"
_ENABLE = f"{_GROUPS} | enable=method | line=method | none=method)+"
_EXEC = f"{_GROUPS} | local=method | if-authenticated=method | none=method)+"
_FIELDS = {"enable": "enable", "dot1x": "dot1x", "exec": "execs", "network": "network"}  # one list, the default


def commands() -> list[Command]:
    """``aaa`` lines."""
    g = ("config",)
    return [
        Command(g, "aaa new-model", _new_model, HELP, undo=_no_new_model),
        Command(g, "aaa session-id common", _need, HELP),
        Command(g, f"aaa authentication login <list:word> {_LOGIN}", _login, ENABLE_HELP,
                no="aaa authentication login <list:word> [<rest:line>]", undo=_no_login),
        Command(g, f"aaa authentication enable=kind default {_ENABLE}", _default, HELP,
                no="aaa authentication enable=kind default [<rest:line>]", undo=_no_default),
        Command(g, f"aaa authentication dot1x=kind default {_GROUPS})+", _default, HELP, roles=("switch",),
                no="aaa authentication dot1x=kind default [<rest:line>]", undo=_no_default),
        Command(g, f"aaa authorization exec=kind default {_EXEC}", _default, HELP,
                no="aaa authorization exec=kind default [<rest:line>]", undo=_no_default),
        Command(g, f"aaa authorization network=kind default {_GROUPS})+", _default, HELP, roles=("switch",),
                no="aaa authorization network=kind default [<rest:line>]", undo=_no_default),
        Command(("privileged",), "test aaa group <group:word> <user:word> <clear:word> [legacy | new-code]", _test,
                HELP),
    ]  # fmt: skip


def _need(c: Context, m: Match) -> None:
    need_new_model(c)


def _new_model(c: Context, m: Match) -> None:
    edit(c, new_model=True)


def _no_new_model(c: Context, m: Match) -> None:
    for line in c.config.lines:
        line.authentication = None
    edit(c, new_model=False, groups=(), logins=(), enable=(), dot1x=(), execs=(), network=())


def _methods(c: Context, m: Match) -> tuple[str, ...]:
    """The methods in the order typed. Raises CommandError."""
    need_new_model(c)
    groups = iter(m.all("group"))
    found = tuple(GROUP + next(groups) if word == "group" else str(word) for word in m.all("method"))
    if f"{GROUP}tacacs+" in found:
        raise CommandError("% TACACS+ is not supported here: RADIUS is")
    if len(found) > 4:
        raise CommandError("% At most 4 methods in a list")
    return found


def _login(c: Context, m: Match) -> None:
    lists = dict(c.config.parts[Aaa].logins) | {m["list"]: _methods(c, m)}
    edit(c, logins=tuple(lists.items()))


def _no_login(c: Context, m: Match) -> None:
    edit(c, logins=tuple(pair for pair in c.config.parts[Aaa].logins if pair[0] != m["list"]))


def _default(c: Context, m: Match) -> None:
    edit(c, **{_FIELDS[m["kind"]]: _methods(c, m)})


def _no_default(c: Context, m: Match) -> None:
    edit(c, **{_FIELDS[m["kind"]]: ()})


def _test(s: Session, m: Match) -> None:
    found = accounts.ask_radius(s.device, (GROUP + m["group"],), Attempt(m["user"], m["clear"], s.line()))
    s.out(f"Attempting authentication test to server-group {m['group']} using radius")
    if found is None:
        s.out("No authoritative response from any server.")
    else:
        refused = "User authentication request was rejected by server."
        s.out("User was successfully authenticated." if found.accepted else refused)


def render(config: Config) -> list[str]:
    """The lines of the lists."""
    aaa = config.parts[Aaa]
    lines = [f"aaa authentication login {name} {' '.join(methods)}" for name, methods in aaa.logins]
    lines += [
        f"aaa {kind} default {' '.join(methods)}"
        for kind, methods in (
            ("authentication enable", aaa.enable),
            ("authentication dot1x", aaa.dot1x),
            ("authorization exec", aaa.execs),
            ("authorization network", aaa.network),
        )
        if methods
    ]
    return [*lines, "!"] if lines else []
