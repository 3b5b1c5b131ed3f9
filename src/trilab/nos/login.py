"""What happens before the first prompt: banner, access class, who may come in and at which privilege.

The console is reached by the out-of-band SSH, which has authenticated its user: ``login`` and ``password`` of
``line con 0`` are kept and shown, and not asked for. Its ``privilege level`` and ``exec-timeout`` count.
"""

from __future__ import annotations

import time
from ipaddress import IPv4Address

from trilab.nos import accounts
from trilab.nos.accounts import Attempt, Grant
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.features.acl_entry import Pair
from trilab.nos.features.attacks import Watch
from trilab.nos.grammar.arguments import address
from trilab.nos.model import Acl, Config
from trilab.nos.session import Session

_TRIES = 3
TELNET = 23  # the port of those who are asked here; SSH asks for itself


def welcome(s: Session, *, authenticated: bool) -> bool:
    """Show the banner and let the user in (or not); sets the session's user and privilege."""
    if s.kind == "vty" and not allowed(s.device.config, s.line().access_class, s.source):
        return False
    if s.hidden:
        s.level = 15
        return True
    banner = s.device.config.banner_motd
    if banner is not None and s.terminal.tty:
        s.terminal.write(f"\n{banner}\n")
    if s.kind == "vty" and not authenticated and not _identify(s):
        return False
    level = _privilege(s)
    if level is not None and s.kind == "vty":
        s.device.gate.success(s.user, s.source, 22 if authenticated else TELNET)
    if level is None:
        s.terminal.write("% Authorization failed.\n")
        return False
    s.level = level
    return True


def allowed(config: Config, name: str | None, source: str) -> bool:
    """Whether an access class lets ``source`` in. As on IOS, a list that does not exist lets everybody in."""
    acl = config.acls.get(name) if name is not None else None
    caller = address(source)
    if acl is None or not any(entry.action != "remark" for entry in acl.entries) or caller is None:
        return True
    return _permits(acl, caller)


def _permits(acl: Acl, caller: IPv4Address) -> bool:
    for entry in acl.entries:
        if entry.action != "remark" and _matches(entry.source, caller):
            return entry.action == "permit"
    return False


def _matches(pair: Pair, caller: IPv4Address) -> bool:
    care = ~int(pair[1]) & 0xFFFFFFFF
    return int(pair[0]) & care == int(caller) & care


def _privilege(s: Session) -> int | None:
    """What the session may do; on the console, what the line says."""
    if s.kind == "console":
        return s.line().privilege
    return accounts.privilege(s.device.config, s.line(), s.user, s.grant)


def _identify(s: Session) -> bool:
    """Ask for what the line demands."""
    line = s.line()
    if s.device.config.parts[Aaa].new_model:
        return _ask_lists(s)
    if line.login == "none":
        return True
    if line.login == "password":
        if line.password is None:
            s.terminal.write("\n\nPassword required, but none set\n")
            return False
        s.terminal.write("\n\nUser Access Verification\n\n")
        return _ask_password(s, line.password)
    s.terminal.write("\n\nUser Access Verification\n\n")
    return _ask_account(s)


def _ask_password(s: Session, expected: str) -> bool:
    for _ in range(_TRIES):
        if s.ask("Password: ", echo=False) == expected:
            return True
        if _failed(s, ""):
            break
    s.terminal.write("% Bad passwords\n")
    return False


def _ask_account(s: Session) -> bool:
    for _ in range(_TRIES):
        name = s.ask("Username: ") or ""
        typed = s.ask("Password: ", echo=False) or ""
        if accounts.local(s.device.config.users.get(name), typed):
            s.user = name
            return True
        s.terminal.write("% Login invalid\n\n")
        if _failed(s, name):
            break
    return False


def _ask_lists(s: Session) -> bool:
    """Ask what the first method of the line's list needs, and let the list decide."""
    first = s.device.config.parts[Aaa].login_methods(s.line().authentication)[0]
    if first == "none":
        s.grant = Grant(first)
        return True
    s.terminal.write("\n\nUser Access Verification\n\n")
    for _ in range(_TRIES):
        name = (s.ask("Username: ") or "") if first not in ("enable", "line") else ""
        typed = s.ask("Password: ", echo=False) or ""
        granted = accounts.log_in(s.device, Attempt(name, typed, s.line(), s.source, s.number))
        if granted is not None:
            s.user, s.grant = name, granted
            return True
        s.terminal.write("% Authentication failed\n\n")
        if _failed(s, name):
            break
    return False


def _failed(s: Session, name: str) -> bool:
    """A wrong password: count it and let the user wait; whether nobody may try again."""
    gate = s.device.gate
    gate.failure(name, s.source, TELNET)
    pause = s.device.config.parts[Watch].pause
    if pause and not gate.quiet:
        time.sleep(pause)  # login delay
    return gate.quiet
