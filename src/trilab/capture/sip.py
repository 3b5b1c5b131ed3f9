"""SIP messages over UDP (RFC 3261) with the media address of their SDP body (RFC 8866)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from trilab.capture.frames import Frame

PORT = 5060
_COMPACT = {"i": "call-id", "f": "from", "t": "to", "m": "contact", "v": "via", "l": "content-length"}
_START = re.compile(r"(?:SIP/2\.0 (?P<status>\d{3}) ?(?P<phrase>.*)|(?P<method>[A-Z]+) (?P<uri>\S+) SIP/2\.0)")
_MEDIA = re.compile(r"^m=audio (\d+)", re.MULTILINE)
_CONNECTION = re.compile(r"^c=IN IP4 (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class SipMessage:
    """One request (``method``, ``uri``) or response (``status``). ``media``: (address, port) that wants the audio."""

    time: float
    vlan: int | None
    dscp: int | None
    source: str
    destination: str
    start: str  # "INVITE sip:101@…" without the version, or "180 Ringing"
    method: str  # of the request, or from CSeq for a response
    status: int | None
    uri: str
    call_id: str
    from_: str
    to: str
    media: tuple[str, int] | None


def _headers(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            found.setdefault(_COMPACT.get(key, key), value.strip())
    return found


def parse(text: str, frame: Frame) -> SipMessage | None:
    """One message from its text, or None when it is not SIP."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    first, *rest = head.split("\n")
    match = _START.fullmatch(first.strip())
    if match is None:
        return None
    headers = _headers(rest)
    media, connection = _MEDIA.search(body), _CONNECTION.search(body)
    status = int(match["status"]) if match["status"] else None
    return SipMessage(
        time=frame.time,
        vlan=frame.vlan,
        dscp=frame.dscp,
        source=frame.source,
        destination=frame.destination,
        start=f"{match['status']} {match['phrase']}".strip() if status else f"{match['method']} {match['uri']}",
        method=match["method"] or headers.get("cseq", "").rpartition(" ")[2],
        status=status,
        uri=match["uri"] or "",
        call_id=headers.get("call-id", ""),
        from_=headers.get("from", ""),
        to=headers.get("to", ""),
        media=(connection[1], int(media[1])) if media and connection else None,
    )


def messages(frames: Iterable[Frame], port: int = PORT) -> list[SipMessage]:
    """Every SIP message of a capture that uses UDP ``port``."""
    found = []
    for frame in frames:
        payload = frame.udp_payload()
        if payload is None or port not in (frame.ports or ()):
            continue
        message = parse(payload.decode("utf-8", "replace"), frame)
        if message is not None:
            found.append(message)
    return found
