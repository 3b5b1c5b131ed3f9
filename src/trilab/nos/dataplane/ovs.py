"""Open vSwitch made to match a :class:`~trilab.nos.dataplane.switching.Switching`, in one OVSDB transaction (RFC 7047).

The difference is taken against the database itself, so a restart of ours changes nothing that is right.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trilab.nos.dataplane import jsonrpc, system
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.dataplane.switching import Bridge, Port, Switching

RUN = Path("/run/openvswitch")
DATABASE = "Open_vSwitch"
START = 10.0  # seconds the daemons may need to come up, on a machine that starts a class's labs at once
STORM = 2000  # broadcast and multicast frames per second and switch: far above a lab, far below a melted machine

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


def _only(value: Any) -> Any:
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
    interfaces = {row["name"]: row for row in rows[2]}
    for row in rows[1]:
        name = row["name"]
        if name in bridges or decode(row["_uuid"]) not in home or name not in interfaces:
            continue
        port_ids[name] = decode(row["_uuid"])
        ports[name] = Port(
            name=name,
            bridge=home[port_ids[name]],
            mode=_only(row["vlan_mode"]) or "trunk",
            tag=_only(row["tag"]),
            trunks=tuple(sorted(as_list(row["trunks"]))),
            settings=tuple(sorted(decode(row["other_config"]).items())),
            internal=interfaces[name]["type"] == "internal",
            mac=_only(interfaces[name]["mac"]),
        )
    return Current(bridges, ports, bridge_ids, port_ids)


def _columns(port: Port) -> Json:
    return {
        "vlan_mode": port.mode,
        "tag": ["set", []] if port.tag is None else port.tag,
        "trunks": ["set", list(port.trunks)],
        "other_config": _map(port.settings),
    }


def _interface(port: Port) -> Json:
    row: Json = {"name": port.name, "type": "internal" if port.internal else ""}
    return row | ({"mac": port.mac} if port.mac else {})


def _named(kind: str, name: str) -> str:
    """A row name inside the transaction: letters, digits and underscores."""
    return f"{kind}_{''.join(c if c.isalnum() else '_' for c in name)}"


def _mutate(table: str, where: list[Any], column: str, mutator: str, value: Any) -> Json:
    return {"op": "mutate", "table": table, "where": where, "mutations": [[column, mutator, value]]}


def _insert_port(port: Port) -> list[Json]:
    interface, row = _named("i", port.name), _named("p", port.name)
    return [
        {"op": "insert", "table": "Interface", "row": _interface(port), "uuid-name": interface},
        {
            "op": "insert",
            "table": "Port",
            "row": {"name": port.name, "interfaces": ["named-uuid", interface]} | _columns(port),
            "uuid-name": row,
        },
        _mutate("Bridge", [["name", "==", port.bridge]], "ports", "insert", ["set", [["named-uuid", row]]]),
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
        _mutate(DATABASE, [], "bridges", "insert", ["set", [["named-uuid", row]]]),
    ]


def operations(now: Current, want: Switching) -> list[Json]:
    """The OVSDB operations that turn ``now`` into ``want``; empty when nothing differs."""
    ops: list[Json] = []
    for name, port_id in now.port_ids.items():
        port, new = now.ports[name], want.ports.get(name)
        if new is None or (new.bridge, new.internal, new.mac) != (port.bridge, port.internal, port.mac):
            where = [["name", "==", port.bridge]]
            ops.append(_mutate("Bridge", where, "ports", "delete", ["set", [["uuid", port_id]]]))
            if new is not None:
                raise DataplaneError(f"{name}: a port cannot change its bridge in one step")
        elif _ordered(new) != port:
            ops.append({"op": "update", "table": "Port", "where": [["name", "==", name]], "row": _columns(new)})
    for name, bridge_id in now.bridge_ids.items():
        if name not in want.bridges:
            ops.append(_mutate(DATABASE, [], "bridges", "delete", ["set", [["uuid", bridge_id]]]))
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
    settings = tuple(sorted(port.settings))
    return Port(
        port.name, port.bridge, port.mode, port.tag, tuple(sorted(port.trunks)), settings, port.internal, port.mac
    )


class OpenVSwitch:
    """The daemons of Open vSwitch in this node."""

    def __init__(self, run: Path = RUN) -> None:
        self._socket = run / "db.sock"
        self._run = run

    def transact(self, ops: list[Json], timeout: float = 10.0) -> list[Json]:
        """Raises DataplaneError when the database refuses."""
        results: list[Json] = jsonrpc.call(self._socket, "transact", [DATABASE, *ops], timeout)
        for result in results:
            if result and result.get("error"):
                raise DataplaneError(f"OVSDB: {result['error']}: {result.get('details', '')}")
        return results

    def select(self, table: str, *columns: str) -> Json:
        """An operation reading all rows of a table."""
        return {"op": "select", "table": table, "where": [], "columns": list(columns)}

    def apply(self, want: Switching) -> None:
        """Make the switch match, and return once the switching daemon has taken it over."""
        self.wait_started()
        now = self._current()
        moved = [n for n, p in now.ports.items() if n in want.ports and _identity(p) != _identity(want.ports[n])]
        if moved:  # a port that changes its nature goes away first
            self._commit(
                operations(now, Switching(want.bridges, {n: p for n, p in want.ports.items() if n not in moved}))
            )
            now = self._current()
        ops = operations(now, want)
        if ops:
            self._commit(ops)
        for name, bridge in want.bridges.items():
            if bridge.rstp and name not in now.bridges:
                self._limit_storms(name)

    def _current(self) -> Current:
        answer = self.transact(
            [
                self.select("Bridge", "_uuid", "name", "ports", "rstp_enable", "other_config"),
                self.select("Port", "_uuid", "name", "tag", "trunks", "vlan_mode", "other_config"),
                self.select("Interface", "name", "type", "mac"),
            ]
        )
        return current([part["rows"] for part in answer])

    def _commit(self, ops: list[Json]) -> None:
        """Write, then wait until ovs-vswitchd reports that it has configured itself (cur_cfg), as ovs-vsctl does."""
        counted = [*ops, _mutate(DATABASE, [], "next_cfg", "+=", 1), self.select(DATABASE, "next_cfg")]
        number = self.transact(counted)[len(ops) + 1]["rows"][0]["next_cfg"]
        done = {
            "op": "wait",
            "timeout": 8000,
            "table": DATABASE,
            "where": [],
            "columns": ["cur_cfg"],
            "until": "==",
            "rows": [{"cur_cfg": number}],
        }
        self.transact([done, self.select("Interface", "name", "error")])
        rows = self.transact([self.select("Interface", "name", "error")])[0]["rows"]
        for row in rows:
            if error := _only(row["error"]):
                raise DataplaneError(f"{row['name']}: {error}")

    def _limit_storms(self, bridge: str) -> None:
        """A loop that no tree can see (behind a hub, say) must not take the machine's whole CPU."""
        protocol = ("ovs-ofctl", "-O", "OpenFlow13")
        meter = f"meter=1,pktps,burst,stats,band=type=drop,rate={STORM},burst_size={STORM // 10}"
        system.run([*protocol, "add-meter", bridge, meter])
        group = "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00"
        system.run([*protocol, "add-flow", bridge, f"priority=10,{group},actions=meter:1,normal"])

    def appctl(self, method: str, *arguments: str) -> str:
        """Ask ovs-vswitchd as ovs-appctl does. Raises DataplaneError."""
        try:
            pid = (self._run / "ovs-vswitchd.pid").read_text().strip()
        except OSError as error:
            raise DataplaneError(f"ovs-vswitchd: {error}") from error
        return str(jsonrpc.call(self._run / f"ovs-vswitchd.{pid}.ctl", method, list(arguments)))

    def wait_started(self, timeout: float = START) -> None:
        """Poll until both daemons are up. Raises DataplaneError after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while not self._started():
            if time.monotonic() > deadline:
                raise DataplaneError("Open vSwitch does not start")
            time.sleep(0.01)

    def _started(self) -> bool:
        if not (self._run / "ovs-vswitchd.pid").exists():
            return False
        try:
            rows = self.transact([self.select(DATABASE, "_uuid")])[0]["rows"]
        except DataplaneError:
            return False
        return bool(rows)


def _identity(port: Port) -> tuple[str, bool, str | None]:
    return port.bridge, port.internal, port.mac
