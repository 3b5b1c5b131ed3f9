"""LLDP frames with the LLDP-MED network policy (IEEE 802.1AB; ANSI/TIA-1057, 10.2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trilab.capture.frames import Frame

ETHERTYPE = 0x88CC
_MED = b"\x00\x12\xbb\x02"  # TIA OUI, subtype 2: network policy
_VOICE = 1


@dataclass(frozen=True)
class LldpFrame:
    """One announcement. ``voice_vlan``: the VLAN that LLDP-MED tells phones, None when it tells none."""

    time: float
    source: str
    system: str
    port: str
    voice_vlan: int | None
    voice_dscp: int | None


def _tlvs(data: bytes) -> Iterable[tuple[int, bytes]]:
    at = 0
    while at + 2 <= len(data):
        header = int.from_bytes(data[at : at + 2], "big")
        kind, length = header >> 9, header & 0x1FF
        if kind == 0:
            return
        yield kind, data[at + 2 : at + 2 + length]
        at += 2 + length


def announcements(frames: Iterable[Frame]) -> list[LldpFrame]:
    """Every LLDP frame of a capture."""
    found = []
    for frame in frames:
        if frame.ethertype != ETHERTYPE or frame.vlan is not None:
            continue
        system, port, vlan, dscp = "", "", None, None
        for kind, value in _tlvs(frame.body):
            if kind == 2:
                port = value[1:].decode("utf-8", "replace")
            elif kind == 5:
                system = value.decode("utf-8", "replace")
            elif kind == 127 and value.startswith(_MED) and len(value) >= 8 and value[4] == _VOICE:
                policy = int.from_bytes(value[5:8], "big")  # U, T, X, VLAN (12), priority (3), DSCP (6)
                vlan, dscp = policy >> 9 & 0xFFF, policy & 0x3F
        found.append(LldpFrame(frame.time, frame.mac, system, port, vlan, dscp))
    return found
