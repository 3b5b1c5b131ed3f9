"""The routing table as FRR holds it (``show ip route json``). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Literal, cast

from trilab.nos.dataplane import names
from trilab.nos.dataplane.base import Route
from trilab.nos.model import Config

Json = Mapping[str, Any]
_LEARNT = ("static", "ospf", "rip")
_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}


def routes(config: Config, zebra: Json | None, ospf: Json | None) -> list[Route]:
    """What is static or learnt, and in use; connected networks are not taken from here."""
    device_names = {device: name for name, device in names.layer3(config).items()}
    found: list[Route] = []
    hop_only = {(route.prefix, route.next_hop) for route in config.routes if route.interface is None}
    for entries in (zebra or {}).values():
        for entry in entries:
            if entry["protocol"] in _LEARNT and entry.get("installed"):
                found += _hops(entry, device_names, _kind(ospf, entry))
    return [replace(r, interface=None) if r.source == "static" and (r.prefix, r.next_hop) in hop_only else r
            for r in found]  # fmt: skip


def _hops(entry: Json, device_names: Mapping[str, str], kind: str) -> list[Route]:
    prefix = IPv4Network(entry["prefix"])
    source = cast(Literal["static", "ospf", "rip"], entry["protocol"])
    age = None if source == "static" else seconds(entry["uptime"])
    metric = entry["metric"] - (source == "rip")  # FRR counts a hop when it receives, IOS when it sends
    made = []
    for hop in entry["nexthops"]:
        if hop.get("resolver") or not hop.get("active"):
            continue
        gateway = IPv4Address(hop["ip"]) if "ip" in hop else None
        device = "Null0" if hop.get("blackhole") else device_names.get(hop.get("interfaceName", ""))
        made.append(Route(prefix, source, gateway, device, entry["distance"], metric, kind, age))
    return made


def _kind(ospf: Json | None, entry: Json) -> str:
    """``N IA`` → ``IA``, ``N E2`` → ``E2``; an intra-area route has none."""
    if entry["protocol"] != "ospf":
        return ""
    known = (ospf or {}).get(entry["prefix"], {})
    return str(known.get("routeType", "")).removeprefix("N").strip()


def seconds(text: str) -> int:
    """FRR's ages: ``00:01:44``, ``1d02h03m``, ``01w2d03h``, ``11.627s``, ``1m02s``."""
    clock = re.fullmatch(r"(\d+):(\d\d):(\d\d)", text)
    if clock:
        hours, minutes, rest = (int(part) for part in clock.groups())
        return 3600 * hours + 60 * minutes + rest
    return int(sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)([wdhms])", text)))
