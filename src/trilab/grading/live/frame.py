"""ICMP echo sent as raw frames: what the network lets through, whatever the source's own routes and filters say.

An isolation that the source makes for itself (no route, a local firewall) is not an isolation: the probe writes its
frames on the interface and reads them there, beside the node's own network stack.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Interface

from trilab.errors import ObservationError
from trilab.grading.live.context import Context

WAIT = 1.0  # seconds for an answer
# Run by the untouched image's Python in the source's network namespace. Frames: IEEE 802.3, ARP RFC 826, ICMP RFC 792.
# PACKET_QDISC_BYPASS (packet(7)) leaves out the node's traffic control and egress filters.
_PROGRAM = r"""
import json, os, socket, struct, sys, time
spec = json.loads(sys.argv[1])
packed = socket.inet_aton
mac, ip, target, ident = bytes.fromhex(spec["mac"]), packed(spec["ip"]), packed(spec["target"]), os.getpid() & 0xFFFF
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
link.bind((spec["interface"], 0))
link.setsockopt(263, 20, 1)

def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

def heard(wanted, seconds):
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        link.settimeout(left)
        try:
            frame = link.recv(2048)
        except TimeoutError:
            break
        if (found := wanted(frame)) is not None:
            return found
    return None

def neighbour(hop):
    def reply(frame):
        right = frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x02" and frame[28:32] == hop
        return frame[22:28] if right else None
    question = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + ip + bytes(6) + hop
    for _ in range(2):
        link.send(b"\xff" * 6 + mac + b"\x08\x06" + question)
        if (found := heard(reply, spec["wait"] / 2)) is not None:
            return found
    return None

def echo(number):
    body = struct.pack("!BBHHH", 8, 0, 0, ident, number) + bytes(16)
    body = body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, 1, 0, ip, target)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body

def answered(frame):
    if frame[12:14] != b"\x08\x00" or frame[23] != 1 or frame[26:30] != target:
        return None
    at = 14 + (frame[14] & 15) * 4
    return True if frame[at] == 0 and frame[at + 4 : at + 6] == struct.pack("!H", ident) else None

said = "no-neighbour"
for hop in map(packed, spec["hops"]):
    if (to := neighbour(hop)) is None:
        continue
    for number in range(3):
        link.send(to + mac + b"\x08\x00" + echo(number))
    said = "answered" if heard(answered, spec["wait"]) else "silent"
    if said == "answered":
        break
print(said)
"""
_WORDS = {
    "answered": "trame ICMP émise sur le câble : la destination a répondu",
    "silent": "trame ICMP émise sur le câble : aucune réponse",
    "no-neighbour": "trame ICMP : aucun voisin ne répond à la requête ARP",
}


def frame_ping(context: Context, source: str, address: str, routers: Sequence[str]) -> tuple[bool, str]:
    """Send echoes to ``address`` by each router on the source's network; whether one was answered, and a French detail.

    ``routers``: addresses tried as next hop beside the default route's; those of other networks are left out. Raises
    ObservationError when the frames could not be sent: silence only counts after a question.
    """
    own = context.addresses(source)
    if not own:
        return False, f"{source} n'a pas d'adresse IPv4"
    interface, mine = own[0][0], IPv4Interface(own[0][1])
    hops = [address] if IPv4Address(address) in mine.network else [*context.lab.network(source).gateways, *routers]
    spec = {
        "interface": interface,
        "mac": context.mac(source, interface).replace(":", ""),
        "ip": str(mine.ip),
        "target": address,
        "hops": [hop for hop in dict.fromkeys(hops) if IPv4Address(hop) in mine.network],
        "wait": WAIT,
    }
    done = context.run(source, ["python3", "-I", "-S", "-c", _PROGRAM, json.dumps(spec)])
    word = done.stdout.strip()
    if word not in _WORDS:
        last = done.stderr.strip().splitlines()[-1:] or ["sans message"]
        raise ObservationError(f"{source} : trame ICMP impossible à émettre ({last[0]}).")
    return word == "answered", _WORDS[word]
