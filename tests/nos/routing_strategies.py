"""Generated settings of the routing areas, put onto a generated router."""

from __future__ import annotations

import string
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Any

from hypothesis import strategies as st

from trilab.nos.features import ipv6, ospf3, rip
from trilab.nos.features.bandwidth import Bandwidth
from trilab.nos.features.dhcp_client import DhcpClient
from trilab.nos.features.nat import model as nat
from trilab.nos.features.ospf import model as ospf
from trilab.nos.features.redundancy.model import Hsrp, HsrpGroup, Vrrp, VrrpGroup
from trilab.nos.model import Config, Interface

small = st.integers(1, 65535)
areas = st.integers(0, 4294967295)
keys = st.text(string.ascii_letters + string.digits, min_size=1, max_size=8)
networks = st.tuples(st.integers(0, 0xFFFFFF), st.integers(8, 30)).map(
    lambda pair: IPv4Network((IPv4Address(0x0A000000 + pair[0]), pair[1]), strict=False)
)


def put(draw: st.DrawFn, config: Config) -> None:
    """Draw the parts of every area."""
    loopback = Interface("Loopback0", address=draw(st.none() | st.just(IPv4Interface("192.0.2.1/24"))))
    config.interfaces = {"Loopback0": loopback, **config.interfaces}
    config.parts.put(draw(translations()))
    config.parts.put(draw(six_devices()))
    config.parts.put(ospf3.Ospf3(draw(st.none() | ospf3_processes())))
    modern = config.parts[ospf3.Ospf3].process
    for number, interface in enumerate(config.interfaces.values()):
        interface.parts.put(draw(six_ports(number)))
        interface.parts.put(draw(ospf3_ports(modern.number if modern else None)))
    config.parts.put(rip.Rip(draw(st.none() | rip_processes())))
    config.parts.put(ospf.Ospf(draw(st.none() | processes())))
    process = config.parts[ospf.Ospf].process
    for interface in config.interfaces.values():
        asks = interface.address is None and interface.name.startswith("Gi") and draw(st.booleans())
        interface.parts.put(DhcpClient(asks and (interface.encapsulation is not None or "." not in interface.name)))
        interface.parts.put(Bandwidth(draw(st.none() | st.integers(1, 10_000_000))))
        interface.parts.put(draw(vrrp_groups(interface)))
        interface.parts.put(draw(hsrp_groups(interface)))
        interface.parts.put(nat.Side(draw(st.sampled_from(["", "inside", "outside"]))))
        interface.parts.put(draw(ospf_ports(process.number if process else None)))


@st.composite
def processes(draw: st.DrawFn) -> ospf.Process:
    made = ospf.Process(
        draw(small),
        draw(st.none() | st.just(IPv4Address("1.1.1.1"))),
        tuple(sorted(draw(st.lists(lines(), max_size=4, unique_by=lambda n: (n.address, n.wildcard))),
                     key=lambda n: (int(n.address), int(n.wildcard)))),
        draw(st.booleans()),
        draw(st.frozensets(st.sampled_from(["GigabitEthernet0/1", "GigabitEthernet0/2", "Loopback0"]))),
        draw(st.none() | st.builds(ospf.Originate, st.booleans(), st.none() | st.integers(0, 99), types)),
        tuple(sorted(draw(st.lists(redistributions, max_size=3, unique_by=lambda r: r.source)),
                     key=lambda r: r.source)),
        draw(st.integers(1, 4294967)),
        maximum_paths=draw(st.integers(1, 32)),
        distance=draw(st.integers(1, 255)),
    )  # fmt: skip
    for number in draw(st.lists(areas, max_size=3, unique=True)):
        made = made.with_area(draw(area_settings(number)))
    return made


types: Any = st.sampled_from([1, 2])
redistributions = st.builds(
    ospf.Redistribution,
    st.sampled_from(["static", "connected", "rip"]),
    st.booleans(),
    st.none() | st.integers(0, 16777214),
    types,
)


@st.composite
def lines(draw: st.DrawFn) -> ospf.Network:
    network = draw(networks)
    return ospf.Network(network.network_address, network.hostmask, draw(areas))


@st.composite
def area_settings(draw: st.DrawFn, number: int) -> ospf.AreaSettings:
    kinds: list[Any] = ["", "stub", "stub no-summary", "nssa", "nssa no-summary"] if number else [""]
    ranges = tuple(sorted(draw(st.frozensets(networks, max_size=3))))
    authentication: Any = draw(st.sampled_from(["", "simple", "message-digest"]))
    return ospf.AreaSettings(number, draw(st.sampled_from(kinds)), authentication, ranges)


@st.composite
def ospf_ports(draw: st.DrawFn, process: int | None) -> ospf.Port:
    area = draw(st.none() | areas) if process is not None else None
    return ospf.Port(
        process if area is not None else None,
        area,
        draw(st.none() | small),
        draw(st.none() | small),
        draw(st.none() | small),
        draw(small),
        draw(st.integers(0, 255)),
        draw(st.sampled_from(["", "broadcast", "point-to-point", "non-broadcast", "point-to-multipoint"])),
        draw(st.booleans()),
        draw(st.sampled_from([None, "simple", "message-digest", "null"])),
        draw(st.none() | keys),
        tuple(sorted(draw(st.lists(st.tuples(st.integers(1, 255), keys), max_size=2, unique_by=lambda d: d[0])))),
    )


ports = st.integers(1, 65535)
hosts = st.integers(0x0A000001, 0x0A0000FE).map(IPv4Address)


@st.composite
def statics(draw: st.DrawFn, number: int) -> nat.Static:
    if draw(st.booleans()):
        return nat.Static(IPv4Address(0x0A010000 + number), IPv4Address(0xC6336400 + number))
    protocol: Any = draw(st.sampled_from(["tcp", "udp"]))
    inside, outside = draw(ports), number + 1
    if draw(st.booleans()):
        return nat.Static(draw(hosts), None, protocol, inside, outside, "GigabitEthernet0/2")
    return nat.Static(draw(hosts), IPv4Address("203.0.113.1"), protocol, inside, outside)


@st.composite
def translations(draw: st.DrawFn) -> nat.Nat:
    first, count = IPv4Address("198.51.100.16"), draw(st.integers(1, 8))
    pools = draw(st.just(()) | st.just((nat.Pool("P-1", first, first + count - 1, 24),)))
    dynamics = []
    for acl in draw(st.lists(st.sampled_from(["1", "100", "LAN"]), max_size=3, unique=True)):
        pool = draw(st.booleans()) and bool(pools)
        dynamics.append(
            nat.Dynamic(acl, "P-1", None, draw(st.booleans()))
            if pool
            else nat.Dynamic(acl, None, "GigabitEthernet0/1", True)
        )
    made = tuple(draw(statics(number)) for number in range(draw(st.integers(0, 3))))
    return nat.Nat(pools, made, tuple(dynamics))


@st.composite
def rip_processes(draw: st.DrawFn) -> rip.Process:
    update = draw(st.integers(5, 99))
    sources = draw(st.lists(st.sampled_from(["connected", "ospf", "static"]), max_size=3, unique=True))
    known: Any = [(s, 1 if s == "ospf" else 0, draw(st.none() | st.integers(1, 16))) for s in sorted(sources)]
    classes = [IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/16"), IPv4Network("192.168.1.0/24")]
    return rip.Process(
        draw(st.sampled_from([None, 1, 2])),
        tuple(sorted(draw(st.frozensets(st.sampled_from(classes))))),
        draw(st.booleans()),
        draw(st.frozensets(st.sampled_from(["GigabitEthernet0/1", "Loopback0"]))),
        draw(st.booleans()),
        tuple(known),
        (update, 6 * update, draw(st.integers(0, 99)), 8 * update),
        draw(st.integers(1, 255)),
    )


@st.composite
def six_ports(draw: st.DrawFn, number: int) -> ipv6.Port:
    values = [IPv6Interface(f"2001:db8:{number:x}:{at:x}::{draw(st.integers(1, 65535)):x}/64") for at in range(2)]
    chosen = values[: draw(st.integers(0, 2))]
    return ipv6.Port(
        draw(st.booleans()),
        draw(st.none() | st.just(IPv6Address("fe80::1"))),
        tuple(ipv6.Address(value, draw(st.booleans())) for value in chosen),
        draw(st.booleans()),
    )


@st.composite
def six_devices(draw: st.DrawFn) -> ipv6.Ipv6:
    made = {}
    for number in draw(st.sets(st.integers(0, 65535), max_size=3)):
        hop = draw(st.sampled_from([None, IPv6Address("2001:db8::9")]))
        interface = draw(st.sampled_from([None, "GigabitEthernet0/1"])) if hop else "GigabitEthernet0/2"
        prefix = IPv6Network((number << 96, 32))
        made[prefix] = ipv6.Route(prefix, hop, interface, draw(st.integers(1, 254)))
    return ipv6.Ipv6(draw(st.booleans()), tuple(made[prefix] for prefix in sorted(made)))


@st.composite
def ospf3_processes(draw: st.DrawFn) -> ospf3.Process:
    return ospf3.Process(
        draw(small),
        draw(st.none() | st.just(IPv4Address("2.2.2.2"))),
        draw(st.booleans()),
        draw(st.frozensets(st.sampled_from(["GigabitEthernet0/1", "Loopback0"]))),
        draw(st.sampled_from(["", "originate", "originate always"])),
        tuple(sorted(draw(st.frozensets(st.sampled_from(["static", "connected"]))))),
    )


@st.composite
def ospf3_ports(draw: st.DrawFn, process: int | None) -> ospf3.Port:
    area = draw(st.none() | areas) if process is not None else None
    seconds = st.none() | small
    network: Any = draw(st.sampled_from(["", "broadcast", "point-to-point"]))
    return ospf3.Port(process if area is not None else None, area, draw(seconds), draw(seconds), draw(seconds), network)


@st.composite
def vrrp_groups(draw: st.DrawFn, interface: Interface) -> Vrrp:
    if interface.name.startswith("Loopback"):
        return Vrrp()
    made = [
        VrrpGroup(number, draw(hosts), draw(st.just("") | keys), draw(st.integers(1, 254)), draw(st.booleans()),
                  draw(st.integers(1, 255)))
        for number in sorted(draw(st.sets(st.integers(1, 255), max_size=2)))
    ]  # fmt: skip
    return Vrrp(tuple(made))


@st.composite
def hsrp_groups(draw: st.DrawFn, interface: Interface) -> Hsrp:
    if interface.name.startswith("Loopback"):
        return Hsrp()
    made = []
    version = draw(st.sampled_from([1, 2]))
    for number in sorted(draw(st.sets(st.integers(0, 255 if version == 1 else 4095), max_size=2))):
        hello = draw(st.integers(1, 254))
        made.append(HsrpGroup(number, draw(hosts), draw(st.just("") | keys), draw(st.integers(0, 255)),
                              draw(st.booleans()), hello, draw(st.integers(hello + 1, 255))))  # fmt: skip
    return Hsrp(tuple(made), version)
