"""Open vSwitch made to match a :class:`~trilab.nos.dataplane.switching.Switching`, in one OVSDB transaction (RFC 7047).

The difference is taken against the database itself, so a restart of ours changes nothing that is right.
"""

from __future__ import annotations

from pathlib import Path

from trilab.nos.dataplane import flows, jsonrpc, system
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.dataplane.ovsrows import (
    DATABASE,
    Current,
    Json,
    current,
    identity,
    interfaces,
    mutate,
    only,
    operations,
)
from trilab.nos.dataplane.switching import INNER, Port, Switching

RUN = Path("/run/openvswitch")
START = 60.0  # seconds the daemons may need to come up, on a machine that starts a class's labs at once
_PORT_COLUMNS = ("_uuid", "name", "interfaces", "tag", "trunks", "vlan_mode", "lacp", "other_config", "protected")
STORM = 2000  # broadcast and multicast frames per second and switch: far above a lab, far below a melted machine


def _moved(now: Current, want: Switching) -> set[str]:
    """Ports that cannot become what is wanted, or whose interface another port takes over."""
    taken = interfaces(want.ports.values())
    changed = {n for n, p in now.ports.items() if n in want.ports and identity(p) != identity(want.ports[n])}
    return changed | {port for name, port in interfaces(now.ports.values()).items() if taken.get(name, port) != port}


class OpenVSwitch:
    """The daemons of Open vSwitch in this node."""

    def __init__(self, run: Path = RUN) -> None:
        self._socket = run / "db.sock"
        self._run = run

    def transact(self, ops: list[Json], timeout: float = 30.0) -> list[Json]:
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
        moved = _moved(now, want)
        if moved:  # a port that changes its nature goes away first
            self._commit(
                operations(now, Switching(want.bridges, {n: p for n, p in want.ports.items() if n not in moved}))
            )
            now = self._current()
        ops = operations(now, want)
        if ops:
            self._commit(ops)
        for name, bridge in want.bridges.items():
            if bridge.guarded and name not in now.bridges:
                self._limit_storms(name)
            elif name.startswith("bpo"):
                self._spread(name, [port for port in want.ports.values() if port.bridge == name])

    def _current(self) -> Current:
        answer = self.transact(
            [
                self.select("Bridge", "_uuid", "name", "ports", "rstp_enable", "other_config"),
                self.select("Port", *_PORT_COLUMNS),
                self.select("Interface", "_uuid", "name", "type", "mac", "ofport_request", "options"),
            ]
        )
        return current([part["rows"] for part in answer])

    def _commit(self, ops: list[Json]) -> None:
        """Write, then wait until ovs-vswitchd reports that it has configured itself (cur_cfg), as ovs-vsctl does."""
        counted = [*ops, mutate(DATABASE, [], "next_cfg", "+=", 1), self.select(DATABASE, "next_cfg")]
        number = self.transact(counted)[len(ops) + 1]["rows"][0]["next_cfg"]
        done = {
            "op": "wait",
            "timeout": 25000,
            "table": DATABASE,
            "where": [],
            "columns": ["cur_cfg"],
            "until": "==",
            "rows": [{"cur_cfg": number}],
        }
        self.transact([done, self.select("Interface", "name", "error")])
        rows = self.transact([self.select("Interface", "name", "error")])[0]["rows"]
        for row in rows:
            if error := only(row["error"]):
                raise DataplaneError(f"{row['name']}: {error}")

    def _spread(self, bridge: str, ports: list[Port]) -> None:
        """A channel without negotiation: frames from the switch go to one of the ports that have a link, by a hash."""
        numbers = [port.number for port in ports if port.number not in (None, INNER)]
        lines = ["priority=0,actions=normal"]
        protocol = ("ovs-ofctl", "-O", "OpenFlow13")
        if numbers:
            buckets = "".join(f",bucket=watch_port:{number},actions=output:{number}" for number in numbers)
            system.run([*protocol, "--may-create", "mod-group", bridge, f"group_id=1,type=select{buckets}"])
            lines = [f"in_port={INNER},actions=group:1", *(f"in_port={n},actions=output:{INNER}" for n in numbers)]
        system.run([*protocol, "replace-flows", bridge, "-"], "\n".join([*lines, ""]))

    def _limit_storms(self, bridge: str) -> None:
        """A loop that no tree can see (behind a hub, say) must not take the machine's whole CPU."""
        protocol = ("ovs-ofctl", "-O", "OpenFlow13")
        meter = f"meter=1,pktps,burst,stats,band=type=drop,rate={STORM},burst_size={STORM}"
        system.run([*protocol, "add-meter", bridge, meter])
        system.run([*protocol, "add-flow", bridge, f"priority=10,{flows.GROUP},actions=meter:1,normal"])

    def send(self, bridge: str, port: int, frame: bytes) -> None:
        """Switch a frame as if it came in on ``port``, behind the tables that drop it there."""
        message = f"in_port={port},packet={frame.hex()},actions=resubmit(,2)"
        system.run(["ovs-ofctl", "-O", "OpenFlow13", "packet-out", bridge, message])

    def program(self, bridge: str, text: str) -> None:
        """Replace a bridge's flows; those that stay keep their counters."""
        system.run(["ovs-ofctl", "-O", "OpenFlow13", "--bundle", "replace-flows", bridge, "-"], text)

    def appctl(self, method: str, *arguments: str) -> str:
        """Ask ovs-vswitchd as ovs-appctl does. Raises DataplaneError."""
        try:
            pid = (self._run / "ovs-vswitchd.pid").read_text().strip()
        except OSError as error:
            raise DataplaneError(f"ovs-vswitchd: {error}") from error
        return str(jsonrpc.call(self._run / f"ovs-vswitchd.{pid}.ctl", method, list(arguments)))

    def wait_started(self, timeout: float = START) -> None:
        """Poll until both daemons are up. Raises DataplaneError after ``timeout`` seconds."""
        if not system.wait_until(self._started, timeout):
            raise DataplaneError("Open vSwitch does not start")

    def _started(self) -> bool:
        if not (self._run / "ovs-vswitchd.pid").exists():
            return False
        try:
            rows = self.transact([self.select(DATABASE, "_uuid")])[0]["rows"]
        except DataplaneError:
            return False
        return bool(rows)
