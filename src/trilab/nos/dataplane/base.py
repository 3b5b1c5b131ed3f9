"""What the CLI may ask of the real data plane: apply a configuration, and read back what is true now.

The CLI never runs a system command itself; ``show`` answers are rendered from these values.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Any, Literal, Protocol, TypeVar

from trilab.nos.features.aaa.model import Server
from trilab.nos.features.nat.table import Translation
from trilab.nos.model import Config

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class PortState:
    """One interface as the system sees it. Counters are since boot. ``present`` is false for a port with no cable."""

    name: str  # canonical IOS name
    present: bool
    link: bool  # carrier, and not shut down
    protocol: bool  # line protocol (an SVI needs a forwarding port in its VLAN)
    mac: str  # aa:bb:cc:dd:ee:ff
    mtu: int
    rx_packets: int = 0
    rx_bytes: int = 0
    tx_packets: int = 0
    tx_bytes: int = 0
    rx_errors: int = 0
    tx_errors: int = 0
    cause: str = ""  # why it is err-disabled


@dataclass(frozen=True)
class MacEntry:
    """One learnt or static address. ``port`` is a canonical IOS name."""

    vlan: int
    mac: str
    port: str
    static: bool = False


@dataclass(frozen=True)
class ArpEntry:
    """One neighbour, or one own address."""

    address: IPv4Address
    mac: str
    age: int | None  # minutes; None = own address
    interface: str


@dataclass(frozen=True)
class Route:
    """One line of the routing table."""

    prefix: IPv4Network
    source: Literal["connected", "local", "static", "ospf", "rip"]
    next_hop: IPv4Address | None
    interface: str | None
    distance: int
    metric: int = 0
    kind: str = ""  # of an OSPF route: "IA", "E1", "E2", "N1", "N2"
    age: int | None = None  # seconds since it was learnt; None for what was configured


@dataclass(frozen=True)
class Lease:
    """One lease of the DHCP server."""

    address: IPv4Address
    client_id: str  # hex pairs, as dnsmasq stores it, or the MAC
    mac: str
    expires: float | None  # Unix time; None = infinite


@dataclass(frozen=True)
class StpPort:
    """One port of the spanning tree (IEEE 802.1D-2004, 17.19)."""

    port: str
    role: Literal["root", "designated", "alternate", "backup", "disabled"]
    state: Literal["forwarding", "learning", "discarding", "disabled"]
    cost: int
    priority: int
    number: int
    edge: bool


@dataclass(frozen=True)
class StpState:
    """The spanning tree as this bridge sees it. Addresses are ``aa:bb:cc:dd:ee:ff``."""

    root_mac: str
    root_priority: int
    root_cost: int
    root_port: str | None
    mac: str
    priority: int
    ports: tuple[StpPort, ...]
    hello: int = 2  # seconds, as are the next two
    max_age: int = 20
    forward_delay: int = 15


@dataclass(frozen=True)
class Notice:
    """Something that the data plane saw happen, in the form of a system message (IOS: ``%FACILITY-severity-NAME: …``).

    ``change``: what the configuration learns from it (a sticky address, say).
    """

    facility: str
    severity: int  # 0 emergency … 7 debugging (RFC 5424)
    name: str
    text: str
    change: Callable[[Config], None] | None = None

    def __str__(self) -> str:
        return f"%{self.facility}-{self.severity}-{self.name}: {self.text}"


@dataclass(frozen=True)
class FailedLogin(Notice):
    """A password that the SSH server refused. What is said of it is the device's to decide."""

    user: str = ""
    source: str = ""
    port: int = 22


@dataclass(frozen=True)
class ClockSet(Notice):
    """The network gives the time, or no longer."""

    synchronized: bool = True


@dataclass(frozen=True)
class RadioBss:
    """One transmitted SSID and its address."""

    ssid: str
    bssid: str


@dataclass(frozen=True)
class RadioClient:
    """One station of the radio. ``akm``: suite selector of IEEE 802.11-2020, table 9-151; empty without RSN."""

    mac: str
    ssid: str
    associated: bool
    authorized: bool
    akm: str
    seconds: int  # since the association
    signal: int  # dBm


@dataclass(frozen=True)
class RadioState:
    """The radio of an access point as it works now. ``power``: dBm."""

    transmitting: bool = False
    mac: str = ""
    channel: int = 0
    power: int = 0
    cells: tuple[RadioBss, ...] = ()
    clients: tuple[RadioClient, ...] = ()


@dataclass(frozen=True)
class AccessRequest:
    """Who asks a RADIUS server to come in (RFC 2865, 4.1). ``caller``: where from, ``port``: number of the line."""

    user: str
    password: str
    nas: str  # our host name
    caller: str = ""
    port: int = 0


@dataclass(frozen=True)
class AccessReply:
    """What a RADIUS server answers. ``privilege``: 0 to 15, where it gives one."""

    accepted: bool
    privilege: int | None = None
    message: str = ""


@dataclass(frozen=True)
class PingReply:
    """The outcome of one echo request."""

    ok: bool
    rtt_ms: float | None
    code: str = "."  # IOS mark: "!" reply, "." timeout, "U" unreachable, "A" administratively prohibited


class Dataplane(Protocol):
    """The only door to the system."""

    def apply(self, new: Config) -> None:
        """Make the system match ``new``; changes only what differs from what was applied last.

        Raises:
            DataplaneError: the system refused.
        """

    def ports(self) -> dict[str, PortState]: ...
    def mac_table(self) -> list[MacEntry]: ...
    def arp(self) -> list[ArpEntry]: ...
    def clear_arp(self) -> None: ...
    def routes(self) -> list[Route]: ...
    def ask(self, daemon: str, question: str) -> Any:
        """What a daemon of FRR answers to a ``show … json``, decoded; None when it does not run.

        Raises:
            DataplaneError: it gave no answer.
        """

    def restart_ospf(self) -> None:
        """Begin OSPF again, its router ID chosen anew."""

    def leases(self) -> list[Lease]: ...
    def clear_leases(self, address: IPv4Address | None = None) -> None: ...
    def acl_hits(self, name: str) -> dict[int, int]:
        """ACE sequence number → packets matched on all interfaces where the list is applied."""

    def counters(self) -> dict[str, int]:
        """Name of a counter of the packet filter → packets."""

    def clear_counters(self, name: str | None = None) -> None:
        """Set the counters of an access list to zero, or those of all."""

    def translations(self) -> list[Translation]:
        """Active translations of NAT, the static ones left out."""

    def clear_translations(self) -> None: ...
    def stp(self) -> StpState | None: ...

    def observe(self, kind: type[Seen]) -> Seen:
        """What is true now of one feature area, in that area's own value (``errdisable.DisabledPorts`` …)."""

    def perform(self, action: object) -> None:
        """Do what a feature area's exec command asks (one value of a class of that area). Raises DataplaneError."""

    def listen(self, hear: Callable[[Notice], None]) -> None:
        """Tell ``hear``, from a thread of the data plane, what happens from now on."""

    def ping(
        self,
        target: IPv4Address | IPv6Address,
        *,
        count: int,
        size: int,
        timeout: float,
        source: IPv4Address | IPv6Address | None,
    ) -> Iterator[PingReply]: ...
    def traceroute(self, target: IPv4Address) -> Iterator[str]:
        """Yields the lines of the reference traceroute, hop by hop."""

    def open_session(self, protocol: Literal["ssh", "telnet"], target: IPv4Address, user: str | None) -> socket.socket:
        """Start the system's ssh or telnet client in the data network, on a terminal of its own.

        Returns a connected stream socket that carries the terminal's bytes both ways; it ends when the client ends,
        and closing it ends the client. Raises DataplaneError.
        """

    def radius(self, servers: Sequence[Server], request: AccessRequest) -> AccessReply | None:
        """Ask RADIUS servers in turn until one answers; ``None`` when none does."""

    def uptime(self) -> float:
        """Seconds since the device booted."""


class DataplaneError(Exception):
    """The system refused what the configuration asked for; the message is for the console."""
