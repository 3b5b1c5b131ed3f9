"""Between the ports' authenticators and the RADIUS servers: whoever passes is seen here (RFC 3579, RFC 3580).

hostapd asks us, with a secret of our own; we ask the servers of the configuration in turn, and sign anew both ways.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

from trilab.nos.dataplane import radius
from trilab.nos.dataplane.radius import Target, attributes, resigned, resigned_reply

CALLING_STATION, PORT_ID, TUNNEL_TYPE, TUNNEL_GROUP = 31, 87, 64, 81
VLAN = 13  # Tunnel-Type (RFC 3580, 3.31)
TAG_MAX = 0x1F  # a first byte up to it is a tag (RFC 2868, 3.6)


@dataclass(frozen=True)
class Servers:
    """Whom to ask, in turn, and how long: ``timeout`` seconds, ``tries`` times; ``own``: our address."""

    targets: tuple[Target, ...] = ()
    timeout: float = 5
    tries: int = 1
    own: IPv4Address | None = None


@dataclass(frozen=True)
class Passing:
    """What was seen: the port by name, its station, and for ``accept`` the VLAN assigned (number or name)."""

    kind: Literal["request", "accept", "reject"]
    port: str
    mac: str
    user: str
    vlan: str | None = None


def passing(packet: bytes, asked: bytes) -> Passing | None:
    """What a packet tells; ``asked``: the request it belongs to (itself for a request). ``None`` for a challenge."""
    kinds: dict[int, Literal["request", "accept", "reject"]] = {
        radius.ACCESS_REQUEST: "request", radius.ACCESS_ACCEPT: "accept", radius.ACCESS_REJECT: "reject",
    }  # fmt: skip
    if packet[0] not in kinds:
        return None
    about = {kind: value for kind, _, value in attributes(asked)}
    said = {kind: value for kind, _, value in reversed(list(attributes(packet)))}  # the first of several counts
    mac = about.get(CALLING_STATION, b"").decode(errors="replace").replace("-", ":").lower()
    user = said.get(radius.USER_NAME) or about.get(radius.USER_NAME, b"")
    vlan = None
    if said.get(TUNNEL_TYPE, b"")[-3:] == VLAN.to_bytes(3, "big") and (group := said.get(TUNNEL_GROUP)):
        vlan = group[1 if group[0] <= TAG_MAX else 0 :].decode(errors="replace")
    port = about.get(PORT_ID, b"").decode(errors="replace")
    return Passing(kinds[packet[0]], port, mac, user.decode(errors="replace"), vlan)


class Relay:
    """Listens on the loopback address. ``see`` is told, from a thread of the relay, before hostapd is."""

    def __init__(self, see: Callable[[Passing], None], dead: Callable[[Target], None]) -> None:
        self._see, self._dead = see, dead
        self.servers = Servers()
        self.secret = os.urandom(16).hex()
        self._link: socket.socket | None = None
        self._lock = threading.Lock()
        self._busy: set[bytes] = set()  # authenticators of the requests under way

    @property
    def port(self) -> int:
        """The UDP port; opens it when it is not."""
        if self._link is None:
            self._link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._link.bind(("127.0.0.1", 0))
            threading.Thread(target=self._serve, args=(self._link,), daemon=True).start()
        number: int = self._link.getsockname()[1]
        return number

    def _serve(self, link: socket.socket) -> None:
        while True:
            packet, place = link.recvfrom(4096)
            with self._lock:
                known = packet[4:20] in self._busy  # hostapd asks again while we still wait
                self._busy.add(packet[4:20])
            if not known:
                threading.Thread(target=self._carry, args=(link, packet, place), daemon=True).start()

    def _carry(self, link: socket.socket, packet: bytes, place: tuple[str, int]) -> None:
        try:
            answer = self._ask(packet)
            if answer is not None:
                link.sendto(resigned_reply(answer, self.secret.encode(), packet[4:20]), place)
        except (OSError, ValueError, IndexError):
            return  # a malformed packet, or hostapd has ended
        finally:
            with self._lock:
                self._busy.discard(packet[4:20])

    def _ask(self, packet: bytes) -> bytes | None:
        servers = self.servers
        self._tell(packet, packet)
        for target in servers.targets:
            sent = resigned(packet, target[2].encode())
            answer = radius.exchange(target, sent, timeout=servers.timeout, tries=servers.tries, own=servers.own)
            if answer is not None:
                self._tell(answer, packet)
                return answer
            self._dead(target)
        return None

    def _tell(self, packet: bytes, asked: bytes) -> None:
        seen = passing(packet, asked)
        if seen is not None:
            self._see(seen)
