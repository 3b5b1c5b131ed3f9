"""DHCP snooping: servers answer through trusted ports only; what clients got is kept in a binding table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import TYPE_CHECKING

from trilab.nos import vlans
from trilab.nos.area import Area
from trilab.nos.context import Context
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.show.text import base_mac, dotted

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "ip": "Interface Internet Protocol config commands",
    "dhcp": "Configure DHCP parameters",
    "snooping": "DHCP Snooping",
    "vlan": "DHCP Snooping vlan",
    "<vids>": "DHCP Snooping vlan first number or vlan range, example: 1,3-5,7,9-11",
    "verify": "DHCP snooping verify",
    "mac-address": "DHCP snooping verify mac-address",
    "information": "DHCP Snooping information",
    "option": "DHCP Snooping information option",
    "trust": "DHCP Snooping trust config",
    "limit": "DHCP Snooping limit",
    "rate": "DHCP Snooping limit rate",
    "<rate>": "DHCP snooping rate limit, in packets per second",
    "show": "Show running system information",
    "clear": "Reset functions",
    "binding": "DHCP snooping bindings",
    "*": "All bindings",
}


@dataclass(frozen=True)
class Snooping:
    """Settings of the device. ``option``: False once ``no … information option`` is configured; nothing inserts it."""

    enabled: bool = False
    vlans: frozenset[int] = frozenset()
    verify: bool = True  # the client's hardware address is the sender's
    option: bool = True


@dataclass(frozen=True)
class SnoopingPort:
    """Settings of a port; ``rate``: packets per second, ``None``: unlimited."""

    trusted: bool = False
    rate: int | None = None


@dataclass(frozen=True)
class Bound:
    """One lease seen; ``left``: seconds."""

    mac: str
    address: IPv4Address
    left: int
    vlan: int
    interface: str


@dataclass(frozen=True)
class Bindings:
    """All leases seen, and what was dropped for which reason (an observation)."""

    leases: tuple[Bound, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class ForgetBindings:
    """Ask the data plane to forget all leases."""


def active(config: Config) -> frozenset[int]:
    """The VLANs where snooping works: configured and existing."""
    snooping = config.parts[Snooping]
    return snooping.vlans & config.vlans.keys() if snooping.enabled and config.role == "switch" else frozenset()


def commands() -> list[Command]:
    """``ip dhcp snooping``, its ``show`` and ``clear``."""
    g, p, start = ("config",), ("if-port",), "ip dhcp snooping"
    made = [
        Command(g, start, _enable, HELP, undo=_disable),
        Command(g, f"{start} vlan <vids:vlans>", _vlans, HELP, undo=_no_vlans),
        Command(g, f"{start} verify mac-address", _verify, HELP, undo=_no_verify),
        Command(g, f"{start} information option", None, HELP, undo=_no_option),
        Command(p, f"{start} trust", _trust, HELP, undo=_no_trust),
        Command(p, f"{start} limit rate <rate:int(1,2048)>", _rate, HELP,
                no=f"{start} limit rate [<rate:int(1,2048)>]", undo=_no_rate),
        Command(EXEC_MODES, f"show {start}", _show, HELP),
        Command(EXEC_MODES, f"show {start} binding", _show_bindings, HELP),
        Command(("privileged",), f"clear {start} binding *", _clear, HELP),
    ]  # fmt: skip
    return [replace(command, roles=("switch",)) for command in made]


def _set(c: Context, **values: object) -> None:
    c.config.parts.put(replace(c.config.parts[Snooping], **values))  # type: ignore[arg-type]


def _set_ports(c: Context, **values: object) -> None:
    for interface in c.bundles():
        interface.parts.put(replace(interface.parts[SnoopingPort], **values))  # type: ignore[arg-type]


def _enable(c: Context, m: Match) -> None:
    _set(c, enabled=True)


def _disable(c: Context, m: Match) -> None:
    _set(c, enabled=False)


def _vlans(c: Context, m: Match) -> None:
    _set(c, vlans=c.config.parts[Snooping].vlans | m["vids"])


def _no_vlans(c: Context, m: Match) -> None:
    _set(c, vlans=c.config.parts[Snooping].vlans - m["vids"])


def _verify(c: Context, m: Match) -> None:
    _set(c, verify=True)


def _no_verify(c: Context, m: Match) -> None:
    _set(c, verify=False)


def _no_option(c: Context, m: Match) -> None:
    _set(c, option=False)


def _trust(c: Context, m: Match) -> None:
    _set_ports(c, trusted=True)


def _no_trust(c: Context, m: Match) -> None:
    _set_ports(c, trusted=False)


def _rate(c: Context, m: Match) -> None:
    _set_ports(c, rate=m["rate"])


def _no_rate(c: Context, m: Match) -> None:
    _set_ports(c, rate=None)


def render(config: Config) -> list[str]:
    """The lines of the configuration."""
    snooping = config.parts[Snooping]
    lines = [f"ip dhcp snooping vlan {part}" for part in vlans.wrapped(snooping.vlans, 60)]
    if not snooping.option:
        lines.append("no ip dhcp snooping information option")
    if not snooping.verify:
        lines.append("no ip dhcp snooping verify mac-address")
    if snooping.enabled:
        lines.append("ip dhcp snooping")
    return [*lines, "!"] if lines else []


def render_interface(config: Config, interface: Interface) -> list[str]:
    """The lines of a port."""
    port = interface.parts[SnoopingPort]
    lines = [] if port.rate is None else [f" ip dhcp snooping limit rate {port.rate}"]
    return [*lines, " ip dhcp snooping trust"] if port.trusted else lines


def _show(s: Session, m: Match) -> None:
    config = s.device.config
    snooping = config.parts[Snooping]
    s.out(f"Switch DHCP snooping is {'enabled' if snooping.enabled else 'disabled'}")
    s.out("Switch DHCP gleaning is disabled\nDHCP snooping is configured on following VLANs:")
    s.out(vlans.text(snooping.vlans) or "none")
    s.out("DHCP snooping is operational on following VLANs:\n" + (vlans.text(active(config)) or "none"))
    s.out("DHCP snooping is configured on the following L3 Interfaces:\n\nInsertion of option 82 is disabled")
    s.out(f"   circuit-id default format: vlan-mod-port\n   remote-id: {dotted(base_mac(s))} (MAC)")
    s.out("Option 82 on untrusted port is not allowed")
    s.out(f"Verification of hwaddr field is {'enabled' if snooping.verify else 'disabled'}")
    s.out("Verification of giaddr field is enabled")
    s.out("DHCP snooping trust/rate is configured on the following Interfaces:\n")
    s.out("Interface                  Trusted    Allow option    Rate limit (pps)")
    s.out("-----------------------    -------    ------------    ----------------")
    for interface in config.interfaces.values():
        port = interface.parts[SnoopingPort]
        if port != SnoopingPort():
            trusted = "yes" if port.trusted else "no"
            s.out(f"{interface.name:<26} {trusted:<10} {trusted:<15} {port.rate or 'unlimited'}")
    s.out("")


def _show_bindings(s: Session, m: Match) -> None:
    leases = s.device.dataplane.observe(Bindings).leases
    s.out("MacAddress          IpAddress        Lease(sec)  Type           VLAN  Interface")
    s.out("------------------  ---------------  ----------  -------------  ----  --------------------")
    for one in leases:
        row = (
            f"{one.mac.upper():<18}  {one.address!s:<15}  {one.left:<10}  dhcp-snooping  {one.vlan:<4}  {one.interface}"
        )
        s.out(row)
    s.out(f"Total number of bindings: {len(leases)}\n")


def _clear(s: Session, m: Match) -> None:
    s.device.dataplane.perform(ForgetBindings())


AREA = Area(commands, render, render_interface)
