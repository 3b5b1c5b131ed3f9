"""ARP, DHCP, access lists, and what a switch that does not route says of routes."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address

from trilab.nos.dataplane.base import Lease
from trilab.nos.exec.control import EXEC, MONTHS, PRIVILEGED
from trilab.nos.features import acl_entry
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import DhcpPool
from trilab.nos.session import Session
from trilab.nos.show.text import dotted

HELP = {
    "show": "Show running system information",
    "ip": "IP information",
    "route": "IP routing table",
    "arp": "IP ARP table",
    "dhcp": "Show items in the DHCP database",
    "binding": "DHCP address bindings",
    "pool": "DHCP pools information",
    "<pool>": "DHCP pool name",
    "access-lists": "List access lists",
    "<acl>": "ACL name or number",
}


def commands() -> list[Command]:
    """``show`` of layer 3 and of access lists."""
    both, router = ("switch", "router", "ap"), ("router",)
    made = [
        (EXEC, "ip route", _no_routing, ("switch", "ap")),
        (EXEC, "arp", _arp, both),
        (EXEC, "ip arp", _arp, both),
        (PRIVILEGED, "ip dhcp binding", _bindings, router),
        (PRIVILEGED, "ip dhcp pool [<pool:word>]", _pools, router),
        (PRIVILEGED, "access-lists [<acl:word>]", _lists, both),
        (PRIVILEGED, "ip access-lists [<acl:word>]", _lists, both),
    ]
    return [Command(modes, f"show {text}", run, HELP, roles=roles) for modes, text, run, roles in made]  # type: ignore[arg-type]


def _no_routing(s: Session, m: Match) -> None:
    gateway = s.device.config.default_gateway
    s.out(f"Default gateway is {gateway or 'not set'}\n")
    s.out("Host               Gateway           Last Use    Total Uses  Interface\nICMP redirect cache is empty")


def _arp(s: Session, m: Match) -> None:
    s.out("Protocol  Address          Age (min)  Hardware Addr   Type   Interface")
    for entry in sorted(s.device.dataplane.arp(), key=lambda e: int(e.address)):
        age = "-" if entry.age is None else str(entry.age)
        s.out(f"Internet  {entry.address!s:<16} {age:>7}    {dotted(entry.mac)}  ARPA   {entry.interface}")


def _identifier(lease: Lease) -> str:
    """Client identifier as IOS dots it: type 01 and the MAC when the client gave none."""
    digits = lease.client_id.replace(":", "").replace(".", "").lower()
    if len(digits) == 12:
        digits = "01" + digits
    return ".".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _expiry(lease: Lease) -> str:
    if lease.expires is None:
        return "Infinite"
    when = datetime.fromtimestamp(lease.expires, UTC)
    return f"{MONTHS[when.month - 1][:3]} {when.day:02d} {when.year} {when:%I:%M %p}"


def _bindings(s: Session, m: Match) -> None:
    s.out("Bindings from all pools not associated with VRF:")
    s.out("IP address          Client-ID/              Lease expiration        Type")
    s.out("                    Hardware address/\n                    User name")
    for lease in sorted(s.device.dataplane.leases(), key=lambda one: int(one.address)):
        s.out(f"{lease.address!s:<19} {_identifier(lease):<23} {_expiry(lease):<23} Automatic")


def _pools(s: Session, m: Match) -> None:
    config = s.device.config
    chosen = [pool for pool in config.dhcp_pools.values() if m.get("pool") in (None, pool.name)]
    leases = s.device.dataplane.leases()
    for pool in chosen:
        s.out(f"\nPool {pool.name} :")
        s.out(" Utilization mark (high/low)    : 100 / 0\n Subnet size (first/next)       : 0 / 0 ")
        total = 0 if pool.network is None else pool.network.num_addresses - 2
        held = [lease for lease in leases if pool.network and lease.address in pool.network]
        s.out(f" Total addresses                : {total}\n Leased addresses               : {len(held)}")
        s.out(f" Excluded addresses             : {_excluded(config.dhcp_excluded, pool)}")
        s.out(" Pending event                  : none")
        if pool.network is not None:
            s.out(" 1 subnet is currently in the pool :\n"
                  " Current index        IP address range                    Leased/Excluded/Total")  # fmt: skip
            first, last = pool.network[1], pool.network[-2]
            span = f"{first!s:<16} - {last!s:<16}"
            s.out(f" {first!s:<20} {span:<35} {len(held)} / {_excluded(config.dhcp_excluded, pool)} / {total}")


def _excluded(ranges: list[tuple[IPv4Address, IPv4Address]], pool: DhcpPool) -> int:
    if pool.network is None:
        return 0
    low, high = int(pool.network[1]), int(pool.network[-2])
    gone: set[int] = set()
    for first, last in ranges:
        gone.update(range(max(low, int(first)), min(high, int(last)) + 1))
    return len(gone)


def _lists(s: Session, m: Match) -> None:
    for acl in s.device.config.acls.values():
        if m.get("acl") not in (None, acl.name):
            continue
        hits = s.device.dataplane.acl_hits(acl.name)
        s.out(f"{acl.kind.capitalize()} IP access list {acl.name}")
        for entry in acl.entries:
            if entry.action == "remark":
                continue
            count = hits.get(entry.sequence, 0)
            matches = f" ({count} match{'' if count == 1 else 'es'})" if count else ""
            s.out(f"    {entry.sequence} {acl_entry.show(entry, acl.kind)}{matches}")
