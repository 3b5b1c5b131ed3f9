"""Links and addresses of the layer-3 interfaces, as ``ip -batch`` lines. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from ipaddress import IPv4Interface

from trilab.nos.dataplane import names
from trilab.nos.features.ospf.model import kernel_address
from trilab.nos.model import Config


@dataclass(frozen=True)
class Link:
    """One device as it must be. ``address`` is ``None`` for a layer-2 port."""

    device: str
    up: bool
    address: IPv4Interface | None = None

    @property
    def twin(self) -> str | None:
        """The other end of an SVI or a loopback, which are made with the configuration."""
        return names.twin(self.device)


def desired(config: Config, cabled: Set[str], disabled: Set[str] = frozenset()) -> dict[str, Link]:
    """Device → link, for the cabled ports (``ethN``), the router's inner ports and the SVIs.

    ``disabled``: interfaces that are err-disabled.
    """
    found: dict[str, Link] = {}
    inner = names.layer3(config)
    for name, interface in config.interfaces.items():
        up = names.enabled(config, name) and name not in disabled
        number = names.port_number(name)
        wire = f"eth{number}"
        if number is not None and wire not in cabled:
            continue
        if number is not None and not names.is_subinterface(name):
            found[wire] = Link(wire, up)
        device = inner.get(name)
        if device is not None:
            found[device] = Link(device, up, kernel_address(config, interface))
    return found


def create_pairs(old: Mapping[str, Link], new: Mapping[str, Link]) -> list[str]:
    """Make the veth pairs of SVIs and loopbacks; before Open vSwitch is told."""
    lines = []
    for link in _pairs(new):
        if link.device not in old:
            lines += [f"link add {link.device} type veth peer name {link.twin}", f"link set {link.twin} up"]
    return lines


def delete_pairs(old: Mapping[str, Link], new: Mapping[str, Link]) -> list[str]:
    """Remove the pairs that nothing needs; after Open vSwitch has let them go."""
    return [f"link del {link.device}" for link in _pairs(old) if link.device not in new]


def _pairs(links: Mapping[str, Link]) -> list[Link]:
    return [link for link in links.values() if link.twin is not None]


def changes(old: Mapping[str, Link], new: Mapping[str, Link]) -> list[str]:
    """Bring addresses and states to ``new``. Removals first: an address may move from one device to another.

    A device that is no longer wanted is an SVI or an inner port: it has gone with its addresses.
    """
    removed, added = [], []
    for device, link in new.items():
        before = old.get(device)
        if before == link:
            continue
        address = before.address if before else None
        if address is not None and address != link.address:
            removed.append(f"addr del {address} dev {device}")
        if before is None or before.up != link.up:
            added.append(f"link set {device} {'up' if link.up else 'down'}")
        if link.address is not None and address != link.address:
            added.append(f"addr replace {link.address}{_broadcast(link.address)} dev {device}")
    return removed + added


def _broadcast(address: IPv4Interface) -> str:
    return " brd +" if address.network.prefixlen <= 30 else ""  # RFC 3021: no broadcast on a /31
