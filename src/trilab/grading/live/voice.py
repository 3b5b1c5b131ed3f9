"""Calls between the lab's phones, captured on every cable that may carry them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from trilab.capture import decode, frames, rtp, sip
from trilab.capture.frames import Frame
from trilab.capture.live import Captures
from trilab.capture.rows import Row
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.live.spool import left_as_found
from trilab.grading.requests import Call, CallSeen, Dial, DialSeen, Leg, LegRole
from trilab.probe.call import ring, talk

_FILTER = ["udp", "or", "(vlan", "and", "udp)"]
Point = tuple[str, str]


@dataclass(frozen=True)
class Spot:
    """One capture point and what it is of."""

    role: LegRole
    owner: str
    here: Point
    there: Point


def ipbx_of(context: Context) -> str:
    """The lab's IPBX. Raises ObservationError when there is none."""
    found = [name for name, node in context.lab.nodes.items() if node.role == "ipbx"]
    if not found:
        raise ObservationError("Ce lab n'a pas d'IPBX.")
    return found[0]


def tone_of(context: Context, phone: str) -> float:
    """The tone that a phone plays, in Hz (label ``trilab-tone``)."""
    return float(context.lab.nodes[phone].labels.get("trilab-tone", "0"))


def spots(context: Context, caller: str, callee: str) -> list[Spot]:
    """Where a call is captured: the switch's end of both phones' and the IPBX's cables, and every trunk."""
    ipbx = ipbx_of(context)
    wanted: list[tuple[LegRole, str]] = [("caller", caller), ("callee", callee), ("ipbx", ipbx)]
    found = [Spot(role, node, context.peer(node, "eth1"), (node, "eth1")) for role, node in wanted]
    network = {name for name, node in context.lab.nodes.items() if node.role in ("switch", "router")}
    trunks = [link for link in context.lab.spec.links if link.a[0] in network and link.b[0] in network]
    return [*found, *(Spot("trunk", "", link.a, link.b) for link in trunks)]


def _name(point: Point) -> str:
    return f"{point[0]}:{point[1]}"


def legs(context: Context, where: Sequence[Spot], heard: dict[str, list[Frame]]) -> tuple[Leg, ...]:
    """What each captured cable carried."""
    found = []
    for spot in where:
        own = context.addresses(spot.owner) if spot.owner else []
        address = own[0][1].partition("/")[0] if own else ""
        ends, streams = (_name(spot.here), _name(spot.there)), tuple(rtp.streams(heard[_name(spot.here)]))
        found.append(Leg(spot.role, ends, spot.owner, address, streams))
    return tuple(found)


@contextmanager
def captured(context: Context, where: Sequence[Spot], title: str) -> Iterator[Captures]:
    """Captures around a call; the files are kept by :func:`keep`."""
    prefix = f"{title}-".replace(" ", "-")
    with Captures(context.lab, [spot.here for spot in where], context.work, _FILTER, prefix) as captures:
        yield captures


def keep(
    context: Context, files: dict[str, Path], title: str, started: float
) -> tuple[tuple[str, ...], dict[str, list[Frame]]]:
    """Keep the captures of a call as evidence; their ids, and their frames by point."""
    kept, heard, finished = [], {}, time.time()
    for point, path in files.items():
        node, _, interface = point.partition(":")
        kept.append(context.keeper.file("pcap", node, f"{title} sur {interface}", path, started, finished))
        heard[point] = frames.read(path)
    return tuple(kept), heard


def ladder(heard: list[Frame]) -> tuple[Row, ...]:
    """The SIP messages of INVITE dialogs: registrations and keep-alives left out."""
    wanted = [frame for frame in heard if _in_call(frame)]
    return decode.rows(wanted)


def _in_call(frame: Frame) -> bool:
    return any(one.method in ("INVITE", "ACK", "BYE", "CANCEL") for one in sip.messages([frame]))


def final_code(heard: list[Frame], caller_address: str) -> int | None:
    """The last final status (≥ 200) of the caller's own INVITE; a 401 or 407 only asks for the password."""
    codes = [
        one.status
        for one in sip.messages(heard)
        if one.method == "INVITE" and one.status and one.status >= 200 and one.destination == caller_address
    ]
    asked = [code for code in codes if code not in (401, 407)]
    return next(reversed(asked or codes), None)


def call(context: Context, request: Call) -> CallSeen:
    """Dial, let the callee answer, talk, hang up by the caller."""
    where = spots(context, request.caller, request.callee)
    title = f"appel {request.caller} vers {request.number}"
    with (
        context.exclusive(request),
        context.phone(request.caller) as caller,
        context.phone(request.callee) as callee,
        left_as_found(context, ipbx_of(context), request.caller),
        captured(context, where, title) as captures,
    ):
        started = time.time()
        answered, detail = talk(caller, callee, request.number)
    kept, heard = keep(context, captures.files, title, started)
    found = legs(context, where, heard)
    ipbx = heard[_name(where[2].here)]
    code = final_code(ipbx, found[0].address)
    return CallSeen(
        evidence=kept,
        answered=answered,
        code=code,
        ladder=ladder(ipbx),
        legs=found,
        caller_tone=tone_of(context, request.caller),
        callee_tone=tone_of(context, request.callee),
        detail=detail if answered or code is None or code < 300 else f"{detail} (réponse {code})",
    )


def dial(context: Context, request: Dial) -> DialSeen:
    """Dial a number that nobody answers, then the control; see :class:`Dial`."""
    ipbx = ipbx_of(context)
    where = [Spot("ipbx", ipbx, context.peer(ipbx, "eth1"), (ipbx, "eth1"))]
    title = f"numérotation {request.caller} vers {request.number}"
    control, control_number = _other(context, request.caller)
    control_rang, control_detail = (False, "aucun autre poste")
    with (
        context.exclusive(request),
        context.phone(request.caller) as caller,
        left_as_found(context, ipbx, request.caller),
    ):
        started = time.time()
        with captured(context, where, title) as captures:
            rang, detail = ring(caller, request.number)
        if control_number:
            control_rang, control_detail = ring(caller, control_number)
            with context.phone(control) as other:
                other.end()
    kept, heard = keep(context, captures.files, title, started)
    messages = heard[_name(where[0].here)]
    own = context.addresses(request.caller)
    code = final_code(messages, own[0][1].partition("/")[0] if own else "")
    return DialSeen(
        evidence=kept,
        ringing=rang,
        code=code,
        ladder=ladder(messages),
        detail=detail if code is None else f"{detail} (réponse {code})",
        control_number=control_number,
        control_rang=control_rang,
        control_detail=control_detail,
    )


def _other(context: Context, caller: str) -> tuple[str, str]:
    """Another phone with an account, and its extension."""
    for name, node in context.lab.nodes.items():
        if node.role == "phone" and name != caller:
            with context.phone(name) as phone:
                extension = str(phone.ask("show")["phone"].get("extension") or "")
            if extension:
                return name, extension
    return "", ""
