"""The feature areas of routing, in the order in which their lines stand in the configuration. Register one here."""

from __future__ import annotations

from trilab.nos.features import bandwidth, dhcp_client, ipv6, ospf3, rip
from trilab.nos.features.nat import area as nat
from trilab.nos.features.ospf import area as ospf
from trilab.nos.features.redundancy import hsrp, vrrp
from trilab.nos.grammar.command import Command
from trilab.nos.model import Config

AREAS = (
    dhcp_client.AREA,
    bandwidth.AREA,
    nat.AREA,
    ospf.AREA,
    rip.AREA,
    ipv6.AREA,
    ospf3.AREA,
    vrrp.AREA,
    hsrp.AREA,
)  # on an interface
_MARGIN = (ospf.AREA, rip.AREA, nat.AREA, ipv6.AREA, ospf3.AREA)  # at the margin


def commands() -> list[Command]:
    """The commands of all areas."""
    return [command for area in AREAS for command in area.commands()]


def render(config: Config) -> list[str]:
    """The global lines of all areas."""
    return [line for area in _MARGIN for line in area.render(config)]
