"""OSPF as a feature area: all its commands and its lines."""

from __future__ import annotations

from trilab.nos.area import Area
from trilab.nos.features.ospf import port, process, show
from trilab.nos.features.ospf.model import Ospf
from trilab.nos.grammar.command import Command
from trilab.nos.model import Config, Interface


def _commands() -> list[Command]:
    return [*process.commands(), *port.commands(), *show.commands()]


def _render(config: Config) -> list[str]:
    running = config.parts[Ospf].process
    return [] if running is None else process.render(running)


def _render_interface(config: Config, interface: Interface) -> list[str]:
    return port.render(interface)


AREA = Area(_commands, _render, _render_interface)
