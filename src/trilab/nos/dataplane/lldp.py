"""LLDP (IEEE 802.1AB) by lldpd: who we are on each data port, and the voice VLAN of LLDP-MED (ANSI/TIA-1057)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from typing import Any

from trilab.nos.dataplane import names, system
from trilab.nos.dataplane.system import RUN, Service
from trilab.nos.features.lldp import Lldp as LldpRun
from trilab.nos.features.lldp import LldpPort, Neighbour, Neighbours
from trilab.nos.model import Config

SOCKET = RUN / "lldpd.sock"
COMMANDS = RUN / "lldpd.conf"  # read once, when it starts
CHANGES = RUN / "lldpd-changes.conf"
LOG = RUN / "lldpd.log"
READY = 5.0  # seconds lldpd may take to open its socket
INTERVAL = 5  # seconds between two announcements; the standard's default is 30
HOLD = 24  # announcements that may be lost: 120 s, as the standard's default
_STATUS = {
    (True, True): "rx-and-tx", (True, False): "tx-only", (False, True): "rx-only", (False, False): "disabled",
}  # fmt: skip
_LETTERS = {"Router": "R", "Bridge": "B", "Telephone": "T", "Docsis": "C", "Wlan": "W", "Repeater": "P", "Station": "S"}
NETWORK_CONNECTIVITY = "4"  # LLDP-MED device class


def voice(config: Config, cabled: Set[str]) -> dict[str, int]:
    """Device → VLAN announced for voice: an access port with a voice VLAN."""
    found = {}
    for name, interface in config.interfaces.items():
        device = names.device(config, name)
        if config.role == "switch" and device in cabled and interface.mode != "trunk" and interface.voice_vlan:
            found[str(device)] = interface.voice_vlan
    return found


def identity(config: Config) -> list[str]:
    """Commands of lldpcli that say who we are. The out-of-band address is never announced."""
    kind = {"switch": "bridge", "router": "router", "ap": "wlan"}[config.role]
    addresses = [config.interfaces[name].address for name in names.layer3(config)]
    pattern = ",".join(str(address.ip) for address in addresses if address is not None)
    return [
        f"configure lldp tx-interval {INTERVAL}",
        f"configure lldp tx-hold {HOLD}",
        f'configure system hostname "{config.hostname}"',
        f"configure system capabilities enabled {kind}",
        f'configure system ip management pattern "{pattern or "!*"}"',
    ]


def ports(config: Config, cabled: Set[str]) -> list[str]:
    """Ports announce themselves by their canonical name."""
    lines = []
    for name in config.interfaces:
        number = names.port_number(name)
        if number is not None and not names.is_subinterface(name) and f"eth{number}" in cabled:
            lines.append(f'configure ports eth{number} lldp portidsubtype local "{name}"')
            port = config.interfaces[name].parts[LldpPort]
            lines.append(f"configure ports eth{number} lldp status {_STATUS[port.transmit, port.receive]}")
    return lines


def policies(voice_vlans: Mapping[str, int]) -> list[str]:
    """Commands for the voice policies: priority 5 (IEEE 802.1Q, «voice») and DSCP 46 (EF, RFC 3246), as IOS."""
    return [
        f"configure ports {device} med policy application voice tagged vlan {vlan} priority voice dscp 46"
        for device, vlan in voice_vlans.items()
    ]


class Lldp:
    """The running lldpd. lldpcli cannot take a policy back, so a removal restarts the daemon (milliseconds)."""

    def __init__(self, cabled: Set[str]) -> None:
        self._cabled = cabled
        self._service = Service("lldpd")
        self._told: list[str] = []
        self._voice: dict[str, int] = {}

    def apply(self, config: Config) -> None:
        """Tell the daemon what changed; it announces a change at once."""
        if not self._cabled:
            return
        if config.parts[LldpRun].absent:
            self._service.stop()
            self._told = []
            return
        heard = voice(config, self._cabled)
        commands = [*identity(config), *ports(config, self._cabled), *policies(heard)]
        if not self._service.running or not self._voice.keys() <= heard.keys():
            self._start(commands)
        elif new := [command for command in commands if command not in self._told]:
            self._tell(new)
        self._told, self._voice = commands, heard

    def _start(self, commands: list[str]) -> None:
        self._service.stop()
        SOCKET.unlink(missing_ok=True)
        system.write(COMMANDS, "\n".join([*commands, ""]))
        wires = ",".join(sorted(self._cabled))
        identity = ["-M", NETWORK_CONNECTIVITY, "-k", "-S", "trilab NOS", "-C", wires]
        self._service.start(["lldpd", "-d", "-u", str(SOCKET), "-I", wires, *identity, "-O", str(COMMANDS)])

    def _tell(self, commands: list[str]) -> None:
        """Raises DataplaneError when the daemon does not answer."""
        system.wait_until(self._settled, READY, lambda: self._service.running)
        system.write(CHANGES, "\n".join([*commands, ""]))
        system.run(["lldpcli", "-u", str(SOCKET), "-c", str(CHANGES)])

    @staticmethod
    def _settled() -> bool:
        """Whether the daemon has read what it was started with: until then it is silent, and would undo ours.

        No command of lldpcli tells; its log, which is new at each start, does.
        """
        try:
            return "lldpd should resume operations" in LOG.read_text(errors="replace")
        except FileNotFoundError:
            return False

    def neighbours(self, config: Config) -> Neighbours:
        """What was heard. Raises DataplaneError."""
        if not self._service.running:
            return Neighbours()
        return heard(config, system.run(["lldpcli", "-u", str(SOCKET), "-f", "json0", "show", "neighbors", "details"]))


def _first(row: Any, *path: str) -> str:
    """The value at the end of a path, in lldpcli's nested lists; empty when something lacks."""
    for key in path:
        row = row.get(key, [{}])[0] if isinstance(row, dict) else {}
    return str(row.get("value", "")) if isinstance(row, dict) else ""


def heard(config: Config, text: str) -> Neighbours:
    """``lldpcli -f json0 show neighbors details`` → neighbours, in the order of the ports."""
    order = {names.device(config, name): name for name in config.interfaces}
    rows = [row for part in json.loads(text or "{}").get("lldp", []) for row in part.get("interface", [])]
    found = [_neighbour(order[row["name"]], row) for row in rows if row["name"] in order]
    return Neighbours(tuple(sorted(found, key=lambda one: list(config.interfaces).index(one.local))))


def _neighbour(local: str, row: Any) -> Neighbour:
    chassis, port = row["chassis"][0], row["port"][0]
    hold, age = int(_first(port, "ttl") or 0), re.search(r"(\d+):(\d+):(\d+)", row.get("age", ""))
    passed = sum(int(part) * scale for part, scale in zip(age.groups(), (3600, 60, 1), strict=True)) if age else 0
    identifier = _first(chassis, "id")
    if chassis["id"][0].get("type") == "mac":
        digits = identifier.replace(":", "")
        identifier = f"{digits[:4]}.{digits[4:8]}.{digits[8:]}"
    enabled = [one["type"] for one in chassis.get("capability", []) if one.get("enabled")]
    vlan = row.get("vlan", [{}])[0].get("vlan-id", "")
    return Neighbour(
        local=local,
        chassis=identifier,
        port=_first(port, "id"),
        port_description=_first(port, "descr"),
        name=_first(chassis, "name"),
        description=_first(chassis, "descr"),
        capabilities="".join(_LETTERS.get(kind, "O") for kind in enabled),
        management=tuple(str(one["value"]) for one in chassis.get("mgmt-ip", [])),
        hold=hold,
        left=max(0, hold - passed % max(hold, 1)),
        vlan=int(vlan) if str(vlan).isdigit() else None,
    )
