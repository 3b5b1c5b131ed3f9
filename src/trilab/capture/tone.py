"""Finding the tone of G.711 audio (ITU-T G.711) with a fast Fourier transform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 8000  # samples per second of G.711
PCMU, PCMA = 0, 8  # RFC 3551 payload types
_MINIMUM = RATE // 4  # samples: less than 0.25 s tells nothing
_FULL_SCALE = 32768.0
_SILENCE_DBFS = -60.0
_PURITY = 0.5  # share of the energy within 3 bins of the peak: a tone has more than 0.9, noise less than 0.1


@dataclass(frozen=True)
class Tone:
    """A single frequency. ``hz``; ``dbfs``: its RMS level in dB below full scale."""

    hz: float
    dbfs: float


def alaw(data: bytes) -> NDArray[np.int32]:
    """A-law octets to 16-bit linear samples (ITU-T G.711, table 1)."""
    octets = np.frombuffer(data, dtype=np.uint8).astype(np.int32) ^ 0x55
    exponent, mantissa = (octets & 0x70) >> 4, octets & 0x0F
    low = (mantissa << 4) + 8
    value = np.where(exponent == 0, low, (low + 0x100) << np.maximum(exponent - 1, 0))
    return np.where(octets & 0x80, value, -value).astype(np.int32)


def ulaw(data: bytes) -> NDArray[np.int32]:
    """µ-law octets to 16-bit linear samples (ITU-T G.711, table 2)."""
    octets = ~np.frombuffer(data, dtype=np.uint8).astype(np.int32) & 0xFF
    value = ((((octets & 0x0F) << 3) + 0x84) << ((octets & 0x70) >> 4)) - 0x84
    return np.where(octets & 0x80, -value, value).astype(np.int32)


def find(samples: NDArray[np.int32], rate: int = RATE) -> Tone | None:
    """The dominant tone of linear 16-bit samples, or None for silence, noise or too short a piece."""
    if len(samples) < rate * _MINIMUM // RATE:
        return None
    signal = samples.astype(np.float64) - samples.mean()
    rms = float(np.sqrt((signal**2).mean()))
    dbfs = 20 * float(np.log10(max(rms, 1e-9) / _FULL_SCALE))
    if dbfs < _SILENCE_DBFS:
        return None
    power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
    peak = int(power.argmax())
    around = power[max(0, peak - 3) : peak + 4].sum()
    if around < _PURITY * power.sum():
        return None
    return Tone(round(float(np.fft.rfftfreq(len(signal), 1 / rate)[peak]), 1), round(dbfs, 1))


def of_payload(data: bytes, payload_type: int) -> Tone | None:
    """The tone of RTP payload octets; None for a codec other than G.711."""
    if payload_type == PCMA:
        return find(alaw(data))
    return find(ulaw(data)) if payload_type == PCMU else None
