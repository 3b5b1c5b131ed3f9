"""Generated configurations."""

from __future__ import annotations

import string
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from hypothesis import strategies as st

from tests.nos import ap_strategies, routing_strategies, service_strategies
from trilab.nos import passwords, ports
from trilab.nos.defaults import factory
from trilab.nos.features.dot1x import Dot1x, Dot1xPort
from trilab.nos.features.errdisable import CAUSES, Recovery
from trilab.nos.features.etherchannel import Protocol
from trilab.nos.features.line import merge, split
from trilab.nos.features.lldp import Lldp, LldpPort
from trilab.nos.features.mac_table import MacTable, Static
from trilab.nos.features.monitor import Mirror, Mirrors
from trilab.nos.features.multilayer import Routing
from trilab.nos.features.port_security import PortSecurity
from trilab.nos.features.snooping import Snooping, SnoopingPort
from trilab.nos.features.spanning import Tree, TreePort
from trilab.nos.features.vtp import Vtp
from trilab.nos.model import (
    Acl,
    AclEntry,
    Config,
    DhcpPool,
    Interface,
    StaticRoute,
    User,
    Vlan,
)
from trilab.nos.names import Names, sort_key

SWITCH, ROUTER, AP = Names("switch", 8), Names("router", 2), Names("ap", 2)
DEVICES = {"switch": SWITCH, "router": ROUTER, "ap": AP}
words = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=12).filter(lambda w: w[0].isalpha())
clear = (
    st.text(string.ascii_letters + string.digits + " !#%&*?|^$", min_size=1, max_size=20).map(str.strip).filter(bool)
)
secrets = st.builds(passwords.md5_crypt, words, st.text(string.ascii_letters, min_size=4, max_size=4))
vids = st.integers(2, 4094).filter(lambda vid: not 1002 <= vid <= 1005)
addresses = st.integers(0x0A000001, 0x0AFFFFFE).map(IPv4Address)
banners = st.text(string.ascii_letters + " #@!^\n'éà", min_size=1, max_size=60).filter(str.strip)


some_vids = st.frozensets(st.integers(1, 4094), max_size=20)


def _tree(tree: Tree) -> Tree:
    """No priority without VLANs, and no VLANs without priority."""
    none = not tree.priority_vlans or tree.priority == 32768
    return replace(tree, priority=32768, priority_vlans=frozenset()) if none else tree


PORT_PARTS: list[st.SearchStrategy[Any]] = [
    st.builds(TreePort, st.sampled_from([None, "edge", "trunk", "disable"]), st.none() | st.booleans(),
              st.none() | st.integers(1, 200_000_000), st.integers(0, 15).map(lambda n: 16 * n)),
    st.builds(LldpPort, st.booleans(), st.booleans()),
    st.builds(
        Dot1xPort, multi=st.booleans(), fail_vlan=st.none() | vids, guest_vlan=st.none() | vids,
        periodic=st.booleans(), reauthenticate=st.integers(1, 65535), tx_period=st.integers(1, 65535),
        quiet_period=st.integers(1, 65535), max_requests=st.integers(1, 10),
    ),
    st.builds(SnoopingPort, st.booleans(), st.none() | st.integers(1, 2048)),
]  # fmt: skip
SWITCH_PARTS: list[st.SearchStrategy[Any]] = [
    st.builds(Tree, st.booleans(), st.integers(0, 15).map(lambda n: 4096 * n), some_vids, st.booleans(),
              st.booleans()).map(_tree),
    st.builds(Snooping, st.booleans(), some_vids, st.booleans(), st.booleans()),
    st.builds(Routing, st.booleans()),
    st.builds(Dot1x, st.booleans()),
    st.builds(Vtp, st.sampled_from(["transparent", "off"]), st.just("") | words),
    st.builds(Lldp, st.booleans()),
    st.builds(
        Mirrors,
        st.just(()) | st.builds(Mirror, st.just(1), st.just(()), st.just("GigabitEthernet0/8")).map(lambda one: (one,))
        | st.builds(
            Mirror, st.just(2),
            st.just((("GigabitEthernet0/1", "rx"), ("GigabitEthernet0/2", "both"), ("GigabitEthernet0/3", "tx"))),
            st.none(),
        ).map(lambda one: (one,)),
    ),
    st.builds(
        MacTable, st.integers(15, 3600),
        st.lists(st.sampled_from([
            Static("02:00:00:00:00:01", 1, "GigabitEthernet0/1"), Static("02:00:00:00:00:02", 1, "GigabitEthernet0/2"),
        ]), unique=True).map(tuple),
    ),
    st.builds(Recovery, st.frozensets(st.sampled_from(CAUSES)), st.integers(30, 86400)),
]  # fmt: skip


@st.composite
def security(draw: st.DrawFn, seed: int) -> PortSecurity:
    """``seed`` keeps the addresses of two ports apart."""
    macs = [f"02:00:00:00:{seed % 256:02x}:{number:02x}" for number in range(draw(st.integers(0, 3)))]
    sticky = draw(st.booleans())
    kept = len(macs) // 2 if sticky else 0
    return PortSecurity(
        draw(st.booleans()), max(1, len(macs)) + draw(st.integers(0, 3)),
        draw(st.sampled_from(["protect", "restrict", "shutdown"])), sticky, tuple(macs[kept:]), tuple(macs[:kept]),
        draw(st.integers(0, 1440)),
    )  # fmt: skip


@st.composite
def users(draw: st.DrawFn) -> dict[str, User]:
    made = {}
    for name in draw(st.lists(words, max_size=3, unique=True)):
        user = User(name, draw(st.integers(0, 15)))
        kind = draw(st.sampled_from(["none", "secret", "password"]))
        if kind == "secret":
            user.secret = draw(secrets)
        elif kind == "password":
            user.password = draw(clear)
        made[name] = user
    return made


@st.composite
def lines(draw: st.DrawFn, config: Config) -> None:
    for first, last in draw(st.lists(st.sampled_from([(0, 4), (0, 0), (2, 3), (1, 4)]), max_size=3)):
        for line in split(config, first, last):
            _fill(draw, line)
    merge(config)
    _fill(draw, config.lines[0])


def _fill(draw: st.DrawFn, line: Any) -> None:
    line.login = draw(st.sampled_from(["none", "password", "local"]))
    line.password = draw(st.none() | clear)
    line.transport = draw(st.frozensets(st.sampled_from(["telnet", "ssh"])))
    line.exec_timeout = draw(st.integers(0, 100_000))
    line.access_class = draw(st.none() | words)
    line.privilege = draw(st.integers(0, 15))
    line.logging_synchronous = draw(st.booleans())


def _common(draw: st.DrawFn, interface: Interface) -> None:
    interface.description = draw(st.just("") | clear)
    interface.shutdown = draw(st.booleans())
    interface.speed = draw(st.sampled_from(["auto", "10", "100", "1000"]))
    interface.duplex = draw(st.sampled_from(["auto", "full"]))


def _switchport(draw: st.DrawFn, port: Interface) -> None:
    port.mode = draw(st.sampled_from(["dynamic", "access", "trunk"]))
    port.access_vlan = draw(st.just(1) | vids)
    port.voice_vlan = draw(st.none() | vids)
    port.native_vlan = draw(st.just(1) | vids)
    port.allowed = draw(st.just(port.allowed) | st.frozensets(st.integers(1, 4094), max_size=60))
    port.nonegotiate = port.mode != "dynamic" and draw(st.booleans())
    for kind in PORT_PARTS:
        port.parts.put(draw(kind))


@st.composite
def acls(draw: st.DrawFn) -> dict[str, Acl]:
    made = {}
    names = words.map(lambda w: w.upper()) | st.integers(1, 99).map(str) | st.integers(100, 199).map(str)
    for name in draw(st.lists(names, max_size=3, unique=True)):
        kind = ("standard" if int(name) < 100 else "extended") if name.isdigit() else draw(
            st.sampled_from(["standard", "extended"]))  # fmt: skip
        acl = Acl(name, kind)
        for number, entry in enumerate(draw(st.lists(entries(kind), min_size=1, max_size=5, unique=True)), 1):
            acl.entries.append(AclEntry(**{**vars(entry), "sequence": 10 * number}))
        made[name] = acl
    return made


pairs = st.builds(
    lambda address, wildcard: (IPv4Address(int(address) & ~wildcard & 0xFFFFFFFF), IPv4Address(wildcard)),
    addresses,
    st.sampled_from([0, 0xFF, 0xFFFF, 0xFFFFFFFF, 0x00FF00FE]),
)


@st.composite
def entries(draw: st.DrawFn, kind: str) -> AclEntry:
    action: Any = draw(st.sampled_from(["permit", "deny"]))
    if kind == "standard":
        return AclEntry(0, action, source=draw(pairs))
    protocol = draw(st.sampled_from(["ip", "tcp", "udp", "icmp", "50", "132"]))
    condition = st.none() | st.one_of(
        st.tuples(st.sampled_from(["gt", "lt"]), st.tuples(st.integers(0, 65535))),
        st.tuples(st.sampled_from(["eq", "neq"]), st.lists(st.integers(0, 65535), min_size=1, max_size=3).map(tuple)),
        st.tuples(st.just("range"), st.tuples(st.integers(0, 999), st.integers(1000, 65535))),
    )
    with_ports = protocol in ("tcp", "udp")
    return AclEntry(
        0, action, protocol, draw(pairs), draw(pairs),
        draw(condition) if with_ports else None,
        draw(condition) if with_ports else None,
        protocol == "tcp" and draw(st.booleans()),
        draw(st.none() | st.sampled_from(ports.ICMP) | st.just("8 0")) if protocol == "icmp" else None,
        False,
    )  # fmt: skip


@st.composite
def pools(draw: st.DrawFn) -> dict[str, DhcpPool]:
    made = {}
    for index, name in enumerate(draw(st.lists(words, max_size=3, unique=True))):
        pool = DhcpPool(name)
        pool.network = draw(st.none() | st.just(IPv4Network(f"10.{index}.0.0/24")))
        pool.default_routers = draw(st.lists(addresses, max_size=2))
        pool.dns_servers = draw(st.lists(addresses, max_size=2))
        pool.domain = draw(st.none() | words)
        pool.lease = draw(st.none() | st.integers(1, 1_000_000).map(lambda minutes: 60 * (minutes % 500_000) + 60))
        pool.options = draw(st.just({}) | st.just({66: ("ascii", "a b"), 150: ("ip", "10.0.0.1 10.0.0.2")}))
        made[name] = pool
    return made


@st.composite
def _system(draw: st.DrawFn, config: Config) -> None:
    config.hostname = draw(words.filter(lambda w: w[-1].isalnum()))
    config.enable_secret = draw(st.none() | secrets)
    config.enable_password = draw(st.none() | clear)
    config.password_encryption = draw(st.booleans())
    config.users = draw(users())
    config.banner_motd = draw(st.none() | banners)
    config.domain_name = draw(st.none() | words)
    config.domain_lookup = draw(st.booleans())
    config.ssh_version = draw(st.sampled_from([None, 1, 2]))
    config.ssh_timeout = draw(st.integers(1, 120))
    config.ssh_retries = draw(st.integers(0, 5))
    config.acls = draw(acls())
    draw(lines(config))
    service_strategies.put(draw, config)


@st.composite
def switches(draw: st.DrawFn) -> Config:
    config = factory(SWITCH)
    draw(_system(config))
    for port in list(config.interfaces.values())[:8]:
        _common(draw, port)
        _switchport(draw, port)
    wanted = {vid for p in config.interfaces.values() for vid in (p.access_vlan, p.voice_vlan) if vid}
    for vid in sorted(wanted | draw(st.sets(vids, max_size=5)) | {1}):
        config.vlans[vid] = config.vlans.get(vid, Vlan(vid, draw(st.just("") | st.just(f"N{vid}"))))
    config.vlans = dict(sorted(config.vlans.items()))
    for port in [p for p in config.interfaces.values() if p.mode != "dynamic"]:
        if draw(st.booleans()):
            port.parts.put(draw(security(sum(map(ord, port.name)))))
    for port, group in draw(st.dictionaries(st.integers(1, 8), st.integers(1, 6), max_size=4)).items():
        member = config.interfaces[f"GigabitEthernet0/{port}"]
        if member.parts[PortSecurity].enabled or port == 8:  # 8: the destination of a mirror
            continue
        member.channel, member.channel_mode = group, "on" if group % 2 else draw(st.sampled_from(["active", "passive"]))
        member.parts.put(Protocol(group % 2 == 0 and draw(st.booleans())))
        config.interfaces.setdefault(f"Port-channel{group}", Interface(f"Port-channel{group}", mode="trunk"))
    if draw(st.booleans()):
        port = Interface("GigabitEthernet0/7", routed=True, description=draw(st.just("") | clear))
        port.address = draw(st.none() | st.just(IPv4Interface("10.7.0.1/30")))
        config.interfaces[port.name] = port
    config.interfaces = dict(sorted(config.interfaces.items(), key=lambda item: sort_key(item[0])))
    svi = config.interfaces["Vlan1"]
    svi.shutdown, svi.address = draw(st.booleans()), draw(st.none() | st.just(IPv4Interface("10.0.0.2/24")))
    config.default_gateway = draw(st.none() | addresses)
    config.routes = draw(st.just([]) | st.just([StaticRoute(IPv4Network("10.9.0.0/16"), IPv4Address("10.0.0.9"))]))
    for kind in SWITCH_PARTS:
        config.parts.put(draw(kind))
    return config


@st.composite
def routers(draw: st.DrawFn) -> Config:
    config = factory(ROUTER)
    draw(_system(config))
    for number, vid in enumerate(draw(st.lists(vids, max_size=3, unique=True)), 10):
        sub = Interface(f"GigabitEthernet0/1.{number}", encapsulation=vid, encapsulation_native=draw(st.booleans()))
        sub.address = draw(st.none() | st.just(IPv4Interface(f"10.{number}.0.1/24")))
        sub.helpers = draw(st.lists(addresses, max_size=2, unique=True))
        sub.acl_in, sub.acl_out = draw(st.none() | words), draw(st.none() | words)
        sub.shutdown = draw(st.booleans())
        config.interfaces[sub.name] = sub
    config.interfaces["GigabitEthernet0/2"] = config.interfaces.pop("GigabitEthernet0/2")
    for port in ("GigabitEthernet0/1", "GigabitEthernet0/2"):
        _common(draw, config.interfaces[port])
    hops = draw(st.lists(st.integers(1, 255).map(lambda n: IPv4Address(f"172.16.0.{n}")), max_size=3, unique=True))
    config.routes = [StaticRoute(IPv4Network("0.0.0.0/0"), hop, None, distance, draw(st.just("") | words))
                     for distance, hop in enumerate(hops, 1)]  # fmt: skip
    config.dhcp_excluded = draw(st.lists(st.tuples(addresses, addresses).map(lambda p: (min(p), max(p))), max_size=3,
                                         unique=True))  # fmt: skip
    config.dhcp_pools = draw(pools())
    routing_strategies.put(draw, config)
    return config


@st.composite
def access_points(draw: st.DrawFn) -> Config:
    config = factory(AP)
    draw(_system(config))
    config.default_gateway = draw(st.none() | addresses)
    ap_strategies.put(draw, config)
    return config


configs = st.one_of(switches(), routers(), access_points())
