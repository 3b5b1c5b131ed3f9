"""Port security: the senders of each secure port. Frames come from the watch; what to forward becomes flows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from trilab.nos.dataplane.base import Notice
from trilab.nos.dataplane.flows import ON_TO_SNOOPING
from trilab.nos.dataplane.watch import Frame
from trilab.nos.features.port_security import PortSecurity, SecureAddress, SecurePort, SecurePorts, keep
from trilab.nos.model import Config
from trilab.nos.names import short
from trilab.nos.show.text import dotted


@dataclass
class _Port:
    """What was seen on a port: learnt address → (VLAN, since)."""

    learnt: dict[str, tuple[int, float]] = field(default_factory=dict)
    violations: int = 0
    last: tuple[str, int] = ("00:00:00:00:00:00", 0)


class Secure:
    """State beside the configuration. ``now``: seconds, monotonic."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._config: Config | None = None
        self._ports: dict[str, _Port] = {}

    def follow(self, config: Config) -> None:
        """Take a new configuration. What it holds now is no longer merely learnt; a shut port forgets."""
        self._config = config
        on = {n: i for n, i in config.interfaces.items() if i.parts[PortSecurity].enabled}
        self._ports = {name: self._ports.get(name, _Port()) for name in on}
        for name, interface in on.items():
            port = self._ports[name]
            for mac in interface.parts[PortSecurity].configured:
                port.learnt.pop(mac, None)
            if interface.shutdown:
                self.forget(name)
                port.violations = 0

    def forget(self, name: str, mac: str | None = None) -> None:
        """Forget what was learnt on a port: one address, or all."""
        port = self._ports.get(name)
        if port is not None and mac is None:
            port.learnt.clear()
        elif port is not None and mac is not None:
            port.learnt.pop(mac, None)

    def clear(self, name: str | None, mac: str | None) -> list[Notice]:
        """``clear port-security dynamic``: of one port or all, one address or all."""
        for each in self._ports:
            if name in (None, each):
                self.forget(each, mac)
        return []

    def _settings(self, name: str) -> PortSecurity:
        return PortSecurity() if self._config is None else self._config.interfaces[name].parts[PortSecurity]

    def known(self, name: str) -> frozenset[str] | None:
        """The senders that a port takes; ``None``: the port is not secure."""
        port = self._ports.get(name)
        return None if port is None else frozenset(self._settings(name).configured) | port.learnt.keys()

    def full(self, name: str) -> bool:
        """Whether a secure port takes no other sender."""
        return len(self.known(name) or ()) >= self._settings(name).maximum

    def passes(self, name: str, mac: str) -> bool:
        """Whether a sender may use a port."""
        known = self.known(name)
        return known is None or mac in known

    def frame(self, name: str, frame: Frame) -> tuple[list[Notice], bool]:
        """A frame of a sender that may be new: (what happened, the port must be disabled)."""
        port, known = self._ports.get(name), self.known(name)
        if port is None or known is None or self._config is None or frame.data[6] & 1:
            return [], False
        mac, vlan = frame.source, frame.vlan or self._config.interfaces[name].access_vlan
        port.last = mac, vlan
        if mac in known:
            return [], False
        if not self.full(name) and not self._elsewhere(name, mac):
            port.learnt[mac] = vlan, self._now()
            return list(self.sticky(name)), False
        action = self._settings(name).violation
        if action == "protect":
            return [], False
        port.violations += 1
        said = f"Security violation occurred, caused by MAC address {dotted(mac)} on port {name}."
        return [Notice("PORT_SECURITY", 2, "PSECURE_VIOLATION", said)], action == "shutdown"

    def _elsewhere(self, name: str, mac: str) -> bool:
        """Whether another secure port holds the address."""
        return any(other != name and mac in (self.known(other) or ()) for other in self._ports)

    def sticky(self, name: str) -> Iterator[Notice]:
        """The learnt addresses that the configuration is to keep."""
        if self._settings(name).sticky:
            for mac in self._ports[name].learnt:
                yield _kept(name, mac)

    def wake(self, linked: Set[str]) -> list[Notice]:
        """Forget what is too old, and what was learnt on ports that lost their link; what is to be kept from now on."""
        for name in self._ports.keys() - linked:
            self.forget(name)
        self._expire()
        return [notice for name in self._ports for notice in self.sticky(name)]

    def _expire(self) -> None:
        gone = [
            (name, mac)
            for name, port in self._ports.items()
            for mac, (_, since) in port.learnt.items()
            if self._settings(name).aging and self._now() - since >= 60 * self._settings(name).aging
        ]
        for name, mac in gone:
            self.forget(name, mac)

    def due(self) -> float | None:
        """Seconds until :meth:`wake` has something to do."""
        left = [
            60 * self._settings(name).aging - (self._now() - since)
            for name, port in self._ports.items()
            for _, since in port.learnt.values()
            if self._settings(name).aging
        ]
        return max(0.0, min(left)) if left else None

    def observe(self) -> SecurePorts:
        """All secure ports."""
        return SecurePorts({name: self._observe(name, port) for name, port in self._ports.items()})

    def _observe(self, name: str, port: _Port) -> SecurePort:
        settings = self._settings(name)
        vlan = 1 if self._config is None else self._config.interfaces[name].access_vlan
        found = [SecureAddress(mac, vlan, "SecureConfigured") for mac in settings.addresses]
        found += [SecureAddress(mac, vlan, "SecureSticky") for mac in settings.sticky_addresses]
        for mac, (seen, since) in port.learnt.items():
            left = int(settings.aging - (self._now() - since) / 60) if settings.aging else None
            found.append(SecureAddress(mac, seen, "SecureDynamic", left))
        return SecurePort(tuple(found), port.violations, port.last)

    def filters(self, devices: Mapping[str, int]) -> list[str]:
        """Flows of table 0 (:mod:`flows`): a full port drops other senders. ``devices``: interface → OpenFlow port."""
        lines = []
        for name, number in devices.items():
            known = self.known(name)
            if known is not None and self.full(name):
                port = f"in_port={number}"
                port = f"in_port={number}"
                lines += [f"priority=20,{port},dl_src={mac},actions={ON_TO_SNOOPING}" for mac in sorted(known)]
                lines.append(f"priority=10,{port},actions=drop")
        return lines


def _kept(name: str, mac: str) -> Notice:
    said = f"Address {dotted(mac)} is sticky on {short(name)}"
    return Notice("PORT_SECURITY", 6, "STICKY", said, lambda config: keep(config, name, mac))
