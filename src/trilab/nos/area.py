"""A feature area in one value: its commands (``show`` included) and its lines of the configuration text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trilab.nos.grammar.command import Command
from trilab.nos.model import Config, Interface


def _no_lines(config: Config) -> list[str]:
    return []


def _no_interface_lines(config: Config, interface: Interface) -> list[str]:
    return []


@dataclass(frozen=True)
class Area:
    """What a module of :mod:`trilab.nos.features` offers; its settings live in :mod:`trilab.nos.parts`.

    ``render`` gives lines at the margin (a closing ``!`` included), ``render_interface`` those of one interface,
    each starting with a blank.
    """

    commands: Callable[[], list[Command]]
    render: Callable[[Config], list[str]] = _no_lines
    render_interface: Callable[[Config, Interface], list[str]] = _no_interface_lines
