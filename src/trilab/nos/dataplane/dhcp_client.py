"""The DHCP clients of the device: one udhcpc for each interface that asks, and the configuration with what they got."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from trilab.nos.dataplane import names
from trilab.nos.dataplane.base import Notice
from trilab.nos.dataplane.system import Service
from trilab.nos.defaults import clone
from trilab.nos.features.dhcp_client import DISTANCE, DhcpClient, Lease, Leases
from trilab.nos.model import Config, StaticRoute

SCRIPT = "/usr/lib/trilab/lease"  # says what the server gave, and changes nothing


def parse(line: str) -> tuple[str, Lease | None] | None:
    """One line of the script: the event, and the lease that it brings; None for other output."""
    fields = line.rstrip("\n").split("\t")
    if len(fields) != 11 or fields[0] != "lease":
        return None
    event, address, mask, router = fields[1:5]
    if event not in ("bound", "renew") or not address:
        return event, None
    given = IPv4Interface(f"{address}/{mask or '255.255.255.255'}")
    gateway = IPv4Address(router.split()[0]) if router.split() else None
    server = IPv4Address(fields[10]) if fields[10] else None
    return event, Lease(given, gateway, server, int(fields[9] or 0))


@dataclass
class _Client:
    device: str
    service: Service
    lease: Lease | None = None


class DhcpClients:
    """The running clients. ``changed`` is called, from a thread of its own, when a lease comes or goes."""

    def __init__(self, changed: Callable[[Notice | None], None]) -> None:
        self._changed = changed
        self._clients: dict[str, _Client] = {}

    def effective(self, config: Config) -> Config:
        """The configuration with the leased addresses, and the servers' default routes behind the configured ones."""
        held = self._held(config)
        if not held:
            return config
        found, routes = clone(config), list(config.routes)
        for name, lease in held.items():
            found.interfaces[name].address = lease.address
            route = StaticRoute(IPv4Interface("0.0.0.0/0").network, lease.router, None, DISTANCE)
            if lease.router is not None and route not in routes:
                routes.append(route)
            if config.role != "router" and config.default_gateway is None:
                found.default_gateway = lease.router
        found.routes = routes
        return found

    def _held(self, config: Config) -> dict[str, Lease]:
        return {name: client.lease for name, client in self._clients.items()
                if client.lease is not None and _asking(config).get(name) == client.device}  # fmt: skip

    def release(self, config: Config) -> None:
        """Stop those that should no longer ask; before the links: to give a lease back takes its address."""
        wanted = _asking(config)
        for name, client in list(self._clients.items()):
            if wanted.get(name) != client.device:
                del self._clients[name]
                client.service.stop()

    def apply(self, config: Config) -> None:
        """Start those that are missing; after the links. Raises DataplaneError."""
        for name, device in _asking(config).items():
            if name not in self._clients:
                self._start(name, device, config.hostname)

    def _start(self, name: str, device: str, hostname: str) -> None:
        client = _Client(device, Service(f"dhcp-{device}"))
        reading, writing = os.pipe()
        argv = ["/usr/sbin/udhcpc", "-f", "-S", "-R", "-t", "3", "-T", "1", "-A", "3", "-i", device, "-s", SCRIPT]
        try:
            client.service.start([*argv, "-x", f"hostname:{hostname}"], output=writing)
        finally:
            os.close(writing)
        self._clients[name] = client
        threading.Thread(target=self._listen, args=(name, client, reading, hostname), daemon=True).start()

    def _listen(self, name: str, client: _Client, reading: int, hostname: str) -> None:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                found = parse(line)
                if found is None or self._clients.get(name) is not client:
                    continue
                event, lease = found
                if event in ("bound", "renew", "deconfig") and lease != client.lease:
                    client.lease = lease
                    self._changed(None if lease is None else _assigned(name, lease, hostname))

    def observe(self) -> Leases:
        """The leases now."""
        return Leases({name: client.lease for name, client in self._clients.items() if client.lease is not None})


def _asking(config: Config) -> dict[str, str]:
    """Interface → device, for those that ask and are not shut down."""
    return {
        name: device
        for name, device in names.layer3(config).items()
        if config.interfaces[name].parts[DhcpClient].enabled and names.enabled(config, name)
    }


def _assigned(name: str, lease: Lease, hostname: str) -> Notice:
    given = f"DHCP address {lease.address.ip}, mask {lease.address.netmask}"
    return Notice("DHCP", 6, "ADDRESS_ASSIGN", f"Interface {name} assigned {given}, hostname {hostname}")
