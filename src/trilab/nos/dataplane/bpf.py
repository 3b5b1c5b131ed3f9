"""Classic BPF programs (Linux: Documentation/networking/filter.rst) that pick what a switch's CPU must see. Pure."""

from __future__ import annotations

import struct
from collections.abc import Set
from dataclasses import dataclass

_LD_W, _LD_H, _LD_B = 0x20, 0x28, 0x30  # load at a fixed offset: 4, 2, 1 bytes
_LDX_IP, _LD_H_X = 0xB1, 0x48  # X = length of the IPv4 header; load 2 bytes at X + offset
_JEQ, _JSET, _JA, _RET = 0x15, 0x45, 0x05, 0x06
_PACKET_TYPE = 0xFFFFF000 + 4  # SKF_AD_OFF + SKF_AD_PKTTYPE
_OUTGOING = 4  # PACKET_OUTGOING
_SNAP = 65535
_BRIDGE = 0x0180C200  # first bytes of the reserved addresses 01-80-C2-00-00-0X (IEEE 802.1Q-2018, table 8-1)
Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, k


@dataclass(frozen=True)
class Interest:
    """What is looked for on a port: BPDUs, senders other than ``known`` (``None``: nobody's), DHCP over IPv4."""

    bpdu: bool = False
    known: frozenset[str] | None = None
    dhcp: bool = False

    def __bool__(self) -> bool:
        return self.bpdu or self.known is not None or self.dhcp


def _sender(mac: str) -> tuple[int, int]:
    raw = bytes.fromhex(mac.replace(":", ""))
    return int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:], "big")


def _senders(known: Set[str]) -> list[Instruction]:
    """Go on when the sender is known, else take the frame."""
    blocks = []
    for mac in sorted(known):
        high, low = _sender(mac)
        blocks.append([(_LD_W, 0, 0, 6), (_JEQ, 0, 3, high), (_LD_H, 0, 0, 10), (_JEQ, 0, 1, low), (_JA, 0, 0, 0)])
    left = 5 * len(blocks) + 1  # instructions up to the end of this part
    lines: list[Instruction] = []
    for block in blocks:
        left -= 5
        lines += [*block[:4], (_JA, 0, 0, left)]
    return [*lines, (_RET, 0, 0, _SNAP)]


_DHCP: list[Instruction] = [
    (_LD_H, 0, 0, 12), (_JEQ, 0, 8, 0x0800),
    (_LD_B, 0, 0, 23), (_JEQ, 0, 6, 17),
    (_LD_H, 0, 0, 20), (_JSET, 4, 0, 0x1FFF),  # not the first fragment
    (_LDX_IP, 0, 0, 14), (_LD_H_X, 0, 0, 16), (_JEQ, 2, 0, 67), (_JEQ, 1, 0, 68),
    (_RET, 0, 0, 0), (_RET, 0, 0, _SNAP),
]  # fmt: skip


def program(interest: Interest) -> list[Instruction]:
    """Instructions of a filter on received Ethernet frames (the kernel has taken an outer 802.1Q tag off)."""
    lines: list[Instruction] = [(_LD_W, 0, 0, _PACKET_TYPE), (_JEQ, 0, 1, _OUTGOING), (_RET, 0, 0, 0)]
    # Reserved addresses: a BPDU (…:00) is taken or not, the others (LACP, LLDP) never; all are no ordinary senders.
    lines += [
        (_LD_W, 0, 0, 0), (_JEQ, 0, 5, _BRIDGE),
        (_LD_H, 0, 0, 4), (_JSET, 3, 0, 0xFFF0), (_JEQ, 0, 1, 0),
        (_RET, 0, 0, _SNAP if interest.bpdu else 0), (_RET, 0, 0, 0),
    ]  # fmt: skip
    if interest.known is not None:
        lines += _senders(interest.known)
    return lines + (_DHCP if interest.dhcp else [(_RET, 0, 0, 0)])


def encode(instructions: list[Instruction]) -> bytes:
    """As ``struct sock_filter`` in the machine's byte order."""
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
