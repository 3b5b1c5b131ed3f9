"""OSPF as FRR is told it. Pure.

Interfaces get their area one by one: what ``network`` lines select is decided here, so that nothing runs out of band.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from trilab.nos.dataplane import names
from trilab.nos.dataplane.frrtext import CLASSFUL, DATA, Sections
from trilab.nos.features.ospf.model import (
    AreaSettings,
    Ospf,
    Port,
    Process,
    Redistribution,
    area_of,
    cost,
)
from trilab.nos.model import Config, Interface
from trilab.nos.names import is_loopback

LSA = "timers throttle lsa all 1000"  # ms between two versions of an LSA: FRR's 5000 makes each second change slow


def sections(config: Config, router_id: IPv4Address) -> Sections:
    """``router ospf`` and the interfaces; empty without a process."""
    process = config.parts[Ospf].process
    if process is None:
        return {}
    found: Sections = {"router ospf": tuple(_process(process, router_id))}
    for name, device in names.layer3(config).items():
        interface = config.interfaces[name]
        area = area_of(config, interface)
        if area is not None:
            found[f"interface {device}"] = tuple(_interface(process, interface, area))
    return found


def _process(process: Process, router_id: IPv4Address) -> list[str]:
    lines = [f"ospf router-id {router_id}", f"maximum-paths {process.maximum_paths}", LSA]
    if process.distance != 110:
        lines.append(f"distance {process.distance}")
    for area in process.areas:
        lines += _area(area)
    lines += [_redistribution(given) for given in process.redistributed]
    if process.originate is not None:
        given = process.originate
        always = " always" if given.always else ""
        metric = 1 if given.metric is None else given.metric
        lines.append(f"default-information originate{always} metric {metric} metric-type {given.metric_type}")
    return lines


def _area(area: AreaSettings) -> list[str]:
    lines = []
    if area.kind:
        word = area.kind.partition(" ")[0]
        lines.append(f"area {area.number} {word}")
        if area.kind != word:
            lines.append(f"area {area.number} {area.kind}")
    if area.authentication:
        digest = " message-digest" if area.authentication == "message-digest" else ""
        lines.append(f"area {area.number} authentication{digest}")
    return lines + [f"area {area.number} range {network}" for network in area.ranges]


def _redistribution(given: Redistribution) -> str:
    metric = 20 if given.metric is None else given.metric
    route_map = DATA if given.subnets else CLASSFUL
    return f"redistribute {given.source} metric {metric} metric-type {given.metric_type} route-map {route_map}"


def _interface(process: Process, interface: Interface, area: int) -> list[str]:
    own = interface.parts[Port]
    loopback = is_loopback(interface.name)
    lines = [
        f"ip ospf network {own.network}" if own.network else "",
        f"ip ospf cost {cost(process, interface)}",
        f"ip ospf hello-interval {own.hello_time}",
        f"ip ospf dead-interval {own.dead_time}",
        f"ip ospf retransmit-interval {own.retransmit}" if own.retransmit != 5 else "",
        f"ip ospf priority {own.priority}" if own.priority != 1 else "",
        "ip ospf mtu-ignore" if own.mtu_ignore else "",
        _authentication(own),
        f"ip ospf authentication-key {own.key}" if own.key is not None else "",
        *(f"ip ospf message-digest-key {number} md5 {key}" for number, key in own.digests),
        "ip ospf passive" if loopback or process.passive(interface.name) else "",
        f"ip ospf area {area}",
    ]
    return [line for line in lines if line]


def _authentication(own: Port) -> str:
    if own.authentication is None:
        return ""
    return "ip ospf authentication" + ("" if own.authentication == "simple" else f" {own.authentication}")
