"""The radio of an access point: hostapd on the lab's radio kernel, reached through the node's socket to its agent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trilab.nos.dataplane import hostapd, system
from trilab.nos.dataplane.base import DataplaneError, RadioBss, RadioClient, RadioState
from trilab.nos.dataplane.system import RUN
from trilab.nos.model import Config
from trilab.radio import client

SETTINGS = RUN / "hostapd.conf"  # what hostapd runs with; absent while it does not run
TIMEOUT = 60.0  # seconds; an answer takes some hundredths of one, a scan two
_FIELD = re.compile(r"^([\w.\[\]]+)=(.*)$", re.M)
_SCANNED = re.compile(r"^\s*freq: (\d+)", re.M)
_ADDRESS = re.compile(r"^\s*addr (\S+)", re.M)


def ask(request: Mapping[str, Any]) -> str:
    """One request to the agent; what it wrote.

    Raises:
        DataplaneError: no radio, or it refused.
    """
    try:
        end, said = client.ask(request, TIMEOUT)
    except client.NoRadio as error:
        raise DataplaneError("Dot11Radio0: the radio does not answer") from error
    if end["code"]:
        reason = str(end.get("error") or said.decode(errors="replace")).strip().splitlines()
        raise DataplaneError(f"Dot11Radio0: {reason[0] if reason else 'the radio refused'}")
    return said.decode(errors="replace")


def tool(*argv: str) -> str:
    """``iw`` or ``hostapd_cli`` on this radio. Raises DataplaneError."""
    return ask({"do": "run", "argv": list(argv)})


def least_congested(scan: str) -> int:
    """Of the channels that do not overlap, the one with the fewest networks within four channels (``iw scan``)."""
    heard = [(int(frequency) - 2407) // 5 for frequency in _SCANNED.findall(scan)]
    return min(hostapd.CHANNELS, key=lambda channel: (sum(abs(other - channel) < 5 for other in heard), channel))


def parse_clients(text: str, ssid: str) -> list[RadioClient]:
    """``hostapd_cli all_sta``: a line with the address, then ``name=value`` lines."""
    found = []
    for block in re.split(r"^(?=(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$)", text, flags=re.M):
        mac, _, rest = block.partition("\n")
        fields = dict(_FIELD.findall(rest))
        if "flags" in fields:
            flags = fields["flags"]
            found.append(
                RadioClient(
                    mac=mac,
                    ssid=ssid,
                    associated="[ASSOC]" in flags,
                    authorized="[AUTHORIZED]" in flags,
                    akm=fields.get("AKMSuiteSelector", ""),
                    seconds=int(fields.get("connected_time", 0)),
                    signal=int(fields.get("signal", 0)),
                )
            )
    return found


class AccessPoint:
    """The running hostapd. It starts anew only when its own configuration changes, as the radio of the real thing."""

    def __init__(self) -> None:
        self._running = hostapd.Settings("", {})
        self._power: int | None = None
        self._chosen: int | None = None  # by least-congested, kept while the radio transmits
        self._names: list[str] = []
        self._mac = ""

    def apply(self, config: Config) -> None:
        """Raises DataplaneError; what ran before may have stopped."""
        if config.role != "ap":
            return
        wanted = hostapd.settings(config, self._channel(config))
        if wanted != self._running:
            self._stop()
            if wanted.text:
                self._start(config, wanted)
        elif not wanted.text:
            self._stop()  # what an earlier life of ours left
        if wanted.text and config.radio.power != self._power:
            self._set_power(config.radio.power)

    def _channel(self, config: Config) -> int:
        if config.radio.channel is not None or not hostapd.on_air(config):
            self._chosen = None
            return config.radio.channel or hostapd.CHANNELS[0]
        if self._chosen is None:
            self._stop()
            self._chosen = least_congested(ask({"do": "survey", "radio": 0}))
        return self._chosen

    def _start(self, config: Config, wanted: hostapd.Settings) -> None:
        ask({"do": "hostapd", "radio": 0, "config": wanted.text, "files": dict(wanted.files)})
        system.write(SETTINGS, wanted.text, 0o600)
        self._running, self._power = wanted, None
        self._names = [ssid.name for ssid in hostapd.on_air(config)]

    def _stop(self) -> None:
        if SETTINGS.exists():
            ask({"do": "stop", "name": "hostapd0"})
            SETTINGS.unlink()
        self._running, self._names, self._power = hostapd.Settings("", {}), [], None

    def _set_power(self, dbm: int | None) -> None:
        wanted = ["auto"] if dbm is None else ["fixed", str(dbm * 100)]
        for rank in range(len(self._names)):
            tool("iw", "dev", f"wlan0_{rank}" if rank else "wlan0", "set", "txpower", *wanted)
        self._power = dbm

    def state(self) -> RadioState:
        """What the radio does now; off when it does not answer."""
        try:
            if not self._mac and (found := _ADDRESS.search(tool("iw", "dev", "wlan0", "info"))):
                self._mac = found[1]
            return self._ask_state() if self._running.text else RadioState(False, self._mac)
        except DataplaneError:
            return RadioState(False, self._mac)

    def _ask_state(self) -> RadioState:
        status = dict(_FIELD.findall(tool("hostapd_cli", "-i", "wlan0", "status")))
        power = re.search(r"txpower (\d+)", tool("iw", "dev", "wlan0", "info"))
        stations, cells = [], []
        for rank, name in enumerate(self._names):
            device = status.get(f"bss[{rank}]", "")
            cells.append(RadioBss(name, status.get(f"bssid[{rank}]", "")))
            if status.get(f"num_sta[{rank}]", "0") != "0":
                stations += parse_clients(tool("hostapd_cli", "-i", device, "all_sta"), name)
        return RadioState(
            transmitting=status.get("state") == "ENABLED",
            mac=self._mac,
            channel=int(status.get("channel", 0)),
            power=int(power[1]) if power else 0,
            cells=tuple(cells),
            clients=tuple(stations),
        )
