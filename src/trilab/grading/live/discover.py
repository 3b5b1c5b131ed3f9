"""DHCP Discover messages that wish for an address (RFC 2132, option 50): what would a server offer?

Nothing is bound: no Request follows, and each message is from a client that does not exist (its own chaddr), so that
the lease of the node is not touched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from trilab.errors import ObservationError
from trilab.grading.live.context import Context

PATIENT = 4.0  # seconds: a server that pings an address before offering it takes up to 3 s
# Run by the untouched image's Python in the node's network namespace.
_PROGRAM = r"""
import json, os, socket, struct, sys, time
spec = json.loads(sys.argv[1])
mac = bytes.fromhex(spec["mac"])
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
link.bind((spec["interface"], 0x0800))

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

def discover(xid, wish):
    chaddr = b"\x02\0\0" + os.urandom(3)
    body = struct.pack("!BBBBIHH", 1, 1, 6, 0, xid, 0, 0x8000) + bytes(16) + chaddr + bytes(10 + 64 + 128)
    body += b"\x63\x82\x53\x63\x35\x01\x01\x32\x04" + socket.inet_aton(wish) + b"\x37\x03\x01\x03\x06\xff"
    body = body.ljust(300, b"\0")
    udp = struct.pack("!HHHH", 68, 67, 8 + len(body), 0) + body
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes(4), b"\xff" * 4)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp

wanted, offers = {}, {}
for wish in spec["wishes"]:
    xid = int.from_bytes(os.urandom(4), "big")
    wanted[xid] = wish
    link.send(b"\xff" * 6 + mac + b"\x08\x00" + discover(xid, wish))
start = time.monotonic()
while len(offers) < len(wanted):
    left = start + spec["patient"] - time.monotonic()
    if left <= 0:
        break
    link.settimeout(left)
    try:
        frame = link.recv(2048)
    except TimeoutError:
        break
    at = 14 + (frame[14] & 15) * 4
    body = frame[at + 8 :]
    if frame[23] != 17 or frame[at + 2 : at + 4] != b"\0\x44" or len(body) < 240 or body[0] != 2:
        continue
    xid = int.from_bytes(body[4:8], "big")
    if xid in wanted:
        offers[wanted[xid]] = socket.inet_ntoa(body[16:20])
print(json.dumps(offers))
"""


def offers(context: Context, node: str, interface: str, wishes: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(wish, address offered or empty) for each wish. Raises ObservationError when the probe itself cannot work."""
    if not wishes:
        return ()
    spec = {
        "interface": interface,
        "mac": context.mac(node, interface).replace(":", ""),
        "wishes": list(wishes),
        "patient": PATIENT,
    }
    done = context.run(node, ["python3", "-I", "-S", "-c", _PROGRAM, json.dumps(spec)])
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["sans message"]
        raise ObservationError(f"{node} : sonde DHCP impossible ({last[0]}).")
    found: dict[str, str] = json.loads(done.stdout)
    return tuple((wish, found.get(wish, "")) for wish in wishes)
