"""Who may come in, and at which privilege: what the method lists of AAA say (IOS: "Configuring Authentication").

A method that cannot say (no server answers, no such account) leaves it to the next one; a refusal ends the matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trilab.nos import passwords
from trilab.nos.dataplane.base import AccessReply, AccessRequest
from trilab.nos.features.aaa.model import GROUP, Aaa
from trilab.nos.model import Config, Line, User

if TYPE_CHECKING:
    from trilab.nos.device import Device

ENABLE_USER = "$enab15$"  # the account that enable asks a server for (IOS, "aaa authentication enable default")


@dataclass(frozen=True)
class Attempt:
    """Somebody at a line. ``caller``: where from; ``number``: of the line."""

    user: str
    password: str
    line: Line
    caller: str = ""
    number: int = 0


@dataclass(frozen=True)
class Grant:
    """An attempt that succeeded: by which method, and the privilege that a server gave."""

    method: str = "local"
    privilege: int | None = None


def local(user: User | None, typed: str) -> bool:
    """Whether a password is that of a ``username`` line."""
    if user is None:
        return False
    if user.secret is not None:
        return passwords.check_secret(user.secret, typed)
    return user.password is not None and user.password == typed


def enables(config: Config, typed: str) -> bool:
    """Whether a password is that of ``enable secret``, or without it of ``enable password``."""
    secret = config.enable_secret
    return config.enable_password == typed if secret is None else passwords.check_secret(secret, typed)


def log_in(device: Device, attempt: Attempt) -> Grant | None:
    """Try the methods of the attempt's line; ``None``: refused."""
    return _first(device, device.config.parts[Aaa].login_methods(attempt.line.authentication), attempt)


def enable(device: Device, attempt: Attempt) -> bool:
    """Whether the password opens privilege 15."""
    methods = device.config.parts[Aaa].enable or ("enable",)
    return _first(device, methods, attempt) is not None


def ask_radius(device: Device, methods: Iterable[str], attempt: Attempt) -> AccessReply | None:
    """What the servers of the groups among ``methods`` say; ``None`` when none answers."""
    servers = device.config.parts[Aaa].servers_for(methods)
    asked = AccessRequest(attempt.user, attempt.password, device.config.hostname, attempt.caller, attempt.number)
    return device.dataplane.radius(servers, asked) if servers else None


def _first(device: Device, methods: Iterable[str], attempt: Attempt) -> Grant | None:
    for method in methods:
        if method.startswith(GROUP):
            reply = ask_radius(device, (method,), attempt)
            if reply is not None:
                return Grant(method, reply.privilege) if reply.accepted else None
        else:
            accepted = _own(device.config, method, attempt)
            if accepted is not None:
                return Grant(method) if accepted else None
    return None


def _own(config: Config, method: str, attempt: Attempt) -> bool | None:
    """What the device itself knows; ``None``: nothing."""
    if method in ("local", "local-case"):
        user = config.users.get(attempt.user)
        return None if user is None else local(user, attempt.password)
    if method == "enable":
        known = config.enable_secret is not None or config.enable_password is not None
        return enables(config, attempt.password) if known else None
    if method == "line":
        return None if attempt.line.password is None else attempt.line.password == attempt.password
    return method == "none"


def privilege(config: Config, line: Line, name: str, grant: Grant) -> int | None:
    """The privilege of a session; ``None``: its user may not have one.

    With ``aaa new-model``, the privilege of an account counts only where ``aaa authorization exec`` asks for it.
    """
    user = config.users.get(name)
    if not config.parts[Aaa].new_model:
        return user.privilege if user is not None and user.privilege != 1 else line.privilege
    methods = config.parts[Aaa].execs
    for method in methods:
        if method.startswith(GROUP) and grant.method.startswith(GROUP):
            return 1 if grant.privilege is None else grant.privilege
        if method == "local" and user is not None:
            return user.privilege if user.privilege != 1 else line.privilege
        if method in ("none", "if-authenticated"):
            return line.privilege
    return None if methods else line.privilege
