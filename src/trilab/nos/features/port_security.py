"""Port security: how many senders a port takes, which ones, and what happens to others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.features.errdisable import SECURITY, DisabledPorts
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.names import is_channel, short
from trilab.nos.show.text import dotted, state_of

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "switchport": "Set switching mode characteristics",
    "port-security": "Security related command",
    "maximum": "Max secure addresses",
    "<maximum>": "Maximum addresses",
    "violation": "Security violation mode",
    "protect": "Security violation protect mode",
    "restrict": "Security violation restrict mode",
    "shutdown": "Security violation shutdown mode",
    "mac-address": "Secure mac address",
    "<mac>": "48 bit mac address",
    "sticky": "Configure dynamic secure addresses as sticky",
    "aging": "Port-security aging commands",
    "time": "Port-security aging time",
    "<minutes>": "Aging time in minutes. Enter a value between 1 and 1440",
    "show": "Show running system information",
    "interface": "Show secure interface",
    "address": "Show secure address",
    "clear": "Reset functions",
    "all": "Clear all secure MAC addresses",
    "configured": "Clear all configured secure MAC addresses",
    "dynamic": "Clear all secure MAC addresses auto-learned by hardware",
}
LIMIT = 132  # Catalyst 2960 command reference, "switchport port-security"
SYSTEM_LIMIT = 8192
Violation = Literal["protect", "restrict", "shutdown"]
_TOTAL = "Total Addresses in System (excluding one mac per port)     : {}"
_MAXIMUM = f"Max Addresses limit in System (excluding one mac per port) : {SYSTEM_LIMIT}"


@dataclass(frozen=True)
class PortSecurity:
    """Settings of a port. Addresses are ``aa:bb:cc:dd:ee:ff``; ``sticky_addresses`` were learnt, then kept."""

    enabled: bool = False
    maximum: int = 1
    violation: Violation = "shutdown"
    sticky: bool = False
    addresses: tuple[str, ...] = ()
    sticky_addresses: tuple[str, ...] = ()
    aging: int = 0  # minutes after which a learnt address is forgotten; 0 = never

    @property
    def configured(self) -> tuple[str, ...]:
        """All addresses of the configuration."""
        return self.addresses + self.sticky_addresses


@dataclass(frozen=True)
class SecureAddress:
    """One address of a secure port; ``left``: minutes until it is forgotten."""

    mac: str
    vlan: int
    kind: Literal["SecureConfigured", "SecureSticky", "SecureDynamic"]
    left: int | None = None


@dataclass(frozen=True)
class SecurePort:
    """A secure port as it is now; ``last``: the last sender (address, VLAN)."""

    addresses: tuple[SecureAddress, ...] = ()
    violations: int = 0
    last: tuple[str, int] = ("00:00:00:00:00:00", 0)


@dataclass(frozen=True)
class SecurePorts:
    """Interface name → state, of the ports with port security (an observation)."""

    ports: Mapping[str, SecurePort] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class Forget:
    """Ask the data plane to forget learnt addresses: of one port, or of all; one address, or all."""

    port: str | None = None
    mac: str | None = None


def keep(config: Config, name: str, mac: str) -> None:
    """Make a learnt address sticky."""
    interface = config.interfaces.get(name)
    if interface is None:
        return
    now = interface.parts[PortSecurity]
    if now.enabled and now.sticky and mac not in now.configured and len(now.configured) < now.maximum:
        interface.parts.put(replace(now, sticky_addresses=(*now.sticky_addresses, mac)))


def commands() -> list[Command]:
    """``switchport port-security``, its ``show`` and ``clear``."""
    p, start = ("if-port",), "switchport port-security"
    modes = "protect=how | restrict=how | shutdown=how"
    what = "all=what | configured=what | dynamic=what | sticky=what"
    made = [
        Command(p, start, _enable, HELP, undo=_disable),
        Command(p, f"{start} maximum <maximum:int(1,{LIMIT})>", _maximum, HELP,
                no=f"{start} maximum [<maximum:int(1,{LIMIT})>]", undo=_no_maximum),
        Command(p, f"{start} violation ({modes})", _violation, HELP,
                no=f"{start} violation [protect | restrict | shutdown]", undo=_no_violation),
        Command(p, f"{start} mac-address <mac:mac>", _address, HELP, undo=_no_address),
        Command(p, f"{start} mac-address sticky", _sticky, HELP, undo=_no_sticky),
        Command(p, f"{start} mac-address sticky <mac:mac>", _sticky_address, HELP, undo=_no_sticky_address),
        Command(p, f"{start} aging time <minutes:int(1,1440)>", _aging, HELP,
                no=f"{start} aging time [<minutes:int(1,1440)>]", undo=_no_aging),
        Command(EXEC_MODES, "show port-security", _show, HELP),
        Command(EXEC_MODES, "show port-security interface <port:ifname(port)>", _show_interface, HELP),
        Command(EXEC_MODES, "show port-security [interface <port:ifname(port)>] address", _show_address, HELP),
        Command(("privileged",), f"clear port-security ({what}) [interface <port:ifname(port)> | address <mac:mac>]",
                _clear, HELP),
    ]  # fmt: skip
    return [replace(command, roles=("switch",)) for command in made]


def _set(c: Context, **values: object) -> None:
    for interface in c.interfaces():
        if is_channel(interface.name):
            raise CommandError("Command rejected: port security is for physical ports here.")
        interface.parts.put(replace(interface.parts[PortSecurity], **values))  # type: ignore[arg-type]


def _enable(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        if interface.mode == "dynamic":
            raise CommandError(f"Command rejected: {interface.name} is a dynamic port.")
        if interface.channel is not None:
            raise CommandError(f"Command rejected: {interface.name} is a member of an etherchannel.")
    _set(c, enabled=True)


def _disable(c: Context, m: Match) -> None:
    _set(c, enabled=False)


def _maximum(c: Context, m: Match) -> None:
    if any(len(interface.parts[PortSecurity].configured) > m["maximum"] for interface in c.interfaces()):
        raise CommandError("Command rejected: Maximum is less than number of currently secured mac-addresses.")
    _set(c, maximum=m["maximum"])


def _no_maximum(c: Context, m: Match) -> None:
    if any(len(interface.parts[PortSecurity].configured) > 1 for interface in c.interfaces()):
        raise CommandError("Command rejected: Maximum is less than number of currently secured mac-addresses.")
    _set(c, maximum=1)


def _violation(c: Context, m: Match) -> None:
    _set(c, violation=m["how"])


def _no_violation(c: Context, m: Match) -> None:
    _set(c, violation="shutdown")


def _check_new(c: Context, interface: Interface, mac: str) -> None:
    """Raises CommandError: multicast, full, or secured elsewhere in the same VLAN."""
    now = interface.parts[PortSecurity]
    if int(mac[:2], 16) & 1 or mac == "00:00:00:00:00:00":
        raise CommandError(f"Command rejected: Bad mac-address {dotted(mac)}.")
    for other in c.config.interfaces.values():
        if mac in other.parts[PortSecurity].configured and other.access_vlan == interface.access_vlan:
            raise CommandError(f"Found duplicate mac-address {dotted(mac)}.")
    if len(now.configured) >= now.maximum:
        raise CommandError(
            f"Command rejected: Total secure mac-addresses on interface {interface.name} has reached maximum limit."
        )


def _address(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        _check_new(c, interface, m["mac"])
        now = interface.parts[PortSecurity]
        interface.parts.put(replace(now, addresses=(*now.addresses, m["mac"])))


def _without(c: Context, field_name: Literal["addresses", "sticky_addresses"], mac: str) -> None:
    for interface in c.interfaces():
        now = interface.parts[PortSecurity]
        left = tuple(each for each in getattr(now, field_name) if each != mac)
        interface.parts.put(
            replace(now, addresses=left) if field_name == "addresses" else replace(now, sticky_addresses=left)
        )


def _no_address(c: Context, m: Match) -> None:
    _without(c, "addresses", m["mac"])


def _sticky(c: Context, m: Match) -> None:
    _set(c, sticky=True)


def _no_sticky(c: Context, m: Match) -> None:
    _set(c, sticky=False, sticky_addresses=())


def _sticky_address(c: Context, m: Match) -> None:
    for interface in c.interfaces():
        now = interface.parts[PortSecurity]
        if not now.sticky:
            raise CommandError("Command rejected: configure 'switchport port-security mac-address sticky' first.")
        _check_new(c, interface, m["mac"])
        interface.parts.put(replace(now, sticky_addresses=(*now.sticky_addresses, m["mac"])))


def _no_sticky_address(c: Context, m: Match) -> None:
    _without(c, "sticky_addresses", m["mac"])


def _aging(c: Context, m: Match) -> None:
    _set(c, aging=m["minutes"])


def _no_aging(c: Context, m: Match) -> None:
    _set(c, aging=0)


def render_interface(config: Config, interface: Interface) -> list[str]:
    """The lines of a port."""
    now, start = interface.parts[PortSecurity], " switchport port-security"
    lines = [] if now.maximum == 1 else [f"{start} maximum {now.maximum}"]
    if now.violation != "shutdown":
        lines.append(f"{start} violation {now.violation}")
    if now.sticky:
        lines.append(f"{start} mac-address sticky")
    lines += [f"{start} mac-address sticky {dotted(mac)}" for mac in now.sticky_addresses]
    lines += [f"{start} mac-address {dotted(mac)}" for mac in now.addresses]
    if now.aging:
        lines.append(f"{start} aging time {now.aging}")
    return [*lines, start] if now.enabled else lines


def _excess(ports: Mapping[str, SecurePort]) -> int:
    return sum(max(0, len(port.addresses) - 1) for port in ports.values())


def _show(s: Session, m: Match) -> None:
    ports = s.device.dataplane.observe(SecurePorts).ports
    rule = "-" * 75
    s.out("Secure Port  MaxSecureAddr  CurrentAddr  SecurityViolation  Security Action")
    s.out("                (Count)       (Count)          (Count)\n" + rule)
    for name, port in ports.items():
        now = s.device.config.interfaces[name].parts[PortSecurity]
        counts = f"{now.maximum:>15}{len(port.addresses):>13}{port.violations:>19}"
        s.out(f"{short(name):>11}{counts}{now.violation.capitalize():>17}")
    s.out(f"{rule}\n{_TOTAL.format(_excess(ports))}\n{_MAXIMUM}")


def _show_interface(s: Session, m: Match) -> None:
    name = m["port"]
    interface = s.device.config.interfaces[name]
    now = interface.parts[PortSecurity]
    port = s.device.dataplane.observe(SecurePorts).ports.get(name, SecurePort())
    disabled = s.device.dataplane.observe(DisabledPorts).ports.get(name)
    link = state_of(s.device.dataplane.ports(), interface).link
    status = "Secure-shutdown" if disabled and disabled.cause == SECURITY else f"Secure-{'up' if link else 'down'}"
    kinds = [address.kind for address in port.addresses]
    rows = {
        "Port Security": "Enabled" if now.enabled else "Disabled",
        "Port Status": status,
        "Violation Mode": now.violation.capitalize(),
        "Aging Time": f"{now.aging} mins",
        "Aging Type": "Absolute",
        "SecureStatic Address Aging": "Disabled",
        "Maximum MAC Addresses": now.maximum,
        "Total MAC Addresses": len(kinds),
        "Configured MAC Addresses": kinds.count("SecureConfigured"),
        "Sticky MAC Addresses": kinds.count("SecureSticky"),
        "Last Source Address:Vlan": f"{dotted(port.last[0])}:{port.last[1]}",
        "Security Violation Count": port.violations,
    }
    s.out("\n".join(f"{label:<27}: {value}" for label, value in rows.items()) + "\n")


def _show_address(s: Session, m: Match) -> None:
    ports = s.device.dataplane.observe(SecurePorts).ports
    rule = "-" * 77
    s.out(f"               Secure Mac Address Table\n{rule}")
    s.out("Vlan    Mac Address       Type                          Ports   Remaining Age")
    s.out(" " * 67 + "(mins)\n----    -----------       ----                          -----   -------------")
    for name, port in ports.items():
        if m.get("port") in (None, name):
            for one in sorted(port.addresses, key=lambda address: (address.vlan, address.mac)):
                left = "-" if one.left is None else one.left
                s.out(f"{one.vlan:4d}    {dotted(one.mac)}    {one.kind:<30}{short(name):<6}{left:>7}")
    s.out(f"{rule}\n{_TOTAL.format(_excess(ports))}\n{_MAXIMUM}")


def _clear(s: Session, m: Match) -> None:
    what, port, mac = m["what"], m.get("port"), m.get("mac")
    with s.device.edit() as config:
        for interface in config.interfaces.values():
            now = interface.parts[PortSecurity]
            if port in (None, interface.name):
                if what in ("all", "configured"):
                    now = replace(now, addresses=_left(now.addresses, mac))
                if what in ("all", "sticky"):
                    now = replace(now, sticky_addresses=_left(now.sticky_addresses, mac))
                interface.parts.put(now)
    if what in ("all", "dynamic"):
        s.device.dataplane.perform(Forget(port, mac))


def _left(addresses: tuple[str, ...], gone: str | None) -> tuple[str, ...]:
    """What remains once ``gone`` (``None``: everything) is cleared."""
    return tuple(each for each in addresses if gone not in (None, each))


AREA = Area(commands, render_interface=render_interface)
