"""``log`` of access list entries: packets that nftables copies to us (nfnetlink_log) become system messages.

IOS reports the first packet of a flow at once, then every five minutes how many more there were.
"""

from __future__ import annotations

import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from urllib.parse import quote, unquote

from trilab.nos.dataplane.base import DataplaneError, Notice

GROUP = 100
COPIED = 64  # bytes of each packet: its IPv4 header and the ports
SUMMARY = 300.0  # seconds; IOS command reference, "access-list (IP extended)": log
_NETFILTER, _ULOG = 12, 4
_CONFIG, _PACKET = _ULOG << 8 | 1, _ULOG << 8
_BIND, _COPY_PACKET = 1, 2
_PAYLOAD, _PREFIX = 9, 10
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp"}


@dataclass(frozen=True)
class Flow:
    """What one message is about. ``verdict``: permitted or denied."""

    acl: str
    verdict: str
    standard: bool
    protocol: int
    source: IPv4Address
    target: IPv4Address
    numbers: tuple[int, int] = (0, 0)  # ports, or ICMP type and code

    def notice(self, count: int) -> Notice:
        """The message in the form of IOS."""
        start = f"list {self.acl} {self.verdict}"
        packets = f"{count} packet{'' if count == 1 else 's'}"
        name, first, second = _PROTOCOLS.get(self.protocol, str(self.protocol)), *self.numbers
        if self.standard:
            return Notice("SEC", 6, "IPACCESSLOGS", f"{start} {self.source} {packets}")
        if name == "icmp":
            text = f"{start} icmp {self.source} -> {self.target} ({first}/{second}), {packets}"
            return Notice("SEC", 6, "IPACCESSLOGDP", text)
        if name in ("tcp", "udp"):
            text = f"{start} {name} {self.source}({first}) -> {self.target}({second}), {packets}"
            return Notice("SEC", 6, "IPACCESSLOGP", text)
        return Notice("SEC", 6, "IPACCESSLOGNP", f"{start} {name} {self.source} -> {self.target}, {packets}")


def prefix(acl: str, kind: str, action: str) -> str:
    """What nftables writes beside a packet; :func:`parse` reads it."""
    return f"{kind} {'permitted' if action == 'permit' else 'denied'} {quote(acl)}"


def parse(message: bytes) -> Flow | None:
    """One netlink message of nfnetlink_log (linux/netfilter/nfnetlink_log.h); None for another, or another packet."""
    if len(message) < 20 or struct.unpack_from("=H", message, 4)[0] != _PACKET:
        return None
    found, at = {}, 20
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        if length < 4:
            break
        found[kind & 0x3FFF] = message[at + 4 : at + length]
        at += (length + 3) & ~3
    words = found.get(_PREFIX, b"").rstrip(b"\0").decode(errors="replace").split(" ", 2)
    packet = found.get(_PAYLOAD, b"")
    if len(words) != 3 or len(packet) < 20 or packet[0] >> 4 != 4:
        return None
    return _flow(unquote(words[2]), words[1], words[0] == "standard", packet)


def _flow(acl: str, verdict: str, standard: bool, packet: bytes) -> Flow:
    source, target = IPv4Address(packet[12:16]), IPv4Address(packet[16:20])
    if standard:
        return Flow(acl, verdict, True, 0, source, IPv4Address(0))
    protocol, inner = packet[9], packet[(packet[0] & 15) * 4 :]
    numbers = (0, 0)
    if protocol == 1 and len(inner) >= 2:
        numbers = inner[0], inner[1]
    elif protocol in (6, 17) and len(inner) >= 4:
        numbers = struct.unpack("!HH", inner[:4])
    return Flow(acl, verdict, False, protocol, source, target, numbers)


@dataclass
class Reporter:
    """When to say what. ``hear`` receives the messages."""

    hear: Callable[[Notice], None]
    _more: dict[Flow, tuple[int, float]] = field(default_factory=dict)  # packets not yet told, time of the summary

    def packet(self, flow: Flow, now: float) -> None:
        """A packet: the first of a flow is told."""
        if flow in self._more:
            count, due = self._more[flow]
            self._more[flow] = count + 1, due
        else:
            self._more[flow] = 0, now + SUMMARY
            self.hear(flow.notice(1))

    def summaries(self, now: float) -> float | None:
        """Tell what is due; seconds until the next time, or None. A flow that fell silent is forgotten."""
        for flow, (count, due) in list(self._more.items()):
            if due <= now:
                del self._more[flow]
                if count:
                    self._more[flow] = 0, now + SUMMARY
                    self.hear(flow.notice(count))
        return min((due - now for _, due in self._more.values()), default=None)


class AclLog:
    """The listening thread; started once something is to be logged."""

    def __init__(self, hear: Callable[[Notice], None]) -> None:
        self._reporter = Reporter(hear)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen, from now on. Raises DataplaneError: the kernel cannot."""
        if self._thread is not None:
            return
        try:
            link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETFILTER)
            link.bind((0, 0))
            link.send(_configure(1, struct.pack("=B3x", _BIND)))
            link.send(_configure(2, struct.pack("!IB3x", COPIED, _COPY_PACKET), length=6))
        except OSError as error:
            raise DataplaneError(f"access list log: {error}") from error
        self._thread = threading.Thread(target=self._listen, args=(link,), daemon=True)
        self._thread.start()

    def _listen(self, link: socket.socket) -> None:
        with link, selectors.DefaultSelector() as waiting:
            waiting.register(link, selectors.EVENT_READ)
            while True:
                if waiting.select(self._reporter.summaries(time.monotonic())):
                    for message in _messages(link):
                        flow = parse(message)
                        if flow is not None:
                            self._reporter.packet(flow, time.monotonic())


def _configure(kind: int, value: bytes, length: int = 1) -> bytes:
    """NFULNL_MSG_CONFIG with one attribute."""
    body = struct.pack("!BBH", 0, 0, GROUP) + struct.pack("=HH", 4 + length, kind) + value
    return struct.pack("=IHHII", 16 + len(body), _CONFIG, 1, 0, 0) + body


def _messages(link: socket.socket) -> list[bytes]:
    """The netlink messages of one datagram."""
    try:
        data = link.recv(65536)
    except OSError:  # ENOBUFS: more came than we could read
        return []
    found, at = [], 0
    while at + 16 <= len(data):
        length = struct.unpack_from("=I", data, at)[0]
        if length < 16:
            break
        found.append(data[at : at + length])
        at += (length + 3) & ~3
    return found
