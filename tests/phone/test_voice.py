"""The voice interface's filter (run by a small classic-BPF machine) and tag."""

from __future__ import annotations

import pytest
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Raw

from trilab.phone import voice

HOST, BROADCAST, MULTICAST, OTHER, OUTGOING = range(5)
DATA = bytes(Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:01", type=0x0806) / Raw(b"x" * 20))
LLDP = DATA[:12] + b"\x88\xcc" + DATA[14:]


def accepts(vlan: int, frame: bytes, kind: int, tag: int | None) -> bool:
    """What the kernel would decide; ``tag`` is the VLAN it took off the frame."""
    ancillary = {
        voice.AD_PKTTYPE: kind,
        voice.AD_VLAN_TAG: 5 << 13 | (tag or 0),
        voice.AD_VLAN_PRESENT: int(tag is not None),
    }
    program = voice.program(vlan)
    position, accumulator = 0, 0
    while True:
        code, true, false, k = program[position]
        position += 1
        if code == voice.RET:
            return k > 0
        if code == voice.LD:
            accumulator = ancillary[k]
        elif code == voice.LDH:
            accumulator = int.from_bytes(frame[k : k + 2], "big")
        elif code == voice.AND:
            accumulator &= k
        else:
            taken = accumulator == k if code == voice.JEQ else accumulator > k
            position += true if taken else false


@pytest.mark.parametrize(
    ("vlan", "frame", "kind", "tag", "wanted"),
    [
        (30, DATA, HOST, 30, True),
        (30, DATA, BROADCAST, 30, True),
        (30, DATA, MULTICAST, 30, True),
        (30, DATA, OTHER, 30, False),
        (30, DATA, OUTGOING, 30, False),
        (30, DATA, BROADCAST, 31, False),
        (30, DATA, BROADCAST, None, False),
        (4094, DATA, HOST, 4094, True),
        (0, DATA, BROADCAST, None, True),
        (0, DATA, OTHER, None, False),
        (0, DATA, BROADCAST, 30, False),
        (0, LLDP, MULTICAST, None, False),
    ],
)
def test_only_the_phones_own_vlan_comes_in(vlan: int, frame: bytes, kind: int, tag: int | None, wanted: bool) -> None:
    assert accepts(vlan, frame, kind, tag) is wanted


def test_frames_go_out_tagged_with_their_priority() -> None:
    sent = Ether(voice.tag(DATA, 30, 5))
    assert (sent[Dot1Q].vlan, sent[Dot1Q].prio, sent[Dot1Q].type) == (30, 5, 0x0806)
    assert voice.tag(DATA, 0, 5) == DATA
