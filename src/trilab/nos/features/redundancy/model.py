"""Settings and observations of first-hop redundancy: VRRPv2 (RFC 3768), HSRP version 1 (RFC 2281) and version 2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Literal

Protocol = Literal["VRRP", "HSRP"]
Key = tuple[Protocol, str, int]  # protocol, interface, number of the group
PRIORITY = 100
OWNER = 255  # priority of the router whose own address is the virtual one (RFC 3768, 5.3.4)


@dataclass(frozen=True)
class VrrpGroup:
    """``vrrp N …``. ``interval``: seconds between advertisements; without ``address`` it does nothing."""

    number: int
    address: IPv4Address | None = None
    description: str = ""
    priority: int = PRIORITY
    preempt: bool = True
    interval: int = 1

    def effective(self, own: IPv4Address) -> int:
        """The priority that is advertised by a router whose address is ``own``."""
        return OWNER if self.address == own else self.priority


@dataclass(frozen=True)
class Vrrp:
    """The groups of an interface, by number."""

    groups: tuple[VrrpGroup, ...] = ()


@dataclass(frozen=True)
class HsrpGroup:
    """``standby N …``. ``hello`` and ``hold``: seconds; without ``address`` it does nothing."""

    number: int
    address: IPv4Address | None = None
    name: str = ""
    priority: int = PRIORITY
    preempt: bool = False
    hello: int = 3
    hold: int = 10


@dataclass(frozen=True)
class Hsrp:
    """The groups of an interface, by number; ``version``: 1 or 2, of all of them."""

    groups: tuple[HsrpGroup, ...] = ()
    version: int = 1


Group = VrrpGroup | HsrpGroup


@dataclass(frozen=True)
class Peer:
    """Another router, as its last message said. ``left``: seconds until it counts as gone."""

    address: IPv4Address
    priority: int
    left: float


@dataclass(frozen=True)
class Status:
    """What a group does now. ``active``: the other router that serves the address, or that is next (``standby``).

    ``changes`` and ``since`` (seconds) are about ``state``; ``due``: seconds until the next message of ours.
    """

    state: str = "Init"
    active: Peer | None = None
    standby: Peer | None = None
    changes: int = 0
    since: float = 0.0
    due: float = 0.0


@dataclass(frozen=True)
class Redundancy:
    """The groups at work (an observation)."""

    groups: Mapping[Key, Status] = field(default_factory=lambda: MappingProxyType({}))


def virtual_mac(protocol: Protocol, number: int, version: int = 1) -> str:
    """RFC 3768, 7.3; RFC 2281, 5.4; IOS command reference, "standby version", for version 2 of HSRP."""
    if protocol == "HSRP" and version == 2:
        return f"00:00:0c:9f:f{number >> 8:x}:{number & 0xFF:02x}"
    return f"{'00:00:5e:00:01' if protocol == 'VRRP' else '00:00:0c:07:ac'}:{number:02x}"
