"""Every command of the device, from all areas."""

from __future__ import annotations

from trilab.nos.exec import archive, control, files, flash, reach
from trilab.nos.features import (
    acl,
    attacks,
    bridge,
    credentials,
    dhcp,
    dot11,
    interface,
    ip,
    line,
    macfilter,
    navigation,
    ntp,
    radio,
    routed,
    snmp,
    switching,
    switchport,
    syslog,
    system,
    vlan,
)
from trilab.nos.features import files as keeping
from trilab.nos.features.aaa import area as aaa
from trilab.nos.grammar.command import Command
from trilab.nos.grammar.graph import Grammar
from trilab.nos.names import Names
from trilab.nos.show import dot11 as show_dot11
from trilab.nos.show import interfaces, protocols, routes, routing, spanning, tech
from trilab.nos.show import switching as show_switching
from trilab.nos.show import system as show_system

_AREAS = (
    control, files, flash, archive, reach,
    show_system, show_switching, interfaces, routes, protocols, routing, spanning, navigation,
    system, credentials, line, vlan, interface, switchport, ip, switching, dhcp, acl, routed, macfilter, aaa, dot11,
    radio, bridge, show_dot11, syslog, attacks, ntp, snmp, keeping, tech,
)  # fmt: skip


def all_commands() -> list[Command]:
    """Every command of every role."""
    return [command for area in _AREAS for command in area.commands()]


def grammar(names: Names) -> Grammar:
    """The grammar of a device. Takes a few tens of milliseconds: build it once."""
    return Grammar(all_commands(), names)
