"""LLDP (IEEE 802.1AB) by lldpd: who we are on each data port, and the voice VLAN of LLDP-MED (ANSI/TIA-1057)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Set

from trilab.nos.dataplane import names, system
from trilab.nos.dataplane.system import RUN, Service
from trilab.nos.model import Config

SOCKET = RUN / "lldpd.sock"
COMMANDS = RUN / "lldpd.conf"
READY = 5.0  # seconds lldpd may take to open its socket
INTERVAL = 5  # seconds between two announcements; the standard's default is 30
HOLD = 24  # announcements that may be lost: 120 s, as the standard's default
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
        deadline = time.monotonic() + READY
        while not SOCKET.exists() and self._service.running and time.monotonic() < deadline:
            time.sleep(0.01)
        system.write(COMMANDS, "\n".join([*commands, ""]))
        system.run(["lldpcli", "-u", str(SOCKET), "-c", str(COMMANDS)])
