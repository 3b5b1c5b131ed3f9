"""A DHCP exchange by a trusted client, read in the packets themselves."""

from __future__ import annotations

import time
from ipaddress import IPv4Network

from trilab import probe
from trilab.capture import decode, frames
from trilab.capture.dhcp import DhcpMessage, messages
from trilab.capture.frames import Frame
from trilab.capture.live import Captures
from trilab.capture.rows import Row
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.live.discover import offers
from trilab.grading.requests import Lease, LeaseSeen

_FILTER = ["udp", "port", "67", "or", "(vlan", "and", "udp", "port", "67)"]
DEADLINE = 8.0  # seconds: a server that pings first takes 3, and a busy machine lets it wait


def lease(context: Context, request: Lease) -> LeaseSeen:
    """Ask for a lease while capturing the node's cable; everything told is read in the packets."""
    started = time.time()
    here = context.peer(request.node, "eth1")
    with Captures(context.lab, [here], context.work, _FILTER, f"dhcp-{request.node}-") as captures:
        asked = probe.dhcp(context.lab, request.node, deadline=DEADLINE)
        wished = offers(context, request.node, asked.interface, request.wishes) if asked.lease else ()
    path = captures.files[f"{here[0]}:{here[1]}"]
    kept = context.keeper.file("pcap", here[0], f"DHCP de {request.node}", path, started, time.time())
    mac = context.mac(request.node, asked.interface)
    mine = [frame for frame in frames.read(path) if _of(frame, mac)]
    found = [one for one in messages(mine) if one.kind == "ACK"]
    if asked.lease and not found:
        raise ObservationError(f"{request.node} : un bail a été obtenu sans que sa trame soit vue.")
    return _seen((kept,), found[-1] if found else None, wished, decode.rows(mine))


def _of(frame: Frame, mac: str) -> bool:
    """Whether a DHCP frame is about this client: a PC behind a phone uses the same cable."""
    return any(one.client_mac == mac for one in messages([frame]))


def _seen(
    evidence: tuple[str, ...], ack: DhcpMessage | None, wished: tuple[tuple[str, str], ...], rows: tuple[Row, ...]
) -> LeaseSeen:
    if ack is None:
        return LeaseSeen(evidence, False, "", 0, "", "", None, {}, (), rows)
    mask = ack.options.get(1, "255.255.255.255")
    return LeaseSeen(
        evidence=evidence,
        obtained=True,
        address=ack.your_ip,
        prefixlen=IPv4Network(f"0.0.0.0/{mask}").prefixlen,
        server=ack.options.get(54, ""),
        relay="" if ack.relay_ip == "0.0.0.0" else ack.relay_ip,
        vlan=ack.vlan,
        options=ack.options,
        offers=wished,
        rows=rows,
    )
