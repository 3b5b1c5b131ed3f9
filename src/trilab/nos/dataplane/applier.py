"""Making the node's system match a configuration, and what happens by itself meanwhile."""

from __future__ import annotations

import contextlib
import copy
import threading
import time
from collections.abc import Callable, Set
from ipaddress import IPv4Address
from pathlib import Path

from trilab.nos.dataplane import bridging, channels, links, linkwatch, names, nft, readback, routing, switching, system
from trilab.nos.dataplane.acllog import AclLog
from trilab.nos.dataplane.authenticator import Authenticators, ask_identity
from trilab.nos.dataplane.base import ClockSet, DataplaneError, Notice, PortState, StpState
from trilab.nos.dataplane.dhcp import Dhcp
from trilab.nos.dataplane.dhcp_client import DhcpClients
from trilab.nos.dataplane.fdb import Table
from trilab.nos.dataplane.frr import Frr
from trilab.nos.dataplane.guard import Guard
from trilab.nos.dataplane.ipv6 import Ipv6Links
from trilab.nos.dataplane.linkwatch import LinkWatch
from trilab.nos.dataplane.lldp import Lldp
from trilab.nos.dataplane.ntp import NtpDaemon
from trilab.nos.dataplane.ovs import OpenVSwitch
from trilab.nos.dataplane.ovsrows import interfaces
from trilab.nos.dataplane.portaccess import PortAccess
from trilab.nos.dataplane.radio import AccessPoint
from trilab.nos.dataplane.radius import Target
from trilab.nos.dataplane.redundancy import Speaker
from trilab.nos.dataplane.relay import Passing, Relay
from trilab.nos.dataplane.snmp import SnmpAgent
from trilab.nos.dataplane.sshd import InbandSsh
from trilab.nos.dataplane.telnet import TelnetServer
from trilab.nos.dataplane.translation import Translator
from trilab.nos.dataplane.watch import Frame, Watch
from trilab.nos.features import etherchannel
from trilab.nos.features.attacks import Quiet
from trilab.nos.features.etherchannel import Bundles
from trilab.nos.features.multilayer import forwards
from trilab.nos.model import Config
from trilab.nos.names import CHANNEL, is_channel

DEVICES = Path("/sys/class/net")
SETTLING = 2.0  # seconds between two looks while a VLAN interface waits for a port, or the clock for a server
LATER = 60.0  # seconds between two looks at a clock that is synchronized
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def cabled() -> dict[str, str]:
    """The node's data ports (``ethN``) and their MAC addresses; the out-of-band port is not one."""
    found = {}
    for path in DEVICES.glob("eth*"):
        if path.name[3:].isdigit() and path.name != names.MANAGEMENT:
            found[path.name] = (path / "address").read_text().strip()
    return found


def towards_radio() -> set[str]:
    """The ports of an access point that lead to its radio."""
    return {path.name for path in DEVICES.glob("air*")}


def _has_carrier(device: str) -> bool:
    try:
        return (DEVICES / device / "carrier").read_text().strip() == "1"
    except OSError:  # it is down
        return False


class Applier:
    """The part of the data plane that changes the system. One per device; any thread may call its methods."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._macs = cabled()
        self._air = towards_radio()
        self._ovs = OpenVSwitch()
        self._config: Config | None = None
        self._switching = switching.Switching({}, {})
        self._links: dict[str, links.Link] = {}
        self._routes: dict[routing.Key, routing.KernelRoute] = {}
        self._filters: str | None = None
        self._flows: str | None = None
        self._members: frozenset[str] = frozenset()
        self._hidden: list[IPv4Address] = []
        self._acl_log = AclLog(lambda notice: self._hear(notice))
        self._frr = Frr()
        self._ipv6 = Ipv6Links()
        self._nat = Translator()
        self._dhcp = Dhcp()
        self._clients = DhcpClients(self._on_lease)
        self._wanted: Config | None = None  # without the leased addresses
        self._lldp = Lldp(self._macs.keys())
        self._ssh = InbandSsh(lambda failed: self._hear(failed))
        self._telnet = TelnetServer()
        self._guard = Guard(send=self._send)
        self._table = Table(self._ovs)
        self._watch = Watch(self._on_frame, self._on_wake)
        self._idle: frozenset[int] = frozenset()  # EtherChannels that carry nothing
        self._hear: Callable[[Notice], None] = lambda notice: None
        self._radio = AccessPoint()
        self._link_watch = LinkWatch()
        self._speaker = Speaker(lambda notice: self._hear(notice))
        self._quiet = nft.OPEN
        self._ntp = NtpDaemon()
        self._access = PortAccess(time.monotonic, self._ask_identity)
        self._authenticators = Authenticators(Relay(self._on_passing, self._on_dead), self._on_gone)
        self._snmp = SnmpAgent(lambda: self.ports())

    # -- apply -------------------------------------------------------------------------------------------------

    def apply(self, new: Config) -> None:
        """Make the system match ``new``, touching only what differs.

        Raises:
            DataplaneError: the system refused; what was applied before is put back.
        """
        with self._lock:
            before, wanted = self._config, copy.deepcopy(new)
            try:
                self._clients.release(wanted)
                self._access.follow(wanted)
                self._apply(self._effective(wanted))
                self._clients.apply(wanted)
                self._wanted = wanted
            except DataplaneError:
                self._forget()
                if self._wanted is not None:
                    self._access.follow(self._wanted)
                if before is not None:
                    self._apply(before)
                raise

    def _apply(self, new: Config) -> None:
        if self._config is None:
            self._clean()
        self._guard.follow(new, self._macs.keys())
        self._idle = channels.idle(new, self._bundles(new).ports)
        self._apply_filters(new)  # an access list is there before the address that it protects
        self._apply_links(new)
        self._ipv6.apply(new, self._links)
        self._apply_routes(new)
        self._nat.apply(new)
        self._config = new
        self._dhcp.apply(new)
        self._speaker.apply(new)
        self._lldp.apply(new)
        self._ssh.apply(new)
        self._telnet.apply(new)
        self._radio.apply(new)
        self._ntp.apply(new)
        self._authenticators.apply(new, self._access.authenticators())
        self._snmp.apply(new)
        self._watch.want(self._guard.interests())
        self._watch.start()
        self._watch.wake()  # what is on the device alone changes without a sign from the kernel

    def _forget(self) -> None:
        """After a failure nobody knows what the system holds: the next apply starts from an empty data plane."""
        self._config = None
        self._switching = switching.Switching({}, {})
        self._links, self._routes = {}, {}
        self._filters, self._members = None, frozenset()
        self._flows = None
        self._table = Table(self._ovs)
        self._frr.stop()

    def _clean(self) -> None:
        """A device boots empty, whatever an earlier life of the daemon left."""
        self._ovs.apply(self._switching)
        self._frr.stop()
        self._ipv6.clean()
        self._nat.clean()
        self._speaker.clean()
        self._hidden = readback.parse_addresses(system.run(["ip", "-json", "-4", "address"]), names.MANAGEMENT)
        rows = readback.parse_links(system.run(["ip", "-json", "-stats", "link"]))
        lines = [f"link del {device}" for device in rows if names.twin(device) is not None]
        lines += [f"addr flush dev {device}" for device in self._macs]
        self._ip(lines)

    def _apply_filters(self, new: Config) -> None:
        text = nft.filters(new, self._hidden, self._quiet)
        if text != self._filters:
            system.run(["nft", "-f", "-"], nft.replacement(self._filters, text))
            self._filters = text
            if " log prefix " in text:
                self._acl_log.start()

    def _apply_links(self, new: Config) -> None:
        want = self._switching_of(new)
        wires = links.desired(new, self._macs.keys(), self._guard.down)
        old = self._links
        lines = links.create_pairs(old, wires)
        if lines:
            self._ip(lines)
            for device in wires.keys() - old.keys():
                if names.svi_vlan(device) is not None:
                    system.run(["ethtool", "-K", device, "tx", "off"])
        if want != self._switching:
            outer = [port for port in want.ports.values() if not port.internal and port.peer is None]
            members = frozenset(interfaces(outer))
            if members != self._members:
                system.run(["nft", "-f", "-"], nft.switched(members))
                self._members = members
            self._ovs.apply(want)
        moved, self._switching = want.ports.keys() != self._switching.ports.keys(), want
        if new.role == "switch":
            self._table.apply(new, want, moved=moved)
        self._apply_flows(new)
        lines = links.delete_pairs(old, wires) + links.changes(old, wires)
        if lines:
            self._ip(lines)
        self._links = wires

    def _switching_of(self, config: Config) -> switching.Switching:
        if config.role == "ap":
            return bridging.desired(config, self._macs.keys(), self._air)
        return switching.desired(config, self._macs, self._idle)

    def _apply_routes(self, new: Config) -> None:
        before = self._config
        if before is None or forwards(before) != forwards(new):
            FORWARDING.write_text("1" if forwards(new) else "0")
        same_links = before is not None and routing.connected(before) == routing.connected(new)
        self._frr.apply(new)
        want = {} if self._frr.running else routing.desired(new)
        if same_links and want == self._routes:
            return
        for line in routing.removals(self._routes, want):
            with contextlib.suppress(DataplaneError):  # gone with its link
                self._ip([line])
        self._ip([route.line() for route in want.values()])
        self._routes = want

    @staticmethod
    def _ip(lines: list[str]) -> None:
        if lines:
            system.run(["ip", "-batch", "-"], "\n".join([*lines, ""]))

    def _set_quiet(self, quiet: Quiet) -> None:
        """Refuse new terminal sessions, or no longer. Raises DataplaneError."""
        with self._lock:
            self._quiet = quiet
            if self._config is not None:
                self._apply_filters(self._config)

    # -- what happens by itself --------------------------------------------------------------------------------

    def listen(self, hear: Callable[[Notice], None]) -> None:
        """Tell ``hear`` what happens from now on."""
        self._hear = hear

    def _on_frame(self, frame: Frame) -> None:
        self._react(lambda: self._guard.frame(frame))

    def _on_wake(self) -> float | None:
        self._react(lambda: self._guard.wake({device for device in self._macs if _has_carrier(device)}))
        self._react(self._follow_channels)
        self._react(self._follow_links)
        self._react(self._follow_clock)
        self._react(lambda: self._access.linked(self._linked_ports()) + self._access.wake())
        config = self._config
        waits = [self._guard.due(), channels.POLL if config is not None and channels.negotiates(config) else None]
        waits.append(None if not self._ntp.running else LATER if self._ntp.synchronized else SETTLING)
        waits.append(self._access.due())
        waits.append(SETTLING if self._link_watch.unsettled() else None)
        return min((wait for wait in waits if wait is not None), default=None)

    def _bundles(self, config: Config) -> Bundles:
        """What the EtherChannels use; one that is new has agreed on nothing yet."""
        if not etherchannel.groups(config):
            return Bundles()
        carriers = {device for device in self._macs if _has_carrier(device)}
        asked = self._config is not None and channels.negotiates(config)
        agreed = channels.negotiated(self._ovs.appctl("lacp/show")) if asked else set[str]()
        return channels.states(config, carriers, agreed)

    def _follow_channels(self) -> list[Notice]:
        """A channel whose last port goes leaves the tree; it comes back with its first port."""
        if self._config is None:
            return []
        before, self._idle = self._idle, channels.idle(self._config, self._bundles(self._config).ports)
        return [
            Notice("LINEPROTO", 5, "UPDOWN", f"Line protocol on Interface {CHANNEL}{group}, changed state to {state}")
            for group in sorted(before ^ self._idle)
            for state in ["down" if group in self._idle else "up"]
            if f"{CHANNEL}{group}" in self._config.interfaces
        ]

    def _follow_clock(self) -> list[Notice]:
        """The network gives the time, or no longer."""
        if not self._ntp.look():
            return []
        return [ClockSet("NTP", 6, "CLOCK", "", synchronized=self._ntp.synchronized)]

    def _follow_links(self) -> list[Notice]:
        """Interfaces that went up or down."""
        if self._config is None:
            return []
        carriers = {device for device in self._macs if _has_carrier(device)}
        seen = carriers, self._guard.down, self._forwarding(carriers)
        self._speaker.linked({name for name in self._speaker.names() if linkwatch.state(self._config, name, *seen)[1]})
        return self._link_watch.follow(self._config, *seen)

    def _forwarding(self, carriers: Set[str]) -> dict[int, bool]:
        """VLAN of each SVI → some port with a link forwards in it."""
        config = self._known()
        vlans = {vlan for name in config.interfaces if (vlan := names.svi_vlan(name)) is not None}
        tree = self.stp() if vlans else None
        found = dict.fromkeys(vlans, False)
        for port in tree.ports if tree else ():
            linked = is_channel(port.port) or names.device(config, port.port) in carriers
            if port.state == "forwarding" and linked:
                carried = switching.vlans_of(config.interfaces[port.port], config.vlans.keys())[1]
                found.update(dict.fromkeys(carried & vlans, True))
        return found

    def _send(self, number: int, frame: bytes) -> None:
        """Let a frame go on that the guard had taken off; not past the spanning tree."""
        tree = self.stp()
        if tree is not None and any(port.number == number and port.state == "forwarding" for port in tree.ports):
            self._ovs.send(switching.SWITCH, number, frame)

    def _react(self, happen: Callable[[], list[Notice]]) -> None:
        """Let something happen, make the system match, and tell (without any lock: the listener may configure us)."""
        with self._lock:
            before = set(self._guard.down), self._idle, self._access.state, self._access.authenticators()
            notices: list[Notice] = []
            try:
                notices = happen()
                now = set(self._guard.down), self._idle, self._access.state, self._access.authenticators()
                if self._wanted is not None and before != now:
                    self._apply(self._effective(self._wanted))
                elif self._config is not None:
                    self._apply_flows(self._config)
                    self._watch.want(self._guard.interests())
            except DataplaneError as error:
                notices.append(Notice("PM", 3, "INTERNALERROR", str(error)))
        for notice in notices:
            self._hear(notice)

    def _on_lease(self, notice: Notice | None) -> None:
        """An address was leased, or lost: what uses it follows."""
        with self._lock:
            if self._wanted is not None:
                try:
                    self._apply(self._effective(self._wanted))
                except DataplaneError as error:
                    notice = Notice("DHCP", 3, "INTERNALERROR", str(error))
        if notice is not None:
            self._hear(notice)

    # -- 802.1X ------------------------------------------------------------------------------------------------

    def _effective(self, config: Config) -> Config:
        """The configuration with what was learnt since: leased addresses, and the ports that 802.1X opens."""
        return self._access.effective(self._clients.effective(config))

    def _linked_ports(self) -> set[str]:
        interfaces_ = () if self._config is None else self._config.interfaces
        return {n for n in interfaces_ if (d := names.device(self._known(), n)) in self._macs and _has_carrier(d or "")}

    def _ask_identity(self, name: str) -> None:
        device = names.device(self._known(), name)
        if device is not None:
            ask_identity(device)

    def _on_passing(self, seen: Passing) -> None:
        """RADIUS about a port went by."""
        name, who = seen.port, (seen.mac, seen.user)
        if seen.kind == "request":
            self._react(lambda: self._access.asked(name, *who))
        elif seen.kind == "reject":
            self._react(lambda: self._access.rejected(name, *who))
        else:
            self._react(lambda: self._access.accepted(name, *who, seen.vlan))
        self._watch.wake()

    def _on_dead(self, target: Target) -> None:
        said = f"RADIUS server {target[0]}:{target[1]} is not responding."
        self._hear(Notice("RADIUS", 4, "RADIUS_DEAD", said))

    def _on_gone(self, device: str, mac: str) -> None:
        """A station logged off."""
        config = self._config
        ports = {} if config is None else {names.device(config, name): name for name in config.interfaces}
        if device in ports:
            self._react(lambda: self._access.gone(ports[device], mac))
            self._watch.wake()

    def _apply_flows(self, config: Config) -> None:
        """What the guard makes of the configuration, and of what it learnt since."""
        text = self._guard.flows() if config.role == "switch" else None
        if text is not None and text != self._flows:
            self._ovs.program(switching.SWITCH, text)
        self._flows = text

    def _known(self) -> Config:
        if self._config is None:
            raise DataplaneError("no configuration applied yet")
        return self._config

    def ports(self) -> dict[str, PortState]:
        """State and counters of every interface."""
        raise NotImplementedError

    def stp(self) -> StpState | None:
        """The spanning tree; ``None`` on a router."""
        config = self._known()
        if config.role != "switch":
            return None
        return readback.parse_rstp(self._ovs.appctl("rstp/show", switching.SWITCH), config)
