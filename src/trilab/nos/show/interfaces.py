"""``show interfaces`` and what concerns IP on interfaces."""

from __future__ import annotations

from dataclasses import replace

from trilab.nos.context import CommandError
from trilab.nos.dataplane.base import PortState
from trilab.nos.exec.control import EXEC
from trilab.nos.features.dhcp_client import DhcpClient, current
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Interface
from trilab.nos.names import is_channel, is_port, is_radio, is_subinterface, is_svi, short
from trilab.nos.session import Session
from trilab.nos.show.text import dotted, layer2, state_of, status_words

HELP = {
    "show": "Show running system information",
    "interfaces": "Interface status and configuration",
    "description": "Show interface description",
    "ip": "IP information",
    "interface": "IP interface status and configuration",
    "brief": "Brief summary of IP status and configuration",
}


def commands() -> list[Command]:
    """``show interfaces``, ``show ip interface``."""
    name = "<name:ifname(port,sub,svi,channel,radio,bvi,loop)>"
    made = [
        (f"interfaces [{name}]", _interfaces),
        (f"interfaces [{name}] description", _description),
        (f"ip interface [{name}]", _ip_interface),
        (f"ip interface [{name}] brief", _ip_brief),
        (f"ip interface brief {name}", _ip_brief),
    ]
    return [Command(EXEC, f"show {text}", run, HELP) for text, run in made]


def _chosen(s: Session, m: Match) -> list[Interface]:
    """The interfaces asked for, with the addresses that they hold now."""
    return [replace(one, address=current(s, one)) for one in _configured(s, m)]


def _configured(s: Session, m: Match) -> list[Interface]:
    name, known = m.get("name"), s.device.config.interfaces
    if name is None:
        svis = [interface for interface in known.values() if is_svi(interface.name)]
        return [*svis, *(interface for interface in known.values() if not is_svi(interface.name))]
    if name not in known:
        raise CommandError("% Invalid input detected at '^' marker.\n")
    return [known[name]]


def _interfaces(s: Session, m: Match) -> None:
    states = s.device.dataplane.ports()
    for interface in _chosen(s, m):
        s.out("\n".join(_interface_lines(s.device.config, interface, state_of(states, interface))))


def _interface_lines(config: Config, interface: Interface, state: PortState) -> list[str]:
    status, protocol = status_words(interface, state)
    if is_port(interface.name) and config.role == "switch" and protocol == "down" and not interface.shutdown:
        reason = " (err-disabled)" if state.cause else " (notconnect)"
    else:
        reason = f" ({'connected' if protocol == 'up' else 'disabled'})" if interface in layer2(config) else ""
    hardware = "EtherSVI" if is_svi(interface.name) else "Gigabit Ethernet"
    if is_channel(interface.name):
        hardware = "EtherChannel"
    if config.role == "ap" and not is_port(interface.name):
        hardware = "802.11N 2.4GHz Radio" if is_radio(interface.name) else "BVI"
    mac = dotted(state.mac)
    lines = [f"{interface.name} is {status}, line protocol is {protocol}{reason} "]
    lines.append(f"  Hardware is {hardware}, address is {mac} (bia {mac})")
    if interface.description:
        lines.append(f"  Description: {interface.description}")
    if interface.address is not None:
        lines.append(f"  Internet address is {interface.address}")
    rate = 1000 if interface.speed == "auto" else int(interface.speed)
    rate = 54 if is_radio(interface.name) else rate
    lines += [
        f"  MTU {state.mtu} bytes, BW {rate * 1000} Kbit/sec, DLY 10 usec, ",
        "     reliability 255/255, txload 1/255, rxload 1/255",
        _encapsulation(interface),
        *_media(interface, state, protocol),
        "  Last input never, output never, output hang never",
        '  Last clearing of "show interface" counters never',
        "  Input queue: 0/75/0/0 (size/max/drops/flushes); Total output drops: 0",
        "  Queueing strategy: fifo",
        "  5 minute input rate 0 bits/sec, 0 packets/sec",
        "  5 minute output rate 0 bits/sec, 0 packets/sec",
        *_counters(state),
    ]
    return lines


def _encapsulation(interface: Interface) -> str:
    if interface.encapsulation is None:
        return "  Encapsulation ARPA, loopback not set"
    return f"  Encapsulation 802.1Q Virtual LAN, Vlan ID  {interface.encapsulation}."


def _media(interface: Interface, state: PortState, protocol: str) -> list[str]:
    if not is_port(interface.name) and not is_channel(interface.name):
        return ["  ARP type: ARPA, ARP Timeout 04:00:00"]
    duplex = interface.duplex.capitalize() if interface.duplex != "auto" else "Full" if protocol == "up" else "Auto"
    rate = interface.speed if interface.speed != "auto" else "1000" if protocol == "up" else ""
    speed = f"{rate}Mb/s" if rate else "Auto-speed"
    return [
        "  Keepalive set (10 sec)",
        f"  {duplex}-duplex, {speed}, media type is 10/100/1000BaseTX",
        "  input flow-control is off, output flow-control is unsupported ",
        "  ARP type: ARPA, ARP Timeout 04:00:00",
    ]


def _counters(state: PortState) -> list[str]:
    return [
        f"     {state.rx_packets} packets input, {state.rx_bytes} bytes, 0 no buffer",
        "     Received 0 broadcasts (0 multicasts)",
        "     0 runts, 0 giants, 0 throttles ",
        f"     {state.rx_errors} input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored",
        "     0 watchdog, 0 multicast, 0 pause input",
        f"     {state.tx_packets} packets output, {state.tx_bytes} bytes, 0 underruns",
        f"     {state.tx_errors} output errors, 0 collisions, 1 interface resets",
        "     0 output buffer failures, 0 output buffers swapped out",
    ]


def _description(s: Session, m: Match) -> None:
    states = s.device.dataplane.ports()
    s.out("Interface                      Status         Protocol Description")
    for interface in _chosen(s, m):
        status, protocol = status_words(interface, state_of(states, interface))
        status = status.replace("administratively", "admin")
        s.out(f"{short(interface.name):<30} {status:<14} {protocol:<8} {interface.description}".rstrip())


def _ip_brief(s: Session, m: Match) -> None:
    states = s.device.dataplane.ports()
    s.out("Interface                  IP-Address      OK? Method Status                Protocol")
    for interface in _chosen(s, m):
        status, protocol = status_words(interface, state_of(states, interface))
        address = "unassigned" if interface.address is None else str(interface.address.ip)
        asked = interface.parts[DhcpClient].enabled
        method = "DHCP" if asked else "manual" if interface.address is not None else "unset"
        s.out(f"{interface.name:<26} {address:<15} YES {method:<6} {status:<21} {protocol}")


def _ip_interface(s: Session, m: Match) -> None:
    states = s.device.dataplane.ports()
    for interface in _chosen(s, m):
        status, protocol = status_words(interface, state_of(states, interface))
        lines = [f"{interface.name} is {status}, line protocol is {protocol}"]
        if interface.address is None:
            inbound = is_port(interface.name) and s.device.config.role == "switch"
            lines.append("  Inbound  access list is not set" if inbound else "  Internet protocol processing disabled")
        else:
            lines += _ip_lines(interface, state_of(states, interface))
        s.out("\n".join(lines))


def _ip_lines(interface: Interface, state: PortState) -> list[str]:
    how = "DHCP" if interface.parts[DhcpClient].enabled else "setup command"
    lines = [
        f"  Internet address is {interface.address}",
        "  Broadcast address is 255.255.255.255",
        f"  Address determined by {how}",
        f"  MTU is {state.mtu} bytes",
    ]
    if not interface.helpers:
        lines.append("  Helper address is not set")
    elif len(interface.helpers) == 1:
        lines.append(f"  Helper address is {interface.helpers[0]}")
    else:
        lines.append(f"  Helper addresses are {interface.helpers[0]}")
        lines += [f"                       {helper}" for helper in interface.helpers[1:]]
    lines += [
        "  Directed broadcast forwarding is disabled",
        f"  Outgoing access list is {interface.acl_out or 'not set'}",
        f"  Inbound  access list is {interface.acl_in or 'not set'}",
        f"  ICMP redirects are {'never' if is_subinterface(interface.name) else 'always'} sent",
    ]
    return lines
