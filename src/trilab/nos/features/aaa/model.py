"""What ``aaa``, ``radius server`` and ``radius-server`` lines set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

AUTH_PORT, ACCT_PORT = 1645, 1646  # IOS security command reference, "radius-server host": not the ports of RFC 2865
ALL_SERVERS = "radius"  # the group that every server is in
TIMEOUT, RETRANSMIT = 5, 3  # seconds, times; IOS security command reference, "radius-server timeout"
GROUP = "group "  # how a method that asks servers begins
Lists = tuple[tuple[str, tuple[str, ...]], ...]  # (name, methods in the order in which they are tried)


@dataclass(frozen=True)
class Server:
    """``radius server NAME``, or with an empty name ``radius-server host``."""

    name: str = ""
    address: IPv4Address | None = None
    auth_port: int = AUTH_PORT
    acct_port: int = ACCT_PORT
    key: str | None = None


@dataclass(frozen=True)
class Group:
    """``aaa group server radius NAME``: servers by name, or by address and ports."""

    name: str
    members: tuple[str | tuple[IPv4Address, int, int], ...] = ()


@dataclass(frozen=True)
class Aaa:
    """Everything about AAA. A method is ``group NAME``, or a word such as ``local``."""

    new_model: bool = False
    servers: tuple[Server, ...] = ()
    groups: tuple[Group, ...] = ()
    logins: Lists = ()  # aaa authentication login
    enable: tuple[str, ...] = ()  # aaa authentication enable default
    dot1x: tuple[str, ...] = ()  # aaa authentication dot1x default
    execs: tuple[str, ...] = ()  # aaa authorization exec default
    network: tuple[str, ...] = ()  # aaa authorization network default
    key: str | None = None  # radius-server key
    timeout: int = TIMEOUT  # seconds
    retransmit: int = RETRANSMIT
    source: str | None = None  # ip radius source-interface

    def login_methods(self, name: str | None) -> tuple[str, ...]:
        """How a terminal line authenticates. As on IOS, local accounts do where no list says anything."""
        lists = dict(self.logins)
        return lists.get(name or "default") or lists.get("default") or ("local",)

    def servers_of(self, list_name: str) -> list[Server]:
        """The servers that an authentication list asks, with their keys; those without address or key are left out."""
        return self.servers_for(dict(self.logins).get(list_name, ()))

    def servers_for(self, methods: Iterable[str]) -> list[Server]:
        """The servers of the groups among some methods, as :meth:`servers_of`."""
        found: list[Server] = []
        for name in (method.removeprefix(GROUP) for method in methods if method.startswith(GROUP)):
            found += self.servers if name == ALL_SERVERS else self._members(name)
        keyed = (replace(server, key=server.key or self.key) for server in found)
        usable = (server for server in keyed if server.address is not None and server.key is not None)
        return list(dict.fromkeys(usable)) if self.new_model else []

    def _members(self, name: str) -> list[Server]:
        group = next((group for group in self.groups if group.name == name), Group(name))
        found = []
        for member in group.members:
            for server in self.servers:
                place = (server.address, server.auth_port, server.acct_port)
                if member == (server.name or None) or (not server.name and member == place):
                    found.append(server)
        return found
