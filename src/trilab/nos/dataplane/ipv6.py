"""IPv6 addresses and settings of the layer-3 devices."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from ipaddress import IPv6Interface
from pathlib import Path

from trilab.nos.dataplane import names, system
from trilab.nos.dataplane.links import Link
from trilab.nos.features.ipv6 import Address, Held, Ipv6, Port
from trilab.nos.model import Config

SETTINGS = Path("/proc/sys/net/ipv6/conf")
_ON = {"disable_ipv6": "0", "accept_ra": "0", "keep_addr_on_down": "1"}
State = tuple[Port, bool]  # settings of a device, and whether it is up


def eui64(prefix: IPv6Interface, mac: str) -> IPv6Interface:
    """RFC 4291, appendix A: the lower half from a MAC address."""
    digits = bytearray.fromhex(mac.replace(":", ""))
    digits[0] ^= 2
    low = int.from_bytes(bytes(digits[:3]) + b"\xff\xfe" + bytes(digits[3:]))
    return IPv6Interface((int(prefix.network.network_address) | low, prefix.network.prefixlen))


class Ipv6Links:
    """What was applied."""

    def __init__(self) -> None:
        self._applied: dict[str, State] = {}
        self._routing = False

    def clean(self) -> None:
        """Forget what an earlier life left."""
        for device in self._applied:
            self._off(device)
        self._applied, self._routing = {}, False

    def apply(self, config: Config, links: Mapping[str, Link]) -> None:
        """After the links. Raises DataplaneError."""
        wanted = {
            device: (config.interfaces[name].parts[Port], links[device].up)
            for name, device in names.layer3(config).items()
            if device in links and config.interfaces[name].parts[Port].active
        }
        for device in self._applied.keys() - wanted.keys():
            self._off(device)
        for device, state in wanted.items():
            if self._applied.get(device) != state:
                self._on(device, state[0])
        self._applied = wanted
        routing = config.parts[Ipv6].routing
        if routing != self._routing:
            (SETTINGS / "all" / "forwarding").write_text("1" if routing else "0")
            self._routing = routing
            for device in wanted:  # a router's own addresses do not come from advertisements
                self._set(device, _ON)

    @staticmethod
    def _set(device: str, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            with contextlib.suppress(FileNotFoundError):  # gone with its device
                (SETTINGS / device / name).write_text(value)

    def _off(self, device: str) -> None:
        self._set(device, {"disable_ipv6": "1"})

    def _on(self, device: str, port: Port) -> None:
        """From nothing: what is no longer wanted goes with the rest."""
        self._off(device)
        manual = port.link_local is not None
        self._set(device, {"addr_gen_mode": "1" if manual else "0", **_ON})
        mac = (Path("/sys/class/net") / device / "address").read_text().strip()
        lines = [f"-6 addr replace {port.link_local}/64 dev {device}"] if manual else []
        lines += [f"-6 addr replace {_value(one, mac)} dev {device}" for one in port.addresses]
        for line in lines:
            system.run(["ip", *line.split()])

    @staticmethod
    def observe(config: Config) -> Held:
        """The addresses that the system has. Raises DataplaneError."""
        rows = json.loads(system.run(["ip", "-json", "-6", "address"]) or "[]")
        device_names = {device: name for name, device in names.layer3(config).items()}
        found = {}
        for row in rows:
            name = device_names.get(row.get("ifname", ""))
            if name is not None:
                entries = [entry for entry in row["addr_info"] if "local" in entry]
                found[name] = tuple(IPv6Interface(f"{entry['local']}/{entry['prefixlen']}") for entry in entries)
        return Held(found)


def _value(one: Address, mac: str) -> IPv6Interface:
    return eui64(one.value, mac) if one.eui64 else one.value
