"""Thirty-two stations on one access point, by a name and a key as long as the standard allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from trilab import probe
from trilab.engine.base import LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine

pytestmark = pytest.mark.live

STATIONS = tuple(f"s{number}" for number in range(1, 33))
NAME = "Café d'été, salle du fond, n1"  # 32 bytes: blanks, an apostrophe, letters of two bytes
KEY = "0123456789abcdef" * 4  # IEEE 802.11-2020, J.4: a pre-shared key of 256 bits
TYPED = f"""configure terminal
dot11 ssid {NAME}
authentication open
authentication key-management wpa version 2
guest-mode
wpa-psk hex {KEY}
interface Dot11Radio0
encryption mode ciphers aes-ccm
ssid {NAME}
channel 6
no shutdown
end"""
SUPPLICANT = f'network={{\n ssid="{NAME}"\n psk={KEY}\n scan_freq=2437\n}}\n'
SERVE = (
    "ip addr add 10.0.0.1/24 dev eth1; dnsmasq -p0 -C /dev/null -i eth1 --bind-interfaces --no-ping -u root"
    " --dhcp-range=10.0.0.50,10.0.0.99,1h"
)


def until(condition: Callable[[], bool], seconds: float = 240) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.2)
    return True


def test_thirty_two_stations_join(radio_kernel: None, engine: NativeEngine) -> None:
    assert len(NAME.encode()) == 32
    nodes = (NodeSpec("ap1", "ap"), NodeSpec("srv", "server"), *(NodeSpec(name, "wifi-client") for name in STATIONS))
    lab = engine.up(LabSpec("crowd", "t-1", nodes, (LinkSpec(("ap1", "eth1"), ("srv", "eth1")),)))
    try:
        radio = lab.radio
        assert radio is not None
        assert lab.run("srv", ["sh", "-c", SERVE]).returncode == 0
        said = lab.run("ap1", ["env", "USER=trilab", f"SSH_ORIGINAL_COMMAND={TYPED}", "/usr/lib/trilab/cli"])
        assert "%" not in said.stdout, said.stdout
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: radio.join(name, SUPPLICANT), STATIONS))
            assert until(lambda: _stations(radio.run("ap1", ["iw", "dev", "wlan0", "station", "dump"]).stdout) == 32)
            leases = list(pool.map(lambda name: probe.dhcp(lab, name, interface="wlan0").lease, STATIONS))
        assert len({str(lease.address) for lease in leases if lease}) == 32
        assert "CTRL-EVENT-DISCONNECTED" not in "".join(radio.log(name, "wpa_supplicant") for name in STATIONS)
    finally:
        engine.down(lab.spec.key)


def _stations(dump: str) -> int:
    return dump.count("authorized:\tyes")
