"""RIP (RFC 2453), run by FRR: settings, commands, lines, what FRR is told, shows.

FRR never summarises to whole classes, so «no auto-summary» is the only state there is, and is always written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Any, Literal

from trilab.nos.area import Area
from trilab.nos.context import CommandError, Context
from trilab.nos.dataplane import names
from trilab.nos.dataplane.frrtext import DATA, Sections
from trilab.nos.features.multilayer import forwards
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config
from trilab.nos.show.routes import age, classful

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "router": "Enable a routing process",
    "rip": "Routing Information Protocol (RIP)",
    "version": "Set routing protocol version",
    "<version>": "version",
    "network": "Enable routing on an IP network",
    "<address>": "Network number",
    "auto-summary": "Enable automatic network number summarization",
    "passive-interface": "Suppress routing updates on an interface",
    "default": "Suppress routing updates on all interfaces",
    "<name>": "Interface",
    "default-information": "Control distribution of default information",
    "originate": "Originate a default route",
    "redistribute": "Redistribute information from another routing protocol",
    "static": "Static routes",
    "connected": "Connected",
    "ospf": "Open Shortest Path First (OSPF)",
    "<process>": "Process ID",
    "metric": "Metric for redistributed routes",
    "<metric>": "Default metric",
    "timers": "Adjust routing timers",
    "basic": "Basic routing protocol update timers",
    "<update>": "Interval between updates for RIP",
    "<invalid>": "Invalid",
    "<holddown>": "Holddown",
    "<flush>": "Flush",
    "distance": "Define an administrative distance",
    "<distance>": "Administrative distance",
    "show": "Show running system information",
    "ip": "IP information",
    "database": "IPv4 RIP database",
}
Source = Literal["connected", "static", "ospf"]


@dataclass(frozen=True)
class Process:
    """``router rip``. Times are seconds."""

    version: int | None = None  # None: version 1 is sent, both are understood
    networks: tuple[IPv4Network, ...] = ()  # whole classes
    passive_default: bool = False
    exceptions: frozenset[str] = frozenset()
    originate: bool = False
    redistributed: tuple[tuple[Source, int, int | None], ...] = ()  # source, process, metric
    timers: tuple[int, int, int, int] = (30, 180, 180, 240)  # update, invalid, holddown, flush
    distance: int = 120

    def passive(self, name: str) -> bool:
        """Whether an interface only listens."""
        return (name in self.exceptions) != self.passive_default


@dataclass(frozen=True)
class Rip:
    """The device's part."""

    process: Process | None = None


def interfaces(config: Config) -> list[str]:
    """The interfaces that run RIP."""
    process = config.parts[Rip].process
    return [
        name
        for name, interface in config.interfaces.items()
        if process and interface.address and any(interface.address.ip in network for network in process.networks)
    ]


def sections(config: Config) -> Sections:
    """The same for FRR; empty without a process."""
    process = config.parts[Rip].process
    if process is None:
        return {}
    lines, found = [f"version {process.version}"] if process.version else [], Sections()
    devices = names.layer3(config)
    for name in interfaces(config):
        if name in devices:
            lines.append(f"network {devices[name]}")
            if process.passive(name):
                lines.append(f"passive-interface {devices[name]}")
            if process.version is None:
                found[f"interface {devices[name]}"] = ("ip rip send version 1", "ip rip receive version 1 2")
    if process.originate:
        lines.append("default-information originate")
    for source, _, metric in process.redistributed:
        if source != "ospf" or metric is not None:  # IOS: without a metric OSPF's routes are out of reach
            lines.append(f"redistribute {source}{f' metric {metric}' if metric else ''} route-map {DATA}")
    update, invalid, _, flush = process.timers
    lines.append(f"timers basic {update} {invalid} {max(5, flush - invalid)}")
    if process.distance != 120:
        lines.append(f"distance {process.distance}")
    return {"router rip": tuple(lines), **found}


def _commands() -> list[Command]:
    r: tuple[Literal["router", "switch"], ...] = ("router", "switch")
    made: list[tuple[str, Any, str, Any]] = [
        ("version <version:int(1,2)>", _version, "version [<version:int(1,2)>]", _no_version),
        ("network <address:ip>", _network, "", _no_network),
        ("passive-interface (default | <name:ifname(port,sub,svi,loop)>)", _passive, "", _no_passive),
        ("default-information originate", _originate, "", _no_originate),
        ("redistribute (static=source | connected=source | ospf=source <process:int(1,65535)>)"
         " [metric <metric:int(1,16)>]", _redistribute,
         "redistribute (static=source | connected=source | ospf=source) [<rest:line>]", _no_redistribute),
        ("timers basic <update:int(5,4294967295)> <invalid:int(1,4294967295)> <holddown:int(0,4294967295)>"
         " <flush:int(1,4294967295)>", _timers, "timers basic [<rest:line>]", _no_timers),
        ("distance <distance:int(1,255)>", _distance, "distance [<distance:int(1,255)>]", _no_distance),
    ]  # fmt: skip
    return [
        Command(("config",), "router rip", _router, HELP, undo=_no_router, roles=r),
        *(Command(("rip",), text, run, HELP, no, undo, r) for text, run, no, undo in made),
        Command(("rip",), "auto-summary", None, HELP, undo=_no_summary, roles=r),
        Command(EXEC_MODES, "show ip rip database", _database, HELP, roles=r),
    ]


def _router(c: Context, m: Match) -> None:
    if not forwards(c.config):
        raise CommandError("IP routing not enabled")
    if c.config.parts[Rip].process is None:
        c.config.parts.put(Rip(Process()))
    c.enter("rip", ("rip",))


def _no_router(c: Context, m: Match) -> None:
    c.config.parts.put(Rip())


def _change(c: Context, change: Callable[[Process], Process]) -> None:
    process = c.config.parts[Rip].process
    if process is None:
        raise CommandError("% This RIP process has been removed.")
    c.config.parts.put(Rip(change(process)))


def _version(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, version=m["version"]))


def _no_version(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, version=None))


def _class(address: IPv4Address) -> IPv4Network:
    if int(address) >> 24 == 0 or int(address) >> 28 >= 14:
        raise CommandError(f"% Bad network number {address}")
    return classful(IPv4Network(address))


def _network(c: Context, m: Match) -> None:
    wanted = _class(m["address"])
    _change(c, lambda p: replace(p, networks=tuple(sorted({*p.networks, wanted}))))


def _no_network(c: Context, m: Match) -> None:
    gone = _class(m["address"])
    _change(c, lambda p: replace(p, networks=tuple(network for network in p.networks if network != gone)))


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
    _change(c, lambda p: replace(p, originate=True))


def _no_originate(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, originate=False))


def _redistribute(c: Context, m: Match) -> None:
    made: tuple[Source, int, int | None] = (m["source"], m.get("process", 0), m.get("metric"))

    def add(p: Process) -> Process:
        kept = [known for known in p.redistributed if known[0] != made[0]]
        return replace(p, redistributed=tuple(sorted([*kept, made], key=lambda known: known[0])))

    _change(c, add)


def _no_redistribute(c: Context, m: Match) -> None:
    gone = m["source"]
    _change(c, lambda p: replace(p, redistributed=tuple(known for known in p.redistributed if known[0] != gone)))


def _timers(c: Context, m: Match) -> None:
    if m["flush"] < m["invalid"]:
        raise CommandError("% The flush timer must not be less than the invalid timer")
    _change(c, lambda p: replace(p, timers=(m["update"], m["invalid"], m["holddown"], m["flush"])))


def _no_timers(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, timers=Process().timers))


def _distance(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, distance=m["distance"]))


def _no_distance(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, distance=120))


def _no_summary(c: Context, m: Match) -> None:
    _change(c, lambda p: p)  # it is never on


def _render(config: Config) -> list[str]:
    process = config.parts[Rip].process
    if process is None:
        return []
    lines = ["router rip"]
    if process.version is not None:
        lines.append(f" version {process.version}")
    if process.timers != Process().timers:
        lines.append(f" timers basic {' '.join(map(str, process.timers))}")
    for source, number, metric in process.redistributed:
        lines.append(f" redistribute {source}{f' {number}' if number else ''}{f' metric {metric}' if metric else ''}")
    if process.passive_default:
        lines.append(" passive-interface default")
    no = "no " if process.passive_default else ""
    lines += [f" {no}passive-interface {name}" for name in sorted(process.exceptions)]
    lines += [f" network {network.network_address}" for network in process.networks]
    if process.originate:
        lines.append(" default-information originate")
    if process.distance != 120:
        lines.append(f" distance {process.distance}")
    return [*lines, " no auto-summary", "!"]


def _database(s: Session, m: Match) -> None:
    running, lines = interfaces(s.device.config), []
    for route in s.device.dataplane.routes():
        if route.source == "connected" and route.interface in running:
            lines.append(f"{route.prefix}    directly connected, {route.interface}")
        elif route.source == "rip":
            lines.append(f"{route.prefix}\n    [{route.metric}] via {route.next_hop}, {age(route.age or 0)}, "
                         f"{route.interface}")  # fmt: skip
    s.out("\n".join(lines))


def protocol_lines(s: Session) -> list[str]:
    """What ``show ip protocols`` says."""
    config = s.device.config
    process = config.parts[Rip].process
    if process is None:
        return []
    update, invalid, hold, flush = process.timers
    sent, received = ("1", "1 2") if process.version is None else (str(process.version),) * 2
    running = interfaces(config)
    newest: dict[IPv4Address, int] = {}
    for route in s.device.dataplane.routes():
        if route.source == "rip" and route.next_hop is not None and route.age is not None:
            newest[route.next_hop] = min(route.age, newest.get(route.next_hop, route.age))
    passive = [f"    {name}" for name in running if process.passive(name)]
    return [
        'Routing Protocol is "rip"',
        "  Outgoing update filter list for all interfaces is not set",
        "  Incoming update filter list for all interfaces is not set",
        f"  Sending updates every {update} seconds",
        f"  Invalid after {invalid} seconds, hold down {hold}, flushed after {flush}",
        f"  Redistributing: {', '.join([*(known[0] for known in process.redistributed), 'rip'])}",
        f"  Default version control: send version {sent}, receive version {received}",
        "    Interface             Send  Recv  Triggered RIP  Key-chain",
        *(f"    {name:<21} {sent:<5} {received}" for name in running if not process.passive(name)),
        "  Automatic network summarization is not in effect",
        "  Routing for Networks:",
        *(f"    {network.network_address}" for network in process.networks),
        *(["  Passive Interface(s):", *passive] if passive else []),
        "  Routing Information Sources:",
        "    Gateway         Distance      Last Update",
        *(f"    {hop!s:<15} {process.distance:>8}      {age(seconds)}" for hop, seconds in newest.items()),
        f"  Distance: (default is {process.distance})",
        "",
    ]


AREA = Area(_commands, _render)
