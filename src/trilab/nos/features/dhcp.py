"""DHCP server of a router: exclusions and pools."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Literal

from trilab.nos.context import CommandError, Context
from trilab.nos.features.ip import prefix_length
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, DhcpPool

HELP = {
    "ip": "Global IP configuration subcommands",
    "dhcp": "Configure DHCP server and relay parameters",
    "excluded-address": "Prevent DHCP from assigning certain addresses",
    "<low>": "Low IP address",
    "<high>": "High IP address",
    "pool": "Configure DHCP address pools",
    "<pool>": "Pool name",
    "network": "Network number and mask",
    "<network>": "Network number in dotted-decimal notation",
    "<mask>": "Network mask",
    "<prefix>": "Prefix length /nn",
    "default-router": "Default routers",
    "dns-server": "Set name servers",
    "<address>": "Server's IP address",
    "domain-name": "Domain name",
    "<domain>": "Domain name",
    "lease": "Address lease time",
    "infinite": "Infinite lease",
    "<days>": "Days",
    "<hours>": "Hours",
    "<minutes>": "Minutes",
    "option": "Raw DHCP options",
    "<code>": "DHCP option code",
    "ascii": "Data is an NVT ASCII string",
    "hex": "Data is a hexadecimal string",
    "<text>": "Data",
}
# Options that have a command of their own, or that the server itself must set (RFC 2132).
_OWN_COMMAND = frozenset({1, 3, 6, 15, 51, 53, 54, 55, 61})


def commands() -> list[Command]:
    """Global ``ip dhcp`` and the pool's mode."""
    g, p = ("config",), ("dhcp",)
    made = [
        (g, "ip dhcp excluded-address <low:ip> [<high:ip>]", _exclude, "", _no_exclude),
        (g, "ip dhcp pool <pool:word>", _pool, "", _no_pool),
        (p, "network <network:ip> (<mask:ip> | <prefix:word>)", _network, "network [<rest:line>]", _no_network),
        (p, "default-router <address:ip>+", _routers, "default-router [<rest:line>]", _no_routers),
        (p, "dns-server <address:ip>+", _servers, "dns-server [<rest:line>]", _no_servers),
        (p, "domain-name <domain:word>", _domain, "domain-name [<domain:word>]", _no_domain),
        (p, "lease (infinite | <days:int(0,365)> [<hours:int(0,23)> [<minutes:int(0,59)>]])", _lease,
         "lease [<rest:line>]", _no_lease),
        (p, "option <code:int(0,254)> (ascii <text:line> | hex <text:line> | ip <address:ip>+)", _option,
         "option <code:int(0,254)> [<rest:line>]", _no_option),
    ]  # fmt: skip
    return [Command(modes, text, run, HELP, no, undo, ("router",)) for modes, text, run, no, undo in made]


def _exclude(c: Context, m: Match) -> None:
    low, high = m["low"], m.get("high", m["low"])
    if high < low:
        raise CommandError("% Invalid address range.")
    if (low, high) not in c.config.dhcp_excluded:
        c.config.dhcp_excluded.append((low, high))


def _no_exclude(c: Context, m: Match) -> None:
    pair = m["low"], m.get("high", m["low"])
    if pair not in c.config.dhcp_excluded:
        raise CommandError(f"% Range [{pair[0]}, {pair[1]}] is not in the database.")
    c.config.dhcp_excluded.remove(pair)


def _pool(c: Context, m: Match) -> None:
    c.config.dhcp_pools.setdefault(m["pool"], DhcpPool(m["pool"]))
    c.enter("dhcp", (m["pool"],))


def _no_pool(c: Context, m: Match) -> None:
    if c.config.dhcp_pools.pop(m["pool"], None) is None:
        raise CommandError(f"% Pool {m['pool']} not found.")


def _this(c: Context) -> DhcpPool:
    pool = c.config.dhcp_pools.get(c.target[0])
    if pool is None:
        raise CommandError("% This pool has been removed.")
    return pool


def _network(c: Context, m: Match) -> None:
    pool = _this(c)
    given = m.get("prefix")
    if given is not None:
        found = re.fullmatch(r"/(\d{1,2})", given)
        length = int(found[1]) if found else None
    else:
        length = prefix_length(m["mask"])
    if length is None or not 1 <= length <= 30:
        raise CommandError("% Invalid network mask.")
    network = IPv4Network((m["network"], length), strict=False)
    for other in c.config.dhcp_pools.values():
        if other is not pool and other.network and other.network.overlaps(network):
            raise CommandError(f"% {network.network_address} overlaps with pool {other.name}")
    pool.network = network


def _no_network(c: Context, m: Match) -> None:
    _this(c).network = None


def _routers(c: Context, m: Match) -> None:
    _this(c).default_routers = m.all("address")[:8]


def _no_routers(c: Context, m: Match) -> None:
    _this(c).default_routers = []


def _servers(c: Context, m: Match) -> None:
    _this(c).dns_servers = m.all("address")[:8]


def _no_servers(c: Context, m: Match) -> None:
    _this(c).dns_servers = []


def _domain(c: Context, m: Match) -> None:
    _this(c).domain = m["domain"]


def _no_domain(c: Context, m: Match) -> None:
    _this(c).domain = None


def _lease(c: Context, m: Match) -> None:
    seconds = 86400 * m.get("days", 0) + 3600 * m.get("hours", 0) + 60 * m.get("minutes", 0)
    if not m.has("infinite") and seconds == 0:
        raise CommandError("% Lease time cannot be zero.")
    _this(c).lease = None if m.has("infinite") else seconds


def _no_lease(c: Context, m: Match) -> None:
    _this(c).lease = 86400


def _option(c: Context, m: Match) -> None:
    code = m["code"]
    if code in _OWN_COMMAND or code == 0:
        raise CommandError(f"% DHCP option {code} has a command of its own or is reserved.")
    kind, text = _data(m)
    _this(c).options[code] = (kind, text)
    _this(c).options = dict(sorted(_this(c).options.items()))


def _data(m: Match) -> tuple[Literal["ascii", "ip", "hex"], str]:
    if m.has("ascii"):
        return "ascii", m["text"].strip('"')
    if m.has("ip"):
        return "ip", " ".join(str(address) for address in m.all("address"))
    digits = re.sub(r"[.\s]", "", m["text"])
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", digits):
        raise CommandError("% Invalid hex string.")
    return "hex", digits.lower()


def _no_option(c: Context, m: Match) -> None:
    _this(c).options.pop(m["code"], None)


def render(config: Config) -> list[str]:
    """Exclusions, then pools."""
    lines = []
    for low, high in config.dhcp_excluded:
        lines.append(f"ip dhcp excluded-address {low}" + (f" {high}" if high != low else ""))
    if lines:
        lines.append("!")
    for pool in config.dhcp_pools.values():
        lines += [*_block(pool), "!"]
    return lines


def _block(pool: DhcpPool) -> list[str]:
    lines = [f"ip dhcp pool {pool.name}"]
    if pool.network is not None:
        lines.append(f" network {pool.network.network_address} {pool.network.netmask}")
    for word, addresses in (("default-router", pool.default_routers), ("dns-server", pool.dns_servers)):
        if addresses:
            lines.append(f" {word} {' '.join(map(str, addresses))}")
    if pool.domain is not None:
        lines.append(f" domain-name {pool.domain}")
    for code, (kind, text) in pool.options.items():
        shown = f'"{text}"' if kind == "ascii" and " " in text else text
        lines.append(f" option {code} {kind} {shown}")
    if pool.lease is None:
        lines.append(" lease infinite")
    elif pool.lease != 86400:
        lines.append(f" lease {_lease_text(pool.lease)}")
    return lines


def _lease_text(seconds: int) -> str:
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    parts = [days, hours, minutes]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return " ".join(map(str, parts))
