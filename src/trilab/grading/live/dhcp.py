"""A DHCP exchange by a trusted client, read in the packets themselves."""

from __future__ import annotations

import time
from ipaddress import IPv4Network

from trilab.capture import decode, frames
from trilab.capture.dhcp import DhcpMessage, messages
from trilab.capture.frames import Frame
from trilab.capture.live import Captures
from trilab.capture.rows import Row
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.requests import Lease, LeaseSeen

_TRIES = 4
_WANTED = ("tftp", "150")  # beside udhcpc's own list: options 66 and 150
_FILTER = ["udp", "port", "67", "or", "(vlan", "and", "udp", "port", "67)"]


def _client(interface: str, wish: str = "") -> list[str]:
    """udhcpc once, without applying the lease; the address stays with this MAC, as the node's own client has it."""
    options = [argument for name in _WANTED for argument in ("-O", name)]
    asked = ["-r", wish] if wish else []
    head = ["udhcpc", "-f", "-n", "-q", "-i", interface, "-t", str(_TRIES), "-T", "1", "-s", "/bin/true"]
    return [*head, *options, *asked]


def lease(context: Context, request: Lease) -> LeaseSeen:
    """Ask for a lease while capturing the node's cable; everything told is read in the packets."""
    started = time.time()
    used = context.addresses(request.node)
    interface = used[0][0] if used else "eth1"
    here = context.peer(request.node, "eth1")
    prefix = f"dhcp-{request.node}-"
    with Captures(context.lab, [here], context.work, _FILTER, prefix) as captures:
        done = context.run(request.node, _client(interface))
    path = captures.files[f"{here[0]}:{here[1]}"]
    kept = context.keeper.file("pcap", here[0], f"DHCP de {request.node}", path, started, time.time())
    heard = frames.read(path)
    mac = context.mac(request.node, interface)
    found = [one for one in messages(heard) if one.kind == "ACK" and one.client_mac == mac]
    if not found and done.returncode == 0:
        raise ObservationError(f"{request.node} : un bail a été obtenu sans que sa trame soit vue.")
    return _seen((kept,), found[-1] if found else None, decode.rows(frame for frame in heard if _of(frame, mac)))


def _of(frame: Frame, mac: str) -> bool:
    """Whether a DHCP frame is about this client: a PC behind a phone uses the same cable."""
    return any(one.client_mac == mac for one in messages([frame]))


def _seen(evidence: tuple[str, ...], ack: DhcpMessage | None, rows: tuple[Row, ...]) -> LeaseSeen:
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
        offers=(),
        rows=rows,
    )
