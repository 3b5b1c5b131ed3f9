"""What a phone hears: the RTP that arrives, its losses and its tone."""

from __future__ import annotations

from trilab.capture.rtp import Stream
from trilab.grading.expect import Fact
from trilab.grading.requests import CallSeen, Leg

MINIMUM_PACKETS = 40  # 0.8 s of audio in packets of 20 ms
MAXIMUM_LOSS = 0.05  # share of lost packets


def heard(leg: Leg, listener: str, speaker: str, tone: float, tolerance: float) -> Fact:
    """Whether ``listener`` (whose cable ``leg`` is) hears the tone of ``speaker``, in Hz."""
    wanted = f"{listener} entend {speaker} ({tone:.0f} Hz)"
    arriving = [stream for stream in leg.streams if stream.destination == leg.address]
    if not arriving:
        return Fact(False, wanted, f"{listener} ne reçoit aucune voix")
    best = max(arriving, key=lambda stream: stream.packets)
    sent = best.packets + best.lost
    if best.packets < MINIMUM_PACKETS and not best.lost:  # the call lasted: the machine was starved
        return Fact(None, wanted, f"{listener} n'a reçu que {best.packets} paquets de voix, aucun perdu")
    if best.packets < MINIMUM_PACKETS or best.lost > MAXIMUM_LOSS * sent:
        return Fact(False, wanted, f"{listener} reçoit {best.packets} paquets de voix, {best.lost} perdus")
    if best.payload_type not in (0, 8):
        return Fact(None, wanted, f"{listener} reçoit un codec autre que G.711 : tonalité non mesurable")
    if best.tone_hz is None:
        return Fact(False, wanted, f"{listener} reçoit {best.packets} paquets sans tonalité")
    right = abs(best.tone_hz - tone) <= tolerance
    return Fact(right, wanted, f"{listener} entend {best.tone_hz:.0f} Hz, {best.packets} paquets, {best.lost} perdus")


def stream_name(call: CallSeen, stream: Stream) -> str:
    """``tel1 → ipbx``, by the addresses of the call's legs; addresses where they are nobody's."""
    names = {leg.address: leg.owner for leg in call.legs if leg.address}
    return f"{names.get(stream.source, stream.source)} → {names.get(stream.destination, stream.destination)}"
