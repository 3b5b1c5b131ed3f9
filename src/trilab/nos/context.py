"""What a configuration command works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trilab.nos.dataplane.base import StpState
from trilab.nos.model import Config, Interface
from trilab.nos.names import (
    BVI,
    CHANNEL,
    RADIO,
    Names,
    is_channel,
    is_loopback,
    is_port,
    is_subinterface,
    is_svi,
    sort_key,
)

AP_MODES = ("if-radio", "if-wire", "if-bridged")  # interfaces of an access point that are bridged
L3_MODES = ("if-svi", "if-l3", "if-sub", "if-loop", "if-bvi")
IF_MODES = ("if-port", *L3_MODES, *AP_MODES)
CONFIG_MODES = (
    "config", *IF_MODES, "vlan", "line", "dhcp", "std-nacl", "ext-nacl", "ssid", "sg-radius", "radius-server", "ospf",
    "ospf3", "rip", "archive",
)  # fmt: skip
PROMPTS = {
    "config": "(config)",
    "if-port": "(config-if)",
    "if-svi": "(config-if)",
    "if-l3": "(config-if)",
    "if-sub": "(config-subif)",
    "if-bvi": "(config-if)",
    "if-radio": "(config-if)",
    "if-wire": "(config-if)",
    "if-bridged": "(config-subif)",
    "if-loop": "(config-if)",
    "vlan": "(config-vlan)",
    "line": "(config-line)",
    "dhcp": "(dhcp-config)",
    "std-nacl": "(config-std-nacl)",
    "ext-nacl": "(config-ext-nacl)",
    "ssid": "(config-ssid)",
    "sg-radius": "(config-sg-radius)",
    "radius-server": "(config-radius-server)",
    "ospf": "(config-router)",
    "ospf3": "(config-rtr)",
    "rip": "(config-router)",
    "archive": "(config-archive)",
}


class CommandError(Exception):
    """The command is refused; the message is what IOS prints (with its ``%`` where IOS has one)."""


@dataclass
class Context:
    """The configuration being edited, the mode, and what the mode is about (interfaces, VLANs, a pool …)."""

    names: Names
    config: Config
    say: Callable[[str], None]
    mode: str = "config"
    target: tuple[str, ...] = ()
    in_range: bool = False
    interactive: bool = True
    ask: Callable[[str, str], Any] = field(default=lambda daemon, question: None)  # as Dataplane.ask
    tree: Callable[[], StpState | None] = field(default=lambda: None)  # the spanning tree as it is now
    read_line: Callable[[str], str | None] = field(default=lambda prompt: None)  # asks; None at the end of input

    def enter(self, mode: str, target: tuple[str, ...] = (), in_range: bool = False) -> None:
        """Change mode; ``exec`` leaves configuration."""
        self.mode, self.target, self.in_range = mode, target, in_range

    def leave(self) -> None:
        """One level up."""
        self.enter("exec" if self.mode == "config" else "config")

    @property
    def prompt(self) -> str:
        """The part of the prompt in parentheses."""
        return "(config-if-range)" if self.in_range else PROMPTS[self.mode]

    def interfaces(self) -> list[Interface]:
        """The interfaces that the mode is about."""
        return [self.config.interfaces[name] for name in self.target if name in self.config.interfaces]

    def bundles(self) -> list[Interface]:
        """The same, and the ports of the EtherChannels among them: they follow what is configured on the channel."""
        here = self.interfaces()
        groups = {int(i.name.removeprefix(CHANNEL)) for i in here if is_channel(i.name)}
        members = [i for i in self.config.interfaces.values() if i.channel in groups and i not in here]
        return here + members

    def interface_mode(self, name: str) -> str:
        """The mode in which ``name`` is configured."""
        if self.config.role == "ap":
            kind = "if-bvi" if name == BVI else "if-bridged" if is_subinterface(name) else "if-wire"
            return "if-radio" if name == RADIO else kind
        if is_svi(name):
            return "if-svi"
        if is_loopback(name):
            return "if-loop"
        if is_subinterface(name):
            return "if-sub"
        known = self.config.interfaces.get(name)
        switched = self.config.role == "switch" and not (known is not None and known.routed)
        return "if-port" if switched and (is_port(name) or is_channel(name)) else "if-l3"

    def make_interface(self, name: str) -> Interface:
        """The interface, created when it is virtual and new; the display order is kept."""
        if name not in self.config.interfaces:
            self.config.interfaces[name] = Interface(name)
            ordered = sorted(self.config.interfaces.items(), key=lambda item: sort_key(item[0]))
            self.config.interfaces = dict(ordered)
        return self.config.interfaces[name]
