"""RADIUS servers, and groups of them (RFC 2865)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from trilab.nos.context import CommandError, Context
from trilab.nos.features.aaa.model import ACCT_PORT, ALL_SERVERS, AUTH_PORT, RETRANSMIT, TIMEOUT, Aaa, Group, Server
from trilab.nos.features.credentials import PASSWORD, read_password, show_password
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config

HELP = {
    "aaa": "Authentication, Authorization and Accounting.",
    "group": "AAA group definitions",
    "server": "AAA group server definitions",
    "radius": "Radius server-group definition",
    "<group>": "Server-group name",
    "name": "Radius server name",
    "<name>": "Radius server name",
    "address": "Specify the radius server address",
    "ipv4": "IPv4 address",
    "<address>": "IP address of the server",
    "auth-port": "UDP port for RADIUS authentication server",
    "acct-port": "UDP port for RADIUS accounting server",
    "<auth>": "Port number",
    "<acct>": "Port number",
    "key": "per-server encryption key (overrides default)",
    "0": "Specifies an UNENCRYPTED key will follow",
    "7": "Specifies HIDDEN key will follow",
    "<clear>": "The UNENCRYPTED (cleartext) shared key",
    "<hidden>": "The HIDDEN shared key",
    "radius-server": "Modify RADIUS query parameters",
    "host": "Specify a RADIUS server",
    "timeout": "Time to wait for a RADIUS server to reply",
    "<timeout>": "Wait time (default 5 seconds)",
    "retransmit": "Specify the number of retries to active server",
    "<times>": "Number of retries for a transaction (default is 3)",
    "ip": "Global IP configuration subcommands",
    "source-interface": "Specify interface for source address in RADIUS packets",
}
_PORTS = "[auth-port <auth:int(0,65535)>] [acct-port <acct:int(0,65535)>]"


def commands() -> list[Command]:
    """``aaa``, ``radius server``, ``radius-server host`` and their modes."""
    g, s, r = ("config",), ("sg-radius",), ("radius-server",)
    return [
        Command(g, "aaa group server radius <group:word>", _group, HELP, undo=_no_group),
        Command(s, "server name <name:word>", _member_name, HELP, undo=_no_member_name),
        Command(s, f"server <address:ip> {_PORTS}", _member, HELP, undo=_no_member),
        Command(g, "radius server <name:word>", _server, {**HELP, "radius": "RADIUS server configuration command",
                "server": "Specify a RADIUS server configuration"}, undo=_no_server),
        Command(r, f"address ipv4 <address:ip> {_PORTS}", _address, HELP, no="address ipv4 [<rest:line>]",
                undo=_no_address),
        Command(r, f"key {PASSWORD}", _key, HELP, no="key [<rest:line>]", undo=_no_key),
        Command(g, f"radius-server host <address:ip> {_PORTS} [key {PASSWORD}]", _host, HELP,
                no=f"radius-server host <address:ip> {_PORTS} [key <rest:line>]", undo=_no_host),
        Command(g, f"radius-server key {PASSWORD}", _shared_key, HELP, no="radius-server key [<rest:line>]",
                undo=_no_shared_key),
        Command(g, "radius-server timeout <timeout:int(1,1000)>", _timeout, HELP,
                no="radius-server timeout [<rest:line>]", undo=_no_timeout),
        Command(g, "radius-server retransmit <times:int(0,100)>", _retransmit, HELP,
                no="radius-server retransmit [<rest:line>]", undo=_no_retransmit),
        Command(g, "ip radius source-interface <interface:ifname(port,svi,sub,loop,bvi)>", _source,
                {**HELP, "radius": "RADIUS configuration commands"},
                no="ip radius source-interface [<rest:line>]", undo=_no_source),
    ]  # fmt: skip


def edit(c: Context, **values: object) -> None:
    """Change some settings of AAA."""
    c.config.parts.put(replace(c.config.parts[Aaa], **values))  # type: ignore[arg-type]


def need_new_model(c: Context) -> None:
    """Raises CommandError."""
    if not c.config.parts[Aaa].new_model:
        raise CommandError("% AAA is not enabled: aaa new-model first")


def _group(c: Context, m: Match) -> None:
    need_new_model(c)
    aaa, name = c.config.parts[Aaa], m["group"]
    if name in (ALL_SERVERS, "tacacs+"):
        raise CommandError(f"% {name} is a reserved server group")
    if not any(group.name == name for group in aaa.groups):
        edit(c, groups=(*aaa.groups, Group(name)))
    c.enter("sg-radius", (name,))


def _no_group(c: Context, m: Match) -> None:
    groups = c.config.parts[Aaa].groups
    edit(c, groups=tuple(group for group in groups if group.name != m["group"]))


def _edit_group(c: Context, member: str | tuple[IPv4Address, int, int], *, add: bool) -> None:
    groups = []
    for group in c.config.parts[Aaa].groups:
        if group.name == c.target[0]:
            kept = tuple(one for one in group.members if one != member)
            if add and member not in group.members:
                kept = (*group.members, member)
            group = replace(group, members=group.members if add and member in group.members else kept)
        groups.append(group)
    edit(c, groups=tuple(groups))


def _member_name(c: Context, m: Match) -> None:
    if c.interactive and not any(server.name == m["name"] for server in c.config.parts[Aaa].servers):
        c.say(f"Warning: RADIUS server {m['name']} is not defined yet")
    _edit_group(c, m["name"], add=True)


def _no_member_name(c: Context, m: Match) -> None:
    _edit_group(c, m["name"], add=False)


def _place(m: Match) -> tuple[IPv4Address, int, int]:
    return m["address"], m.get("auth", AUTH_PORT), m.get("acct", ACCT_PORT)


def _member(c: Context, m: Match) -> None:
    place = _place(m)
    hosts = [server for server in c.config.parts[Aaa].servers if not server.name]
    known = [(server.address, server.auth_port, server.acct_port) for server in hosts]
    if c.interactive and place not in known:
        c.say(f"Warning: RADIUS server {place[0]}:{place[1]},{place[2]} is not defined yet")
    _edit_group(c, place, add=True)


def _no_member(c: Context, m: Match) -> None:
    _edit_group(c, _place(m), add=False)


def _server(c: Context, m: Match) -> None:
    servers = c.config.parts[Aaa].servers
    if not any(server.name == m["name"] for server in servers):
        edit(c, servers=(*servers, Server(m["name"])))
    c.enter("radius-server", (m["name"],))


def _no_server(c: Context, m: Match) -> None:
    edit(c, servers=tuple(server for server in c.config.parts[Aaa].servers if server.name != m["name"]))


def _edit_server(c: Context, **values: object) -> None:
    servers = c.config.parts[Aaa].servers
    if not any(server.name == c.target[0] for server in servers):
        raise CommandError("% This RADIUS server has been removed")
    changed = (replace(one, **values) if one.name == c.target[0] else one for one in servers)  # type: ignore[arg-type]
    edit(c, servers=tuple(changed))


def _address(c: Context, m: Match) -> None:
    address, auth, acct = _place(m)
    _edit_server(c, address=address, auth_port=auth, acct_port=acct)


def _no_address(c: Context, m: Match) -> None:
    _edit_server(c, address=None, auth_port=AUTH_PORT, acct_port=ACCT_PORT)


def _secret(m: Match) -> str:
    """A shared secret that hostapd takes. Raises CommandError."""
    key = read_password(m)
    if not key.isprintable():
        raise CommandError("% The shared key has characters that cannot be typed")
    return key


def _key(c: Context, m: Match) -> None:
    _edit_server(c, key=_secret(m))


def _no_key(c: Context, m: Match) -> None:
    _edit_server(c, key=None)


def _host(c: Context, m: Match) -> None:
    address, auth, acct = _place(m)
    key = _secret(m) if m.has("key") else None
    others = [one for one in c.config.parts[Aaa].servers if one.name or (one.address, one.auth_port) != (address, auth)]
    edit(c, servers=(*others, Server("", address, auth, acct, key)))


def _no_host(c: Context, m: Match) -> None:
    servers = c.config.parts[Aaa].servers
    edit(c, servers=tuple(one for one in servers if one.name or one.address != m["address"]))


def _shared_key(c: Context, m: Match) -> None:
    edit(c, key=_secret(m))


def _no_shared_key(c: Context, m: Match) -> None:
    edit(c, key=None)


def _timeout(c: Context, m: Match) -> None:
    edit(c, timeout=m["timeout"])


def _no_timeout(c: Context, m: Match) -> None:
    edit(c, timeout=TIMEOUT)


def _retransmit(c: Context, m: Match) -> None:
    edit(c, retransmit=m["times"])


def _no_retransmit(c: Context, m: Match) -> None:
    edit(c, retransmit=RETRANSMIT)


def _source(c: Context, m: Match) -> None:
    edit(c, source=m["interface"])


def _no_source(c: Context, m: Match) -> None:
    edit(c, source=None)


def render_groups(config: Config) -> list[str]:
    """``aaa new-model`` and the groups; the lists follow them."""
    aaa = config.parts[Aaa]
    if not aaa.new_model:
        return []
    lines = ["aaa new-model", "!"]
    for group in aaa.groups:
        lines.append(f"aaa group server radius {group.name}")
        lines += [f" server {_member_text(member)}" for member in group.members]
        lines.append("!")
    return lines


def _member_text(member: str | tuple[IPv4Address, int, int]) -> str:
    if isinstance(member, str):
        return f"name {member}"
    return f"{member[0]} auth-port {member[1]} acct-port {member[2]}"


def render(config: Config) -> list[str]:
    """``radius-server`` lines and ``radius server`` blocks; they stand after the groups that name them, as on IOS."""
    aaa = config.parts[Aaa]
    lines = [] if aaa.source is None else [f"ip radius source-interface {aaa.source}"]
    lines += [] if aaa.timeout == TIMEOUT else [f"radius-server timeout {aaa.timeout}"]
    lines += [] if aaa.retransmit == RETRANSMIT else [f"radius-server retransmit {aaa.retransmit}"]
    lines += [] if aaa.key is None else [f"radius-server key {show_password(config, aaa.key)}"]
    for server in aaa.servers:
        ports = f"auth-port {server.auth_port} acct-port {server.acct_port}"
        if server.name:
            lines.append(f"radius server {server.name}")
            lines += [] if server.address is None else [f" address ipv4 {server.address} {ports}"]
            lines += [] if server.key is None else [f" key {show_password(config, server.key)}"]
        else:
            key = "" if server.key is None else f" key {show_password(config, server.key)}"
            lines.append(f"radius-server host {server.address} {ports}{key}")
    return [*lines, "!"] if lines else []
