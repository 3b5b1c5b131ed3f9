"""EtherChannel: ports bound into one, by LACP (IEEE 802.1AX) or without negotiation (``on``)."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.features.port_security import PortSecurity
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.names import CHANNEL, CHANNELS, is_channel, is_port, short

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "channel-group": "Etherchannel/port bundling configuration",
    "<group>": "Channel group number",
    "mode": "Etherchannel Mode of the interface",
    "active": "Enable LACP unconditionally",
    "passive": "Enable LACP only if a LACP device is detected",
    "on": "Enable Etherchannel only",
    "channel-protocol": "Select the channel protocol (LACP, PAgP)",
    "lacp": "Prepare interface for LACP protocol",
    "show": "Show running system information",
    "etherchannel": "EtherChannel information",
    "summary": "One-line summary per channel-group",
}
MEMBERS = 8  # active ports of a group, IEEE 802.1AX as on the Catalyst 2960
_COPIED = ("mode", "access_vlan", "voice_vlan", "native_vlan", "allowed", "nonegotiate", "speed", "duplex")
Flag = Literal["P", "D", "s"]
_LEGEND = """\
Flags:  D - down        P - bundled in port-channel
        I - stand-alone s - suspended
        H - Hot-standby (LACP only)
        R - Layer3      S - Layer2
        U - in use      f - failed to allocate aggregator

        M - not in use, minimum links not met
        u - unsuitable for bundling
        w - waiting to be aggregated
        d - default port

"""


@dataclass(frozen=True)
class Protocol:
    """``channel-protocol lacp`` on a port."""

    lacp: bool = False


@dataclass(frozen=True)
class Bundles:
    """Member port → its state (an observation): ``P`` bundled, ``D`` without link, ``s`` suspended."""

    ports: Mapping[str, Flag] = field(default_factory=lambda: MappingProxyType({}))


def members(config: Config, group: int) -> list[Interface]:
    """The ports of a group."""
    return [interface for interface in config.interfaces.values() if interface.channel == group]


def groups(config: Config) -> list[int]:
    """Groups that have an interface, in order."""
    return [int(name.removeprefix(CHANNEL)) for name in config.interfaces if is_channel(name)]


def fits(config: Config, port: Interface) -> bool:
    """Whether a port is configured as its channel: another one is suspended, as on IOS."""
    channel = config.interfaces.get(f"{CHANNEL}{port.channel}")
    return channel is not None and all(getattr(port, name) == getattr(channel, name) for name in _COPIED)


def commands() -> list[Command]:
    """``channel-group``, ``channel-protocol`` and ``show etherchannel``."""
    p = ("if-port",)
    group = f"<group:int(1,{CHANNELS})>"
    made = [
        Command(p, f"channel-group {group} mode (active=mode | passive=mode | on=mode)", _group, HELP,
                no=f"channel-group [{group} [mode (active | passive | on)]]", undo=_no_group),
        Command(p, "channel-protocol lacp", _protocol, HELP, no="channel-protocol [lacp]", undo=_no_protocol),
        Command(EXEC_MODES, f"show etherchannel [{group}] summary", _summary, HELP),
    ]  # fmt: skip
    return [replace(command, roles=("switch",)) for command in made]


def _group(c: Context, m: Match) -> None:
    group, mode = m["group"], m["mode"]
    for port in c.interfaces():
        others = [member for member in members(c.config, group) if member is not port]
        if not is_port(port.name):
            raise CommandError("Command rejected: a channel-group takes physical ports only.")
        if port.parts[PortSecurity].enabled:
            raise CommandError(f"Command rejected: {port.name} is a secure port.")
        if any((member.channel_mode == "on") != (mode == "on") for member in others):
            raise CommandError(f"Command rejected: the mode of group {group} is {others[0].channel_mode}: "
                               "LACP and on cannot be mixed.")  # fmt: skip
        if mode == "on" and port.parts[Protocol].lacp:
            raise CommandError("Command rejected: the mode on conflicts with the channel-protocol LACP.")
        if len(others) >= MEMBERS:
            raise CommandError(f"Command rejected: group {group} has {MEMBERS} ports already.")
        port.channel, port.channel_mode = group, mode
        _ensure(c, group, port)


def _ensure(c: Context, group: int, like: Interface) -> None:
    """The channel's interface is made with the settings of its first port."""
    name = f"{CHANNEL}{group}"
    if name not in c.config.interfaces:
        c.say(f"Creating a port-channel interface {CHANNEL} {group}\n")
        channel = c.make_interface(name)
        for setting in _COPIED:
            setattr(channel, setting, copy(getattr(like, setting)))


def _no_group(c: Context, m: Match) -> None:
    for port in c.interfaces():
        port.channel, port.channel_mode = None, "active"


def _protocol(c: Context, m: Match) -> None:
    for port in c.interfaces():
        if port.channel is not None and port.channel_mode == "on":
            raise CommandError("Command rejected: the channel-protocol LACP conflicts with the mode on.")
        port.parts.put(Protocol(lacp=True))


def _no_protocol(c: Context, m: Match) -> None:
    for port in c.interfaces():
        port.parts.put(Protocol())


def render_interface(config: Config, interface: Interface) -> list[str]:
    """The lines of a port."""
    lines = [" channel-protocol lacp"] if interface.parts[Protocol].lacp else []
    if interface.channel is not None:
        lines.append(f" channel-group {interface.channel} mode {interface.channel_mode}")
    return lines


def _summary(s: Session, m: Match) -> None:
    config, states = s.device.config, s.device.dataplane.observe(Bundles).ports
    shown = [group for group in groups(config) if m.get("group") in (None, group)]
    s.out(f"{_LEGEND}\nNumber of channel-groups in use: {len(shown)}\nNumber of aggregators:           {len(shown)}\n")
    s.out("Group  Port-channel  Protocol    Ports\n------+-------------+-----------+" + "-" * 47)
    for group in shown:
        ports = members(config, group)
        flags = [f"{short(port.name)}({states.get(port.name, 'D')})" for port in ports]
        used = "SU" if any(states.get(port.name) == "P" for port in ports) else "SD"
        protocol = "LACP" if any(port.channel_mode != "on" for port in ports) else "-"
        rows = ["".join(f"{flag:<12}" for flag in flags[at : at + 4]) for at in range(0, len(flags), 4)] or [""]
        s.out(f"{group:<6} {f'Po{group}({used})':<13} {protocol:^11} {rows[0]}".rstrip())
        for row in rows[1:]:
            s.out(" " * 33 + row.rstrip())
    s.out("")


AREA = Area(commands, render_interface=render_interface)
