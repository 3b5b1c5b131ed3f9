"""Configurations for the tests, as the CLI makes them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface
from typing import Any, Literal

from trilab.nos.model import Acl, AclEntry, Config, Interface, Line, Vlan


def device(role: Literal["switch", "router"], ports: int = 4, vlans: tuple[int, ...] = ()) -> Config:
    config = Config(role, "SW1" if role == "switch" else "R1")
    config.vlans = {vid: Vlan(vid) for vid in (1, *vlans)}
    for number in range(1, ports + 1):
        put(config, f"GigabitEthernet0/{number}", shutdown=role == "router")
    config.lines = [Line("con"), Line("vty", 0, 4), Line("vty", 5, 15)]
    return config


def put(config: Config, name: str, address: str | None = None, **fields: Any) -> Interface:
    interface = config.interfaces.setdefault(name, Interface(name))
    for field, value in fields.items():
        assert hasattr(interface, field)
        setattr(interface, field, value)
    if address is not None:
        interface.address = IPv4Interface(address)
    return interface


def entry(sequence: int, action: Any = "permit", **fields: Any) -> AclEntry:
    pairs = {
        key: tuple(IPv4Address(text) for text in value) if key in ("source", "destination") else value
        for key, value in fields.items()
    }
    return AclEntry(sequence, action, **pairs)


def access_list(config: Config, name: str, *entries: AclEntry) -> Acl:
    config.acls[name] = Acl(name, "extended", list(entries))
    return config.acls[name]


def stick(vlans: tuple[int, ...] = (10, 20), native: int | None = None) -> Config:
    """A router with subinterfaces on its first port."""
    config = device("router", 2)
    put(config, "GigabitEthernet0/1", shutdown=False)
    for vlan in vlans:
        put(
            config,
            f"GigabitEthernet0/1.{vlan}",
            f"10.0.{vlan}.254/24",
            encapsulation=vlan,
            encapsulation_native=vlan == native,
        )
    return config
