"""802.1X port access entities: which ports are open, for whom, in which VLAN (IOS: Auth Manager). No system calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace

from trilab.nos.dataplane import names
from trilab.nos.dataplane.base import Notice
from trilab.nos.dataplane.flows import ON_TO_SNOOPING
from trilab.nos.defaults import clone
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.features.dot1x import AUTO, Dot1xPort, Gate, PortSession, PortSessions, controlled
from trilab.nos.features.vlan import name_of
from trilab.nos.model import Config
from trilab.nos.names import short
from trilab.nos.show.text import dotted


@dataclass
class _Port:
    """A controlled port with a link. ``session``: what ``show`` tells; ``due``: when something happens by itself."""

    number: int  # of this life of the port: its authenticator starts anew with it
    session: PortSession
    since: float
    due: float
    requests: int = 0  # identity requests that nobody answered
    failures: int = 0


class PortAccess:
    """State beside the configuration. ``now``: seconds, monotonic; ``request`` asks the station on a port who it is."""

    def __init__(self, now: Callable[[], float], request: Callable[[str], None]) -> None:
        self._now, self._request = now, request
        self._config: Config | None = None
        self._ports: dict[str, _Port] = {}
        self._linked: frozenset[str] = frozenset()
        self._count = 0

    # what changes

    def follow(self, config: Config) -> None:
        """Take a new configuration, as it was typed."""
        before, self._config = self._config, config
        for name in list(self._ports):
            old = None if before is None else before.interfaces[name].parts[Dot1xPort]
            interface = config.interfaces.get(name)
            if interface is None or interface.parts[Dot1xPort] != old:
                del self._ports[name]
        self._settle()

    def linked(self, ports: Set[str]) -> list[Notice]:
        """The ports that have a link. One that lost it forgets everybody."""
        self._linked = frozenset(ports)
        self._settle()
        return []

    def _settle(self) -> None:
        wanted = {name for name in self._linked if self._auto(name)}
        for name in self._ports.keys() - wanted:
            del self._ports[name]
        for name in wanted - self._ports.keys():
            self._begin(name)

    def _auto(self, name: str) -> bool:
        interface = None if self._config is None else self._config.interfaces.get(name)
        if interface is None or self._config is None or interface.shutdown or not controlled(self._config, interface):
            return False
        return interface.parts[Dot1xPort].control == AUTO

    def _begin(self, name: str, failures: int = 0) -> None:
        """A port whose station is not known (any more)."""
        self._count += 1
        session = PortSession("Running", number=self._count)
        self._ports[name] = _Port(self._count, session, self._now(), self._now(), failures=failures)

    def clear(self, name: str | None) -> list[Notice]:
        """``clear authentication sessions``."""
        for each in list(self._ports):
            if name in (None, each):
                self._begin(each)
        return []

    # what happens on the wire

    def asked(self, name: str, mac: str, user: str) -> list[Notice]:
        """A station answered: its server is being asked."""
        port = self._ports.get(name)
        if port is None:
            return []
        port.due, port.requests = math.inf, 0
        if port.session.mac == mac and port.session.user:
            return []
        port.session = PortSession("Running", mac, user, number=port.number)
        said = f"Starting 'dot1x' for client ({dotted(mac)}) on Interface {short(name)}"
        return [Notice("AUTHMGR", 5, "START", said)]

    def accepted(self, name: str, mac: str, user: str, vlan: str | None) -> list[Notice]:
        """A server let a station in. ``vlan``: the VLAN that it assigns, by number or name."""
        port = self._ports.get(name)
        if port is None or self._config is None:
            return []
        given = vlan if self._config.parts[Aaa].network else None
        number = None if given is None else self._vlan(given)
        who = f"client ({dotted(mac)}) on Interface {short(name)}"
        if given is not None and number is None:
            said = f"Attempt to assign non-existent or shutdown VLAN {given} to 802.1x port {name}"
            port.session = PortSession("Authz Failed", mac, user, number=port.number)
            return [Notice("DOT1X_SWITCH", 5, "ERR_VLAN_NOT_FOUND", said)]
        notices = [Notice("DOT1X", 5, "SUCCESS", f"Authentication successful for {who}")]
        if number is not None:
            notices.append(Notice("AUTHMGR", 5, "VLANASSIGN", f"VLAN {number} assigned to Interface {short(name)}"))
        self._open(port, PortSession("Authz Success", mac, user, "Authentication Server", number, number=port.number))
        port.failures = 0
        return [*notices, Notice("AUTHMGR", 5, "SUCCESS", f"Authorization succeeded for {who}")]

    def _vlan(self, given: str) -> int | None:
        vlans = {} if self._config is None else self._config.vlans
        found = {name_of(vlan): vid for vid, vlan in vlans.items()} | {str(vid): vid for vid in vlans}
        return found.get(given)

    def _open(self, port: _Port, session: PortSession) -> None:
        port.session, port.since, port.due = session, self._now(), math.inf

    def rejected(self, name: str, mac: str, user: str) -> list[Notice]:
        """A server kept a station out."""
        port = self._ports.get(name)
        if port is None or self._config is None:
            return []
        settings = self._config.interfaces[name].parts[Dot1xPort]
        port.failures += 1
        said = f"Authentication failed for client ({dotted(mac)}) on Interface {short(name)}"
        notices = [Notice("DOT1X", 5, "FAIL", said)]
        vlan = settings.fail_vlan
        if vlan in self._config.vlans and port.failures > settings.fail_retry:
            session = PortSession("Authz Success", mac, "", "Auth Fail Vlan", vlan, number=port.number)
            self._open(port, session)
            notices.append(Notice("AUTHMGR", 5, "VLANASSIGN", f"VLAN {vlan} assigned to Interface {short(name)}"))
        else:
            port.session = PortSession("Authz Failed", mac, user, number=port.number)
            port.due = self._now() + settings.quiet_period
        return notices

    def gone(self, name: str, mac: str) -> list[Notice]:
        """A station logged off."""
        port = self._ports.get(name)
        if port is not None and port.session.mac == mac and port.session.by == "Authentication Server":
            self._begin(name)
        return []

    def wake(self) -> list[Notice]:
        """Time went by."""
        return [notice for name in list(self._ports) for notice in self._wake(name, self._ports[name])]

    def _wake(self, name: str, port: _Port) -> list[Notice]:
        if port.due > self._now() or self._config is None:
            return []
        settings = self._config.interfaces[name].parts[Dot1xPort]
        if port.session.status == "Authz Failed":
            self._begin(name, port.failures)
            return []
        if port.requests > settings.max_requests and settings.guest_vlan in self._config.vlans:
            vlan = settings.guest_vlan
            session = PortSession("Authz Success", None, "", "Guest Vlan", vlan, number=port.number)
            self._open(port, session)
            return [Notice("AUTHMGR", 5, "VLANASSIGN", f"VLAN {vlan} assigned to Interface {short(name)}")]
        port.requests += 1
        port.due = self._now() + settings.tx_period
        if settings.pae:
            self._request(name)
        return []

    def due(self) -> float | None:
        """Seconds until :meth:`wake` has something to do."""
        left = [port.due - self._now() for port in self._ports.values() if port.due < math.inf]
        return max(0.0, min(left)) if left else None

    # what follows from it

    @property
    def state(self) -> tuple[tuple[str, Gate, int | None], ...]:
        """What the switching depends on."""
        return tuple((name, self._gate(name), port.session.vlan) for name, port in sorted(self._ports.items()))

    def authenticators(self) -> dict[str, int]:
        """The ports that need an authenticator, and the number of their life: with another one, it starts anew."""
        config = self._config
        if config is None:
            return {}
        speaking = (name for name in self._ports if config.interfaces[name].parts[Dot1xPort].pae)
        return {name: self._ports[name].number for name in speaking}

    def _gate(self, name: str) -> Gate:
        port = self._ports.get(name)
        if port is None or port.session.status != "Authz Success":
            return Gate(closed=True)
        multi = self._config is not None and self._config.interfaces[name].parts[Dot1xPort].multi
        return Gate(only=None if multi else port.session.mac)

    def effective(self, config: Config) -> Config:
        """The configuration with the gates of the controlled ports, and the VLANs assigned to them."""
        names_ = [name for name, one in config.interfaces.items() if controlled(config, one)]
        if not names_:
            return config
        found = clone(config)
        for name in names_:
            interface, port = found.interfaces[name], self._ports.get(name)
            interface.parts.put(self._gate(name))
            if port is not None and port.session.vlan is not None:
                interface.access_vlan = port.session.vlan
        return found

    def observe(self) -> PortSessions:
        """The sessions of the ports where somebody is, or was refused."""
        now = self._now()
        return PortSessions({
            name: replace(port.session, seconds=int(now - port.since))
            for name, port in sorted(self._ports.items(), key=lambda item: names.port_number(item[0]) or 0)
            if port.session.mac is not None or port.session.by
        })  # fmt: skip


def filters(config: Config, devices: Mapping[str, int]) -> list[str]:
    """Flows of table 0 (:mod:`flows`) for an effective configuration. ``devices``: interface → OpenFlow port."""
    lines = []
    for name, number in devices.items():
        gate = config.interfaces[name].parts[Gate]
        if gate.closed:
            lines.append(f"priority=40,in_port={number},actions=drop")
        elif gate.only is not None:
            lines.append(f"priority=30,in_port={number},dl_src={gate.only},actions={ON_TO_SNOOPING}")
            lines.append(f"priority=25,in_port={number},actions=drop")
    return lines
