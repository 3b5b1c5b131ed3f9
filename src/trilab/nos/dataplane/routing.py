"""Static routes of the configuration as kernel routes. Pure.

IOS resolves a next hop through a connected network, or through another static route (recursion); a route whose next
hop cannot be resolved stays out of the table. The administrative distance becomes the kernel's metric.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from trilab.nos.dataplane import names
from trilab.nos.features.multilayer import forwards
from trilab.nos.model import Config, StaticRoute

DEPTH = 8  # recursion limit
ANY = IPv4Network("0.0.0.0/0")
Hop = tuple[IPv4Address | None, str]  # (gateway on the link, device)
DISCARD: Hop = (None, "")
Key = tuple[IPv4Network, int]


@dataclass(frozen=True)
class KernelRoute:
    """One route of the kernel; no hop means a discarding route (``Null0``)."""

    prefix: IPv4Network
    metric: int
    hops: tuple[Hop, ...]

    def line(self) -> str:
        """For ``ip -batch``."""
        if not self.hops:
            return f"route replace blackhole {self.prefix} metric {self.metric} proto static"
        parts = [
            f"{f'via {gateway} ' if gateway else ''}dev {device}{' onlink' if gateway else ''}"
            for gateway, device in self.hops
        ]
        hops = parts[0] if len(parts) == 1 else " ".join(f"nexthop {part}" for part in parts)
        return f"route replace {self.prefix} metric {self.metric} proto static {hops}"

    def removal(self) -> str:
        """For ``ip -batch``."""
        kind = "" if self.hops else "blackhole "
        return f"route del {kind}{self.prefix} metric {self.metric} proto static"


def connected(config: Config) -> dict[IPv4Network, str]:
    """Network → device, for the layer-3 interfaces that are not shut down."""
    found = {}
    for name, device in names.layer3(config).items():
        address = config.interfaces[name].address
        if address is not None and names.enabled(config, name):
            found[address.network] = device
    return found


def resolved(config: Config) -> list[tuple[StaticRoute, Hop]]:
    """The static routes that resolve, with the hop that they lead to."""
    nets = connected(config)
    static = list(config.routes)
    if config.role == "ap" or not forwards(config):  # "ip default-gateway" counts while IP routing is off
        static = [StaticRoute(ANY, next_hop=config.default_gateway)] if config.default_gateway else []
    found = ((route, _hop(config, route, static, nets, DEPTH)) for route in static)
    return [(route, hop) for route, hop in found if hop is not None]


def desired(config: Config) -> dict[Key, KernelRoute]:
    """Every static route that resolves; several of one prefix and distance share the load, as on IOS."""
    hops: dict[Key, list[Hop]] = {}
    for route, hop in resolved(config):
        known = hops.setdefault((route.prefix, route.distance), [])
        if hop != DISCARD and hop not in known:
            known.append(hop)
    return {key: KernelRoute(*key, tuple(found)) for key, found in hops.items()}


def _hop(
    config: Config, route: StaticRoute, static: Iterable[StaticRoute], nets: Mapping[IPv4Network, str], depth: int
) -> Hop | None:
    """Where the route leads: a hop, :data:`DISCARD`, or ``None`` when it does not resolve."""
    if route.interface == "Null0":
        return DISCARD
    if route.interface is not None:
        device = names.layer3(config).get(route.interface)
        return (route.next_hop, device) if device in nets.values() and device else None
    if route.next_hop is None or depth == 0:
        return None
    best = max((net for net in nets if route.next_hop in net), key=lambda net: net.prefixlen, default=None)
    through = max(
        (other for other in static if route.next_hop in other.prefix and other is not route and other.prefix != ANY),
        key=lambda other: other.prefix.prefixlen,
        default=None,
    )
    if best is not None and (through is None or best.prefixlen >= through.prefix.prefixlen):
        return route.next_hop, nets[best]
    return _hop(config, through, static, nets, depth - 1) if through is not None else None


def removals(old: Mapping[Key, KernelRoute], new: Mapping[Key, KernelRoute]) -> list[str]:
    """``ip`` lines for routes that are no longer wanted; the kernel may have removed them already, with their link."""
    return [route.removal() for key, route in old.items() if key not in new or bool(new[key].hops) != bool(route.hops)]
