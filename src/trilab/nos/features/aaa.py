"""RADIUS servers of an access point, and the lists that say which of them authenticate (RFC 2865).

What exists: EAP by RADIUS, and local accounts on the terminal lines once ``aaa new-model`` is on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from trilab.nos.context import CommandError, Context
from trilab.nos.features.credentials import PASSWORD, read_password, show_password
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config

AUTH_PORT, ACCT_PORT = 1645, 1646  # IOS security command reference, "radius-server host": not the ports of RFC 2865
ALL_SERVERS = "radius"  # the group that every server is in
HELP = {
    "aaa": "Authentication, Authorization and Accounting.",
    "new-model": "Enable NEW access control commands and functions.(Disables OLD commands.)",
    "group": "AAA group definitions",
    "server": "AAA group server definitions",
    "radius": "Radius server-group definition",
    "<group>": "Server-group name",
    "authentication": "Authentication configurations parameters.",
    "login": "Set authentication lists for logins.",
    "<list>": "Named authentication list.",
    "default": "The default authentication list.",
    "local": "Use local username authentication.",
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
}
GROUP_HELP = {**HELP, "group": "Use Server-group", "<group>": "Server-group name; radius: all Radius hosts"}
_PORTS = "[auth-port <auth:int(0,65535)>] [acct-port <acct:int(0,65535)>]"


@dataclass(frozen=True)
class Server:
    """``radius server NAME``, or with an empty name ``radius-server host``."""

    name: str = ""
    address: IPv4Address | None = None
    auth_port: int = AUTH_PORT
    acct_port: int = ACCT_PORT
    key: str | None = None


@dataclass(frozen=True)
class Group:
    """``aaa group server radius NAME``: servers by name, or by address and ports."""

    name: str
    members: tuple[str | tuple[IPv4Address, int, int], ...] = ()


@dataclass(frozen=True)
class Aaa:
    """Everything about AAA. ``lists``: (name, groups in the order in which they are asked)."""

    new_model: bool = False
    servers: tuple[Server, ...] = ()
    groups: tuple[Group, ...] = ()
    lists: tuple[tuple[str, str], ...] = ()
    local: bool = False  # aaa authentication login default local
    key: str | None = None  # radius-server key

    def servers_of(self, list_name: str) -> list[Server]:
        """The servers that an authentication list asks, with their keys; those without address or key are left out."""
        name = dict(self.lists).get(list_name)
        if name is None or not self.new_model:
            return []
        found = self.servers if name == ALL_SERVERS else self._members(name)
        keyed = (replace(server, key=server.key or self.key) for server in found)
        return [server for server in keyed if server.address is not None and server.key is not None]

    def _members(self, name: str) -> list[Server]:
        group = next((group for group in self.groups if group.name == name), Group(name))
        found = []
        for member in group.members:
            for server in self.servers:
                place = (server.address, server.auth_port, server.acct_port)
                if member == (server.name or None) or (not server.name and member == place):
                    found.append(server)
        return found


def commands() -> list[Command]:
    """``aaa``, ``radius server``, ``radius-server host`` and their modes."""
    g, s, r = ("config",), ("sg-radius",), ("radius-server",)
    made = [
        Command(g, "aaa new-model", _new_model, HELP, undo=_no_new_model),
        Command(g, "aaa group server radius <group:word>", _group, HELP, undo=_no_group),
        Command(g, "aaa authentication login <list:word> (local | group <group:word>)", _list,
                GROUP_HELP,                no="aaa authentication login <list:word> [<rest:line>]", undo=_no_list),
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
    ]  # fmt: skip
    return [replace(command, roles=("ap",)) for command in made]


def _set(c: Context, **values: object) -> None:
    c.config.parts.put(replace(c.config.parts[Aaa], **values))  # type: ignore[arg-type]


def _need_new_model(c: Context) -> None:
    if not c.config.parts[Aaa].new_model:
        raise CommandError("% AAA is not enabled: aaa new-model first")


def _new_model(c: Context, m: Match) -> None:
    _set(c, new_model=True)


def _no_new_model(c: Context, m: Match) -> None:
    _set(c, new_model=False, groups=(), lists=(), local=False)


def _group(c: Context, m: Match) -> None:
    _need_new_model(c)
    aaa, name = c.config.parts[Aaa], m["group"]
    if name in (ALL_SERVERS, "tacacs+"):
        raise CommandError(f"% {name} is a reserved server group")
    if not any(group.name == name for group in aaa.groups):
        _set(c, groups=(*aaa.groups, Group(name)))
    c.enter("sg-radius", (name,))


def _no_group(c: Context, m: Match) -> None:
    groups = c.config.parts[Aaa].groups
    _set(c, groups=tuple(group for group in groups if group.name != m["group"]))


def _list(c: Context, m: Match) -> None:
    _need_new_model(c)
    if m.has("local") != (m["list"] == "default"):
        raise CommandError("% Supported: default local for the terminal lines, other lists by RADIUS for EAP")
    if m.has("local"):
        _set(c, local=True)
        return
    lists = dict(c.config.parts[Aaa].lists) | {m["list"]: m["group"]}
    _set(c, lists=tuple(lists.items()))


def _no_list(c: Context, m: Match) -> None:
    if m["list"] == "default":
        _set(c, local=False)
    _set(c, lists=tuple(pair for pair in c.config.parts[Aaa].lists if pair[0] != m["list"]))


def _edit_group(c: Context, member: str | tuple[IPv4Address, int, int], *, add: bool) -> None:
    groups = []
    for group in c.config.parts[Aaa].groups:
        if group.name == c.target[0]:
            kept = tuple(one for one in group.members if one != member)
            if add and member not in group.members:
                kept = (*group.members, member)
            group = replace(group, members=group.members if add and member in group.members else kept)
        groups.append(group)
    _set(c, groups=tuple(groups))


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
        _set(c, servers=(*servers, Server(m["name"])))
    c.enter("radius-server", (m["name"],))


def _no_server(c: Context, m: Match) -> None:
    _set(c, servers=tuple(server for server in c.config.parts[Aaa].servers if server.name != m["name"]))


def _edit_server(c: Context, **values: object) -> None:
    servers = c.config.parts[Aaa].servers
    if not any(server.name == c.target[0] for server in servers):
        raise CommandError("% This RADIUS server has been removed")
    changed = (replace(one, **values) if one.name == c.target[0] else one for one in servers)  # type: ignore[arg-type]
    _set(c, servers=tuple(changed))


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
    _set(c, servers=(*others, Server("", address, auth, acct, key)))


def _no_host(c: Context, m: Match) -> None:
    servers = c.config.parts[Aaa].servers
    _set(c, servers=tuple(one for one in servers if one.name or one.address != m["address"]))


def _shared_key(c: Context, m: Match) -> None:
    _set(c, key=_secret(m))


def _no_shared_key(c: Context, m: Match) -> None:
    _set(c, key=None)


def render(config: Config) -> list[str]:
    """``aaa`` lines."""
    aaa = config.parts[Aaa]
    if not aaa.new_model:
        return []
    lines = ["aaa new-model", "!"]
    for group in aaa.groups:
        lines.append(f"aaa group server radius {group.name}")
        lines += [f" server {_member_text(member)}" for member in group.members]
        lines.append("!")
    if aaa.local:
        lines.append("aaa authentication login default local")
    lines += [f"aaa authentication login {name} group {group}" for name, group in aaa.lists]
    return [*lines, "!"] if aaa.local or aaa.lists else lines


def _member_text(member: str | tuple[IPv4Address, int, int]) -> str:
    if isinstance(member, str):
        return f"name {member}"
    return f"{member[0]} auth-port {member[1]} acct-port {member[2]}"


def render_servers(config: Config) -> list[str]:
    """``radius-server`` lines and ``radius server`` blocks; they stand after the groups that name them, as on IOS."""
    aaa = config.parts[Aaa]
    lines = [] if aaa.key is None else [f"radius-server key {show_password(config, aaa.key)}"]
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
