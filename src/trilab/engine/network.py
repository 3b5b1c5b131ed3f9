"""What the kernel of a node says of its network: interfaces, IPv4 addresses, default routes.

Read by netlink (rtnetlink(7)) through a socket of the node's network namespace, so that a look costs no process; where
there is no such socket, with ``ip -json`` of the untouched image.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from trilab.engine.base import Completed, Interface, NodeNetwork
from trilab.errors import ObservationError

# rtnetlink(7), netlink(7): messages, attributes, values. Parsed here: pyroute2 takes thirty times as long for a look,
# and a grading looks some hundred times.
_GET_LINK, _GET_ADDRESS, _GET_ROUTE = 18, 22, 26
_DONE, _ERROR = 3, 2
_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_LINK_MAC, _LINK_NAME = 1, 3
_ADDRESS_LOCAL = 2
_ROUTE_GATEWAY, _ROUTE_MULTIPATH = 5, 9
_GLOBAL, _MAIN, _UNICAST = 0, 254, 1
_MESSAGE, _ATTRIBUTE = struct.Struct("=IHHII"), struct.Struct("=HH")
_LINK, _ADDRESS, _ROUTE = struct.Struct("=BxHiII"), struct.Struct("=BBBBI"), struct.Struct("=8BI")
_HOP = struct.Struct("=HBBi")
_NO_STATISTICS = struct.pack("=HHI", 8, 29, 8)  # IFLA_EXT_MASK: RTEXT_FILTER_SKIP_STATS
_ANSWER = 5.0  # seconds; the kernel answers at once
_BUFFER = 1 << 16  # bytes: more than a dump gives at a time


def by_netlink(connection: socket.socket) -> NodeNetwork:
    """Read it through a NETLINK_ROUTE socket, which is closed. Raises ObservationError."""
    connection.settimeout(_ANSWER)
    found = _Found()
    with connection:
        try:
            for body in _dump(connection, _GET_LINK, bytes(_LINK.size) + _NO_STATISTICS):
                attributes = _attributes(body, _LINK.size)
                name = attributes[_LINK_NAME].rstrip(b"\0").decode()
                found.link(_LINK.unpack_from(body)[2], name, attributes.get(_LINK_MAC, b"").hex(":"))
            for body in _dump(connection, _GET_ADDRESS, struct.pack("=B7x", socket.AF_INET)):
                family, length, _, scope, index = _ADDRESS.unpack_from(body)
                local = _attributes(body, _ADDRESS.size).get(_ADDRESS_LOCAL)
                if (family, scope) == (socket.AF_INET, _GLOBAL) and local:
                    found.addresses.setdefault(index, []).append(f"{socket.inet_ntoa(local)}/{length}")
            for body in _dump(connection, _GET_ROUTE, struct.pack("=B11x", socket.AF_INET)):
                found.gateways += _default_hops(body)
        except OSError as error:
            raise ObservationError(f"Réseau du nœud illisible ({error.strerror or 'délai'}).") from error
    return found.network()


def _dump(connection: socket.socket, kind: int, request: bytes) -> Iterator[bytes]:
    """The body of each message of a dump. Raises OSError."""
    connection.send(_MESSAGE.pack(_MESSAGE.size + len(request), kind, _DUMP, 1, 0) + request)
    while True:
        data = connection.recv(_BUFFER)
        while data:
            length, said, _, _, _ = _MESSAGE.unpack_from(data)
            body, data = data[_MESSAGE.size : length], data[_aligned(length) :]
            if said == _DONE:
                return
            if said == _ERROR:
                raise OSError(-struct.unpack_from("=i", body)[0], "netlink")
            yield body


def _aligned(length: int) -> int:
    return (length + 3) & ~3


def _attributes(data: bytes, start: int) -> dict[int, bytes]:
    found, at = {}, start
    while at + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size:
            break
        found[kind & 0x3FFF] = data[at + _ATTRIBUTE.size : at + length]
        at += _aligned(length)
    return found


def _default_hops(body: bytes) -> list[str]:
    """The next hops of a route, where it is a default route of the main table."""
    family, length, _, _, table, _, _, kind, _ = _ROUTE.unpack_from(body)
    if (family, length, table, kind) != (socket.AF_INET, 0, _MAIN, _UNICAST):
        return []
    attributes = _attributes(body, _ROUTE.size)
    hops, several = [attributes], attributes.get(_ROUTE_MULTIPATH, b"")
    while len(several) >= _HOP.size:
        size = _HOP.unpack_from(several)[0]
        hops.append(_attributes(several[:size], _HOP.size))
        several = several[_aligned(max(size, _HOP.size)) :]
    return [socket.inet_ntoa(hop[_ROUTE_GATEWAY]) for hop in hops if _ROUTE_GATEWAY in hop]


def by_program(run: Callable[[list[str]], Completed]) -> NodeNetwork:
    """Read it with ``ip -json``. Raises ObservationError."""

    def said(*words: str) -> Any:
        done = run(["ip", "-json", "-4", *words])
        if done.returncode != 0:
            raise ObservationError(f"Réseau du nœud illisible ({done.stderr.strip()}).")
        return json.loads(done.stdout or "[]")

    found = _Found()
    for link in said("link", "show"):
        found.link(link["ifindex"], link["ifname"], link.get("address", ""))
    for link in said("address", "show", "scope", "global"):
        locals_ = [f"{one['local']}/{one['prefixlen']}" for one in link.get("addr_info", ()) if "local" in one]
        if "ifindex" in link:
            found.addresses[link["ifindex"]] = locals_
    for route in said("route", "show", "default"):
        found.gateways += [str(hop["gateway"]) for hop in (route, *route.get("nexthops", ())) if "gateway" in hop]
    return found.network()


@dataclass
class _Found:
    """By index of the interface, in the kernel's order."""

    links: dict[int, tuple[str, str]] = field(default_factory=dict)
    addresses: dict[int, list[str]] = field(default_factory=dict)
    gateways: list[str] = field(default_factory=list)

    def link(self, index: int, name: str, mac: str) -> None:
        self.links[index] = (name, mac)

    def network(self) -> NodeNetwork:
        made = (Interface(name, mac, tuple(self.addresses.get(index, ()))) for index, (name, mac) in self.links.items())
        return NodeNetwork(tuple(made), tuple(self.gateways))
