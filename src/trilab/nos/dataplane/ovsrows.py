"""Open vSwitch's database (RFC 7047): its rows as values, and the operations that turn them into others. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.dataplane.switching import Bridge, Port, Switching

DATABASE = "Open_vSwitch"

Json = dict[str, Any]


@dataclass(frozen=True)
class Current:
    """What the database holds: values as we wrote them, and row ids."""

    bridges: Mapping[str, Bridge]
    ports: Mapping[str, Port]
    bridge_ids: Mapping[str, str]
    port_ids: Mapping[str, str]


def decode(value: Any) -> Any:
    """An OVSDB value in Python: sets as lists, maps as dicts, uuids as text."""
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
        kind, content = value
        if kind == "set":
            return [decode(item) for item in content]
        if kind == "map":
            return {decode(key): decode(item) for key, item in content}
        return content
    return value


def as_list(value: Any) -> list[Any]:
    """OVSDB writes a set of one element as the element alone."""
    value = decode(value)
    return value if isinstance(value, list) else [value]


def only(value: Any) -> Any:
    """The element of a set of at most one; ``None`` when it is empty."""
    items = as_list(value)
    return items[0] if items else None


def _map(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    return ["map", [list(pair) for pair in pairs]]


def current(rows: list[list[Json]]) -> Current:
    """Read the rows of (Bridge, Port, Interface). A bridge's own port is not listed."""
    bridges, ports, bridge_ids, port_ids, home = {}, {}, {}, {}, {}
    for row in rows[0]:
        settings = tuple(sorted(decode(row["other_config"]).items()))
        bridges[row["name"]] = Bridge(row["name"], row["rstp_enable"], settings)
        bridge_ids[row["name"]] = decode(row["_uuid"])
        home.update({port: row["name"] for port in as_list(row["ports"])})
    interfaces = {decode(row["_uuid"]): row for row in rows[2]}
    for row in rows[1]:
        name = row["name"]
        own = [interfaces[each] for each in as_list(row["interfaces"]) if each in interfaces]
        if name in bridges or decode(row["_uuid"]) not in home or not own:
            continue
        bond = [each["name"] for each in own] != [name]
        port_ids[name] = decode(row["_uuid"])
        ports[name] = Port(
            name=name,
            bridge=home[port_ids[name]],
            mode=only(row["vlan_mode"]) or "trunk",
            tag=only(row["tag"]),
            trunks=tuple(sorted(as_list(row["trunks"]))),
            settings=tuple(sorted(decode(row["other_config"]).items())),
            internal=own[0]["type"] == "internal",
            mac=only(own[0]["mac"]),
            number=None if bond else only(own[0]["ofport_request"]),
            members=tuple(sorted(each["name"] for each in own)) if bond else (),
            lacp=only(row["lacp"]),
            peer=decode(own[0]["options"]).get("peer"),
            protected=row["protected"],
        )
    return Current(bridges, ports, bridge_ids, port_ids)


def _columns(port: Port) -> Json:
    return {
        "vlan_mode": port.mode,
        "tag": ["set", []] if port.tag is None else port.tag,
        "trunks": ["set", list(port.trunks)],
        "other_config": _map(port.settings),
        "protected": port.protected,
    }


def _interface(port: Port, name: str) -> Json:
    row: Json = {"name": name, "type": "internal" if port.internal else "patch" if port.peer else ""}
    row |= {"options": _map([("peer", port.peer)])} if port.peer else {}
    row |= {"ofport_request": port.number} if port.number else {}
    return row | ({"mac": port.mac} if port.mac else {})


def _named(kind: str, name: str) -> str:
    """A row name inside the transaction: letters, digits and underscores."""
    return f"{kind}_{''.join(c if c.isalnum() else '_' for c in name)}"


def mutate(table: str, where: list[Any], column: str, mutator: str, value: Any) -> Json:
    """An operation that changes one column in place."""
    return {"op": "mutate", "table": table, "where": where, "mutations": [[column, mutator, value]]}


def _insert_port(port: Port) -> list[Json]:
    row, interfaces = _named("p", port.name), {name: _named("i", name) for name in port.members or (port.name,)}
    own: Json = {"name": port.name, "interfaces": ["set", [["named-uuid", each] for each in interfaces.values()]]}
    if port.lacp:
        own |= {"lacp": port.lacp} | ({"bond_mode": "balance-tcp"} if len(interfaces) > 1 else {})
    return [
        *(
            {"op": "insert", "table": "Interface", "row": _interface(port, name), "uuid-name": each}
            for name, each in interfaces.items()
        ),
        {"op": "insert", "table": "Port", "row": own | _columns(port), "uuid-name": row},
        mutate("Bridge", [["name", "==", port.bridge]], "ports", "insert", ["set", [["named-uuid", row]]]),
    ]


def _insert_bridge(bridge: Bridge) -> list[Json]:
    interface, port, row = (_named(kind, bridge.name) for kind in ("i", "p", "b"))
    own = {"name": bridge.name, "interfaces": ["named-uuid", interface]}
    values = {
        "name": bridge.name,
        "datapath_type": "netdev",
        "ports": ["named-uuid", port],
        "rstp_enable": bridge.rstp,
        "other_config": _map(bridge.settings),
    }
    return [
        {
            "op": "insert",
            "table": "Interface",
            "row": {"name": bridge.name, "type": "internal"},
            "uuid-name": interface,
        },
        {"op": "insert", "table": "Port", "row": own, "uuid-name": port},
        {"op": "insert", "table": "Bridge", "row": values, "uuid-name": row},
        mutate(DATABASE, [], "bridges", "insert", ["set", [["named-uuid", row]]]),
    ]


def operations(now: Current, want: Switching) -> list[Json]:
    """The OVSDB operations that turn ``now`` into ``want``; empty when nothing differs."""
    ops: list[Json] = []
    for name, port_id in now.port_ids.items():
        port, new = now.ports[name], want.ports.get(name)
        if new is None or identity(new) != identity(port):
            where = [["name", "==", port.bridge]]
            ops.append(mutate("Bridge", where, "ports", "delete", ["set", [["uuid", port_id]]]))
            if new is not None:
                raise DataplaneError(f"{name}: a port cannot change its bridge in one step")
        elif _ordered(new) != port:
            ops.append({"op": "update", "table": "Port", "where": [["name", "==", name]], "row": _columns(new)})
    for name, bridge_id in now.bridge_ids.items():
        if name not in want.bridges:
            ops.append(mutate(DATABASE, [], "bridges", "delete", ["set", [["uuid", bridge_id]]]))
    for name, bridge in want.bridges.items():
        known = now.bridges.get(name)
        if known is None:
            ops += _insert_bridge(bridge)
        elif known != Bridge(name, bridge.rstp, tuple(sorted(bridge.settings))):
            row = {"rstp_enable": bridge.rstp, "other_config": _map(bridge.settings)}
            ops.append({"op": "update", "table": "Bridge", "where": [["name", "==", name]], "row": row})
    for name, port in want.ports.items():
        if name not in now.ports:
            ops += _insert_port(port)
    return ops


def _ordered(port: Port) -> Port:
    return replace(port, settings=tuple(sorted(port.settings)), trunks=tuple(sorted(port.trunks)))


def identity(port: Port) -> tuple[object, ...]:
    """What a port cannot change without being made anew."""
    return port.bridge, port.internal, port.mac, port.number, port.members, port.lacp, port.peer


def interfaces(ports: Iterable[Port]) -> dict[str, str]:
    """Interface → the port that holds it."""
    return {name: port.name for port in ports for name in port.members or (port.name,)}
