"""The feature areas of switches, in the order in which their lines stand in the configuration. Register one here."""

from __future__ import annotations

from trilab.nos.features import (
    dot1x,
    errdisable,
    etherchannel,
    lldp,
    mac_table,
    monitor,
    multilayer,
    port_security,
    snooping,
    spanning,
    vtp,
)
from trilab.nos.grammar.command import Command
from trilab.nos.model import Config

AREAS = (
    multilayer.AREA, snooping.AREA, vtp.AREA, spanning.AREA, errdisable.AREA, lldp.AREA, port_security.AREA,
    etherchannel.AREA, dot1x.AREA,
)  # fmt: skip
LATE = (mac_table.AREA, monitor.AREA)  # near the end of the text


def commands() -> list[Command]:
    """The commands of all areas."""
    return [command for area in (*AREAS, *LATE) for command in area.commands()]


def render(config: Config) -> list[str]:
    """The global lines of all areas; only a switch has any."""
    if config.role != "switch":
        return []
    return [line for area in AREAS for line in area.render(config)]


def render_late(config: Config) -> list[str]:
    """The global lines that stand behind the terminal lines."""
    return [line for area in LATE for line in area.render(config)] if config.role == "switch" else []
