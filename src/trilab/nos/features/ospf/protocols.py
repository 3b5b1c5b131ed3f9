"""What ``show ip protocols`` says of OSPF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trilab.nos.features.ospf.model import Ospf, Port, Process
from trilab.nos.model import Config
from trilab.nos.show.routes import age

if TYPE_CHECKING:
    from trilab.nos.session import Session


def lines(s: Session) -> list[str]:
    """The paragraph; empty when no process runs."""
    process, ask = s.device.config.parts[Ospf].process, s.device.dataplane.ask
    answer = ask("ospfd", "show ip ospf json")
    if process is None or not answer:
        return []
    return [
        f'Routing Protocol is "ospf {process.number}"',
        "  Outgoing update filter list for all interfaces is not set",
        "  Incoming update filter list for all interfaces is not set",
        f"  Router ID {answer['routerId']}",
        *([" It is an autonomous system boundary router"] if process.redistributed or process.originate else []),
        *_redistributed(process),
        f"  Number of areas in this router is {len(answer['areas'])}",
        f"  Maximum path: {process.maximum_paths}",
        "  Routing for Networks:",
        *(f"    {line.address} {line.wildcard} area {line.area}" for line in process.networks),
        *_explicit(s.device.config, process),
        *_passive(s.device.config, process),
        "  Routing Information Sources:",
        "    Gateway         Distance      Last Update",
        *_sources(s, process, ask("ospfd", "show ip ospf route json") or {}),
        "  Distance: (default is 110)" if process.distance == 110 else f"  Distance: {process.distance}",
        "",
    ]


def _redistributed(process: Process) -> list[str]:
    if not process.redistributed:
        return []
    rows = [f"    {given.source}{', includes subnets in redistribution' if given.subnets else ''}"
            for given in process.redistributed]  # fmt: skip
    return ["  Redistributing External Routes from,", *rows]


def _explicit(config: Config, process: Process) -> list[str]:
    areas: dict[int, list[str]] = {}
    for interface in config.interfaces.values():
        own = interface.parts[Port]
        if own.area is not None and own.process == process.number:
            areas.setdefault(own.area, []).append(interface.name)
    found = []
    for area, names in sorted(areas.items()):
        found += [f"  Routing on Interfaces Configured Explicitly (Area {area}):", *(f"    {name}" for name in names)]
    return found


def _passive(config: Config, process: Process) -> list[str]:
    names = [name for name in config.interfaces if process.passive(name)]
    return ["  Passive Interface(s):", *(f"    {name}" for name in names)] if names else []


def _sources(s: Session, process: Process, known: Mapping[str, Any]) -> list[str]:
    """Who announced what the table holds, and since when the newest of it is there."""
    newest: dict[str, int] = {}
    for route in s.device.dataplane.routes():
        for hop in known.get(str(route.prefix), {}).get("nexthops", ()):
            router = hop.get("advertisedRouter")
            if route.source == "ospf" and router is not None and route.age is not None:
                newest[router] = min(route.age, newest.get(router, route.age))
    return [f"    {router:<15} {process.distance:>8}      {age(seconds)}" for router, seconds in newest.items()]
