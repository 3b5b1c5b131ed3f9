"""DHCP server and relay: one dnsmasq, from the pools and helper addresses of the configuration.

A pool serves the interface whose network it holds, and the relays (RFC 2131, giaddr) of that network.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Literal

from trilab.nos.dataplane import names, system
from trilab.nos.dataplane.base import Lease
from trilab.nos.dataplane.system import RUN, STATE, Service
from trilab.nos.model import Config, DhcpPool

LEASES = STATE / "dhcp" / "leases"
SETTINGS = RUN / "dnsmasq.conf"
SHORTEST = 120  # seconds; dnsmasq refuses less


def ranges(
    network: IPv4Network, taken: list[tuple[IPv4Address, IPv4Address]]
) -> Iterator[tuple[IPv4Address, IPv4Address]]:
    """The host addresses of a network that no taken range holds, as inclusive ranges."""
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.prefixlen <= 30:
        first, last = first + 1, last - 1
    for low, high in sorted((int(low), int(high)) for low, high in taken):
        if high < first or low > last:
            continue
        if low > first:
            yield IPv4Address(first), IPv4Address(low - 1)
        first = max(first, high + 1)
    if first <= last:
        yield IPv4Address(first), IPv4Address(last)


def own_addresses(config: Config) -> list[IPv4Address]:
    """Addresses of the layer-3 interfaces; IOS never leases them."""
    found = [config.interfaces[name].address for name in names.layer3(config)]
    return [address.ip for address in found if address is not None]


def _option(tag: str, number: int, kind: Literal["ascii", "ip", "hex"], value: str) -> str:
    """A raw option, sent even when the client does not ask for it, as IOS does."""
    text = {
        "ascii": '"' + value.replace("\\", "").replace('"', "") + '"',
        "ip": ",".join(value.split()),
        "hex": ":".join(_pairs(value)),
    }[kind]
    return f"dhcp-option-force=tag:{tag},{number},{text}"


def _pairs(value: str) -> list[str]:
    digits = "".join(c for c in value if c not in ".: ")
    return [digits[at : at + 2] for at in range(0, len(digits), 2)]


def _pool(tag: str, pool: DhcpPool, network: IPv4Network, taken: list[tuple[IPv4Address, IPv4Address]]) -> list[str]:
    lease = "infinite" if pool.lease is None else str(max(SHORTEST, pool.lease))
    lines = [f"dhcp-range=set:{tag},{low},{high},{network.netmask},{lease}" for low, high in ranges(network, taken)]
    routers = ",".join(map(str, pool.default_routers))
    servers = ",".join(map(str, pool.dns_servers))
    lines.append(f"dhcp-option=tag:{tag},3{',' if routers else ''}{routers}")  # empty: do not offer ourselves
    lines.append(f"dhcp-option=tag:{tag},6{',' if servers else ''}{servers}")
    if pool.domain:
        lines.append(f"dhcp-option=tag:{tag},15,{pool.domain}")
    lines += [_option(tag, number, kind, value) for number, (kind, value) in sorted(pool.options.items())]
    return lines


def settings(config: Config) -> str | None:
    """The text of dnsmasq.conf; ``None`` when nothing is to be served or relayed."""
    taken = [*config.dhcp_excluded, *((address, address) for address in own_addresses(config))]
    body: list[str] = []
    pools = [pool for pool in config.dhcp_pools.values() if pool.network is not None]
    for number, pool in enumerate(pools):
        if pool.network is not None:
            body += _pool(f"p{number}", pool, pool.network, taken)
    listening = []
    for name, device in names.layer3(config).items():
        interface = config.interfaces[name]
        if interface.address is None or not names.enabled(config, name):
            continue
        listening.append(device)
        body += [f"dhcp-relay={interface.address.ip},{helper}" for helper in interface.helpers]
    if not body or not listening:
        return None
    head = [
        "port=0",
        "no-ping",
        "quiet-dhcp",
        "dhcp-authoritative",
        "dhcp-sequential-ip",
        "dhcp-ignore-names",
        f"dhcp-leasefile={LEASES}",
        f"except-interface={names.MANAGEMENT}",
    ]
    return "\n".join([*head, *(f"interface={device}" for device in sorted(listening)), *body, ""])


def parse_leases(text: str, now: float) -> list[Lease]:
    """dnsmasq's lease file: ``expiry mac address name client-id``; expired ones are left out."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) != 5 or not words[0].isdigit():
            continue
        expiry = int(words[0])
        if expiry and expiry < now:
            continue
        client = words[1] if words[4] == "*" else words[4]
        found.append(Lease(IPv4Address(words[2]), client, words[1], float(expiry) if expiry else None))
    return sorted(found, key=lambda lease: lease.address)


class Dhcp:
    """The running dnsmasq."""

    def __init__(self) -> None:
        self._service = Service("dnsmasq")
        self._text: str | None = None

    def apply(self, config: Config) -> None:
        """Restart only when the configuration's part changed; leases are kept in a file."""
        text = settings(config)
        if text == self._text and (text is None or self._service.running):
            return
        self._service.stop()
        if text is not None:
            system.write(SETTINGS, text)
            self._start()
        self._text = text

    def _start(self) -> None:
        LEASES.parent.mkdir(parents=True, exist_ok=True)
        LEASES.touch()
        owner = pwd.getpwnam("dnsmasq").pw_uid
        for path in (LEASES.parent, LEASES):
            os.chown(path, owner, -1)
        self._service.start(["dnsmasq", "--keep-in-foreground", f"--conf-file={SETTINGS}", "--pid-file="])

    def leases(self, now: float) -> list[Lease]:
        """Leases still valid at Unix time ``now``."""
        return parse_leases(LEASES.read_text(), now) if LEASES.exists() else []

    def clear(self, address: IPv4Address | None) -> None:
        """Forget one lease, or all; dnsmasq reads the file only when it starts."""
        if not LEASES.exists():
            return
        running = self._service.running
        self._service.stop()
        kept = [line for line in LEASES.read_text().splitlines() if address and str(address) not in line.split()]
        temporary = Path(f"{LEASES}.new")
        temporary.write_text("".join(f"{line}\n" for line in kept))
        temporary.replace(LEASES)
        if running:
            self._start()
