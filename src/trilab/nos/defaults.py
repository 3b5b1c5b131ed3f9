"""Factory configuration, as on a Catalyst 2960 or an ISR 1941 with IOS 15; and copies of a configuration."""

from __future__ import annotations

from copy import copy

from trilab.nos.model import Config, Interface, Line, Vlan
from trilab.nos.names import Names

VTY_MAX = 15


def factory(names: Names) -> Config:
    """The configuration of a device out of its box. Router ports and Vlan1 are shut down."""
    config = Config(role=names.role, hostname="Switch" if names.role == "switch" else "Router")
    config.vlans[1] = Vlan(1, "default")
    for number in range(1, names.ports + 1):
        name = f"GigabitEthernet0/{number}"
        config.interfaces[name] = Interface(name, shutdown=names.role == "router")
    config.lines = [Line("con"), vty(0, 4)]
    if names.role == "switch":
        config.interfaces["Vlan1"] = Interface("Vlan1", shutdown=True)
        config.lines.append(vty(5, VTY_MAX))
    return config


def boot_base(names: Names) -> Config:
    """What a saved configuration is read onto at boot: as the factory's, but nothing is shut down unless it says so."""
    config = factory(names)
    for interface in config.interfaces.values():
        interface.shutdown = False
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
    new.acls = {name: copy(acl) for name, acl in config.acls.items()}
    for acl in new.acls.values():
        acl.entries = list(acl.entries)
    return new
