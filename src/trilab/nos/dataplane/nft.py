"""The device's packet filters as nftables text: access lists where they are used, and its own rules. Pure.

``table ip trilab`` holds the access lists, one chain per use (``a_…`` and ``o_…`` on interfaces, ``v_…`` on terminal
lines), and NAT, whose chains begin with ``nat_``.
``table netdev trilab`` keeps the kernel from seeing frames that Open vSwitch switches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address

from trilab.nos.dataplane import names
from trilab.nos.dataplane.acl import chain, counter, identifier
from trilab.nos.dataplane.names import MANAGEMENT
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.features.attacks import Quiet
from trilab.nos.features.nat import rules as nat
from trilab.nos.model import Acl, Config, Line

TABLE = "ip trilab"
RADIUS, HOSTAPD = "aaa0", "169.254.77.2"  # of an access point: the port towards hostapd, and its address there
PORTS = {"ssh": 22, "telnet": 23}
OPEN = Quiet(False)
_SYN = "tcp flags & (syn | ack) == syn"


def effective(config: Config, name: str | None) -> Acl | None:
    """The list, when it exists and has an entry; IOS lets everything pass through an undefined or empty list."""
    acl = config.acls.get(name) if name is not None else None
    return acl if acl is not None and any(entry.action != "remark" for entry in acl.entries) else None


def vty_line(config: Config, transport: str) -> Line | None:
    """The line that takes an incoming session: IOS gives the first one whose ``transport input`` has it."""
    lines = sorted((line for line in config.lines if line.kind == "vty"), key=lambda line: line.first)
    return next((line for line in lines if transport in line.transport), None)


def _uses(config: Config) -> tuple[list[tuple[str, Acl]], list[tuple[str, Acl]], list[tuple[int, Acl]]]:
    """(inbound device → list, outbound device → list, port of a terminal service → list)."""
    inbound, outbound, vty = [], [], []
    for name, device in names.layer3(config).items():
        interface = config.interfaces[name]
        if (acl := effective(config, interface.acl_in)) is not None:
            inbound.append((device, acl))
        if (acl := effective(config, interface.acl_out)) is not None:
            outbound.append((device, acl))
    for transport, port in PORTS.items():
        line = vty_line(config, transport)
        if line is not None and (acl := effective(config, line.access_class)) is not None:
            vty.append((port, acl))
    return inbound, outbound, vty


def filters(config: Config, hidden: Sequence[IPv4Address] = (), quiet: Quiet = OPEN) -> str:
    """The content of ``table ip trilab``: own rules first, so that management never depends on the candidate's.

    ``hidden``: the out-of-band addresses, which the data network must not reach. ``quiet``: who may log in now.
    Inbound lists see packets before any translation, outbound ones after it (IOS, "NAT Order of Operation"): on an
    outside interface these come last, where a packet can no longer be refused with a message. Outbound lists see
    routed packets only: IOS does not filter what the router itself sends.
    """
    inbound, outbound, vty = _uses(config)
    exempt = effective(config, quiet.acl) if quiet.on else None
    vty += [(port, exempt) for port in PORTS.values()] if exempt is not None else []
    own = {interface.address.ip for interface in config.interfaces.values() if interface.address is not None}
    lists = {acl.name: acl for _, acl in (*inbound, *outbound)}
    lines = {acl.name: acl for _, acl in vty}
    chosen = {acl.name: acl for acl in nat.lists(config)}
    counters = [
        counter(acl.name, entry.sequence)
        for acl in ({**lists, **lines, **chosen}).values()
        for entry in acl.entries
        if entry.action != "remark"
    ]
    jumps_in = [f'    iifname "{device}" jump a_{identifier(acl.name)}' for device, acl in inbound]
    outside = nat.sides(config).outside if nat.active(config) else ()
    jumps_out = [
        f'    oifname "{device}" jump a_{identifier(acl.name)}' for device, acl in outbound if device not in outside
    ]
    late = [(device, acl) for device, acl in outbound if device in outside]
    jumps_last = [f'    iif != 0 oifname "{device}" jump o_{identifier(acl.name)}' for device, acl in late]
    last = {acl.name: acl for _, acl in late}
    jumps_vty = [f"    tcp dport {port} {_SYN} jump v_{identifier(acl.name)}" for port, acl in vty]
    closed = quiet.on and quiet.acl is None
    return "\n".join(
        [
            f"table {TABLE} {{",
            *[f"  counter {name} {{ }}" for name in counters],
            "  chain prohibited {\n    reject with icmp type admin-prohibited\n  }",
            "  chain lost {\n    drop\n  }",
            "  chain refused {\n    meta l4proto tcp reject with tcp reset\n  }",
            *[chain("a", acl, "prohibited") for acl in lists.values()],
            *[chain("v", acl, "refused") for acl in lines.values()],
            *[chain("o", acl, "lost") for acl in last.values()],
            "  chain arriving {",
            "    type filter hook prerouting priority mangle; policy accept;",
            f'    iifname {{ "lo", "{MANAGEMENT}" }} accept',
            *jumps_in,
            "  }",
            "  chain input {",
            "    type filter hook input priority filter; policy accept;",
            f'    iifname {{ "lo", "{MANAGEMENT}" }} accept',
            *(f"    ip daddr {address} drop" for address in hidden if address not in own),
            *jumps_vty,
            *([f"    tcp dport {port} {_SYN} jump refused" for port in PORTS.values()] if closed else []),
            "  }",
            *_towards_radius(config),
            "  chain forward {",
            "    type filter hook forward priority filter; policy accept;",
            *([f'    iifname != "{RADIUS}" ct state new drop'] if config.role == "ap" else []),
            f'    iifname "{MANAGEMENT}" drop',
            f'    oifname "{MANAGEMENT}" drop',
            '    oifname "lo" drop',
            *jumps_out,
            "  }",
            "  chain leaving {",
            "    type filter hook postrouting priority 150; policy accept;",
            *jumps_last,
            "  }",
            *nat.chains(config),
            "}",
            "",
        ]
    )


def _towards_radius(config: Config) -> list[str]:
    """hostapd is behind a port of its own; it speaks with RADIUS servers by the access point's own address."""
    if config.role != "ap" or not config.parts[Aaa].servers:
        return []
    hook = "type nat hook postrouting priority srcnat; policy accept;"
    return ["  chain radius {", f"    {hook}", f"    ip saddr {HOSTAPD} masquerade", "  }"]


def declared(text: str, kind: str) -> list[str]:
    """Names of the chains or counters that a text of :func:`filters` declares."""
    return [line.split()[1] for line in text.splitlines() if line.startswith(f"  {kind} ")]


def replacement(old: str | None, new: str) -> str:
    """A script that turns ``old`` into ``new`` in one transaction and keeps the counters that both have."""
    if old is None:
        return f"table {TABLE} {{ }}\ndelete table {TABLE}\n{new}"
    gone = [
        f"delete {kind} {TABLE} {name}\n"
        for kind in ("chain", "counter", "set")
        for name in _missing(declared(old, kind), declared(new, kind))
    ]
    return f"flush table {TABLE}\n{''.join(gone)}{new}"


def _missing(old: Sequence[str], new: Iterable[str]) -> list[str]:
    kept = set(new)
    return [name for name in old if name not in kept]


def switched(devices: Iterable[str]) -> str:
    """Keep the kernel's own stack off the member ports, where it would answer ARP; Open vSwitch and tcpdump see all.

    EAPOL is for hostapd.
    """
    members = ", ".join(f'"{device}"' for device in sorted(devices))
    hook = f"type filter hook ingress devices = {{ {members} }} priority -500; policy drop;"
    chains = f"  chain ingress {{\n    {hook}\n    meta protocol 0x888e accept\n  }}\n" if members else ""
    table = "table netdev trilab"
    return f"{table} {{ }}\ndelete {table}\n{table} {{\n{chains}}}\n"
