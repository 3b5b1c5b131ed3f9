"""DHCP snooping at work. On untrusted ports servers' messages are dropped by flows, and clients' messages come here:
this switch's CPU looks at each one before it goes on, as on the gear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from trilab.nos.dataplane import bootp, switching
from trilab.nos.dataplane.base import Notice
from trilab.nos.dataplane.bootp import Message
from trilab.nos.dataplane.watch import Frame
from trilab.nos.features import snooping
from trilab.nos.features.snooping import Bindings, Bound, Snooping, SnoopingPort
from trilab.nos.model import Config
from trilab.nos.show.text import dotted

POLICE = 200  # DHCP messages per second and port that the CPU looks at; more are dropped unseen
_INFINITE = 0xFFFFFFFF


@dataclass(frozen=True)
class _Lease:
    address: IPv4Address
    ends: float
    interface: str


@dataclass(frozen=True)
class Outcome:
    """What to do about a frame: tell, disable the port, send the frame on."""

    notices: tuple[Notice, ...] = ()
    disable: bool = False
    forward: bool = False


class Snoop:
    """State beside the configuration. ``now``: seconds, monotonic."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._config: Config | None = None
        self._vlans: frozenset[int] = frozenset()
        self._asked: dict[tuple[int, str], str] = {}  # VLAN, client → interface
        self._leases: dict[tuple[int, str], _Lease] = {}
        self._rates: dict[str, tuple[int, int]] = {}  # interface → second, messages in it
        self._dropped: Counter[str] = Counter()

    def follow(self, config: Config) -> None:
        """Take a new configuration; leases of VLANs that are not snooped any more are forgotten."""
        self._config, self._vlans = config, snooping.active(config)
        self._asked = {key: name for key, name in self._asked.items() if key[0] in self._vlans}
        self._leases = {key: one for key, one in self._leases.items() if key[0] in self._vlans}

    @property
    def active(self) -> bool:
        """Whether some VLAN is snooped."""
        return bool(self._vlans)

    def forget(self) -> list[Notice]:
        """``clear ip dhcp snooping binding *``."""
        self._leases.clear()
        return []

    def filters(self, devices: Mapping[str, int]) -> list[str]:
        """Flows of table 1 (:mod:`flows`). ``devices``: interface → OpenFlow port."""
        lines = []
        for name, number in devices.items():
            for match in self._matches(name):
                lines.append(f"priority=20,in_port={number},{match},udp,tp_src=67,actions=drop")
                lines.append(f"priority=10,in_port={number},{match},udp,tp_dst=67,actions=drop")  # it comes to frame()
        return lines

    def _matches(self, name: str) -> list[str]:
        """Matches of the snooped VLANs as their frames arrive on an untrusted port."""
        if self._config is None or self._config.interfaces[name].parts[SnoopingPort].trusted:
            return []
        interface = self._config.interfaces[name]
        untagged, carried = switching.vlans_of(interface, self._config.vlans.keys())
        seen = sorted(carried & self._vlans)
        return ["dl_vlan=0xffff" if vlan == untagged else f"dl_vlan={vlan}" for vlan in seen]

    def frame(self, name: str, frame: Frame) -> Outcome:
        """A DHCP message came in on a port."""
        message = bootp.read(frame) if self._config is not None else None
        if message is None or self._config is None:
            return Outcome()
        interface = self._config.interfaces[name]
        untagged, carried = switching.vlans_of(interface, self._config.vlans.keys())
        vlan = untagged if frame.vlan is None else frame.vlan
        if vlan is None or vlan not in carried & self._vlans:
            return Outcome()
        count = self._count(name)
        rate = interface.parts[SnoopingPort].rate
        if rate is not None and count > rate:
            said = f"DHCP Snooping received {count} DHCP packets on interface {name}"
            return Outcome((Notice("DHCP_SNOOPING", 4, "DHCP_SNOOPING_ERRDISABLE_WARNING", said),), disable=True)
        if interface.parts[SnoopingPort].trusted:
            self._learn(vlan, message)
            return Outcome()
        return self._untrusted(name, vlan, frame, message) if count <= POLICE else Outcome()

    def _count(self, name: str) -> int:
        second = int(self._now())
        before, count = self._rates.get(name, (second, 0))
        self._rates[name] = second, count + 1 if before == second else 1
        return self._rates[name][1]

    def _learn(self, vlan: int, message: Message) -> None:
        """An answer of a trusted server: it binds the client to the port that asked."""
        key = vlan, message.client
        if message.from_server and message.kind == bootp.ACK and key in self._asked and int(message.address):
            seconds = message.lease if message.lease is not None else _INFINITE
            self._leases[key] = _Lease(message.address, self._now() + seconds, self._asked[key])

    def _untrusted(self, name: str, vlan: int, frame: Frame, message: Message) -> Outcome:
        reason = self._refusal(name, vlan, frame, message)
        if reason is not None:
            title, text = reason
            self._dropped[title] += 1
            said = f"DHCP_SNOOPING {text}, message type: {message.name}, chaddr: {dotted(message.client)}, "
            return Outcome((Notice("DHCP_SNOOPING", 5, title, f"{said}MAC sa: {dotted(frame.source)}"),))
        key = vlan, message.client
        self._asked[key] = name
        if message.kind in (bootp.RELEASE, bootp.DECLINE):
            self._leases.pop(key, None)
        return Outcome(forward=True)

    def _refusal(self, name: str, vlan: int, frame: Frame, message: Message) -> tuple[str, str] | None:
        """Why a message from an untrusted port goes no further (IOS: "DHCP snooping", packet validation)."""
        if message.from_server:
            return "DHCP_SNOOPING_UNTRUSTED_PORT", "drop message on untrusted port"
        verify = self._config is None or self._config.parts[Snooping].verify
        if verify and message.client != frame.source:
            return "DHCP_SNOOPING_MATCH_MAC_FAIL", "drop message because the chaddr doesn't match source mac"
        if int(message.relay) or message.agent:
            return "DHCP_SNOOPING_NONZERO_GIADDR", "drop message with non-zero giaddr or option82 value"
        lease = self._leases.get((vlan, message.client))
        if message.kind in (bootp.RELEASE, bootp.DECLINE) and lease is not None and lease.interface != name:
            return "DHCP_SNOOPING_FAKE_INTERFACE", "drop message with mismatched source interface"
        return None

    def wake(self) -> None:
        """Forget leases that ended."""
        self._leases = {key: one for key, one in self._leases.items() if one.ends > self._now()}

    def due(self) -> float | None:
        """Seconds until :meth:`wake` has something to do."""
        return min((max(0.0, one.ends - self._now()) for one in self._leases.values()), default=None)

    def observe(self) -> Bindings:
        """The binding table."""
        leases = [
            Bound(mac, one.address, max(0, int(one.ends - self._now())), vlan, one.interface)
            for (vlan, mac), one in self._leases.items()
        ]
        return Bindings(tuple(sorted(leases, key=lambda one: (one.vlan, one.address))), dict(self._dropped))
