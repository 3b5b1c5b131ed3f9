"""Entering interfaces, and what every interface has: description, shutdown, speed, duplex, ``default``."""

from __future__ import annotations

from collections.abc import Callable

from trilab.nos.context import IF_MODES, CommandError, Context
from trilab.nos.defaults import fresh
from trilab.nos.features import bridge, ip, multilayer, radio, routed, switching, switchport
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface, Radio
from trilab.nos.names import CHANNEL, RADIO, is_channel, is_loopback, is_port, is_subinterface, is_svi

HELP = {
    "interface": "Select an interface to configure",
    "range": "interface range command",
    "default": "Set a command to its defaults",
    "description": "Interface specific description",
    "<text>": "A character string describing this interface",
    "shutdown": "Shutdown the selected interface",
    "speed": "Configure speed operation.",
    "duplex": "Configure duplex operation.",
    "auto": "Enable AUTO configuration",
    "10": "Force 10 Mbps operation",
    "100": "Force 100 Mbps operation",
    "1000": "Force 1000 Mbps operation",
    "full": "Force full duplex operation",
    "half": "Force half-duplex operation",
}


def commands() -> list[Command]:
    """Interface selection and the settings common to all kinds."""
    g, ports = ("config",), ("if-port", "if-l3")
    return [
        Command(g, "interface <name:ifname(port,sub,svi,channel,radio,bvi,loop)>", _interface, HELP,
                no="interface <name:ifname(sub,svi,channel,loop)>", undo=_no_interface),
        Command(g, "interface range <names:ifrange>", _range, HELP),
        Command(g, "default interface <name:ifname(port,svi,channel,radio,bvi,loop)>", _default, HELP),
        Command(g, "default interface range <names:ifrange>", _default, HELP),
        Command(IF_MODES, "description <text:line>", _description, HELP, no="description [<text:line>]",
                undo=_no_description),
        Command(IF_MODES, "shutdown", _shutdown, HELP, undo=_no_shutdown),
        Command(ports, "speed (auto=speed | 10=speed | 100=speed | 1000=speed)", _speed, HELP,
                no="speed [auto | 10 | 100 | 1000]", undo=_no_speed),
        Command(ports, "duplex (auto=duplex | full=duplex | half=duplex)", _duplex, HELP,
                no="duplex [auto | full | half]", undo=_no_duplex),
    ]  # fmt: skip


def _interface(c: Context, m: Match) -> None:
    c.make_interface(m["name"])
    c.enter(c.interface_mode(m["name"]), (m["name"],))


def _no_interface(c: Context, m: Match) -> None:
    if m["name"] not in c.config.interfaces:
        raise CommandError("% Interface " + m["name"] + " does not exist")
    if m["name"] == "Vlan1":
        raise CommandError("% Cannot delete default VLAN interface.")
    del c.config.interfaces[m["name"]]
    for interface in c.config.interfaces.values():
        if interface.channel is not None and m["name"] == f"{CHANNEL}{interface.channel}":
            interface.channel = None


def _range(c: Context, m: Match) -> None:
    names = m["names"]
    modes = {c.interface_mode(name) for name in names}
    if len(modes) > 1:
        raise CommandError("% Cannot mix interfaces of different types in one range")
    for name in names:
        c.make_interface(name)
    c.enter(modes.pop(), names, in_range=True)


def _default(c: Context, m: Match) -> None:
    for name in m.get("names") or (m["name"],):
        if name not in c.config.interfaces:
            raise CommandError("% Interface " + name + " does not exist")
        c.config.interfaces[name] = fresh(c.config.role, name)
        if name == RADIO:
            c.config.radio = Radio()
        c.say(f"Interface {name} set to default configuration")


def each(c: Context, change: Callable[[Interface], None]) -> None:
    """Apply a change to every interface of the mode."""
    for interface in c.interfaces():
        change(interface)


def _set(c: Context, **values: object) -> None:
    for interface in c.bundles():
        for name, value in values.items():
            setattr(interface, name, value)


def _description(c: Context, m: Match) -> None:
    each(c, lambda interface: setattr(interface, "description", m["text"][:240]))


def _no_description(c: Context, m: Match) -> None:
    each(c, lambda interface: setattr(interface, "description", ""))


def _shutdown(c: Context, m: Match) -> None:
    _set(c, shutdown=True)


def _no_shutdown(c: Context, m: Match) -> None:
    _set(c, shutdown=False)


def _speed(c: Context, m: Match) -> None:
    if m["speed"] == "1000" and any(interface.duplex == "half" for interface in c.interfaces()):
        raise CommandError("% Speed 1000 is not possible with half duplex: set duplex first")
    _set(c, speed=m["speed"])


def _no_speed(c: Context, m: Match) -> None:
    _set(c, speed="auto")


def _duplex(c: Context, m: Match) -> None:
    if m["duplex"] == "half" and any(interface.speed == "1000" for interface in c.interfaces()):
        raise CommandError("% Duplex will not be set to half when speed is 1000")
    _set(c, duplex=m["duplex"])


def _no_duplex(c: Context, m: Match) -> None:
    _set(c, duplex="auto")


def render(config: Config) -> list[str]:
    """All ``interface`` blocks."""
    lines: list[str] = []
    for interface in config.interfaces.values():
        lines += [*block(config, interface), "!"]
    return lines


def block(config: Config, interface: Interface) -> list[str]:
    """One interface, in the order of IOS."""
    lines = [f"interface {interface.name}"]
    if interface.description:
        lines.append(f" description {interface.description}")
    port = is_port(interface.name) or is_channel(interface.name)
    if config.role == "switch" and port and not interface.routed:
        lines += switchport.render(interface)
    else:
        lines += multilayer.render_switchport(interface) + ip.render(interface)
        lines += [line for area in routed.AREAS for line in area.render_interface(config, interface)]
    if interface.shutdown:
        lines.append(" shutdown")
    if config.role == "ap":
        return lines + (radio.render(config) if interface.name == RADIO else []) + bridge.render(interface)
    lines += _media(config, interface)
    for area in switching.AREAS:
        lines += area.render_interface(config, interface)
    return lines


def _media(config: Config, interface: Interface) -> list[str]:
    if is_svi(interface.name) or is_subinterface(interface.name) or is_loopback(interface.name):
        return []
    both = {"duplex": interface.duplex, "speed": interface.speed}
    shown = config.role == "router"  # an ISR writes the defaults too
    return [f" {word} {value}" for word, value in both.items() if shown or value != "auto"]
