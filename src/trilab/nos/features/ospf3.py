"""OSPFv3 (RFC 5340), run by FRR: its basic settings, on interfaces that have IPv6."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Literal

from trilab.nos.area import Area
from trilab.nos.context import L3_MODES, CommandError, Context
from trilab.nos.dataplane import names
from trilab.nos.dataplane.frrtext import Sections
from trilab.nos.features.bandwidth import kilobits
from trilab.nos.features.ipv6 import Port as Ipv6Port
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config, Interface
from trilab.nos.names import is_loopback
from trilab.nos.show.routes import age

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "ipv6": "IPv6 subcommands",
    "router": "Enable an IPV6 routing process",
    "ospf": "Open Shortest Path First (OSPF)",
    "<process>": "Process ID",
    "router-id": "router-id for this OSPF process",
    "<router>": "OSPF router-id in IP address format",
    "passive-interface": "Suppress routing updates on an interface",
    "default": "Suppress routing updates on all interfaces",
    "<name>": "Interface",
    "default-information": "Control distribution of default information",
    "originate": "Distribute a default route",
    "always": "Always advertise default route",
    "redistribute": "Redistribute information from another routing protocol",
    "static": "Static routes",
    "connected": "Connected",
    "area": "Set the OSPF area ID",
    "<area>": "OSPF area ID",
    "cost": "Interface cost",
    "<cost>": "Cost",
    "hello-interval": "Time between HELLO packets",
    "dead-interval": "Interval after which a neighbor is declared dead",
    "<seconds>": "Seconds",
    "network": "Network type",
    "broadcast": "Specify OSPF broadcast multi-access network",
    "point-to-point": "Specify OSPF point-to-point network",
    "show": "Show running system information",
    "neighbor": "Neighbor list",
}


@dataclass(frozen=True)
class Process:
    """``ipv6 router ospf N``."""

    number: int
    router_id: IPv4Address | None = None
    passive_default: bool = False
    exceptions: frozenset[str] = frozenset()
    originate: Literal["", "originate", "originate always"] = ""
    redistributed: tuple[str, ...] = ()

    def passive(self, name: str) -> bool:
        """Whether an interface only announces its network."""
        return (name in self.exceptions) != self.passive_default


@dataclass(frozen=True)
class Ospf3:
    """The device's part."""

    process: Process | None = None


@dataclass(frozen=True)
class Port:
    """An interface's part."""

    process: int | None = None
    area: int | None = None
    cost: int | None = None
    hello: int | None = None
    dead: int | None = None
    network: Literal["", "broadcast", "point-to-point"] = ""


def sections(config: Config, router_id: IPv4Address) -> Sections:
    """The same for FRR; empty without a process."""
    process = config.parts[Ospf3].process
    if process is None:
        return {}
    lines = [f"ospf6 router-id {process.router_id or router_id}"]
    lines += [f"redistribute {source} route-map data" for source in process.redistributed]
    if process.originate:
        lines.append(f"default-information {process.originate} metric 1 metric-type 2")
    found: Sections = {"router ospf6": tuple(lines)}
    for name, device in names.layer3(config).items():
        interface = config.interfaces[name]
        own = interface.parts[Port]
        if own.area is not None and own.process == process.number and interface.parts[Ipv6Port].active:
            found[f"interface {device}"] = tuple(_interface(process, interface))
    return found


def _interface(process: Process, interface: Interface) -> list[str]:
    own = interface.parts[Port]
    hello = own.hello or 10
    cost = own.cost or min(65535, max(1, 100_000 // kilobits(interface)))
    passive = is_loopback(interface.name) or process.passive(interface.name)
    return [
        *([f"ipv6 ospf6 network {own.network}"] if own.network else []),
        f"ipv6 ospf6 cost {cost}",
        f"ipv6 ospf6 hello-interval {hello}",
        f"ipv6 ospf6 dead-interval {own.dead or 4 * hello}",
        *(["ipv6 ospf6 passive"] if passive else []),
        f"ipv6 ospf6 area {IPv4Address(own.area or 0)}",
    ]


def _commands() -> list[Command]:
    r: tuple[Literal["router"]] = ("router",)
    area = "(<area:int(0,4294967295)> | <area:ip>)"
    process: list[tuple[str, Any, str, Any]] = [
        ("router-id <router:ip>", _router_id, "router-id [<router:ip>]", _no_router_id),
        ("passive-interface (default | <name:ifname(port,sub,loop)>)", _passive, "", _no_passive),
        ("default-information originate [always]", _originate, "", _no_originate),
        ("redistribute (static=source | connected=source)", _redistribute, "", _no_redistribute),
    ]
    seconds = "<seconds:int(1,65535)>"
    port: list[tuple[str, Any, str, Any]] = [
        (f"<process:int(1,65535)> area {area}", _area, f"<process:int(1,65535)> area [{area}]", _no_area),
        ("cost <cost:int(1,65535)>", _setter("cost", "cost"), "cost [<cost:int(1,65535)>]", _setter("cost")),
        (f"hello-interval {seconds}", _setter("hello", "seconds"), f"hello-interval [{seconds}]", _setter("hello")),
        (f"dead-interval {seconds}", _setter("dead", "seconds"), f"dead-interval [{seconds}]", _setter("dead")),
        ("network (broadcast=kind | point-to-point=kind)", _setter("network", "kind"),
         "network [broadcast | point-to-point]", _no_network),
    ]  # fmt: skip
    return [
        Command(("config",), "ipv6 router ospf <process:int(1,65535)>", _router, HELP, undo=_no_router, roles=r),
        *(Command(("ospf3",), text, run, HELP, no, undo, r) for text, run, no, undo in process),
        *(Command(L3_MODES, f"ipv6 ospf {text}", run, HELP, f"ipv6 ospf {no}", undo, r)
          for text, run, no, undo in port),
        Command(EXEC_MODES, "show ipv6 ospf neighbor", _neighbors, HELP, roles=r),
    ]  # fmt: skip


def _router(c: Context, m: Match) -> None:
    known = c.config.parts[Ospf3].process
    if known is not None and known.number != m["process"]:
        raise CommandError(f"% This device runs one OSPFv3 process: {known.number}")
    if known is None:
        c.config.parts.put(Ospf3(Process(m["process"])))
    c.enter("ospf3", (str(m["process"]),))


def _no_router(c: Context, m: Match) -> None:
    known = c.config.parts[Ospf3].process
    if known is None or known.number != m["process"]:
        raise CommandError(f"%OSPFv3: process {m['process']} is not running")
    c.config.parts.put(Ospf3())
    for interface in c.config.interfaces.values():
        interface.parts.put(replace(interface.parts[Port], process=None, area=None))


def _change(c: Context, change: Callable[[Process], Process]) -> None:
    process = c.config.parts[Ospf3].process
    if process is None:
        raise CommandError("% This OSPFv3 process has been removed.")
    c.config.parts.put(Ospf3(change(process)))


def _router_id(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, router_id=m["router"]))


def _no_router_id(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, router_id=None))


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
    _change(c, lambda p: replace(p, originate="originate always" if m.has("always") else "originate"))


def _no_originate(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, originate=""))


def _redistribute(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, redistributed=tuple(sorted({*p.redistributed, m["source"]}))))


def _no_redistribute(c: Context, m: Match) -> None:
    _change(c, lambda p: replace(p, redistributed=tuple(s for s in p.redistributed if s != m["source"])))


def _set(c: Context, **values: Any) -> None:
    for interface in c.interfaces():
        interface.parts.put(replace(interface.parts[Port], **values))


def _setter(name: str, argument: str = "") -> Callable[[Context, Match], None]:
    """Sets a field to an argument, or to nothing."""
    return lambda c, m: _set(c, **{name: m[argument] if argument else None})


def _no_network(c: Context, m: Match) -> None:
    _set(c, network="")


def _area(c: Context, m: Match) -> None:
    process = c.config.parts[Ospf3].process
    if any(not interface.parts[Ipv6Port].active for interface in c.interfaces()) and c.interactive:
        raise CommandError("% OSPFv3: IPv6 is not enabled on this interface")
    if process is None:  # IOS makes the process
        c.config.parts.put(Ospf3(Process(m["process"])))
    elif process.number != m["process"]:
        raise CommandError(f"% This device runs one OSPFv3 process: {process.number}")
    _set(c, process=m["process"], area=int(m["area"]))


def _no_area(c: Context, m: Match) -> None:
    _set(c, process=None, area=None)


def _render(config: Config) -> list[str]:
    process = config.parts[Ospf3].process
    if process is None:
        return []
    no = "no " if process.passive_default else ""
    lines = [
        f"ipv6 router ospf {process.number}",
        f" router-id {process.router_id}" if process.router_id is not None else "",
        f" default-information {process.originate}" if process.originate else "",
        " passive-interface default" if process.passive_default else "",
        *(f" {no}passive-interface {name}" for name in sorted(process.exceptions)),
        *(f" redistribute {source}" for source in process.redistributed),
        "!",
    ]
    return [line for line in lines if line]


def _render_interface(config: Config, interface: Interface) -> list[str]:
    own = interface.parts[Port]
    made = [
        own.network and f"network {own.network}",
        own.hello is not None and f"hello-interval {own.hello}",
        own.dead is not None and f"dead-interval {own.dead}",
        own.area is not None and f"{own.process} area {own.area}",
        own.cost is not None and f"cost {own.cost}",
    ]
    return [f" ipv6 ospf {line}" for line in made if line]


def _neighbors(s: Session, m: Match) -> None:
    answer = s.device.dataplane.ask("ospf6d", "show ipv6 ospf6 neighbor json") or {}
    known = {device: name for name, device in names.layer3(s.device.config).items()}
    process = s.device.config.parts[Ospf3].process
    rows = [row for row in answer.get("neighbors", ()) if row["interfaceName"] in known]
    if process is None or not rows:
        return
    s.out(f"\n            OSPFv3 Router with ID ({_router_of(s, process)}) (Process ID {process.number})\n")
    s.out("Neighbor ID     Pri   State           Dead Time   Interface ID    Interface")
    for row in rows:
        s.out(f"{row['neighborId']:<15} {row['priority']:>3}   {_state(row):<15} {_clock(row['deadTime'])}    "
              f"{row.get('interfaceId', 0)!s:<15} {known[row['interfaceName']]}")  # fmt: skip


def _router_of(s: Session, process: Process) -> str:
    answer = s.device.dataplane.ask("ospf6d", "show ipv6 ospf6 json") or {}
    return str(answer.get("routerId", process.router_id))


def _state(row: Mapping[str, Any]) -> str:
    role = {"PointToPoint": "  -", "DR": "DR", "BDR": "BDR", "DROther": "DROTHER"}
    return f"{row['state'].upper()}/{role.get(row.get('ifState', ''), '  -')}"


def _clock(text: str) -> str:
    hours, minutes, seconds = (int(part) for part in text.split(":"))
    return age(3600 * hours + 60 * minutes + seconds)


AREA = Area(_commands, _render, _render_interface)
