"""Static addresses and mirrors of a switch's bridge: what Open vSwitch keeps beside its ports."""

from __future__ import annotations

import contextlib

from trilab.nos.dataplane import names
from trilab.nos.dataplane.base import DataplaneError, MacEntry
from trilab.nos.dataplane.ovs import OpenVSwitch
from trilab.nos.dataplane.ovsrows import Json, as_list, decode
from trilab.nos.dataplane.switching import SWITCH, Switching
from trilab.nos.features.mac_table import Flush, MacTable
from trilab.nos.features.monitor import Mirrors
from trilab.nos.model import Config

Entry = tuple[str, int, str]  # device, VLAN, MAC
Copy = tuple[str, tuple[str, ...], tuple[str, ...], str]  # name, devices received from, devices sent to, output


def entries(config: Config, switching: Switching) -> list[Entry]:
    """The static addresses that a port of the bridge and an existing VLAN have."""
    found = [(names.device(config, one.interface), one.vlan, one.mac) for one in config.parts[MacTable].static]
    return [(d, vlan, mac) for d, vlan, mac in found if d in switching.ports and d is not None and vlan in config.vlans]


def copies(config: Config, switching: Switching) -> list[Copy]:
    """The sessions that have sources and a destination."""
    here = {name for name, port in switching.ports.items() if port.bridge == SWITCH}
    found = []
    for session in config.parts[Mirrors].sessions:
        output = names.device(config, session.destination) if session.destination is not None else None
        ways = [(names.device(config, name), way) for name, way in session.sources]
        received = tuple(d for d, way in ways if d in here and d is not None and way != "tx")
        sent = tuple(d for d, way in ways if d in here and d is not None and way != "rx")
        if output in here and output is not None and (received or sent):
            found.append((f"session{session.number}", received, sent, output))
    return found


def mirror_operations(wanted: list[Copy], ids: dict[str, str]) -> list[Json]:
    """OVSDB operations that leave exactly these mirrors. ``ids``: port → row."""

    def rows(devices: tuple[str, ...]) -> list[object]:
        return ["set", [["uuid", ids[device]] for device in devices]]

    made: list[Json] = [
        {
            "op": "insert",
            "table": "Mirror",
            "uuid-name": name,
            "row": {
                "name": name,
                "select_src_port": rows(received),
                "select_dst_port": rows(sent),
                "output_port": ["uuid", ids[output]],
            },
        }
        for name, received, sent, output in wanted
    ]
    own = ["set", [["named-uuid", name] for name, _, _, _ in wanted]]
    return [*made, {"op": "update", "table": "Bridge", "where": [["name", "==", SWITCH]], "row": {"mirrors": own}}]


class Table:
    """What was applied last; told when ports were made anew, which takes their entries with them."""

    def __init__(self, ovs: OpenVSwitch) -> None:
        self._ovs = ovs
        self._entries: list[Entry] = []
        self._copies: list[Copy] = []

    def apply(self, config: Config, switching: Switching, *, moved: bool) -> None:
        """Make both match. Raises DataplaneError."""
        wanted, before = entries(config, switching), self._entries
        for device, vlan, mac in before:
            if (vlan, mac) not in {entry[1:] for entry in wanted} and device in switching.ports:
                with contextlib.suppress(DataplaneError):  # gone with its port, which is back
                    self._ovs.appctl("fdb/del", SWITCH, str(vlan), mac)
        for device, vlan, mac in wanted if moved else [entry for entry in wanted if entry not in before]:
            self._ovs.appctl("fdb/add", SWITCH, device, str(vlan), mac)
        copied = copies(config, switching)
        if copied != self._copies or (moved and copied):
            rows = self._ovs.transact([self._ovs.select("Port", "_uuid", "name")])[0]["rows"]
            self._ovs.transact(mirror_operations(copied, {row["name"]: decode(row["_uuid"]) for row in rows}))
        self._entries, self._copies = wanted, copied

    def numbers(self, switching: Switching) -> dict[int, str]:
        """OpenFlow port → device, of the bridge's ports."""
        here = {name for name, port in switching.ports.items() if port.bridge == SWITCH}
        rows = self._ovs.transact([self._ovs.select("Interface", "name", "ofport")])[0]["rows"]
        return {int(number): row["name"] for row in rows if row["name"] in here for number in as_list(row["ofport"])}

    def flush(self, action: Flush, table: list[MacEntry]) -> None:
        """Forget learnt addresses."""
        if action == Flush():
            self._ovs.appctl("fdb/flush", SWITCH)
            return
        for entry in table:
            fits = action.mac in (None, entry.mac) and action.interface in (None, entry.port)
            if fits and action.vlan in (None, entry.vlan) and not entry.static:
                self._ovs.appctl("fdb/del", SWITCH, str(entry.vlan), entry.mac)
