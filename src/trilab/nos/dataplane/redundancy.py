"""VRRP and HSRP at work: one thread that speaks for every group, and gives the virtual addresses to the kernel.

The router that serves an address has a local route to it (no address: routing protocols do not see it), answers ARP for
it with the virtual MAC address, and lets nftables take the frames to that address for its own.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from pathlib import Path

from trilab.nos.dataplane import fhrpwire, names, system
from trilab.nos.dataplane.base import DataplaneError, Notice
from trilab.nos.dataplane.fhrpwire import Advert, Hello, Packet, Question
from trilab.nos.dataplane.hsrp import HsrpMachine
from trilab.nos.dataplane.vrrp import VrrpMachine
from trilab.nos.dataplane.watch import attach
from trilab.nos.features.redundancy.model import Group, Hsrp, Key, Redundancy, Vrrp, VrrpGroup, virtual_mac
from trilab.nos.model import Config
from trilab.nos.names import short

TABLE = "netdev redundancy"
_ETH_P_ALL = 0x0003
_TOLD = frozenset({"Standby", "Active"})  # states of HSRP that a message is about


@dataclass(frozen=True)
class Place:
    """Where a group works: another one is another life of it."""

    device: str
    index: int  # of the device: one made anew has another
    mac: str
    own: IPv4Address
    virtual: IPv4Address
    version: int = 1  # of HSRP


@dataclass
class _Member:
    place: Place
    machine: VrrpMachine | HsrpMachine
    mac: str
    serving: bool = False


Work = tuple[str, IPv4Address, Group, int]  # device, own address, settings, version (of HSRP)


def wanted(config: Config) -> dict[Key, Work]:
    """What there is to do for the groups that may work."""
    found: dict[Key, Work] = {}
    for name, device in names.layer3(config).items():
        interface = config.interfaces[name]
        if interface.address is None:
            continue
        for group in interface.parts[Vrrp].groups:
            if group.address in interface.address.network:
                found["VRRP", name, group.number] = device, interface.address.ip, group, 1
        hsrp = interface.parts[Hsrp]
        for standby in hsrp.groups:
            if standby.address in interface.address.network and standby.address != interface.address.ip:
                found["HSRP", name, standby.number] = device, interface.address.ip, standby, hsrp.version
    return found


def rules(served: dict[str, list[tuple[str, IPv4Address]]]) -> str:
    """nftables: on each device, the virtual MAC addresses and addresses that are ours now."""
    lines = [f"table {TABLE} {{ }}\ndelete table {TABLE}\ntable {TABLE} {{"]
    for number, (device, pairs) in enumerate(sorted(served.items())):
        lines.append(f'  chain c{number} {{\n    type filter hook ingress device "{device}" priority -400;')
        for mac, address in pairs:
            lines.append(f"    ether daddr {mac} meta pkttype set host")
            lines.append(f"    arp operation request arp daddr ip {address} drop")  # we answer, not the kernel
        lines.append("  }")
    return "\n".join([*lines, "}", ""])


class Speaker:
    """``apply``, ``linked`` and ``observe`` may be called by any thread; everything else happens in its own."""

    def __init__(self, hear: Callable[[Notice], None]) -> None:
        self._hear = hear
        self._lock = threading.Lock()
        self._wanted: dict[Key, Work] = {}
        self._up: Set[str] = frozenset()
        self._members: dict[Key, _Member] = {}
        self._sockets: dict[tuple[str, int], socket.socket] = {}
        self._rules = ""
        self._again = False  # interfaces changed: the kernel may have lost routes
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._thread: threading.Thread | None = None

    def clean(self) -> None:
        """Forget what an earlier life of the daemon left. Raises DataplaneError."""
        with self._lock:
            system.run(["nft", "-f", "-"], f"table {TABLE} {{ }}\ndelete table {TABLE}\n")
            self._rules = ""

    def apply(self, config: Config) -> None:
        """Take the groups of a configuration."""
        with self._lock:
            self._wanted, self._again = wanted(config), True
            if self._thread is None and self._wanted:
                self._thread = threading.Thread(target=self._run, name="redundancy", daemon=True)
                self._thread.start()
        self._ring()

    def names(self) -> set[str]:
        """The interfaces that have groups."""
        with self._lock:
            return {name for _, name, _ in self._wanted}

    def linked(self, up: Set[str]) -> None:
        """Say which interfaces carry packets now."""
        with self._lock:
            changed, self._up = up != self._up, up
        if changed:
            self._ring()

    def observe(self) -> Redundancy:
        """What every group does now."""
        now = time.monotonic()
        with self._lock:
            return Redundancy({key: member.machine.status(now) for key, member in self._members.items()})

    def _ring(self) -> None:
        if self._thread is not None:
            self._bell.send(b"!")

    def _run(self) -> None:
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        due: float | None = 0.0
        while True:
            left = None if due is None else max(0.0, due - time.monotonic())
            ready = [key for key, _ in self._selector.select(left)]
            notices: list[Notice] = []
            with self._lock:
                for key in ready:
                    self._read(key)
                try:
                    self._follow()
                    self._advance()
                    notices = self._serve()
                except DataplaneError as error:
                    notices.append(Notice("IPRT", 3, "INTERNALERROR", str(error)))
                times = [member.machine.due() for member in self._members.values()]
                due = min((each for each in times if each != float("inf")), default=None)
            for notice in notices:
                self._hear(notice)

    # -- messages ----------------------------------------------------------------------------------------------

    def _read(self, key: selectors.SelectorKey) -> None:
        link: socket.socket = key.fileobj  # type: ignore[assignment]
        if key.data is None:
            link.recv(4096)
            return
        try:
            seen = fhrpwire.parse(link.recv(2048))
        except OSError:  # the device went down
            return
        for (_, _, number), member in self._members.items():
            if (member.place.device, member.place.index) != key.data:
                continue
            if isinstance(seen, Question) and member.serving and seen.target == member.place.virtual:
                self._send(member, fhrpwire.answer(member.mac, seen.target, seen))
            elif isinstance(seen, Packet) and _concerns(seen, number, member.place.version):
                self._tell(member, _receive(member.machine, seen))

    def _tell(self, member: _Member, messages: list[Advert] | list[Hello]) -> None:
        for message in messages:
            if isinstance(message, Hello):
                own = fhrpwire.raw(member.place.mac)
                message = replace(message, version=member.place.version, identifier=own)
            served = isinstance(message, Advert) or message.state == "Active"  # RFC 3768, 7.3; RFC 2281, 5.4
            mac = member.mac if served else member.place.mac
            self._send(member, fhrpwire.frame(mac, member.place.own, message))

    def _send(self, member: _Member, frame: bytes) -> None:
        link = self._sockets.get((member.place.device, member.place.index))
        if link is not None:
            with contextlib.suppress(OSError):  # the device is down
                link.send(frame)

    # -- groups ------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Begin and end groups, as configured."""
        now, places = time.monotonic(), self._places()
        for key, member in list(self._members.items()):
            if places.get(key) != member.place:
                self._tell(member, member.machine.stop(now))
                self._release(member)
                del self._members[key]
        self._open({(place.device, place.index) for place in places.values()})
        for key, place in places.items():
            group = self._wanted[key][2]
            if key not in self._members:
                self._members[key] = _Member(
                    place, _machine(group, place, now), virtual_mac(key[0], key[2], place.version)
                )
            elif self._members[key].machine.group != group:
                self._members[key].machine.adjust(group, now)  # type: ignore[arg-type]

    def _places(self) -> dict[Key, Place]:
        found = {}
        for key, (device, own, group, version) in self._wanted.items():
            try:
                mac = Path(f"/sys/class/net/{device}/address").read_text().strip()
                index = socket.if_nametoindex(device)
            except OSError:  # not there
                continue
            if group.address is not None:
                found[key] = Place(device, index, mac, own, group.address, version)
        return found

    def _open(self, devices: set[tuple[str, int]]) -> None:
        for device in self._sockets.keys() - devices:
            link = self._sockets.pop(device)
            self._selector.unregister(link)
            link.close()
        for device in devices - self._sockets.keys():
            link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            try:
                attach(link, fhrpwire.listening())
                link.setblocking(False)
                link.bind((device[0], _ETH_P_ALL))
            except OSError:
                link.close()
                continue
            self._selector.register(link, selectors.EVENT_READ, device)
            self._sockets[device] = link

    def _advance(self) -> None:
        """Let time go by."""
        now = time.monotonic()
        for (_, name, _), member in self._members.items():
            machine = member.machine
            self._tell(member, machine.start(now) if name in self._up else machine.stop(now))
            self._tell(member, machine.wake(now))

    # -- the virtual addresses ---------------------------------------------------------------------------------

    def _serve(self) -> list[Notice]:
        """Give the addresses that are ours now to the kernel, take the others from it; what to say."""
        served: dict[str, list[tuple[str, IPv4Address]]] = {}
        for member in self._members.values():
            if member.machine.serving:
                served.setdefault(member.place.device, []).append((member.mac, member.place.virtual))
        text = rules(served)
        lives = {member.place.index for member in self._members.values() if member.machine.serving}
        text += "".join(f"# {index}\n" for index in sorted(lives))  # a device made anew needs its rules anew
        if text != self._rules and (served or self._rules):
            system.run(["nft", "-f", "-"], text)
            self._rules = text
        for member in self._members.values():
            if member.machine.serving and (self._again or not member.serving):
                self._take(member)
            elif member.serving and not member.machine.serving:
                self._release(member)
        self._again = False
        return [notice for key, member in self._members.items() for notice in _moves(key, member.machine)]

    def _take(self, member: _Member) -> None:
        place = member.place
        if place.own != place.virtual:
            route = f"{place.virtual}/32 dev {place.device}"
            try:
                system.run(["ip", "route", "replace", "local", *route.split(), "table", "local"])
            except DataplaneError:  # the device has just gone down: tried again if it serves still
                return
        member.serving = True
        self._send(member, fhrpwire.announcement(member.mac, place.virtual))

    def _release(self, member: _Member) -> None:
        place = member.place
        if member.serving and place.own != place.virtual:
            route = f"{place.virtual}/32 dev {place.device}"
            with contextlib.suppress(DataplaneError):  # gone with its device
                system.run(["ip", "route", "del", "local", *route.split(), "table", "local"])
        member.serving = False


def _concerns(seen: Packet, number: int, version: int) -> bool:
    said = seen.message
    return said.group == number and (isinstance(said, Advert) or said.version == version)


def _machine(group: Group, place: Place, now: float) -> VrrpMachine | HsrpMachine:
    kind = VrrpMachine if isinstance(group, VrrpGroup) else HsrpMachine
    return kind(group, place.virtual, place.own, now)  # type: ignore[arg-type]


def _receive(machine: VrrpMachine | HsrpMachine, seen: Packet) -> list[Advert] | list[Hello]:
    now = time.monotonic()
    if isinstance(machine, VrrpMachine):
        return machine.receive(seen.source, seen.message, now) if isinstance(seen.message, Advert) else []
    return machine.receive(seen.source, seen.message, now) if isinstance(seen.message, Hello) else []


def _moves(key: Key, machine: VrrpMachine | HsrpMachine) -> list[Notice]:
    protocol, name, number = key
    moves, machine.moves = machine.moves, []
    if protocol == "HSRP":
        return [
            Notice("HSRP", 5, "STATECHANGE", f"{name} Grp {number} state {old} -> {new}")
            for old, new in moves
            if _TOLD & {old, new}
        ]
    said = [f"{short(name)} Grp {number} state {old} -> {new}" for old, new in moves]
    return [Notice("VRRP", 6, "STATECHANGE", text) for text in said]
