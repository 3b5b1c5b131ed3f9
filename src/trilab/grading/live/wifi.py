"""The air as it is: networks that are heard, and what the candidate's stations have joined."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass

from trilab.capture import dot11
from trilab.capture.air import AirCapture
from trilab.engine.base import Radio
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.wifi_requests import Beacons, BeaconsHeard, Heard, Station, StationSeen

LISTEN = 1.5  # seconds: a beacon comes every 102.4 ms (100 time units, the default of every access point)
_BSS = re.compile(r"\t\taddr (\S+)\n(?:\t\tssid (.*)\n)?\t\ttype AP\n\t\tchannel \d+ \((\d+) MHz\)")


def radio_of(context: Context) -> Radio:
    """The radio of the lab. Raises ObservationError when there is none, or when it has stopped."""
    radio = context.lab.radio
    if radio is None:
        raise ObservationError("Ce lab n'a pas de Wi-Fi.")
    if not radio.alive:
        raise ObservationError("La radio du lab s'est arrêtée : rien ne peut être observé sur l'air.")
    return radio


def beacons(context: Context, request: Beacons) -> BeaconsHeard:
    """Listen for a moment, and name the access points by what their own radios say."""
    radio, started = radio_of(context), time.time()
    path = context.work / "balises.pcap"
    with AirCapture(radio, path):
        threading.Event().wait(LISTEN)
        owners = owners_of(context, radio)
    kept = context.keeper.file("pcap", "", "balises entendues (802.11)", path, started, time.time())
    nobody = Bss("", "", "")
    found = [(owners.get(one.bssid, nobody), one) for one in dot11.networks(dot11.read(path))]
    scenery = tuple(name for name, node in context.lab.nodes.items() if node.role == "ap" and not node.open)
    return BeaconsHeard((kept,), tuple(Heard(owner.node, owner.ssid, one) for owner, one in found), scenery)


@dataclass(frozen=True)
class Bss:
    """What an access point's own radio says of one of its networks. ``frequency``: MHz."""

    node: str
    ssid: str
    frequency: str


def owners_of(context: Context, radio: Radio) -> dict[str, Bss]:
    """By BSSID."""
    found = {}
    for name, node in context.lab.nodes.items():
        if node.role == "ap":
            for bssid, ssid, frequency in _BSS.findall(radio.run(name, ["iw", "dev"]).stdout):
                found[bssid] = Bss(name, unescaped(ssid), frequency)
    return found


def unescaped(ssid: str) -> str:
    """``iw`` writes what is not printable ASCII as ``\\xNN``."""
    raw = re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), ssid.encode())
    return raw.decode("utf-8", "replace")


def station(context: Context, request: Station) -> StationSeen:
    """What the wpa_supplicant of a station says."""
    started = time.time()
    done = radio_of(context).run(request.node, ["wpa_cli", "status"])
    text = done.stdout + done.stderr
    kept = context.keeper.text("probe", request.node, "wpa_cli status", text, started, time.time())
    values = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    names = ("wpa_state", "ssid", "bssid", "key_mgmt")
    state, ssid, bssid, key = (values.get(name, "") for name in names)
    return StationSeen((kept,), state, unescaped(ssid), bssid, key)


def knows_network(context: Context, node: str) -> bool:
    """Whether a station has any network to join. Raises ObservationError."""
    listed = radio_of(context).run(node, ["wpa_cli", "list_networks"]).stdout
    return len(listed.splitlines()) > 1  # below the heading
