"""Reaching and not reaching: pings and TCP connections of trusted programs, and the tags of their frames."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from trilab import probe
from trilab.capture import decode, frames
from trilab.capture.live import Captures
from trilab.capture.names import linux_name
from trilab.capture.rows import Row
from trilab.grading.live.context import Context
from trilab.grading.live.frame import frame_ping
from trilab.grading.requests import (
    Addresses,
    AddressList,
    DeadNodes,
    DeadSeen,
    PhoneFrames,
    PhoneTraffic,
    TaggedPing,
    TaggedSeen,
    Tried,
    Try,
    Window,
    WindowSeen,
)
from trilab.polling import until
from trilab.probe import TcpState

PING_WAIT = 1.0  # seconds for one echo
TCP_WAIT = 1.5
_PHONE_DEADLINE = 4.0  # seconds for a phone to reach its gateway, a lease being renewed
_PHONE_FILTER = ["icmp", "or", "udp", "port", "5060", "or", "(vlan", "and", "(icmp", "or", "udp", "port", "5060))"]
_PACKETS = 3  # echoes of the final, common attempt


def addresses(context: Context, request: Addresses) -> AddressList:
    """The data addresses of a node."""
    started = time.time()
    found = context.addresses(request.node)
    text = "\n".join(f"{name} {address}" for name, address in found) or "aucune adresse"
    kept = context.keeper.text("probe", request.node, "adresses IPv4", text, started, time.time())
    return AddressList((kept,), tuple(found))


def dead_nodes(context: Context, request: DeadNodes) -> DeadSeen:
    """The nodes that do not run."""
    return DeadSeen((), tuple(name for name in context.lab.nodes if not context.lab.alive(name)))


def _ping(context: Context, source: str, address: str, count: int) -> tuple[bool, str]:
    """Whether one reply came, and what ping printed."""
    seen = probe.echoes(context.lab, source, address, count, wait=PING_WAIT)
    return seen.reachable, seen.output.strip()


def _tcp(context: Context, attempt: Try, address: str) -> tuple[bool, str]:
    """A refusal, too, shows that the packet arrived and came back."""
    seen = probe.tcp(context.lab, attempt.source, address, attempt.port, deadline=0, patience=TCP_WAIT)
    refused = seen.state is TcpState.REFUSED
    note = " par la destination (elle a répondu)" if refused else ""
    return seen.open or refused, f"TCP {attempt.port} : {seen.state}{note}"


def _try(context: Context, attempt: Try, count: int, routers: Sequence[str] = ()) -> Tried:
    address = context.resolve(attempt.destination)
    if not address:
        return Tried(attempt, False, "", f"{attempt.destination} n'a pas d'adresse IPv4")
    if attempt.protocol == "tcp":
        reached, detail = _tcp(context, attempt, address)
    elif attempt.protocol == "frame":
        reached, detail = frame_ping(context, attempt.source, address, routers)
    else:
        reached, detail = _ping(context, attempt.source, address, count)
    return Tried(attempt, reached, address, detail)


def _await(context: Context, attempt: Try, deadline: float) -> None:
    """Repeat an attempt until it succeeds or the deadline has passed: a learning bridge and ARP need a moment."""
    until(lambda: _try(context, attempt, 1).reached, bool, deadline - time.monotonic(), 0.1)


def window(context: Context, request: Window) -> WindowSeen:
    """See :class:`Window`: first the positive attempts until they work, then all at once."""
    started, deadline = time.time(), time.monotonic() + request.deadline
    both = (*request.positive, *request.negative)
    with ThreadPoolExecutor(max(1, len(both)), thread_name_prefix="window") as pool:
        list(pool.map(lambda attempt: _await(context, attempt, deadline), request.positive))
        routers = _routers(context, request.positive)
        results = list(pool.map(lambda one: _try(context, one, _PACKETS, routers.get(one.source, ())), both))
    cut = len(request.positive)
    kept = context.keeper.text("probe", "", _title(both), _text(results, cut), started, time.time())
    return WindowSeen((kept,), tuple(results[:cut]), tuple(results[cut:]))


def _routers(context: Context, positive: Sequence[Try]) -> dict[str, list[str]]:
    """Source → what it must reach: next hops for frames, should it have no default route any more."""
    found: dict[str, list[str]] = {}
    for attempt in positive:
        if attempt.destination not in context.lab.nodes:
            found.setdefault(attempt.source, []).append(attempt.destination)
    return found


def _title(attempts: Sequence[Try]) -> str:
    sources = dict.fromkeys(attempt.source for attempt in attempts)
    return f"accessibilité depuis {', '.join(sources)}"


def _text(results: Sequence[Tried], positive: int) -> str:
    parts = []
    for index, one in enumerate(results):
        kind = "attendu joignable" if index < positive else "attendu injoignable"
        state = "atteint" if one.reached else "non atteint"
        head = f"{one.attempt.source} → {one.attempt.destination} ({one.address or 'sans adresse'}), {kind} : {state}"
        parts.append(f"{head}\n{one.detail}\n")
    return "\n".join(parts)


def tagged_ping(context: Context, request: TaggedPing) -> TaggedSeen:
    """Ping while capturing a link; the rows hold this ping's ICMP frames only."""
    started, interface = time.time(), linux_name(request.interface)
    address = context.resolve(request.destination)
    if not address:
        return TaggedSeen((), False, "", ())
    point = (request.node, interface)
    prefix = f"ping-{request.source}-{address}-"
    with Captures(context.lab, [point], context.work, ["icmp", "or", "(vlan", "and", "icmp)"], prefix) as captures:
        deadline = time.monotonic() + 5.0
        reached = _ping(context, request.source, address, 1)[0]
        while not reached and time.monotonic() < deadline:
            reached = _ping(context, request.source, address, 1)[0]
        if reached:
            _ping(context, request.source, address, _PACKETS)
    path = captures.files[f"{request.node}:{interface}"]
    title = f"ping de {request.source} vers {address} vu sur {request.interface}"
    kept = context.keeper.file("pcap", request.node, title, path, started, time.time())
    own = {one.partition("/")[0] for _, one in context.addresses(request.source)}
    return TaggedSeen((kept,), reached, address, _of_ping(decode.rows(frames.read(path)), own, address))


def _of_ping(rows: Sequence[Row], sources: set[str], address: str) -> tuple[Row, ...]:
    return tuple(
        row
        for row in rows
        if (row.source in sources and row.destination == address)
        or (row.source == address and row.destination in sources)
    )


def phone_traffic(context: Context, request: PhoneTraffic) -> PhoneFrames:
    """Let the phone ping its gateway, and look at its own frames from the switch's side."""
    started = time.time()
    here = context.peer(request.phone, "eth1")
    own = {address.partition("/")[0] for _, address in context.addresses(request.phone)}
    with Captures(context.lab, [here], context.work, _PHONE_FILTER, "phone-") as captures:
        if own:
            context.until(lambda: _pings_gateway(context, request.phone), time.monotonic() + _PHONE_DEADLINE)
    path = captures.files[f"{here[0]}:{here[1]}"]
    title = f"trames de {request.phone}"
    kept = context.keeper.file("pcap", here[0], title, path, started, time.time())
    return PhoneFrames((kept,), tuple(row for row in decode.rows(frames.read(path)) if row.source in own))


def _pings_gateway(context: Context, node: str) -> bool:
    gateways = context.lab.network(node).gateways
    return bool(gateways) and _ping(context, node, gateways[0], 2)[0]
