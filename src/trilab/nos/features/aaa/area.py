"""The feature area: its commands, and the lines that stand near the top of the configuration."""

from __future__ import annotations

from trilab.nos.features.aaa import lists, servers
from trilab.nos.grammar.command import Command
from trilab.nos.model import Config


def commands() -> list[Command]:
    """``aaa``, ``radius server``, ``radius-server`` and their modes."""
    return [*lists.commands(), *servers.commands()]


def render(config: Config) -> list[str]:
    """``aaa`` lines."""
    return [*servers.render_groups(config), *lists.render(config)]
