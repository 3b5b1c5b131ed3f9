"""What the commands of VRRP and HSRP have in common."""

from __future__ import annotations

from collections.abc import Callable

from trilab.nos.context import Context
from trilab.nos.grammar.command import Handler, Match

MODES = ("if-l3", "if-sub", "if-svi")
Put = Callable[..., None]  # (context, match, **values of the group)


def typed(put: Put, name: str, word: str = "") -> Handler:
    """A command that gives a group's value ``name`` what was typed for ``word`` (the same, if it is not said)."""
    return lambda c, m: put(c, m, **{name: m[word or name]})


def fixed(put: Put, **values: object) -> Handler:
    """A command that gives a group these values."""
    return lambda c, m: put(c, m, **values)


def warn(c: Context, m: Match) -> None:
    """Outside the interface's network, a virtual address is kept and does nothing."""
    for interface in c.interfaces():
        if interface.address is None or m["address"] not in interface.address.network:
            c.say("% Warning: address is not within a subnet on this interface")
