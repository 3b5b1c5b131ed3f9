"""The feature areas of switches, in the order in which their lines stand in the configuration. Register one here."""

from __future__ import annotations

from trilab.nos.features import errdisable, etherchannel, port_security, spanning
from trilab.nos.grammar.command import Command
from trilab.nos.model import Config

AREAS = (spanning.AREA, errdisable.AREA, port_security.AREA, etherchannel.AREA)


def commands() -> list[Command]:
    """The commands of all areas."""
    return [command for area in AREAS for command in area.commands()]


def render(config: Config) -> list[str]:
    """The global lines of all areas; only a switch has any."""
    if config.role != "switch":
        return []
    return [line for area in AREAS for line in area.render(config)]
