"""What OSPF is configured to do. Areas are numbers; times are seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Literal

from trilab.nos.features.bandwidth import kilobits
from trilab.nos.model import Config, Interface
from trilab.nos.names import is_loopback

HELLO = 10  # RFC 2328, C.3, and IOS on broadcast and point-to-point links
Source = Literal["connected", "static", "rip"]
Authentication = Literal["", "simple", "message-digest", "null"]


@dataclass(frozen=True)
class Network:
    """``network ADDRESS WILDCARD area N``."""

    address: IPv4Address
    wildcard: IPv4Address
    area: int

    def matches(self, address: IPv4Address) -> bool:
        """Whether an interface with this address runs OSPF because of the line."""
        return (int(address) ^ int(self.address)) & ~int(self.wildcard) & 0xFFFFFFFF == 0


@dataclass(frozen=True)
class AreaSettings:
    """``area N …``. ``kind``: an ordinary area, or what its stub lines make of it."""

    number: int
    kind: Literal["", "stub", "stub no-summary", "nssa", "nssa no-summary"] = ""
    authentication: Literal["", "simple", "message-digest"] = ""
    ranges: tuple[IPv4Network, ...] = ()


@dataclass(frozen=True)
class Redistribution:
    """``redistribute SOURCE``. Without ``subnets`` only classful networks go (IOS 15)."""

    source: Source
    subnets: bool = False
    metric: int | None = None  # None: 20
    metric_type: Literal[1, 2] = 2


@dataclass(frozen=True)
class Originate:
    """``default-information originate``."""

    always: bool = False
    metric: int | None = None  # None: 1
    metric_type: Literal[1, 2] = 2


@dataclass(frozen=True)
class Process:
    """``router ospf N``."""

    number: int
    router_id: IPv4Address | None = None
    networks: tuple[Network, ...] = ()
    passive_default: bool = False
    exceptions: frozenset[str] = frozenset()  # passive interfaces; the active ones where passive is the default
    originate: Originate | None = None
    redistributed: tuple[Redistribution, ...] = ()
    reference: int = 100  # Mbit/s
    areas: tuple[AreaSettings, ...] = ()
    maximum_paths: int = 4
    distance: int = 110

    def area(self, number: int) -> AreaSettings:
        """Settings of one area."""
        return next((known for known in self.areas if known.number == number), AreaSettings(number))

    def with_area(self, changed: AreaSettings) -> Process:
        """A copy with other settings of one area; an area at its defaults is not kept."""
        others = [known for known in self.areas if known.number != changed.number]
        kept = [changed] if changed != AreaSettings(changed.number) else []
        return replace(self, areas=tuple(sorted(others + kept, key=lambda known: known.number)))

    def passive(self, name: str) -> bool:
        """Whether an interface only announces its network."""
        return (name in self.exceptions) != self.passive_default


@dataclass(frozen=True)
class Ospf:
    """The device's part: one process at most."""

    process: Process | None = None


@dataclass(frozen=True)
class Port:
    """An interface's part: ``ip ospf …``."""

    process: int | None = None  # "ip ospf N area A"
    area: int | None = None
    cost: int | None = None
    hello: int | None = None
    dead: int | None = None
    retransmit: int = 5
    priority: int = 1
    network: Literal["", "broadcast", "point-to-point", "non-broadcast", "point-to-multipoint"] = ""
    mtu_ignore: bool = False
    authentication: Authentication | None = None  # None: that of the area
    key: str | None = None
    digests: tuple[tuple[int, str], ...] = ()  # key number, key

    @property
    def hello_time(self) -> int:
        """Seconds between hellos: longer on links without broadcast (IOS)."""
        slow = self.network in ("non-broadcast", "point-to-multipoint")
        return self.hello or (30 if slow else HELLO)

    @property
    def dead_time(self) -> int:
        """Seconds of silence after which a neighbour is lost: four hellos unless set."""
        return self.dead or 4 * self.hello_time


def area_of(config: Config, interface: Interface) -> int | None:
    """The area that an interface is in, or None: its own line, else the most precise ``network`` line."""
    process, own = config.parts[Ospf].process, interface.parts[Port]
    if process is None or interface.address is None:
        return None
    if own.area is not None and own.process == process.number:
        return own.area
    address = interface.address.ip
    matching = [line for line in process.networks if line.matches(address)]
    return min(matching, key=lambda line: int(line.wildcard)).area if matching else None


def cost(process: Process, interface: Interface) -> int:
    """Set, or the reference bandwidth over the interface's (at least 1)."""
    own = interface.parts[Port].cost
    return own if own is not None else min(65535, max(1, process.reference * 1000 // kilobits(interface)))


def automatic_router_id(config: Config) -> IPv4Address | None:
    """IOS: the highest address of a loopback that is up, else of any interface that is up."""
    up = [i for i in config.interfaces.values() if i.address is not None and not i.shutdown]
    loopbacks = [i for i in up if is_loopback(i.name)]
    return max((i.address.ip for i in loopbacks or up if i.address is not None), default=None)


def kernel_address(config: Config, interface: Interface) -> IPv4Interface | None:
    """The address with the mask that the system gets: OSPF announces a loopback as a host (RFC 2328, 12.4.1.1)."""
    address = interface.address
    if address is None or not is_loopback(interface.name) or area_of(config, interface) is None:
        return address
    return address if interface.parts[Port].network == "point-to-point" else IPv4Interface(address.ip)
