"""``router ospf N``: its mode and its commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Literal

from trilab.nos.context import CommandError, Context
from trilab.nos.features.ip import prefix_length
from trilab.nos.features.multilayer import forwards
from trilab.nos.features.ospf.model import (
    Network,
    Originate,
    Ospf,
    Port,
    Process,
    Redistribution,
    automatic_router_id,
)
from trilab.nos.grammar.command import Command, Match

HELP = {
    "router": "Enable a routing process",
    "ospf": "Open Shortest Path First (OSPF)",
    "<process>": "Process ID",
    "router-id": "router-id for this OSPF process",
    "<router>": "OSPF router-id in IP address format",
    "network": "Enable routing on an IP network",
    "<address>": "Network number",
    "<wildcard>": "OSPF wild card bits",
    "area": "OSPF area parameters",
    "<area>": "OSPF area ID",
    "passive-interface": "Suppress routing updates on an interface",
    "default": "Suppress routing updates on all interfaces",
    "<name>": "Interface",
    "default-information": "Control distribution of default information",
    "originate": "Distribute a default route",
    "always": "Always advertise default route",
    "metric": "OSPF default metric",
    "<metric>": "OSPF metric",
    "metric-type": "OSPF metric type for default routes",
    "<kind>": "OSPF metric type",
    "redistribute": "Redistribute information from another routing protocol",
    "static": "Static routes",
    "connected": "Connected",
    "rip": "Routing Information Protocol (RIP)",
    "subnets": "Consider subnets for redistribution into OSPF",
    "auto-cost": "Calculate OSPF interface cost according to bandwidth",
    "reference-bandwidth": "Use reference bandwidth method to assign OSPF cost",
    "<megabits>": "The reference bandwidth in terms of Mbits per second",
    "stub": "Specify an area as stub",
    "nssa": "Specify an area as NSSA",
    "no-summary": "Do not send summary LSA into the area",
    "authentication": "Enable authentication",
    "message-digest": "Use message-digest authentication",
    "range": "Summarize routes matching address/mask (border routers only)",
    "<mask>": "IP mask for address",
    "maximum-paths": "Forward packets over multiple paths",
    "<paths>": "Number of paths",
    "distance": "Define an administrative distance",
    "<distance>": "OSPF administrative distance",
}
AREA = "(<area:int(0,4294967295)> | <area:ip>)"
_METRICS = "metric <metric:int(0,16777214)> | metric-type <kind:int(1,2)>"
_RESTART = '% OSPF: Reload or use "clear ip ospf process" command, for this to take effect'
_CLASSFUL = "% Only classful networks will be redistributed"


def commands() -> list[Command]:
    """The process and its mode."""
    r: tuple[Literal["router", "switch"], ...] = ("router", "switch")
    made: list[tuple[str, Any, str, Any]] = [
        ("router-id <router:ip>", _router_id, "router-id [<router:ip>]", _no_router_id),
        (f"network <address:ip> <wildcard:ip> area {AREA}", _network, "", _no_network),
        ("passive-interface (default | <name:ifname(port,sub,svi,loop)>)", _passive, "", _no_passive),
        (f"default-information originate {{always | {_METRICS}}}", _originate,
         "default-information originate [<rest:line>]", _no_originate),
        (f"redistribute (static=source | connected=source | rip=source) {{subnets | {_METRICS}}}", _redistribute,
         "redistribute (static=source | connected=source | rip=source) [<rest:line>]", _no_redistribute),
        ("auto-cost reference-bandwidth <megabits:int(1,4294967)>", _reference, "auto-cost [<rest:line>]",
         _no_reference),
        (f"area {AREA} (stub=kind | nssa=kind) [no-summary]", _kind, "", _no_kind),
        (f"area {AREA} authentication [message-digest]", _authentication, "", _no_authentication),
        (f"area {AREA} range <address:ip> <mask:ip>", _range, "", _no_range),
        ("maximum-paths <paths:int(1,32)>", _paths, "maximum-paths [<paths:int(1,32)>]", _no_paths),
        ("distance <distance:int(1,255)>", _distance, "distance [<distance:int(1,255)>]", _no_distance),
    ]  # fmt: skip
    router = Command(("config",), "router ospf <process:int(1,65535)>", _router, HELP, undo=_no_router, roles=r)
    return [router, *(Command(("ospf",), text, run, HELP, no, undo, r) for text, run, no, undo in made)]


def area_number(m: Match) -> int:
    """The area typed, also in dotted form."""
    return int(m["area"])


def _router(c: Context, m: Match) -> None:
    part = c.config.parts[Ospf]
    if not forwards(c.config):
        raise CommandError("IP routing not enabled")
    if part.process is not None and part.process.number != m["process"]:
        raise CommandError(f"% This device runs one OSPF process: {part.process.number}")
    if part.process is None:
        if automatic_router_id(c.config) is None and c.interactive:
            c.say(f"%OSPF-4-NORTRID: OSPF process {m['process']} failed to allocate unique router-id and cannot start")
        c.config.parts.put(Ospf(Process(m["process"])))
    c.enter("ospf", (str(m["process"]),))


def _no_router(c: Context, m: Match) -> None:
    process = c.config.parts[Ospf].process
    if process is None or process.number != m["process"]:
        raise CommandError(f"%OSPF: process {m['process']} is not running")
    c.config.parts.put(Ospf())
    for interface in c.config.interfaces.values():  # IOS forgets these lines with the process, and keeps the others
        interface.parts.put(replace(interface.parts[Port], process=None, area=None))


def _change(c: Context, change: Callable[[Process], Process]) -> None:
    process = c.config.parts[Ospf].process
    if process is None:
        raise CommandError("% This OSPF process has been removed.")
    c.config.parts.put(Ospf(change(process)))


def _say_when(c: Context) -> None:
    """A process that has neighbours keeps its identity until it is restarted (so does FRR)."""
    answer = c.ask("ospfd", "show ip ospf neighbor json") or {}
    if answer.get("neighbors"):
        c.say(_RESTART)


def _router_id(c: Context, m: Match) -> None:
    if int(m["router"]) == 0:
        raise CommandError("% OSPF: router-id 0.0.0.0 is not allowed")
    _change(c, lambda p: replace(p, router_id=m["router"]))
    _say_when(c)


def _no_router_id(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, router_id=None))
    _say_when(c)


def _line(m: Match) -> Network:
    address, wildcard = int(m["address"]), int(m["wildcard"])
    return Network(IPv4Address(address & ~wildcard & 0xFFFFFFFF), m["wildcard"], area_number(m))


def _network(c: Context, m: Match) -> None:
    line = _line(m)

    def add(p: Process) -> Process:
        kept = [n for n in p.networks if (n.address, n.wildcard) != (line.address, line.wildcard)]
        return replace(p, networks=tuple(sorted([*kept, line], key=lambda n: (int(n.address), int(n.wildcard)))))

    _change(c, add)


def _no_network(c: Context, m: Match) -> None:
    line = _line(m)
    _change(c, lambda p: replace(p, networks=tuple(n for n in p.networks if n != line)))


def _set_passive(c: Context, m: Match, *, wanted: bool) -> None:
    def change(p: Process) -> Process:
        if m.has("default"):
            return replace(p, passive_default=wanted, exceptions=frozenset())
        exceptional = wanted != p.passive_default
        return replace(p, exceptions=p.exceptions | {m["name"]} if exceptional else p.exceptions - {m["name"]})

    _change(c, change)


def _passive(c: Context, m: Match) -> None:
    _set_passive(c, m, wanted=True)


def _no_passive(c: Context, m: Match) -> None:
    _set_passive(c, m, wanted=False)


def _originate(c: Context, m: Match) -> None:
    made = Originate(m.has("always"), m.get("metric"), m.get("kind", 2))
    _change(c, lambda p: replace(p, originate=made))


def _no_originate(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, originate=None))


def _redistribute(c: Context, m: Match) -> None:
    made = Redistribution(m["source"], m.has("subnets"), m.get("metric"), m.get("kind", 2))

    def add(p: Process) -> Process:
        kept = [r for r in p.redistributed if r.source != made.source]
        return replace(p, redistributed=tuple(sorted([*kept, made], key=lambda r: r.source)))

    _change(c, add)
    if not made.subnets and c.interactive:
        c.say(_CLASSFUL)


def _no_redistribute(c: Context, m: Match) -> None:
    gone = m["source"]
    _change(c, lambda p: replace(p, redistributed=tuple(r for r in p.redistributed if r.source != gone)))


def _reference(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, reference=m["megabits"]))
    if c.interactive:
        c.say("% OSPF: Reference bandwidth is changed.\n"
              "        Please ensure reference bandwidth is consistent across all routers.")  # fmt: skip


def _no_reference(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, reference=100))


def _area(c: Context, m: Match, **values: Any) -> None:
    _change(c, lambda p: p.with_area(replace(p.area(area_number(m)), **values)))


def _kind(c: Context, m: Match) -> None:
    if area_number(m) == 0:
        raise CommandError(f"% OSPF: Backbone area can not be configured as {m['kind']} area")
    _area(c, m, kind=m["kind"] + (" no-summary" if m.has("no-summary") else ""))


def _no_kind(c: Context, m: Match) -> None:
    _area(c, m, kind=m["kind"] if m.has("no-summary") else "")


def _authentication(c: Context, m: Match) -> None:
    _area(c, m, authentication="message-digest" if m.has("message-digest") else "simple")


def _no_authentication(c: Context, m: Match) -> None:
    _area(c, m, authentication="")


def _summary(m: Match) -> IPv4Network:
    length = prefix_length(m["mask"])
    if length is None:
        raise CommandError("%Inconsistent address and mask")
    return IPv4Network((m["address"], length), strict=False)


def _range(c: Context, m: Match) -> None:
    network = _summary(m)

    def add(p: Process) -> Process:
        settings = p.area(area_number(m))
        return p.with_area(replace(settings, ranges=tuple(sorted({*settings.ranges, network}))))

    _change(c, add)


def _no_range(c: Context, m: Match) -> None:
    network = _summary(m)

    def remove(p: Process) -> Process:
        settings = p.area(area_number(m))
        return p.with_area(replace(settings, ranges=tuple(r for r in settings.ranges if r != network)))

    _change(c, remove)


def _paths(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, maximum_paths=m["paths"]))


def _no_paths(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, maximum_paths=4))


def _distance(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, distance=m["distance"]))


def _no_distance(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, distance=110))


def render(process: Process) -> list[str]:
    """The block, in the order of IOS."""
    lines = [f"router ospf {process.number}"]
    if process.router_id is not None:
        lines.append(f" router-id {process.router_id}")
    if process.reference != 100:
        lines.append(f" auto-cost reference-bandwidth {process.reference}")
    for area in process.areas:
        if area.authentication:
            lines.append(f" area {area.number} authentication{_digest(area.authentication)}")
        if area.kind:
            lines.append(f" area {area.number} {area.kind}")
        lines += [f" area {area.number} range {net.network_address} {net.netmask}" for net in area.ranges]
    for redistribution in process.redistributed:
        lines.append(f" redistribute {redistribution.source}{_options(redistribution)}"
                     f"{' subnets' if redistribution.subnets else ''}")  # fmt: skip
    if process.passive_default:
        lines.append(" passive-interface default")
    no = "no " if process.passive_default else ""
    lines += [f" {no}passive-interface {name}" for name in sorted(process.exceptions)]
    lines += [f" network {line.address} {line.wildcard} area {line.area}" for line in process.networks]
    if process.originate is not None:
        always = " always" if process.originate.always else ""
        lines.append(f" default-information originate{always}{_options(process.originate)}")
    if process.maximum_paths != 4:
        lines.append(f" maximum-paths {process.maximum_paths}")
    if process.distance != 110:
        lines.append(f" distance {process.distance}")
    return [*lines, "!"]


def _digest(authentication: str) -> str:
    return " message-digest" if authentication == "message-digest" else ""


def _options(given: Redistribution | Originate) -> str:
    metric = "" if given.metric is None else f" metric {given.metric}"
    return metric + (f" metric-type {given.metric_type}" if given.metric_type != 2 else "")
