"""Enable passwords and ``username`` lines."""

from __future__ import annotations

from trilab.nos import passwords
from trilab.nos.context import CommandError, Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, User

HELP = {
    "enable": "Modify enable password parameters",
    "secret": "Assign the privileged level secret",
    "password": "Assign the privileged level password",
    "0": "Specifies an UNENCRYPTED password will follow",
    "5": "Specifies a MD5 HASHED secret will follow",
    "7": "Specifies a HIDDEN password will follow",
    "<clear>": "The UNENCRYPTED (cleartext) password",
    "<hash>": "The HASHED SECRET",
    "<hidden>": "The HIDDEN password",
    "username": "Establish User Name Authentication",
    "<user>": "User name",
    "privilege": "Set user privilege level",
    "<level>": "User privilege level",
}
USER_HELP = {**HELP, "secret": "Specify the secret for the user", "password": "Specify the password for the user"}
SECRET = "(0 <clear:line> | 5 <hash:word> | <clear:line>)"
PASSWORD = "(0 <clear:line> | 7 <hidden:word> | <clear:line>)"


def commands() -> list[Command]:
    """``enable`` and ``username``."""
    g = ("config",)
    return [
        Command(g, f"enable secret {SECRET}", _enable_secret, HELP, no="enable secret", undo=_no_enable_secret),
        Command(g, f"enable password {PASSWORD}", _enable_password, HELP, no="enable password",
                undo=_no_enable_password),
        Command(g, f"username <user:word> [privilege <level:int(0,15)>] secret {SECRET}", _user_secret, USER_HELP),
        Command(g, f"username <user:word> [privilege <level:int(0,15)>] password {PASSWORD}", _user_password,
                USER_HELP),
        Command(g, "username <user:word> [privilege <level:int(0,15)>]", _user, USER_HELP,
                no="username <user:word> [<rest:line>]", undo=_no_user),
    ]  # fmt: skip


def read_secret(m: Match) -> str:
    """The type 5 hash that the line gives, hashing clear text."""
    given: str | None = m.get("hash")
    if given is None:
        return passwords.new_secret(m["clear"])
    if not passwords.is_type5(given):
        raise CommandError("ERROR: The secret you entered is not a valid encrypted secret.\n"
                           "To enter an UNENCRYPTED secret, do not specify type 5 encryption.")  # fmt: skip
    return given


def read_password(m: Match) -> str:
    """The clear text that the line gives, type 7 decoded."""
    hidden: str | None = m.get("hidden")
    if hidden is None:
        clear: str = m["clear"]
        return clear
    decoded = passwords.decode7(hidden)
    if decoded is None:
        raise CommandError(f"Invalid encrypted password: {hidden}")
    return decoded


def show_password(config: Config, clear: str) -> str:
    """``7 …`` with ``service password-encryption``, else the clear text (``0`` before what would read as a type)."""
    if config.password_encryption:
        return f"7 {passwords.encode7(clear)}"
    return f"0 {clear}" if clear.split(" ")[0] in ("0", "7") else clear


def _enable_secret(c: Context, m: Match) -> None:
    c.config.enable_secret = read_secret(m)


def _no_enable_secret(c: Context, m: Match) -> None:
    c.config.enable_secret = None


def _enable_password(c: Context, m: Match) -> None:
    c.config.enable_password = read_password(m)


def _no_enable_password(c: Context, m: Match) -> None:
    c.config.enable_password = None


def _account(c: Context, m: Match) -> User:
    user = c.config.users.setdefault(m["user"], User(m["user"]))
    user.privilege = m.get("level", user.privilege)
    return user


def _user(c: Context, m: Match) -> None:
    _account(c, m)


def _user_secret(c: Context, m: Match) -> None:
    if c.config.users.get(m["user"], User("")).password is not None:
        raise CommandError("ERROR: Can not have both a user password and a user secret.\n"
                           "Please choose one or the other.")  # fmt: skip
    secret = read_secret(m)
    _account(c, m).secret = secret


def _user_password(c: Context, m: Match) -> None:
    if c.config.users.get(m["user"], User("")).secret is not None:
        raise CommandError("ERROR: Can not have both a user password and a user secret.\n"
                           "Please choose one or the other.")  # fmt: skip
    password = read_password(m)
    _account(c, m).password = password


def _no_user(c: Context, m: Match) -> None:
    if c.config.users.pop(m["user"], None) is None:
        raise CommandError(f"%User {m['user']} does not exist")


def render_enable(config: Config) -> list[str]:
    """``enable`` lines."""
    lines = []
    if config.enable_secret is not None:
        lines.append(f"enable secret 5 {config.enable_secret}")
    if config.enable_password is not None:
        lines.append(f"enable password {show_password(config, config.enable_password)}")
    return [*lines, "!"] if lines else []


def render_users(config: Config) -> list[str]:
    """``username`` lines."""
    lines = []
    for user in config.users.values():
        line = f"username {user.name}"
        if user.privilege != 1:
            line += f" privilege {user.privilege}"
        if user.secret is not None:
            line += f" secret 5 {user.secret}"
        elif user.password is not None:
            line += f" password {_user_shown(config, user.password)}"
        lines.append(line)
    return [*lines, "!"] if lines else []


def _user_shown(config: Config, clear: str) -> str:
    return show_password(config, clear) if config.password_encryption else f"0 {clear}"
