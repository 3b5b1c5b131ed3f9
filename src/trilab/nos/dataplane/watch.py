"""The switch's CPU port: one thread that waits for the frames it must see, for links that change, and for times.

Frames are read beside Open vSwitch, on packet sockets with a kernel filter: nothing wakes the thread for other traffic.
"""

from __future__ import annotations

import ctypes
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from trilab.nos.dataplane import bpf
from trilab.nos.dataplane.bpf import Interest

_SO_ATTACH_FILTER = 26
_SOL_PACKET, _PACKET_AUXDATA = 263, 8
_TP_STATUS_VLAN_VALID = 1 << 4
_ETH_P_ALL = 0x0003
_RTMGRP_LINK = 1
_AUXDATA = struct.Struct("IIIHHHH")  # struct tpacket_auxdata


@dataclass(frozen=True)
class Frame:
    """A received frame: the device, the VLAN of its tag (``None``: untagged), its bytes without the tag."""

    device: str
    vlan: int | None
    data: bytes

    @property
    def source(self) -> str:
        """The sender, ``aa:bb:cc:dd:ee:ff``."""
        return self.data[6:12].hex(":")

    @property
    def is_bpdu(self) -> bool:
        """Whether it is for the bridge group address."""
        return self.data[:6] == b"\x01\x80\xc2\x00\x00\x00"


def _open(device: str, interest: Interest) -> socket.socket:
    """Raises OSError: the device is gone."""
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # protocol 0: receives nothing before bind
    try:
        attach(link, bpf.program(interest))
        link.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        link.setblocking(False)
        link.bind((device, _ETH_P_ALL))
    except OSError:
        link.close()
        raise
    return link


def attach(link: socket.socket, program: list[bpf.Instruction]) -> None:
    """Set or replace a socket's filter; the kernel swaps it between two frames."""
    code = bpf.encode(program)
    buffer = ctypes.create_string_buffer(code, len(code))
    link.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(code) // 8, ctypes.addressof(buffer)))


def _receive(link: socket.socket, device: str) -> Frame | None:
    """The next frame; ``None`` when there is none, or the device went down."""
    try:
        data, extra, _, _ = link.recvmsg(65535, socket.CMSG_SPACE(_AUXDATA.size))
    except OSError:
        return None
    vlan = None
    for level, kind, content in extra:
        if level == _SOL_PACKET and kind == _PACKET_AUXDATA:
            status, _, _, _, _, tci, _ = _AUXDATA.unpack(content[: _AUXDATA.size])
            vlan = tci & 0xFFF if status & _TP_STATUS_VLAN_VALID else None
    return Frame(device, vlan, data)


class Watch:
    """The thread. ``on_frame`` and ``on_wake`` run in it; ``on_wake`` says in how many seconds to call it again
    (``None``: when something happens), and is called after links change and after :meth:`wake`."""

    def __init__(self, on_frame: Callable[[Frame], None], on_wake: Callable[[], float | None]) -> None:
        self._on_frame, self._on_wake = on_frame, on_wake
        self._lock = threading.Lock()
        self._wanted: dict[str, Interest] = {}
        self._open: dict[str, tuple[Interest, socket.socket]] = {}
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._thread: threading.Thread | None = None

    def want(self, interests: Mapping[str, Interest]) -> None:
        """Say what to look for on each device; a known device's filter changes at once."""
        wanted = {device: interest for device, interest in interests.items() if interest}
        with self._lock:
            if wanted == self._wanted:
                return
            self._wanted = wanted
            for device, (interest, link) in list(self._open.items()):
                new = self._wanted.get(device)
                if new is not None and new != interest:
                    attach(link, bpf.program(new))
                    self._open[device] = new, link
        if self._thread is None and self._wanted:
            self.start()
        self.wake()

    def start(self) -> None:
        """Start the thread if it does not run."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Have the thread look again."""
        if self._thread is not None:
            self._bell.send(b"!")

    def _run(self) -> None:
        links = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        links.bind((0, _RTMGRP_LINK))
        links.setblocking(False)
        self._ear.setblocking(False)
        self._selector.register(links, selectors.EVENT_READ, None)
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        due: float | None = time.monotonic()
        while True:
            left = None if due is None else max(0.0, due - time.monotonic())
            woken = self._serve(left)
            if woken or (due is not None and time.monotonic() >= due):
                self._follow()
                again = self._on_wake()
                due = None if again is None else time.monotonic() + again

    def _serve(self, seconds: float | None) -> bool:
        """Wait, hand out frames; whether a link changed or somebody rang."""
        woken = False
        for key, _ in self._selector.select(seconds):
            link: socket.socket = key.fileobj  # type: ignore[assignment]
            if key.data is None:
                woken = True
                _drain(link)
                continue
            while (frame := _receive(link, key.data)) is not None:
                self._on_frame(frame)
        return woken

    def _follow(self) -> None:
        """Open and close sockets as wanted. A socket outlives a link that goes down and up."""
        with self._lock:
            for device in self._open.keys() - self._wanted.keys():
                link = self._open.pop(device)[1]
                self._selector.unregister(link)
                link.close()
            for device in self._wanted.keys() - self._open.keys():
                try:
                    link = _open(device, self._wanted[device])
                except OSError:
                    continue  # not there yet: its arrival wakes us
                self._open[device] = self._wanted[device], link
                self._selector.register(link, selectors.EVENT_READ, device)


def _drain(link: socket.socket) -> None:
    try:
        while link.recv(65536):
            pass
    except OSError:
        return  # empty, or netlink dropped messages: either way the caller looks again
