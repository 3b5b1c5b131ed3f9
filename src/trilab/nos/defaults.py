"""Factory configuration, as on a Catalyst 2960, an ISR 1941 or an autonomous Aironet with IOS 15; copies of it."""

from __future__ import annotations

from copy import copy

from trilab.nos.features.lldp import Lldp
from trilab.nos.model import Config, Interface, Line, Role, Vlan
from trilab.nos.names import BVI, RADIO, Names, is_port

VTY_MAX = 15
HOSTNAMES: dict[Role, str] = {"switch": "Switch", "router": "Router", "ap": "ap"}


def factory(names: Names) -> Config:
    """The configuration of a device out of its box. Router ports, Vlan1 and the radio are shut down."""
    config = Config(role=names.role, hostname=HOSTNAMES[names.role])
    config.vlans[1] = Vlan(1, "default")
    virtual = {"switch": ["Vlan1"], "router": [], "ap": [BVI]}[names.role]
    for name in [*([RADIO] if names.role == "ap" else []), *names.port_names(), *virtual]:
        config.interfaces[name] = fresh(names.role, name)
    config.lines = [Line("con"), vty(0, 4)]
    if names.role != "router":
        config.lines.append(vty(5, VTY_MAX))
    return config


def fresh(role: Role, name: str) -> Interface:
    """An interface out of the box."""
    shut = name in ("Vlan1", RADIO) or (role == "router" and is_port(name))
    bridged = role == "ap" and (is_port(name) or name == RADIO)
    return Interface(name, shutdown=shut, bridge_group=1 if bridged else None)


def boot_base(names: Names) -> Config:
    """What a saved configuration is read onto at boot: the factory's, with nothing shut down or bridged of itself."""
    config = factory(names)
    for interface in config.interfaces.values():
        interface.shutdown = False
        interface.bridge_group = None
    config.parts.put(Lldp(absent=names.role == "switch"))
    return config


def vty(first: int, last: int) -> Line:
    """Default virtual terminal lines: a password is asked for (and none is set)."""
    return Line("vty", first, last, login="password")


def clone(config: Config) -> Config:
    """An independent copy; much quicker than ``copy.deepcopy``, which walks into every VLAN set."""
    new = copy(config)
    new.parts = config.parts.copy()
    new.users = {name: copy(user) for name, user in config.users.items()}
    new.lines = [copy(line) for line in config.lines]
    new.vlans = {vid: copy(vlan) for vid, vlan in config.vlans.items()}
    new.interfaces = {name: copy(interface) for name, interface in config.interfaces.items()}
    for interface in new.interfaces.values():
        interface.helpers = list(interface.helpers)
        interface.parts = interface.parts.copy()
    new.routes = list(config.routes)
    new.dhcp_excluded = list(config.dhcp_excluded)
    new.dhcp_pools = {name: copy(pool) for name, pool in config.dhcp_pools.items()}
    for pool in new.dhcp_pools.values():
        pool.default_routers, pool.dns_servers = list(pool.default_routers), list(pool.dns_servers)
        pool.options = dict(pool.options)
    new.ssids = {name: copy(ssid) for name, ssid in config.ssids.items()}
    new.radio = copy(config.radio)
    new.radio.ssids, new.radio.ciphers = list(config.radio.ssids), set(config.radio.ciphers)
    new.acls = {name: copy(acl) for name, acl in config.acls.items()}
    for acl in new.acls.values():
        acl.entries = list(acl.entries)
    return new
