"""What NAT is configured to do. «Local» is how the inside sees an address, «global» how the outside does."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Literal

LARGEST = 256  # addresses of a pool


@dataclass(frozen=True)
class Pool:
    """``ip nat pool NAME FIRST LAST netmask MASK``."""

    name: str
    first: IPv4Address
    last: IPv4Address
    length: int  # of the mask, in bits

    @property
    def addresses(self) -> list[IPv4Address]:
        """From the first to the last."""
        return [IPv4Address(number) for number in range(int(self.first), int(self.last) + 1)]


@dataclass(frozen=True)
class Static:
    """``ip nat inside source static …``. Without protocol the whole address is translated."""

    local: IPv4Address
    outside: IPv4Address | None = None  # the global address; None: that of ``interface``
    protocol: Literal["", "tcp", "udp"] = ""
    local_port: int = 0
    outside_port: int = 0
    interface: str | None = None


@dataclass(frozen=True)
class Dynamic:
    """``ip nat inside source list ACL …``: to a pool, or to the address of an interface."""

    acl: str
    pool: str | None = None
    interface: str | None = None
    overload: bool = False


@dataclass(frozen=True)
class Nat:
    """The device's part."""

    pools: tuple[Pool, ...] = ()
    statics: tuple[Static, ...] = ()
    dynamics: tuple[Dynamic, ...] = ()

    def pool(self, name: str | None) -> Pool | None:
        """A pool by name."""
        return next((pool for pool in self.pools if pool.name == name), None)


@dataclass(frozen=True)
class Side:
    """An interface's part: ``ip nat inside`` or ``ip nat outside``."""

    side: Literal["", "inside", "outside"] = ""
