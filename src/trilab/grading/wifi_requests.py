"""What a check may ask about Wi-Fi: networks heard on the air, and stations of the graders' that join them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trilab.capture.dot11 import Network
from trilab.capture.rows import Row
from trilab.grading.observe import Answer, Request
from trilab.grading.requests import Tried, Try

Method = Literal["PEAP", "TTLS"]
"""EAP methods that ask for a name and a password inside a TLS tunnel (RFC 5281; PEAP: draft-josefsson-pppext-eap)."""


@dataclass(frozen=True)
class Heard:
    """A BSS heard on the air. ``node``: the lab's access point that it belongs to, empty when it is none of them.
    ``told``: the name that its own radio gives to it, which a hidden one keeps out of its beacons.
    """

    node: str
    told: str
    network: Network

    @property
    def name(self) -> str:
        """Its SSID, hidden or not."""
        return self.network.ssid or self.told


@dataclass(frozen=True)
class BeaconsHeard(Answer):
    """``networks``: by BSSID. ``scenery``: access points of the scenario's, which must be among them: else the
    listening itself failed, and silence proves nothing.
    """

    networks: tuple[Heard, ...]
    scenery: tuple[str, ...]


@dataclass(frozen=True)
class Beacons(Request[BeaconsHeard]):
    """The networks of the air, heard from no radio in particular."""


@dataclass(frozen=True)
class Member:
    """A station of the graders' and the network that it joins; no secret: an open network.

    ``identity``: an account, whose password is ``secret`` then; ``method``: how it is told (PEAP with MSCHAPv2 inside,
    TTLS with PAP inside).
    """

    station: str
    ssid: str
    secret: str = ""
    identity: str = ""
    method: Method = "PEAP"


@dataclass(frozen=True)
class Asked:
    """What the RADIUS server was asked about a member, and said. ``rows``: times as those of the handshake.

    ``answer``: "Access-Accept", "Access-Reject"; empty: neither. ``challenged``: it answered at all. ``vlan``: as the
    accept assigns it; empty: none. ``request``: the last Access-Request, in hexadecimal. ``waited``: seconds on the air
    between the first EAP answer of the station and the end of its session; 0: it gave none.
    """

    rows: tuple[Row, ...]
    answer: str
    challenged: bool
    vlan: str
    request: str
    waited: float


@dataclass(frozen=True)
class Joined:
    """What came of a :class:`Member`.

    ``handshake``: what it exchanged on the air until its key was set or refused. ``rejected``: the access point turned
    its secret down. ``key``: key management, as the station says ("WPA2-PSK", "SAE"). ``tags``: 802.1Q tags of its
    frames on the uplink of the access point (None: untagged); empty: none was seen there.
    """

    member: Member
    found: bool  # the network answered
    joined: bool
    rejected: bool
    bssid: str
    key: str
    handshake: tuple[Row, ...]
    address: str  # as leased, with prefix length; empty: no lease
    options: dict[int, str]  # of the DHCP ACK
    tags: tuple[int | None, ...]
    detail: str  # French
    asked: Asked | None = None  # with an account


@dataclass(frozen=True)
class SessionSeen(Answer):
    """In the order of the request."""

    members: tuple[Joined, ...]
    positive: tuple[Tried, ...]
    negative: tuple[Tried, ...]


@dataclass(frozen=True)
class Session(Request[SessionSeen]):
    """Stations join at the same moment and ask for leases; then, when all of them are there, attempts are made as in
    :class:`trilab.grading.requests.Window`. ``uplink``: port of an access point (node, interface), where their frames
    are looked for. ``server``: the node that answers by RADIUS about those with an account.
    """

    members: tuple[Member, ...]
    uplink: tuple[str, str]
    positive: tuple[Try, ...] = ()
    negative: tuple[Try, ...] = ()
    server: str = ""


@dataclass(frozen=True)
class StationSeen(Answer):
    """``state``: "COMPLETED" once joined. ``key``: key management."""

    state: str
    ssid: str
    bssid: str
    key: str


@dataclass(frozen=True)
class Station(Request[StationSeen]):
    """Which network a station of the candidate's has joined by itself."""

    node: str
