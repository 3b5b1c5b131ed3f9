"""LLDP (IEEE 802.1AB-2016) with the media endpoint extensions LLDP-MED (ANSI/TIA-1057): as much as a phone needs.

A switch sends its voice policy only to a neighbour that has announced itself as a media endpoint, so the phone does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

ETHERTYPE = 0x88CC
MULTICAST = bytes.fromhex("0180c200000e")  # nearest bridge
END, CHASSIS, PORT, TTL, SYSTEM_NAME, SYSTEM_DESCRIPTION, CAPABILITIES, SPECIFIC = 0, 1, 2, 3, 5, 6, 7, 127
MAC_SUBTYPE_CHASSIS, MAC_SUBTYPE_PORT = 4, 3
BRIDGE, TELEPHONE = 1 << 2, 1 << 5
MED = bytes.fromhex("0012bb")
MED_CAPABILITIES, MED_POLICY = 1, 2
MED_SUPPORTED = 0x0003  # capabilities, network policy
CLASS_III = 3  # communication device endpoint
VOICE = 1  # application type
HOLD = 4  # announcements that may be lost


@dataclass(frozen=True)
class VoicePolicy:
    """What the switch asks of voice. ``vlan`` 0: untagged. ``priority``: 802.1p, 0–7. ``dscp``: 0–63."""

    vlan: int
    priority: int
    dscp: int


@dataclass(frozen=True)
class Announcement:
    """One LLDP frame of a neighbour. ``med``: it carries LLDP-MED. ``ttl`` in seconds; 0: the neighbour leaves."""

    ttl: int
    port: str
    system: str
    med: bool
    voice: VoicePolicy | None


def parse(frame: bytes) -> Announcement | None:
    """Read an Ethernet frame; ``None`` when it is no LLDP frame or is malformed."""
    if int.from_bytes(frame[12:14], "big") != ETHERTYPE:
        return None
    ttl, port, system, med, voice = 0, "", "", False, None
    try:
        for kind, value in _tlvs(frame[14:]):
            if kind == TTL:
                ttl = int.from_bytes(value[:2], "big")
            elif kind == PORT:
                port = _identifier(value, MAC_SUBTYPE_PORT)
            elif kind == SYSTEM_NAME:
                system = value.decode(errors="replace")
            elif kind == SPECIFIC and value[:3] == MED:
                med = True
                if value[3] == MED_POLICY:
                    voice = _policy(value[4:]) or voice
    except IndexError:
        return None
    return Announcement(ttl, port, system, med, voice)


def _tlvs(payload: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of each TLV. Raises IndexError when one is cut short."""
    position = 0
    while position < len(payload):
        header = payload[position] << 8 | payload[position + 1]
        kind, length = header >> 9, header & 0x1FF
        if kind == END:
            return
        value = payload[position + 2 : position + 2 + length]
        if len(value) < length:
            raise IndexError(position)
        yield kind, value
        position += 2 + length


def _identifier(value: bytes, mac_subtype: int) -> str:
    return value[1:].hex(":") if value[0] == mac_subtype else value[1:].decode(errors="replace")


def _policy(value: bytes) -> VoicePolicy | None:
    """Network policy TLV (TIA-1057 10.2.3): application 8 bits, U, T, X, VLAN 12 bits, priority 3, DSCP 6."""
    if len(value) < 4 or value[0] != VOICE:
        return None
    bits = int.from_bytes(value[1:4], "big")
    unknown, tagged = bits >> 23 & 1, bits >> 22 & 1
    if unknown:
        return None
    return VoicePolicy(vlan=bits >> 9 & 0xFFF if tagged else 0, priority=bits >> 6 & 7, dscp=bits & 0x3F)


def announce(mac: bytes, name: str, policy: VoicePolicy | None, period: int) -> bytes:
    """The phone's own frame, sent every ``period`` seconds, with the policy in use."""
    vlan, priority, dscp = (policy.vlan, policy.priority, policy.dscp) if policy else (0, 0, 0)
    bits = (policy is None) << 23 | (vlan > 0) << 22 | vlan << 9 | priority << 6 | dscp
    capabilities = (BRIDGE | TELEPHONE).to_bytes(2, "big")
    tlvs = (
        (CHASSIS, bytes([MAC_SUBTYPE_CHASSIS]) + mac),
        (PORT, bytes([MAC_SUBTYPE_PORT]) + mac),
        (TTL, (period * HOLD).to_bytes(2, "big")),
        (SYSTEM_NAME, name.encode()),
        (SYSTEM_DESCRIPTION, b"trilab phone"),
        (CAPABILITIES, capabilities * 2),
        (SPECIFIC, MED + bytes([MED_CAPABILITIES]) + MED_SUPPORTED.to_bytes(2, "big") + bytes([CLASS_III])),
        (SPECIFIC, MED + bytes([MED_POLICY, VOICE]) + bits.to_bytes(3, "big")),
        (END, b""),
    )
    body = b"".join((kind << 9 | len(value)).to_bytes(2, "big") + value for kind, value in tlvs)
    return MULTICAST + mac + ETHERTYPE.to_bytes(2, "big") + body
