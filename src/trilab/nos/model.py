"""The running configuration as data: the one place where a device's state lives.

The CLI edits a :class:`Config`; ``running-config`` is rendered from it; the data plane is made to match it.
Interface names are canonical IOS names (``GigabitEthernet0/1``, ``GigabitEthernet0/1.10``, ``Vlan99``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Literal

from trilab.nos.parts import Parts

VLAN_MIN, VLAN_MAX = 1, 4094  # IEEE 802.1Q-2018, 9.6: 0 and 4095 are reserved
ALL_VLANS = frozenset(range(VLAN_MIN, VLAN_MAX + 1))
Role = Literal["switch", "router", "ap"]


@dataclass
class User:
    """A ``username`` line. ``secret`` is an MD5-crypt hash (type 5); ``password`` is clear text (type 0/7)."""

    name: str
    privilege: int = 1
    secret: str | None = None
    password: str | None = None


@dataclass
class Line:
    """``line con 0`` or ``line vty first last``."""

    kind: Literal["con", "vty"]
    first: int = 0
    last: int = 0
    login: Literal["none", "password", "local"] = "none"  # "no login" / "login" / "login local"
    password: str | None = None
    transport: frozenset[str] = frozenset({"telnet", "ssh"})  # transport input
    exec_timeout: int = 600  # seconds; 0 = never
    access_class: str | None = None  # ACL name, inbound
    privilege: int = 1
    logging_synchronous: bool = False
    authentication: str | None = None  # login authentication LIST


@dataclass
class Vlan:
    """One VLAN of the database (IEEE 802.1Q)."""

    vid: int
    name: str = ""  # "" = the default VLANnnnn


@dataclass
class Interface:
    """One port, subinterface or SVI. The L2 fields count on switch ports only, the L3 fields on L3 interfaces only."""

    name: str
    description: str = ""
    shutdown: bool = False
    speed: str = "auto"
    duplex: str = "auto"
    # layer 2
    mode: Literal["dynamic", "access", "trunk"] = "dynamic"  # dynamic auto never becomes a trunk here: no DTP
    access_vlan: int = 1
    voice_vlan: int | None = None
    native_vlan: int = 1
    allowed: frozenset[int] = ALL_VLANS
    nonegotiate: bool = False
    channel: int | None = None  # EtherChannel that a port belongs to
    channel_mode: Literal["active", "passive", "on"] = "active"
    routed: bool = False  # a switch's port after "no switchport"
    # layer 3
    address: IPv4Interface | None = None
    encapsulation: int | None = None  # 802.1Q VLAN of a subinterface
    encapsulation_native: bool = False
    helpers: list[IPv4Address] = field(default_factory=list)
    acl_in: str | None = None
    acl_out: str | None = None
    parts: Parts = field(default_factory=Parts)
    # access point
    bridge_group: int | None = None
    protected: bool = False  # bridge-group N port-protected


@dataclass
class Ssid:
    """``dot11 ssid NAME``: one wireless network (IEEE 802.11-2020, 9.4.2.2: at most 32 bytes)."""

    name: str
    vlan: int | None = None
    open: bool = False  # authentication open
    key_management: Literal["none", "wpa2", "wpa3", "wpa2-wpa3"] = "none"
    eap: str | None = None  # authentication open eap LIST
    network_eap: str | None = None  # authentication network-eap LIST: asks for it as some old clients do
    pmf: Literal["none", "optional", "required"] = "none"  # 11w-pmf client
    psk: str | None = None  # wpa-psk ascii: 8 to 63 characters; wpa-psk hex: 64 digits
    guest_mode: bool = False  # its name is in the beacons of a radio with one BSSID
    mbssid_guest_mode: bool = False  # its name is in the beacons of its own BSSID, on a radio with ``mbssid``


@dataclass
class Radio:
    """``interface Dot11Radio0``, beside what every interface has."""

    ssids: list[str] = field(default_factory=list)  # in the order typed: the first has the radio's own address
    ciphers: set[int | None] = field(default_factory=set)  # VLANs with aes-ccm; None: frames without VLAN
    channel: int | None = None  # 1 to 13; None: least congested
    power: int | None = None  # dBm; None: maximum
    mbssid: bool = False
    world: Literal["both", "indoor", "outdoor"] | None = None  # world-mode dot11d country-code FR


@dataclass(frozen=True)
class StaticRoute:
    """One ``ip route`` line."""

    prefix: IPv4Network
    next_hop: IPv4Address | None = None
    interface: str | None = None  # "Null0" allowed
    distance: int = 1
    name: str = ""


@dataclass
class DhcpPool:
    """``ip dhcp pool NAME`` (RFC 2131, options of RFC 2132 and RFC 5859)."""

    name: str
    network: IPv4Network | None = None
    default_routers: list[IPv4Address] = field(default_factory=list)
    dns_servers: list[IPv4Address] = field(default_factory=list)
    domain: str | None = None
    lease: int | None = 86400  # seconds; None = infinite. IOS default: one day
    options: dict[int, tuple[Literal["ascii", "ip", "hex"], str]] = field(default_factory=dict)  # 66, 150, …


@dataclass(frozen=True)
class AclEntry:
    """One ACE, or a remark. Addresses are IOS address/wildcard pairs."""

    sequence: int
    action: Literal["permit", "deny", "remark"]
    protocol: str = "ip"  # ip, icmp, tcp, udp or a number; always "ip" in a standard ACL
    source: tuple[IPv4Address, IPv4Address] = (IPv4Address(0), IPv4Address(0xFFFFFFFF))  # address, wildcard
    destination: tuple[IPv4Address, IPv4Address] = (IPv4Address(0), IPv4Address(0xFFFFFFFF))
    source_port: tuple[str, tuple[int, ...]] | None = None  # ("eq", (80,)), ("range", (1, 9)), gt, lt, neq
    destination_port: tuple[str, tuple[int, ...]] | None = None
    established: bool = False
    icmp_type: str | None = None  # echo, echo-reply, …
    log: bool = False
    remark: str = ""


@dataclass
class Acl:
    """One access list, its entries by sequence number."""

    name: str  # a number in text for numbered lists
    kind: Literal["standard", "extended"]
    entries: list[AclEntry] = field(default_factory=list)

    @property
    def numbered(self) -> bool:
        """Whether it is written ``access-list N``."""
        return self.name.isdigit()


@dataclass
class Config:
    """A whole device. ``role`` decides which commands and defaults exist."""

    role: Role
    hostname: str
    enable_secret: str | None = None  # MD5-crypt hash (type 5)
    enable_password: str | None = None  # clear text
    password_encryption: bool = False
    users: dict[str, User] = field(default_factory=dict)
    banner_motd: str | None = None
    domain_name: str | None = None
    domain_lookup: bool = True
    rsa_bits: int | None = None  # crypto key generate rsa; kept outside the text of the configuration, as on IOS
    ssh_version: int | None = None  # None = 1.99
    ssh_timeout: int = 120
    ssh_retries: int = 3
    lines: list[Line] = field(default_factory=list)
    vlans: dict[int, Vlan] = field(default_factory=dict)  # always holds 1
    interfaces: dict[str, Interface] = field(default_factory=dict)  # canonical name → interface, in display order
    default_gateway: IPv4Address | None = None  # switch
    routes: list[StaticRoute] = field(default_factory=list)
    dhcp_excluded: list[tuple[IPv4Address, IPv4Address]] = field(default_factory=list)
    dhcp_pools: dict[str, DhcpPool] = field(default_factory=dict)
    acls: dict[str, Acl] = field(default_factory=dict)
    ssids: dict[str, Ssid] = field(default_factory=dict)  # access point, in the order typed
    radio: Radio = field(default_factory=Radio)  # access point
    parts: Parts = field(default_factory=Parts)
