"""An IEEE 802.1X supplicant for tests (EAP-MD5, RFC 3748, 5.4), run in a PC of a lab: real frames, no Wi-Fi kernel.

Debian's wpa_supplicant starts only on a kernel with cfg80211, whatever its driver.
Usage: ``python3 supplicant.py NAME PASSWORD SECONDS``; prints ``success``, ``failure`` or ``silence``.
"""

from __future__ import annotations

import hashlib
import socket
import struct
import sys
import time

PAE_GROUP = bytes.fromhex("0180c2000003")
START, PACKET = 1, 0  # EAPOL packet types (IEEE 802.1X-2020, 11.3.2)
REQUEST, RESPONSE, SUCCESS, FAILURE = 1, 2, 3, 4
IDENTITY, NAK, MD5 = 1, 3, 4


def answer(eap: bytes, name: bytes, password: bytes) -> bytes:
    """The response to a request."""
    number, kind, data = eap[1], eap[4], eap[5:]
    if kind == IDENTITY:
        body = bytes([IDENTITY]) + name
    elif kind == MD5:
        challenge = data[1 : 1 + data[0]]
        body = bytes([MD5, 16]) + hashlib.md5(bytes([number]) + password + challenge).digest() + name
    else:
        body = bytes([NAK, MD5])
    return struct.pack("!BBH", RESPONSE, number, 4 + len(body)) + body


def main(name: str, password: str, seconds: str) -> str:
    """Ask to come in, answer, and say how it ended."""
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x888E))
    link.bind(("eth1", 0x888E))
    own = link.getsockname()[4]

    def send(kind: int, body: bytes = b"") -> None:
        link.send(PAE_GROUP + own + struct.pack("!HBBH", 0x888E, 2, kind, len(body)) + body)

    deadline, heard = time.monotonic() + float(seconds), False
    while time.monotonic() < deadline:
        if not heard:
            send(START)
        link.settimeout(1)
        try:
            while time.monotonic() < deadline:
                frame = link.recv(2000)
                if frame[6:12] == own or frame[15] != PACKET:
                    continue
                eap = frame[18 : 18 + int.from_bytes(frame[16:18], "big")]
                heard = True
                if eap[0] == REQUEST:
                    send(PACKET, answer(eap, name.encode(), password.encode()))
                else:
                    return "success" if eap[0] == SUCCESS else "failure"
        except TimeoutError:
            continue
    return "silence"


if __name__ == "__main__":
    sys.stdout.write(main(*sys.argv[1:]))
