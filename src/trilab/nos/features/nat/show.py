"""``show ip nat …`` and ``clear ip nat …``, in the form of IOS 15."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from trilab.nos.features.nat.model import Dynamic, Nat, Side, Static
from trilab.nos.features.nat.table import Translation
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.graph import EXEC_MODES
from trilab.nos.model import Config

if TYPE_CHECKING:
    from trilab.nos.session import Session

HELP = {
    "show": "Show running system information",
    "clear": "Reset functions",
    "ip": "IP information",
    "nat": "IP NAT information",
    "translations": "Translation entries",
    "translation": "Clear dynamic translation",
    "statistics": "Translation statistics",
    "*": "Delete all dynamic translations",
}


def commands() -> list[Command]:
    """What is shown, and forgetting what is active."""
    return [
        Command(EXEC_MODES, "show ip nat translations", _translations, HELP, roles=("router",)),
        Command(EXEC_MODES, "show ip nat statistics", _statistics, HELP, roles=("router",)),
        Command(("privileged",), "clear ip nat translation *", _clear, HELP, roles=("router",)),
    ]


def _translations(s: Session, m: Match) -> None:
    entries = _fixed(s.device.config) + s.device.dataplane.translations()
    if entries:
        s.out("Pro Inside global      Inside local       Outside local      Outside global")
    for entry in entries:
        outside = "---" if entry.outside is None else _text(entry.outside)
        inside = f"{_text(entry.inside_global):<18} {_text(entry.inside_local):<18}"
        s.out(f"{entry.protocol or '---'} {inside} {outside:<18} {outside}")


def _text(end: tuple[IPv4Address, int]) -> str:
    return f"{end[0]}:{end[1]}" if end[1] else str(end[0])


def _fixed(config: Config) -> list[Translation]:
    """The static translations, which are always there."""
    return [Translation(one.protocol, (_outside(config, one), one.outside_port), (one.local, one.local_port))
            for one in config.parts[Nat].statics]  # fmt: skip


def _outside(config: Config, static: Static) -> IPv4Address:
    if static.outside is not None:
        return static.outside
    interface = config.interfaces.get(static.interface or "")
    return interface.address.ip if interface and interface.address else IPv4Address(0)


def _statistics(s: Session, m: Match) -> None:
    config, entries = s.device.config, s.device.dataplane.translations()
    fixed, hits = len(config.parts[Nat].statics), s.device.dataplane.counters()
    extended = sum(bool(entry.outside) for entry in entries)
    lines = [
        f"Total active translations: {fixed + len(entries)} ({fixed} static, {len(entries)} dynamic;"
        f" {extended} extended)",
        *_interfaces(config, "outside", "Outside interfaces:"),
        *_interfaces(config, "inside", "Inside interfaces: "),
        f"Hits: {hits.get('nat_hits', 0)}  Misses: {hits.get('nat_misses', 0)}",
        "Dynamic mappings:",
        "-- Inside Source",
    ]
    for number, dynamic in enumerate(config.parts[Nat].dynamics, 1):
        lines += _mapping(config, number, dynamic, entries)
    s.out("\n".join(lines))


def _interfaces(config: Config, side: str, title: str) -> list[str]:
    found = [name for name, interface in config.interfaces.items() if interface.parts[Side].side == side]
    return [title, f"  {', '.join(found)}"]


def _mapping(config: Config, number: int, dynamic: Dynamic, entries: list[Translation]) -> list[str]:
    pool = config.parts[Nat].pool(dynamic.pool)
    if pool is None:
        return [f"[Id: {number}] access-list {dynamic.acl} interface {dynamic.interface}"]
    used = {entry.inside_global[0] for entry in entries} & {*pool.addresses}
    total = len(pool.addresses)
    return [
        f"[Id: {number}] access-list {dynamic.acl} pool {pool.name}",
        f" pool {pool.name}: netmask {IPv4Address((0xFFFFFFFF << (32 - pool.length)) & 0xFFFFFFFF)}",
        f"        start {pool.first} end {pool.last}",
        f"        type generic, total addresses {total}, allocated {len(used)} ({100 * len(used) // total}%)",
    ]


def _clear(s: Session, m: Match) -> None:
    s.device.dataplane.clear_translations()
