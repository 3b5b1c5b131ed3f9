"""VLANs, switch ports, MAC addresses."""

from __future__ import annotations

from trilab.nos import vlans
from trilab.nos.context import CommandError
from trilab.nos.dataplane.base import MacEntry, PortState
from trilab.nos.exec.control import EXEC
from trilab.nos.features.vlan import name_of
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface, Vlan
from trilab.nos.names import is_svi, short
from trilab.nos.session import Session
from trilab.nos.show.text import dotted, layer2, logical, state_of, trunking

HELP = {
    "show": "Show running system information",
    "vlan": "VTP VLAN status",
    "brief": "VTP all VLAN status in brief",
    "id": "VTP VLAN status by VLAN id",
    "name": "VTP VLAN status by VLAN name",
    "<vid>": "ISL VLAN IDs 1-4094",
    "<name>": "The ascii name for the VLAN",
    "mac": "MAC configuration",
    "address-table": "MAC forwarding table",
    "dynamic": "dynamic entry type",
    "static": "static entry type",
    "address": "address to be looked up",
    "interface": "interface keyword",
    "interfaces": "Interface status and configuration",
    "status": "Show interface line status",
    "trunk": "Show interface trunk information",
    "switchport": "Show interface switchport information",
}
_TABLE = "{:<4} {:<32} {:<9} {}"
_RULE = "---- -------------------------------- --------- -------------------------------"
_DEFAULTS = {1002: "fddi-default", 1003: "token-ring-default", 1004: "fddinet-default", 1005: "trnet-default"}


def commands() -> list[Command]:
    """``show`` of layer 2; switches only."""
    port = "<port:ifname(port,channel)>"
    mac = f"{{dynamic | static | address <mac:mac> | interface {port} | vlan <vid:int(1,4094)>}}"
    made = [
        ("vlan [brief]", _vlan),
        ("vlan id <vid:int(1,4094)>", _vlan),
        ("vlan name <name:word>", _vlan),
        (f"mac address-table {mac}", _mac),
        (f"interfaces [{port}] status", _status),
        (f"interfaces [{port}] trunk", _trunk),
        (f"interfaces [{port}] switchport", _switchport),
    ]
    return [Command(EXEC, f"show {text}", run, HELP, roles=("switch",)) for text, run in made]


def _members(config: Config, vid: int) -> list[str]:
    """Ports that ``show vlan`` lists: those that are no trunk and have the VLAN for data or voice."""
    return [short(i.name) for i in logical(config) if not trunking(i) and vid in (i.access_vlan, i.voice_vlan)]


def _vlan(s: Session, m: Match) -> None:
    config = s.device.config
    chosen = [vlan for vlan in config.vlans.values() if _wanted(vlan, m)]
    if not chosen and (m.get("vid") or m.get("name")):
        what = m.get("vid") or m["name"]
        raise CommandError(f"VLAN id {what} not found in current VLAN database")
    s.out("\n" + _TABLE.format("VLAN", "Name", "Status", "Ports") + "\n" + _RULE)
    extended = [vlan for vlan in chosen if vlan.vid > 1005]
    for vlan in (v for v in chosen if v.vid < 1002):
        _vlan_rows(s, vlan, config)
    if m.get("vid") is None and m.get("name") is None:
        for vid, name in _DEFAULTS.items():
            s.out(_TABLE.format(vid, name, "act/unsup", "").rstrip())
    for vlan in extended:
        _vlan_rows(s, vlan, config)
    if not m.has("brief"):
        _vlan_types(s, chosen, everything=m.get("vid") is None and m.get("name") is None)


def _wanted(vlan: Vlan, m: Match) -> bool:
    vid, name = m.get("vid"), m.get("name")
    return (vid is None or vlan.vid == vid) and (name is None or name_of(vlan) == name)


def _vlan_rows(s: Session, vlan: Vlan, config: Config) -> None:
    ports = _members(config, vlan.vid)
    rows = [", ".join(ports[at : at + 4]) for at in range(0, len(ports), 4)] or [""]
    for index, row in enumerate(rows):
        s.out(_TABLE.format(vlan.vid, name_of(vlan), "active", row).rstrip() if index == 0 else " " * 48 + row)


def _vlan_types(s: Session, chosen: list[Vlan], *, everything: bool) -> None:
    s.out("\nVLAN Type  SAID       MTU   Parent RingNo BridgeNo Stp  BrdgMode Trans1 Trans2")
    s.out("---- ----- ---------- ----- ------ ------ -------- ---- -------- ------ ------")
    for vlan in chosen:
        s.out(f"{vlan.vid:<4} enet  {100000 + vlan.vid:<10} 1500  -      -      -        -    -        0      0")
    if everything:
        for vid, kind in ((1002, "fddi"), (1003, "tr"), (1004, "fdnet"), (1005, "trnet")):
            s.out(f"{vid:<4} {kind:<5} {100000 + vid:<10} 1500  -      -      -        -    -        0      0")
    s.out("")


def _mac(s: Session, m: Match) -> None:
    entries = [entry for entry in s.device.dataplane.mac_table() if _mac_wanted(entry, m)]
    s.out("          Mac Address Table\n-------------------------------------------\n")
    s.out("Vlan    Mac Address       Type        Ports\n----    -----------       --------    -----")
    for entry in sorted(entries, key=lambda e: (e.vlan, e.mac)):
        kind = "STATIC" if entry.static else "DYNAMIC"
        s.out(f"{entry.vlan:4d}    {dotted(entry.mac)}    {kind:<8}    {short(entry.port)}")
    s.out(f"Total Mac Addresses for this criterion: {len(entries)}")


def _mac_wanted(entry: MacEntry, m: Match) -> bool:
    mac, port, vid = m.get("mac"), m.get("port"), m.get("vid")
    return (
        (mac is None or entry.mac.lower() == mac)
        and not (m.has("dynamic") and entry.static)
        and not (m.has("static") and not entry.static)
        and (port is None or entry.port == port)
        and (vid is None or entry.vlan == vid)
    )


def _ports(s: Session, m: Match) -> list[Interface]:
    ports = layer2(s.device.config)
    return [port for port in ports if m.get("port") in (None, port.name)]


def _status(s: Session, m: Match) -> None:
    states = s.device.dataplane.ports()
    s.out("\nPort      Name               Status       Vlan       Duplex  Speed Type")
    ports = [i for i in s.device.config.interfaces.values() if not is_svi(i.name) and m.get("port") in (None, i.name)]
    for port in ports:
        state = state_of(states, port)
        word = _status_word(port, state)
        vlan = "routed" if port.routed else "trunk" if trunking(port) and state.link else str(port.access_vlan)
        negotiated = state.link and not port.shutdown
        duplex = ("a-full" if negotiated else "auto") if port.duplex == "auto" else port.duplex
        speed = ("a-1000" if negotiated else "auto") if port.speed == "auto" else port.speed
        name = port.description[:18]
        s.out(f"{short(port.name):<9} {name:<18} {word:<12} {vlan:<10} {duplex:>6} {speed:>6} 10/100/1000BaseTX")


def _status_word(port: Interface, state: PortState) -> str:
    if port.shutdown:
        return "disabled"
    if state.cause:
        return "err-disabled"
    return "connected" if state.link else "notconnect"


def _trunk(s: Session, m: Match) -> None:
    """Only trunks that are up are listed, as on IOS."""
    states, config = s.device.dataplane.ports(), s.device.config
    alone = [port for port in _ports(s, m) if port in logical(config) and trunking(port)]
    trunks = [port for port in alone if state_of(states, port).link and not port.shutdown]
    if not trunks:
        return
    s.out("\nPort        Mode             Encapsulation  Status        Native vlan")
    for port in trunks:
        s.out(f"{short(port.name):<11} {'on':<16} {'802.1q':<14} {'trunking':<13} {port.native_vlan}")
    s.out("\nPort        Vlans allowed on trunk")
    for port in trunks:
        s.out(f"{short(port.name):<11} {vlans.text(port.allowed) or 'none'}")
    s.out("\nPort        Vlans allowed and active in management domain")
    for port in trunks:
        s.out(f"{short(port.name):<11} {vlans.text(port.allowed & config.vlans.keys()) or 'none'}")
    forwarding = _forwarding(s)
    s.out("\nPort        Vlans in spanning tree forwarding state and not pruned")
    for port in trunks:
        active = port.allowed & config.vlans.keys() if port.name in forwarding else frozenset[int]()
        s.out(f"{short(port.name):<11} {vlans.text(active) or 'none'}")
    s.out("")


def _forwarding(s: Session) -> set[str]:
    stp = s.device.dataplane.stp()
    if stp is None:
        return set(s.device.config.interfaces)
    return {port.port for port in stp.ports if port.state == "forwarding"}


def _switchport(s: Session, m: Match) -> None:
    states, config = s.device.dataplane.ports(), s.device.config
    for name, interface in config.interfaces.items():
        if interface.routed and m.get("port") in (None, name):
            s.out(f"Name: {short(name)}\nSwitchport: Disabled\n")
    for port in _ports(s, m):
        up = state_of(states, port).link and not port.shutdown
        operational = ("trunk" if trunking(port) else "static access") if up else "down"
        s.out("\n".join(_switchport_lines(config, port, operational)))


def _named(config: Config, vid: int) -> str:
    vlan = config.vlans.get(vid)
    return f"{vid} ({name_of(vlan) if vlan else 'Inactive'})"


def _switchport_lines(config: Config, port: Interface, operational: str) -> list[str]:
    mode = {"access": "static access", "trunk": "trunk", "dynamic": "dynamic auto"}[port.mode]
    first, *more = vlans.wrapped(port.allowed, 60) or ["NONE"]
    every = len(port.allowed) == 4094
    allowed = ["ALL"] if every else [first + ("," if more else ""), *more]
    allowed[1:] = ["     " + row + ("," if row is not more[-1] else "") for row in allowed[1:]]
    off = port.nonegotiate or port.mode == "access"
    encapsulation = "native" if operational == "static access" else "dot1q"
    return [
        f"Name: {short(port.name)}",
        "Switchport: Enabled",
        f"Administrative Mode: {mode}",
        f"Operational Mode: {operational}",
        "Administrative Trunking Encapsulation: dot1q",
        *([] if operational == "down" else [f"Operational Trunking Encapsulation: {encapsulation}"]),
        f"Negotiation of Trunking: {'Off' if off else 'On'}",
        f"Access Mode VLAN: {_named(config, port.access_vlan)}",
        f"Trunking Native Mode VLAN: {_named(config, port.native_vlan)}",
        "Administrative Native VLAN tagging: enabled",
        f"Voice VLAN: {'none' if port.voice_vlan is None else _named(config, port.voice_vlan)}",
        "Administrative private-vlan host-association: none ",
        "Administrative private-vlan mapping: none ",
        "Operational private-vlan: none",
        f"Trunking VLANs Enabled: {allowed[0]}",
        *allowed[1:],
        "Pruning VLANs Enabled: 2-1001",
        "Capture Mode Disabled",
        "Capture VLANs Allowed: ALL",
        "",
        "Protected: false",
        "Unknown unicast blocked: disabled",
        "Unknown multicast blocked: disabled",
        "Appliance trust: none",
        "",
    ]
