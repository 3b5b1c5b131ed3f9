"""Wi-Fi: from power-on to stations with leases, the lab pme-wifi graded, memory of the radio, labs side by side."""

from __future__ import annotations

import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from bench.labs import Clock, graded, poll, quiet, solve, up
from trilab import probe
from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine
from trilab.engine.native.air import NativeRadio
from trilab.lab import get

LAB = "pme-wifi"
SIDE_BY_SIDE = 6
HOLD = 30.0  # seconds during which no station may lose its network
STATIONS = ("s1", "s2")
SECRET = "correct-horse"
TYPED = f"""configure terminal
dot11 ssid BENCH
authentication open
authentication key-management wpa version 2
guest-mode
wpa-psk ascii {SECRET}
interface Dot11Radio0
encryption mode ciphers aes-ccm
ssid BENCH
channel 6
no shutdown
end"""
SUPPLICANT = f'network={{\n ssid="BENCH"\n psk="{SECRET}"\n scan_freq=2437\n}}\n'


def rows() -> list[tuple[str, str, str]]:
    return [*_power_on(), *_lab(), *_side_by_side()]


def _radio(lab: Lab) -> NativeRadio:
    assert isinstance(lab.radio, NativeRadio)
    return lab.radio


def _pss(radio: NativeRadio) -> float:
    """Of the radio's container, in MiB."""
    first = psutil.Process(radio.pid)
    return sum(one.memory_full_info().pss for one in (first, *first.children(recursive=True))) / 1024**2


def _power_on() -> list[tuple[str, str, str]]:
    nodes = (NodeSpec("ap1", "ap"), NodeSpec("srv", "server"), *(NodeSpec(name, "wifi-client") for name in STATIONS))
    engine = NativeEngine()
    lab = engine.up(LabSpec("bench-wifi", "bench-0", nodes, (LinkSpec(("ap1", "eth1"), ("srv", "eth1")),)), quiet)
    try:
        serve = "ip addr add 10.0.0.1/24 dev eth1; dnsmasq -p0 -C /dev/null -i eth1 --bind-interfaces --no-ping -u root"
        lab.run("srv", ["sh", "-c", f"{serve} --dhcp-range=10.0.0.50,10.0.0.99,1h"])
        lab.run("ap1", ["env", "USER=trilab", f"SSH_ORIGINAL_COMMAND={TYPED}", "/usr/lib/trilab/cli"])
        radio = _radio(lab)
        with ThreadPoolExecutor(len(STATIONS)) as pool:
            leases = sum(pool.map(lambda name: _joins(lab, radio, name), STATIONS))
        uptime = float(str(radio.status()["uptime"]))
        memory = _pss(radio)
    finally:
        engine.down(lab.spec.key)
    return [
        (f"Radio : de la mise sous tension à {leases} stations avec leur bail", f"{uptime:.1f} s", "visé ≤ 4 s"),
        ("… mémoire ajoutée (PSS), trois radios", f"{memory:.0f} Mio", "visé ≤ 200 Mio"),
    ]


def _joins(lab: Lab, radio: NativeRadio, name: str) -> bool:
    radio.join(name, SUPPLICANT)
    poll(lambda: "LOWER_UP" in lab.run(name, ["ip", "link", "show", "dev", "wlan0"], trusted=True).stdout, 30)
    return probe.dhcp(lab, name, interface="wlan0").lease is not None


def _lab() -> list[tuple[str, str, str]]:
    engine, definition, clock = NativeEngine(), get(LAB), Clock()
    with clock.time("up"):
        lab = up(engine, definition, "bench-0")
    try:
        with clock.time("solve"):
            solve(lab, definition)
        with tempfile.TemporaryDirectory() as folder, clock.time("grade"):
            failed = graded(lab, definition, Path(folder))
    finally:
        engine.down(lab.spec.key)
    t = clock.times
    return [
        (f"{LAB} : démarré", f"{t['up']:.1f} s", ""),
        ("… solution saisie", f"{t['solve']:.1f} s", ""),
        ("… noté sur l'air", f"{t['grade']:.1f} s", f"visé ≤ 25 s ; {failed} critère(s) non conforme(s)"),
    ]


def _side_by_side() -> list[tuple[str, str, str]]:
    """Labs with a station that has joined, left alone: none may lose its network."""
    engine, definition = NativeEngine(), get(LAB)
    labs: list[Lab] = []
    begin = time.monotonic()
    try:
        for number in range(SIDE_BY_SIDE):
            labs.append(up(engine, definition, f"bench-{number}"))
            solve(labs[-1], definition)
        poll(lambda: all(_log(lab).count("CTRL-EVENT-CONNECTED") for lab in labs), 120)
        ready = time.monotonic() - begin
        threading.Event().wait(HOLD)
        lost = sum(_log(lab).count("CTRL-EVENT-DISCONNECTED") for lab in labs)
    finally:
        for lab in labs:
            engine.down(lab.spec.key)
    name = f"{SIDE_BY_SIDE} labs Wi-Fi côte à côte, portables raccordés"
    return [(name, f"{ready:.1f} s", f"{lost} association(s) perdue(s) en {HOLD:.0f} s, visé 0")]


def _log(lab: Lab) -> str:
    return _radio(lab).log("portable", "wpa_supplicant")
