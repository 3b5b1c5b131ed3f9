"""The interface ``voice``: a tap device whose frames travel tagged on the switch port (IEEE 802.1Q).

It needs no VLAN driver in the kernel, costs a few frames per second of work outside calls and about a hundred during
one. A socket filter gives the phone only its own VLAN, so a busy PC behind it costs nothing here.
"""

from __future__ import annotations

import array
import fcntl
import os
import socket
import struct

from trilab.phone import system
from trilab.phone.system import SWITCH_PORT, VOICE

ETH_P_ALL = 0x0003
TPID = b"\x81\x00"
SO_ATTACH_FILTER = 26
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
LD, LDH, AND, JEQ, JGT, RET = 0x20, 0x28, 0x54, 0x15, 0x25, 0x06  # classic BPF (linux/filter.h)
AD_PKTTYPE, AD_VLAN_TAG, AD_VLAN_PRESENT = 0xFFFFF000 + 4, 0xFFFFF000 + 44, 0xFFFFF000 + 48
ACCEPT, DROP = 0xFFFF, 0
BATCH = 64  # frames handled before looking at anything else
Instruction = tuple[int, int, int, int]


def program(vlan: int) -> list[Instruction]:
    """Frames to this phone, to a group or to all, with this VLAN (0: untagged and not LLDP). Pure classic BPF."""
    head = [
        (LD, 0, 0, AD_PKTTYPE),
        (JGT, 0, 1, socket.PACKET_MULTICAST),
        (RET, 0, 0, DROP),
        (LD, 0, 0, AD_VLAN_PRESENT),
    ]
    if vlan:
        tail = [(JEQ, 2, 0, 0), (LD, 0, 0, AD_VLAN_TAG), (AND, 0, 0, 0xFFF), (JEQ, 1, 0, vlan)]
        # a frame without tag jumps to the comparison with its accumulator at 0, and VLAN 0 does not come here
    else:
        tail = [(JEQ, 0, 2, 0), (LDH, 0, 0, 12), (JEQ, 0, 1, 0x88CC)]
    return [*head, *tail, (RET, 0, 0, DROP), (RET, 0, 0, ACCEPT)]


def attach(sock: socket.socket, instructions: list[Instruction]) -> None:
    """Put a classic BPF program on a socket (``struct sock_fprog``)."""
    code = b"".join(struct.pack("HBBI", *one) for one in instructions)
    buffer = array.array("B", code)
    fprog = struct.pack("HL", len(instructions), buffer.buffer_info()[0])
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, fprog)


def packet_socket(ethertype: int, instructions: list[Instruction] | None = None) -> socket.socket:
    """A packet socket on the switch port, not blocking."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    if instructions:
        attach(sock, instructions)  # before the bind: not one frame of others
    sock.bind((SWITCH_PORT, ethertype))
    return sock


def tag(frame: bytes, vlan: int, priority: int) -> bytes:
    """The frame with an 802.1Q tag; unchanged for VLAN 0."""
    if not vlan:
        return frame
    return frame[:12] + TPID + (priority << 13 | vlan).to_bytes(2, "big") + frame[12:]


class VoiceInterface:
    """The tap and the wire. ``vlan`` 0: untagged."""

    def __init__(self, vlan: int, priority: int) -> None:
        self.vlan, self._priority = vlan, priority
        self.tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(self.tap, TUNSETIFF, struct.pack("16sH22x", VOICE.encode(), IFF_TAP | IFF_NO_PI))
        system.silence(VOICE)
        address = system.mac(SWITCH_PORT).hex(":")
        self.error = system.ip(f"link set {VOICE} address {address}", f"link set {VOICE} up")
        self.wire = packet_socket(ETH_P_ALL, program(vlan))

    def close(self) -> None:
        """Remove the interface; its addresses and routes go with it."""
        self.wire.close()
        os.close(self.tap)

    def from_wire(self) -> None:
        """Hand waiting frames of the wire to the phone."""
        for _ in range(BATCH):
            try:
                frame = self.wire.recv(65536)
            except OSError:  # nothing left, or the port went down
                return
            self._write(frame)

    def _write(self, frame: bytes) -> None:
        try:
            os.write(self.tap, frame)
        except OSError:  # a full queue loses frames, as a wire does
            return

    def to_wire(self) -> None:
        """Send the phone's waiting frames, tagged."""
        for _ in range(BATCH):
            try:
                frame = os.read(self.tap, 65536)
            except OSError:
                return
            try:
                self.wire.send(tag(frame, self.vlan, self._priority))
            except OSError:  # port down or queue full: lost
                continue
