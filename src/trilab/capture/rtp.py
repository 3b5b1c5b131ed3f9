"""RTP streams of a capture (RFC 3550): one per sender, receiver and SSRC, with tags, marks, losses and the tone."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from trilab.capture import tone
from trilab.capture.frames import Frame

_AUDIO_TYPES = frozenset({0, 8, 9, 18, *range(96, 128)})  # RFC 3551: PCMU, PCMA, G722, G729, dynamic
_FIRST_PORT = 1024  # below: DNS and other services whose first octets may look alike
_MISORDERED = 50  # packets; RFC 3550 takes 100 for what arrives late
_SHORTEST = 0.01  # seconds of audio in the shortest usual packet
_HEADER = struct.Struct("!BBHII")


@dataclass(frozen=True)
class Stream:
    """One direction of audio. ``vlans``: outer tags seen (None: untagged). ``duration`` in seconds."""

    source: str
    source_port: int
    destination: str
    destination_port: int
    ssrc: int
    payload_type: int
    packets: int
    lost: int
    duration: float
    vlans: tuple[int | None, ...]
    dscps: tuple[int, ...]
    tone_hz: float | None  # None: no single tone, or a codec that is not G.711
    level_dbfs: float | None  # dB below full scale


@dataclass
class _Collected:
    sequences: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    vlans: set[int | None] = field(default_factory=set)
    dscps: set[int] = field(default_factory=set)
    audio: list[bytes] = field(default_factory=list)


def _extended(sequences: list[int], times: list[float]) -> list[int]:
    """Sequence numbers without the wrap at 2^16, one after the other (RFC 3550, appendix A.1).

    A jump that the time since the last packet does not explain is a source that began its numbers anew under the
    same SSRC, as a back-to-back agent does when it starts to forward: nothing was lost.
    """
    found = [sequences[0]]
    for index in range(1, len(sequences)):
        step = (sequences[index] - sequences[index - 1] + 0x8000) % 0x10000 - 0x8000
        missing = max(0.0, times[index] - times[index - 1]) / _SHORTEST
        restarted = step < -_MISORDERED or step > _MISORDERED + missing
        found.append(found[-1] + (1 if restarted else step))
    return found


def _stream(key: tuple[str, int, str, int, int, int], data: _Collected) -> Stream:
    numbers = _extended(data.sequences, data.times)
    in_order = sorted(dict(zip(numbers, data.audio, strict=True)).items())
    audio = b"".join(payload for _, payload in in_order)
    heard = tone.of_payload(audio, key[5])
    return Stream(
        *key,
        packets=len(numbers),
        lost=max(numbers) - min(numbers) + 1 - len(set(numbers)),
        duration=round(data.times[-1] - data.times[0], 3),
        vlans=tuple(sorted(data.vlans, key=lambda vlan: -1 if vlan is None else vlan)),
        dscps=tuple(sorted(data.dscps)),
        tone_hz=None if heard is None else heard.hz,
        level_dbfs=None if heard is None else heard.dbfs,
    )


def _payload(packet: bytes) -> bytes:
    """The audio octets: contributing sources, extension and padding removed (RFC 3550, 5.1)."""
    start = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10 and len(packet) >= start + 4:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    end = len(packet) - packet[-1] if packet[0] & 0x20 else len(packet)
    return packet[start:end]


def streams(frames: Iterable[Frame]) -> list[Stream]:
    """Every RTP audio stream, in order of appearance. RTCP and SIP are left out."""
    found: dict[tuple[str, int, str, int, int, int], _Collected] = {}
    for frame in frames:
        data, ports = frame.udp_payload(), frame.ports
        if data is None or ports is None or len(data) <= 12 or data[0] >> 6 != 2:
            continue
        _, marker_type, sequence, _, ssrc = _HEADER.unpack_from(data)
        kind = marker_type & 0x7F
        if kind not in _AUDIO_TYPES or min(ports) < _FIRST_PORT:
            continue
        key = (frame.source, ports[0], frame.destination, ports[1], ssrc, kind)
        one = found.setdefault(key, _Collected())
        one.sequences.append(sequence)
        one.times.append(frame.time)
        one.vlans.add(frame.vlan)
        one.dscps.add(frame.dscp or 0)
        one.audio.append(_payload(data))
    return [_stream(key, data) for key, data in found.items()]
