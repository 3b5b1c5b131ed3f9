"""Moving between configuration modes."""

from __future__ import annotations

from trilab.nos.context import CONFIG_MODES, Context
from trilab.nos.grammar.command import Command, Match

HELP = {"exit": "Exit from the current mode", "end": "Exit from configure mode"}


def commands() -> list[Command]:
    """``exit`` and ``end``."""
    return [
        Command(CONFIG_MODES, "exit", _exit, HELP),
        Command(CONFIG_MODES, "end", _end, HELP),
    ]


def _exit(c: Context, m: Match) -> None:
    c.leave()


def _end(c: Context, m: Match) -> None:
    c.enter("exec")
