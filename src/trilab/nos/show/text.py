"""Forms that several ``show`` commands share."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from trilab.nos.dataplane.base import PortState
from trilab.nos.features.syslog import MONTHS
from trilab.nos.model import Config, Interface, Role
from trilab.nos.names import is_port, is_svi

if TYPE_CHECKING:
    from trilab.nos.session import Session

ABSENT_MAC = "00:00:00:00:00:00"
SOFTWARE: dict[Role, tuple[str, str, str]] = {
    "switch": ("C2960 Software (C2960-LANBASEK9-M)", "15.0(2)SE11", "c2960-lanbasek9-mz.150-2.SE11"),
    "router": ("C1900 Software (C1900-UNIVERSALK9-M)", "15.4(3)M10", "c1900-universalk9-mz.SPA.154-3.M10.bin"),
    "ap": ("C1140 Software (C1140-K9W7-M)", "15.3(3)JF", "ap1g1-k9w7-mx.153-3.JF"),
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HARDWARE = {"switch": "WS-C2960-8TC-L", "router": "CISCO1941/K9", "ap": "AIR-AP1141N-E-K9"}


def software(role: Role) -> str:
    """The first line of ``show version``, which a device also says when it starts."""
    name, release, _ = SOFTWARE[role]
    return f"Cisco IOS Software, {name}, Version {release}, RELEASE SOFTWARE (fc3)"


def clock_text(now: datetime, *, sure: bool) -> str:
    """``*10:11:12.123 UTC Tue Nov 24 2026``; the star says that nobody set the clock."""
    day, month = _DAYS[now.weekday()], MONTHS[now.month - 1]
    return f"{'' if sure else '*'}{now:%H:%M:%S}.{now.microsecond // 1000:03d} UTC {day} {month} {now.day} {now.year}"


def dotted(mac: str) -> str:
    """``aabb.ccdd.eeff``."""
    digits = mac.replace(":", "").lower()
    return ".".join(digits[at : at + 4] for at in range(0, 12, 4))


def state_of(states: dict[str, PortState], interface: Interface) -> PortState:
    """The system's state of an interface; one that it does not know is down."""
    missing = PortState(interface.name, False, False, False, ABSENT_MAC, 1500)
    return states.get(interface.name, missing)


def status_words(interface: Interface, state: PortState) -> tuple[str, str]:
    """(status, protocol) as ``show ip interface brief`` has them."""
    if interface.shutdown:
        return "administratively down", "down"
    return "up" if state.link else "down", "up" if state.link and state.protocol else "down"


def base_mac(s: Session) -> str:
    """The device's own address: that of its first port."""
    states = s.device.dataplane.ports()
    ports = [states[name].mac for name in s.device.config.interfaces if is_port(name) and name in states]
    return ports[0] if ports else ABSENT_MAC


def serial(s: Session) -> str:
    """A serial number in the form of the maker's, from the device's address."""
    return "TRI" + base_mac(s).replace(":", "").upper()[-8:]


def trunking(interface: Interface) -> bool:
    """Whether a port is a trunk. ``dynamic`` never becomes one: nothing here negotiates."""
    return interface.mode == "trunk"


def layer2(config: Config) -> list[Interface]:
    """The switch ports."""
    return [i for i in config.interfaces.values() if config.role == "switch" and not is_svi(i.name) and not i.routed]


def logical(config: Config) -> list[Interface]:
    """The switch ports that the tree and the VLANs know: those of an EtherChannel count as one."""
    return [i for i in layer2(config) if i.channel is None]
