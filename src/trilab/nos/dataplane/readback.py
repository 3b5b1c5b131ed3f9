"""Parsers of what the system says: ``ip -json``, ``ovs-appctl``, nft. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Literal, cast

from trilab.nos.dataplane import acl, hostapd, names, routing
from trilab.nos.dataplane.base import ArpEntry, MacEntry, PortState, RadioState, Route, StpPort, StpState
from trilab.nos.features import etherchannel, spanning
from trilab.nos.features.port_security import SecurePorts
from trilab.nos.model import Config
from trilab.nos.names import CHANNEL, is_radio

Json = dict[str, Any]
_SECTION = re.compile(r"^(Root|Bridge) ID:", re.M)
_FIELD = re.compile(r"^\s+([\w-]+)\s+(\S+)\s*$", re.M)
_PORT = re.compile(
    r"^\s+(\S+)\s+(Root|Designated|Alternate|Backup|Disabled)\s+(Forwarding|Learning|Discarding|Disabled)\s+"
    r"(\d+)\s+(\d+)\.(\d+)\s*$",
    re.M,
)


_COUNTERS = ("rx_packets", "rx_bytes", "tx_packets", "tx_bytes", "rx_errors", "tx_errors")


@dataclass(frozen=True)
class LinkFacts:
    """What ``ip -json -stats link`` tells of one device."""

    up: bool
    carrier: bool
    mac: str
    mtu: int
    counters: tuple[int, int, int, int, int, int]  # received packets, bytes; sent packets, bytes; errors in, out


def parse_links(text: str) -> dict[str, LinkFacts]:
    """``ip -json -stats link show`` → device → facts."""
    found = {}
    for row in cast("list[Json]", json.loads(text or "[]")):
        received, sent = row["stats64"]["rx"], row["stats64"]["tx"]
        counters = (received["packets"], received["bytes"], sent["packets"], sent["bytes"],
                    received["errors"], sent["errors"])  # fmt: skip
        flags = row["flags"]
        found[row["ifname"]] = LinkFacts("UP" in flags, "LOWER_UP" in flags, row["address"], row["mtu"], counters)
    return found


def parse_addresses(text: str, device: str) -> list[IPv4Address]:
    """``ip -json address`` → the addresses of one device."""
    rows = [row for row in cast("list[Json]", json.loads(text or "[]")) if row.get("ifname") == device]
    return [IPv4Address(entry["local"]) for row in rows for entry in row["addr_info"]]


def port_states(config: Config, facts: Mapping[str, LinkFacts], forwarding: Mapping[int, bool]) -> dict[str, PortState]:
    """Interface name → state. ``forwarding``: VLAN → a port forwards in it (a switch's SVI is up only then)."""
    return {name: _port_state(config, name, facts, forwarding) for name in config.interfaces}


def _port_state(config: Config, name: str, facts: Mapping[str, LinkFacts], forwarding: Mapping[int, bool]) -> PortState:
    vlan, number = names.svi_vlan(name), names.port_number(name)
    wire = facts.get(f"eth{number}") if number is not None else None
    own = facts.get(name if vlan is not None else names.device(config, name) or "")
    shown = (wire if wire is not None and not names.is_subinterface(name) else own) or wire
    if shown is None:
        return PortState(name, False, False, False, "00:00:00:00:00:00", 1500)
    on = names.enabled(config, name)
    if names.is_loopback(name):
        link = protocol = on
    elif vlan is not None:
        link = on
        protocol = on and forwarding.get(vlan, False)
    else:
        link = protocol = on and wire is not None and wire.carrier
    if names.is_subinterface(name) and config.interfaces[name].encapsulation is None:
        protocol = False
    return PortState(name, True, link, protocol, shown.mac, shown.mtu, *shown.counters)


def radio_states(config: Config, facts: Mapping[str, LinkFacts], radio: RadioState) -> dict[str, PortState]:
    """Dot11Radio0 and its subinterfaces. What comes in on the air is input of a port ``airN``."""
    found = {}
    ports = [facts[slot] for slot in hostapd.slots(config).values() if slot in facts]
    in_packets, in_bytes, out_packets, out_bytes, in_errors, out_errors = (
        sum(port.counters[at] for port in ports) for at in range(6)
    )
    for name, interface in config.interfaces.items():
        if is_radio(name):
            up = radio.transmitting and names.enabled(config, name)
            bound = not names.is_subinterface(name) or interface.encapsulation is not None
            mac = radio.mac or "00:00:00:00:00:00"
            found[name] = PortState(
                name, True, up, up and bound, mac, 1500,
                in_packets, in_bytes, out_packets, out_bytes, in_errors, out_errors,
            )  # fmt: skip
    return found


def channel_states(config: Config, states: Mapping[str, PortState], flags: Mapping[str, str]) -> dict[str, PortState]:
    """EtherChannel → the sum of its ports; it is up while one of them is bundled."""
    found = {}
    for group in etherchannel.groups(config):
        name = f"{CHANNEL}{group}"
        ports = [states[port.name] for port in etherchannel.members(config, group)]
        up = names.enabled(config, name) and any(flags.get(port.name) == "P" for port in ports)
        mac = ports[0].mac if ports else "00:00:00:00:00:00"
        counters = [sum(getattr(port, counter) for port in ports) for counter in _COUNTERS]
        found[name] = PortState(name, bool(ports), up, up, mac, 1500, *counters)
    return found


def parse_fdb(text: str, port_names: Mapping[int, str]) -> list[tuple[int, str, str, bool]]:
    """``fdb/show`` → (VLAN, MAC, device, static); what the bridge itself or an unknown port holds is left out."""
    found = []
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) == 4 and words[0].isdigit() and int(words[0]) in port_names:
            found.append((int(words[1]), words[2], port_names[int(words[0])], words[3] == "static"))
    return found


def mac_entries(
    config: Config, learnt: Iterable[tuple[int, str, str, bool]], secure: SecurePorts | None = None
) -> list[MacEntry]:
    """With canonical names; addresses of our own SVIs (ports ``svN``) are not learnt ones, secure ones are static."""
    canonical = {names.device(config, name): name for name in config.interfaces}
    ports = secure.ports if secure is not None else {}
    static = [MacEntry(one.vlan, one.mac, name, True) for name, port in ports.items() for one in port.addresses]
    fixed = {(entry.vlan, entry.mac) for entry in static}
    return static + [
        MacEntry(vlan, mac, canonical[device], is_static)
        for vlan, mac, device, is_static in learnt
        if device in canonical and (vlan, mac) not in fixed
    ]


def parse_rstp(text: str, config: Config) -> StpState | None:
    """``rstp/show`` → the tree as this switch sees it; ports of SVIs are left out."""
    parts = _SECTION.split(text)
    sections = {parts[i]: dict(_FIELD.findall(parts[i + 1])) for i in range(1, len(parts) - 1, 2)}
    if {"Root", "Bridge"} - sections.keys():
        return None
    canonical = {names.device(config, name): name for name in config.interfaces}
    root, bridge = sections["Root"], sections["Bridge"]
    ports = [_stp_port(match, canonical, config) for match in _PORT.finditer(text) if match[1] in canonical]
    return StpState(
        root_mac=root["stp-system-id"],
        root_priority=int(root["stp-priority"]),
        root_cost=int(root.get("root-path-cost", 0)),
        root_port=canonical.get(root.get("root-port")),
        mac=bridge["stp-system-id"],
        priority=int(bridge["stp-priority"]),
        ports=tuple(sorted(ports, key=lambda port: port.number)),
        hello=_seconds(root["stp-hello-time"]),
        max_age=_seconds(root["stp-max-age"]),
        forward_delay=_seconds(root["stp-fwd-delay"]),
    )


def _seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def _stp_port(match: re.Match[str], canonical: Mapping[str | None, str], config: Config) -> StpPort:
    name = canonical[match[1]]
    interface = config.interfaces[name]
    return StpPort(
        port=name,
        role=cast("Literal['root', 'designated', 'alternate', 'backup', 'disabled']", match[2].lower()),
        state=cast("Literal['forwarding', 'learning', 'discarding', 'disabled']", match[3].lower()),
        cost=int(match[4]),
        priority=int(match[5]),
        number=int(match[6]),
        edge=spanning.edge(config, interface),
    )


def parse_arp(config: Config, text: str, facts: Mapping[str, LinkFacts]) -> list[ArpEntry]:
    """``ip -json -stats neigh`` and our own addresses, by address."""
    inner = {device: name for name, device in names.layer3(config).items()}
    found = []
    for row in cast("list[Json]", json.loads(text or "[]")):
        if row.get("dev") in inner and "lladdr" in row and not {"FAILED", "INCOMPLETE"} & set(row.get("state", [])):
            minutes = int(row.get("updated", 0)) // 60
            found.append(ArpEntry(IPv4Address(row["dst"]), row["lladdr"], minutes, inner[row["dev"]]))
    for device, name in inner.items():
        address = config.interfaces[name].address
        if address is not None and device in facts and names.enabled(config, name):
            found.append(ArpEntry(address.ip, facts[device].mac, None, name))
    return sorted(found, key=lambda entry: entry.address)


def own_routes(config: Config, states: Mapping[str, PortState]) -> list[Route]:
    """Connected networks, and own addresses, of the interfaces that are up."""
    found: list[Route] = []
    for name in names.layer3(config):
        address = config.interfaces[name].address
        if address is not None and states[name].protocol:
            found.append(Route(address.network, "connected", None, name, 0))
            found.append(Route(IPv4Network(address.ip), "local", None, name, 0))
    return found


def table(own: list[Route], learnt: list[Route]) -> list[Route]:
    """The routing table: of one network only what has the smallest distance, and own networks first."""
    best: dict[IPv4Network, int] = {}
    for route in learnt:
        best[route.prefix] = min(route.distance, best.get(route.prefix, route.distance))
    connected = {route.prefix for route in own}
    kept = [r for r in learnt if r.distance == best[r.prefix] and r.prefix not in connected]
    return sorted([*own, *kept], key=lambda route: (route.prefix.network_address, route.prefix.prefixlen))


def statics(config: Config, kernel: str, states: Mapping[str, PortState]) -> list[Route]:
    """The static routes, with what the configuration says of them.

    The kernel is the witness: a route is listed only when it is there and its link is up.
    """
    inner = {device: name for name, device in names.layer3(config).items()}
    installed = _installed(kernel)
    return [
        Route(route.prefix, "static", route.next_hop, route.interface, route.distance)
        for route, (gateway, device) in routing.resolved(config)
        if (route.prefix, route.distance, gateway, device) in installed
        and (not device or states[inner[device]].protocol)
    ]


def _installed(kernel: str) -> set[tuple[IPv4Network, int, IPv4Address | None, str]]:
    """(prefix, metric, gateway, device) of the kernel's static routes; a discarding one has neither of the last two."""
    found = set()
    for row in cast("list[Json]", json.loads(kernel or "[]")):
        if row.get("protocol") == "static":
            prefix = IPv4Network("0.0.0.0/0" if row["dst"] == "default" else row["dst"])
            for hop in row.get("nexthops", [row]):
                gateway = IPv4Address(hop["gateway"]) if "gateway" in hop else None
                found.add((prefix, int(row.get("metric", 0)), gateway, hop.get("dev", "")))
    return found


def parse_counters(text: str) -> dict[str, int]:
    """``nft --json list counters`` → counter name → packets."""
    rows = cast("list[Json]", json.loads(text)["nftables"])
    return {row["counter"]["name"]: int(row["counter"]["packets"]) for row in rows if "counter" in row}


def hits(config: Config, name: str, counters: Mapping[str, int]) -> dict[int, int]:
    """Sequence number → packets, for the entries of one list."""
    entries = config.acls[name].entries if name in config.acls else []
    wanted = ((entry.sequence, acl.counter(name, entry.sequence)) for entry in entries if entry.action != "remark")
    return {sequence: counters[counter] for sequence, counter in wanted if counter in counters}
