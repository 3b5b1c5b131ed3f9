"""How a station joins a network, frame by frame: authentication, association, 4-way handshake, deauthentication.

IEEE 802.11-2020: 4.10.3 (the exchange), 9.4.1.7 (reason codes), 9.4.1.9 (status codes), 12.4 (SAE), 12.7.6 (4-way
handshake).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scapy.layers.dot11 import (
    Dot11,
    Dot11AssoReq,
    Dot11AssoResp,
    Dot11Auth,
    Dot11Deauth,
    Dot11Disas,
    Dot11ReassoReq,
    Dot11ReassoResp,
)
from scapy.layers.eap import EAP, EAPOL_KEY
from scapy.packet import Packet

from trilab.capture.dot11 import AirFrame
from trilab.capture.rows import Row

OPEN, SAE = 0, 3  # authentication algorithms (9.4.1.1)
_SAE_GOES_ON = (0, 76, 126)  # success, anti-clogging token asked for, hash to element
HANDSHAKE = tuple(f"EAPOL {number}/4" for number in (1, 2, 3, 4))
_OPEN_KINDS: tuple[tuple[type[Packet], str], ...] = (
    (Dot11AssoReq, "Demande d'association"),
    (Dot11ReassoReq, "Demande de réassociation"),
    (Dot11AssoResp, "Réponse d'association"),
    (Dot11ReassoResp, "Réponse de réassociation"),
    (Dot11Deauth, "Désauthentification"),
    (Dot11Disas, "Désassociation"),
)
_STATUS = {0: "accepté", 1: "refusé", 12: "refusé", 15: "secret refusé", 17: "point d'accès plein", 30: "à réessayer"}
_REASONS = {
    1: "sans raison donnée",
    2: "authentification périmée",
    3: "la station s'en va",
    4: "inactivité",
    6: "station non authentifiée",
    7: "station non associée",
    8: "la station s'en va",
    15: "échange des clés sans fin (secret différent)",
    23: "802.1X refusé",
}
_EAP_CODES = {1: "demande", 2: "réponse", 3: "accepté", 4: "refusé"}
_EAP_TYPES = {1: "identité", 3: "autre méthode", 4: "MD5", 13: "TLS", 21: "TTLS", 25: "PEAP"}  # RFC 3748, section 5
EAP_ANSWER, EAP_YES, EAP_NO = "EAP réponse", "EAP accepté", "EAP refusé"


def exchange(frames: Iterable[AirFrame], station: str) -> list[AirFrame]:
    """What a station (its MAC address) and the access point that it last turned to say to one another."""
    own = station.lower()
    mine = [one for one in frames if own in (one.packet.addr1, one.packet.addr2)]
    asked = [one.packet.addr1 for one in mine if Dot11Auth in one.packet and one.packet.addr2 == own]
    return [one for one in mine if asked and {one.packet.addr1, one.packet.addr2} == {own, asked[-1]}]


def rows(frames: Iterable[AirFrame]) -> tuple[Row, ...]:
    """The exchange as a table; retransmissions are left out; times count from its first frame."""
    told = [(frame, said) for frame in frames if not frame.packet.FCfield.retry and (said := _describe(frame.packet))]
    return tuple(
        Row(
            time=round(frame.time - told[0][0].time, 6),
            source=str(frame.packet.addr2),
            destination=str(frame.packet.addr1),
            label=label,
            note=note,
        )
        for frame, (label, note) in told
    )


def answered(frames: Iterable[AirFrame]) -> float | None:
    """When somebody first answered by EAP (Unix time, of the capture); None: nobody did."""
    labels = ((frame.time, _describe(frame.packet)) for frame in frames if not frame.packet.FCfield.retry)
    return next((time for time, said in labels if said and said[0].startswith(EAP_ANSWER)), None)


def _describe(packet: Packet) -> tuple[str, str] | None:
    if Dot11Auth in packet:
        return _authentication(packet)
    for kind, label in _OPEN_KINDS:
        if kind in packet and not packet[Dot11].FCfield.protected:
            return label, _outcome(packet[kind])
    if EAPOL_KEY in packet:
        number = int(packet[EAPOL_KEY].guess_key_number())
        return (f"EAPOL {number}/4", "") if number else ("EAPOL clé de groupe", "")
    return (_eap(packet[EAP]), "") if EAP in packet else None


def _eap(packet: Packet) -> str:
    """Success and failure have no method (RFC 3748, 4.2)."""
    code, label = int(packet.code), f"EAP {_EAP_CODES.get(int(packet.code), '?')}"
    return f"{label} ({_EAP_TYPES.get(int(packet.type), f'type {int(packet.type)}')})" if code in (1, 2) else label


def _authentication(packet: Packet) -> tuple[str, str]:
    auth = packet[Dot11Auth]
    status = _STATUS.get(int(auth.status), f"code {int(auth.status)}")
    if int(auth.algo) == SAE:
        step = {1: "SAE engagement", 2: "SAE confirmation"}.get(int(auth.seqnum), "SAE")
        return step, "" if int(auth.status) in _SAE_GOES_ON else status
    kind = "Authentification" if int(auth.algo) == OPEN else f"Authentification (algorithme {int(auth.algo)})"
    return kind, status if int(auth.seqnum) == 2 else "demande"


def _outcome(layer: Packet) -> str:
    if hasattr(layer, "status"):
        return _STATUS.get(int(layer.status), f"code {int(layer.status)}")
    if hasattr(layer, "reason"):
        return _REASONS.get(int(layer.reason), f"raison {int(layer.reason)}")
    return ""


def first(table: Sequence[Row]) -> tuple[Row, ...]:
    """The exchange up to the end of its first 4-way handshake; all of it when there is none."""
    labels = [row.label for row in table]
    end = labels.index(HANDSHAKE[3]) + 1 if HANDSHAKE[3] in labels else len(labels)
    return tuple(table[:end])


def completed(table: Sequence[Row]) -> bool:
    """Whether the four messages of a handshake follow one another."""
    step = 0
    for row in table:
        if row.label == HANDSHAKE[0]:
            step = 1
        elif step and row.label == HANDSHAKE[step]:
            step += 1
            if step == len(HANDSHAKE):
                return True
    return False


def turned_away(table: Sequence[Row]) -> bool:
    """Whether the access point said no to the station, which speaks first: a refused authentication or association, a
    deauthentication, or a secret turned down. Else silence or a slow machine may be why it did not join.
    """
    told = [row for row in table if row.destination == table[0].source]
    noes = (_OPEN_KINDS[4][1], _OPEN_KINDS[5][1])
    refusals = [row for row in told if row.label in noes or row.note not in ("", _STATUS[0])]
    return rejected(table) or bool(refusals)


def rejected(table: Sequence[Row]) -> bool:
    """Whether the access point turned the secret down: SAE or EAP refused, or message 2 of a handshake never followed
    by message 3 while message 1 is repeated (12.7.6.3: a message whose MIC is wrong is discarded in silence).
    """
    if any(row.label == EAP_NO or (row.label.startswith("SAE") and row.note == _STATUS[15]) for row in table):
        return True
    labels = [row.label for row in table]
    return labels.count(HANDSHAKE[1]) >= 1 and labels.count(HANDSHAKE[0]) >= 2 and HANDSHAKE[2] not in labels
