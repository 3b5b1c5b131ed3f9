"""The data plane of a node: Open vSwitch, kernel routing, nftables, dnsmasq, lldpd, sshd, hostapd."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Literal, cast

from trilab.nos.dataplane import (
    acl,
    bridging,
    frrtable,
    names,
    nft,
    probe,
    radius,
    readback,
    sessions,
    switching,
    syslog,
    system,
)
from trilab.nos.dataplane.applier import Applier
from trilab.nos.dataplane.base import (
    AccessReply,
    AccessRequest,
    ArpEntry,
    DataplaneError,
    Lease,
    MacEntry,
    Notice,
    PingReply,
    PortState,
    RadioState,
    Route,
    Seen,
)
from trilab.nos.features.aaa.model import Aaa, Server
from trilab.nos.features.attacks import Quiet
from trilab.nos.features.dhcp_client import Leases
from trilab.nos.features.dot1x import ClearSessions, PortSessions
from trilab.nos.features.errdisable import DisabledPorts
from trilab.nos.features.etherchannel import Bundles
from trilab.nos.features.ipv6 import Held
from trilab.nos.features.lldp import Neighbours
from trilab.nos.features.mac_table import Flush
from trilab.nos.features.nat.table import Translation
from trilab.nos.features.ntp import Synchrony
from trilab.nos.features.port_security import Forget, SecurePorts
from trilab.nos.features.redundancy.model import Redundancy
from trilab.nos.features.snooping import Bindings, ForgetBindings
from trilab.nos.features.syslog import Datagram

BOOT = system.RUN / "boot"


class LinuxDataplane(Applier):
    """A :class:`~trilab.nos.dataplane.base.Dataplane`: what it is asked. Any thread may call its methods."""

    def observe(self, kind: type[Seen]) -> Seen:
        """What is true now of one feature area."""
        readers: dict[type, Callable[[], object]] = {
            DisabledPorts: self._guard.observe,
            Leases: self._clients.observe,
            Held: lambda: self._ipv6.observe(self._known()),
            SecurePorts: self._guard.secure.observe,
            Bindings: self._guard.snoop.observe,
            Neighbours: lambda: self._lldp.neighbours(self._known()),
            RadioState: self._radio.state,
            Synchrony: self._ntp.observe,
            PortSessions: self._access.observe,
            Redundancy: self._speaker.observe,
            Bundles: lambda: self._bundles(self._known()),
        }
        with self._lock:
            return cast("Seen", readers[kind]())

    def perform(self, action: object) -> None:
        """Do what a feature area's exec command asks."""
        if isinstance(action, Forget):
            self._react(lambda: self._guard.secure.clear(action.port, action.mac))
        elif isinstance(action, ForgetBindings):
            self._react(self._guard.snoop.forget)
        elif isinstance(action, ClearSessions):
            self._react(lambda: self._access.clear(action.port))
            self._watch.wake()
        elif isinstance(action, Flush):
            self._table.flush(action, self.mac_table())
        elif isinstance(action, Datagram):
            syslog.send(action)
        elif isinstance(action, Quiet):
            self._set_quiet(action)
        else:
            raise DataplaneError(f"{type(action).__name__}: not known here")

    # -- read back ---------------------------------------------------------------------------------------------

    def _facts(self) -> dict[str, readback.LinkFacts]:
        return readback.parse_links(system.run(["ip", "-json", "-stats", "link"]))

    def ports(self) -> dict[str, PortState]:
        """State and counters of every interface."""
        config, facts = self._known(), self._facts()
        if config.role == "ap":
            seen = readback.port_states(config, facts, {bridging.BVI_GROUP: True})
            air = readback.radio_states(config, facts, self.observe(RadioState))
            return bridging.states(config, {**seen, **air})
        carriers = {device for device, fact in facts.items() if fact.carrier}
        states = readback.port_states(config, facts, self._forwarding(carriers))
        states |= readback.channel_states(config, states, self._bundles(config).ports)
        causes = self.observe(DisabledPorts).ports
        return states | {name: replace(states[name], cause=port.cause) for name, port in causes.items()}

    def mac_table(self) -> list[MacEntry]:
        """Learnt addresses of a switch."""
        config = self._known()
        if config.role != "switch":
            return []
        shown = self._ovs.appctl("fdb/show", switching.SWITCH)
        learnt = readback.parse_fdb(shown, self._table.numbers(self._switching))
        return readback.mac_entries(config, learnt, self.observe(SecurePorts))

    def arp(self) -> list[ArpEntry]:
        """Neighbours and own addresses."""
        text = system.run(["ip", "-json", "-stats", "-4", "neigh", "show"])
        return readback.parse_arp(self._known(), text, self._facts())

    def clear_arp(self) -> None:
        """Forget the neighbours, except out of band."""
        self._ip(
            [f"neigh flush dev {device}" for device in names.layer3(self._known()).values() if device in self._links]
        )

    def routes(self) -> list[Route]:
        """The routing table, without anything out of band."""
        kernel = system.run(["ip", "-json", "-4", "route", "show", "table", "main"])
        config, states = self._known(), self.ports()
        if not self._frr.running:
            return readback.table(readback.own_routes(config, states), readback.statics(config, kernel, states))
        ospf = self.ask("ospfd", "show ip ospf route json")
        learnt = frrtable.routes(config, self.ask("zebra", "show ip route json"), ospf)
        return readback.table(readback.own_routes(config, states), learnt)

    def ask(self, daemon: str, question: str) -> Any:
        """The JSON answer of one of FRR's daemons; None when it does not run. Raises DataplaneError."""
        return self._frr.ask(daemon, question)

    def restart_ospf(self) -> None:
        """Begin OSPF again, its router ID chosen anew. Raises DataplaneError."""
        with self._lock:
            self._frr.restart_ospf(self._known())

    def leases(self) -> list[Lease]:
        """Leases given by the pools."""
        return self._dhcp.leases(time.time())

    def clear_leases(self, address: IPv4Address | None = None) -> None:
        """Forget one lease, or all."""
        with self._lock:
            self._dhcp.clear(address)

    def acl_hits(self, name: str) -> dict[int, int]:
        """Sequence number → packets matched wherever the list is applied."""
        return readback.hits(self._known(), name, self.counters())

    def counters(self) -> dict[str, int]:
        """Every counter of the packet filter by its name."""
        text = system.run(["nft", "--json", "list", "counters", "table", *nft.TABLE.split()])
        return readback.parse_counters(text)

    def clear_counters(self, name: str | None = None) -> None:
        """Set the counters of one list to zero, or those of all."""
        for counter in self.counters():
            if counter.startswith("c_" if name is None else f"c_{acl.identifier(name)}."):
                system.run(["nft", "reset", "counter", *nft.TABLE.split(), counter])

    def translations(self) -> list[Translation]:
        """Active translations of NAT, the static ones left out."""
        return self._nat.translations(self._known())

    def clear_translations(self) -> None:
        """Forget the active translations."""
        self._nat.clear(self._known())

    def ping(
        self,
        target: IPv4Address | IPv6Address,
        *,
        count: int,
        size: int,
        timeout: float,
        source: IPv4Address | IPv6Address | None,
    ) -> Iterator[PingReply]:
        """Raises DataplaneError."""
        return probe.ping(target, count=count, size=size, timeout=timeout, source=source)

    def traceroute(self, target: IPv4Address) -> Iterator[str]:
        """The lines of the reference traceroute."""
        return probe.traceroute(target)

    def open_session(self, protocol: Literal["ssh", "telnet"], target: IPv4Address, user: str | None) -> socket.socket:
        """Start the system's ssh or telnet client; see the contract. Raises DataplaneError."""
        return sessions.start(sessions.command(protocol, target, user))

    def radius(self, servers: Sequence[Server], request: AccessRequest) -> AccessReply | None:
        """Ask RADIUS servers in turn until one answers."""
        config = self._known()
        aaa = config.parts[Aaa]
        interface = config.interfaces.get(aaa.source or "")
        own = None if interface is None or interface.address is None else interface.address.ip
        for server in servers:
            place = cast("IPv4Address", server.address), server.auth_port, server.key or ""
            answer = radius.ask(place, request, timeout=aaa.timeout, tries=1 + aaa.retransmit, own=own)
            if answer is not None:
                return answer
            where = f"{server.address}:{server.auth_port},{server.acct_port}"
            self._hear(Notice("RADIUS", 4, "RADIUS_DEAD", f"RADIUS server {where} is not responding."))
        return None

    def uptime(self) -> float:
        """Seconds since the device booted."""
        now = float(Path("/proc/uptime").read_text().split()[0])
        return now - float(BOOT.read_text()) if BOOT.exists() else now
