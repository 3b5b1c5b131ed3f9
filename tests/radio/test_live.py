"""One access point, two stations, two SSIDs on two VLANs, servers and a PC on the wire: real 802.11 in a real lab."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from scapy.layers.dot11 import Dot11, Dot11Beacon, RadioTap
from scapy.layers.eap import EAPOL
from scapy.utils import PcapReader

from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec, Radio
from trilab.engine.native import NativeEngine
from trilab.errors import ObservationError

pytestmark = pytest.mark.live

HOSTAPD = """interface=wlan0
driver=nl80211
ssid=PME-Personnel
country_code=FR
hw_mode=g
channel=6
ieee80211n=1
wmm_enabled=1
bridge=air0
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase=correct-horse
bss=wlan0_1
ssid=PME-Visiteurs
bridge=air1
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase=battery-staple
"""
SWITCH = """ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev \
 -- add-port br0 air0 tag=10 -- add-port br0 eth1 tag=10 -- add-port br0 eth3 tag=10 \
 -- add-port br0 air1 tag=20 -- add-port br0 eth2 tag=20"""


def supplicant(ssid: str, secret: str) -> str:
    network = f'network={{\n    ssid="{ssid}"\n    psk="{secret}"\n    scan_freq=2437\n}}\n'
    return f"ctrl_interface=/run/wpa_supplicant\nupdate_config=1\n{network}"


def spec(candidate: str = "t-1") -> LabSpec:
    nodes = (
        NodeSpec("ap1", "ap"),
        NodeSpec("s1", "wifi-client"),
        NodeSpec("s2", "wifi-client"),
        NodeSpec("srv10", "server"),
        NodeSpec("srv20", "server"),
        NodeSpec("pc", "server"),
    )
    wired = ("srv10", "srv20", "pc")
    links = tuple(LinkSpec(("ap1", f"eth{number}"), (name, "eth1")) for number, name in enumerate(wired, 1))
    return LabSpec("wifi", candidate, nodes, links)


def sh(lab: Lab, node: str, text: str, *, code: int | None = 0) -> str:
    done = lab.run(node, ["bash", "-c", text], timeout=60)
    assert code is None or done.returncode == code, f"{node}: {text}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def until(condition: Callable[[], bool], seconds: float = 40.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.05)
    return True


def address(lab: Lab, node: str) -> str:
    found = sh(lab, node, "ip -4 -o addr show wlan0").split()
    return found[3] if len(found) > 3 else ""


@pytest.fixture(scope="module")
def lab(radio_kernel: None, engine: NativeEngine) -> Iterator[Lab]:
    made = engine.up(spec())
    sh(made, "ap1", SWITCH)
    for vlan in (10, 20):
        server = f"srv{vlan}"
        sh(made, server, f"ip addr add 10.0.{vlan}.1/24 dev eth1")
        ranges = f"--dhcp-range=10.0.{vlan}.50,10.0.{vlan}.99,1h"
        sh(made, server, f"dnsmasq -p0 -C /dev/null -i eth1 --bind-interfaces --no-ping {ranges} -u root")
    sh(made, "pc", "ip addr add 10.0.10.2/24 dev eth1")
    try:
        yield made
    finally:
        engine.down(made.spec.key)


@pytest.fixture(scope="module")
def radio(lab: Lab) -> Radio:
    assert lab.radio is not None
    lab.radio.access_point("ap1", HOSTAPD)
    return lab.radio


@contextlib.contextmanager
def on_air(radio: Radio) -> Iterator[Callable[[], list[RadioTap]]]:
    """Capture while the block lasts; then the frames."""
    collected = bytearray()
    begun = threading.Event()

    def read(blocks: Iterator[bytes]) -> None:
        with contextlib.suppress(ObservationError, OSError, ValueError):
            for block in blocks:
                collected.extend(block)
                begun.set()

    with radio.capture() as blocks:
        reader = threading.Thread(target=read, args=(blocks,), daemon=True)
        reader.start()
        assert begun.wait(20)
        yield lambda: list(PcapReader(io.BytesIO(bytes(collected))))


def configure(lab: Lab, node: str, ssid: str, secret: str) -> None:
    path = "/etc/wpa_supplicant/wpa_supplicant.conf"
    lab.run(node, ["tee", path], input=supplicant(ssid, secret))
    assert "OK" in sh(lab, node, "wpa_cli -i wlan0 reconfigure")


def test_stations_join_over_the_air_and_reach_their_vlan_only(lab: Lab, radio: Radio) -> None:
    assert "NO-CARRIER" in sh(lab, "s1", "ip link show wlan0"), "no carrier before the association"
    with on_air(radio) as frames:
        configure(lab, "s1", "PME-Personnel", "correct-horse")
        configure(lab, "s2", "PME-Visiteurs", "battery-staple")
        assert until(lambda: address(lab, "s1").startswith("10.0.10.")), radio.log("s1", "wpa_supplicant")
        assert until(lambda: address(lab, "s2").startswith("10.0.20.")), radio.log("s2", "wpa_supplicant")
        sh(lab, "s1", "ping -c2 -W2 10.0.10.2")
        sh(lab, "s2", "ping -c2 -W2 10.0.20.1")
        sh(lab, "pc", f"ping -c2 -W2 {address(lab, 's1').split('/')[0]}")
        sh(lab, "s2", "ip route add 10.0.10.0/24 dev wlan0 && ping -c2 -W1 10.0.10.2", code=1)
        seen = frames()
    names = {packet[Dot11Beacon].payload.info for packet in seen if packet.haslayer(Dot11Beacon)}
    assert {b"PME-Personnel", b"PME-Visiteurs"} <= names
    station = sh(lab, "s1", "cat /sys/class/net/wlan0/address").strip()
    keys = [p for p in seen if p.haslayer(EAPOL) and station in (p[Dot11].addr1, p[Dot11].addr2)]
    assert [p[Dot11].addr2 == station for p in keys][:4] == [False, True, False, True], "4-way handshake"


def test_the_stations_own_commands_act_on_its_radio(lab: Lab, radio: Radio) -> None:
    assert "wpa_state=COMPLETED" in sh(lab, "s1", "wpa_cli status")
    assert "SSID: PME-Personnel" in sh(lab, "s1", "su admin -c 'iw dev wlan0 link'")
    assert "SSID: PME-Visiteurs" in sh(lab, "s1", "iw dev wlan0 scan")
    assert "réservée à root" in sh(lab, "s1", "su admin -c 'iw dev wlan0 scan'", code=1)
    assert "maquette" in sh(lab, "s1", "iw reg set US", code=1)
    assert sh(lab, "s1", "iw dev").count("Interface wlan0") == 1
    assert "Interface" not in sh(lab, "s1", "iw phy phy0 info", code=None), "the access point's radio is not seen"
    stations = radio.run("ap1", ["iw", "dev", "wlan0", "station", "dump"]).stdout
    assert sh(lab, "s1", "cat /sys/class/net/wlan0/address").strip() in stations
    assert radio.run("pc", ["iw", "dev"]).returncode != 0, "a wired node has no radio"


def test_hostapd_reaches_the_wire_through_its_node(lab: Lab, radio: Radio) -> None:
    sh(lab, "ap1", "ping -c2 -W2 169.254.77.2")


def test_a_wrong_secret_fails_where_the_right_one_works(lab: Lab, radio: Radio) -> None:
    configure(lab, "s1", "PME-Personnel", "wrong-horse")
    assert until(lambda: "reason=WRONG_KEY" in radio.log("s1", "wpa_supplicant")), radio.log("s1", "wpa_supplicant")
    assert "wpa_state=COMPLETED" not in sh(lab, "s1", "wpa_cli status")
    assert "wpa_state=COMPLETED" in sh(lab, "s2", "wpa_cli status"), "control: the air works"
    assert until(lambda: "NO-CARRIER" in sh(lab, "s1", "ip link show wlan0"))
    configure(lab, "s1", "PME-Personnel", "correct-horse")
    assert until(lambda: "wpa_state=COMPLETED" in sh(lab, "s1", "wpa_cli status"))


def test_save_config_reaches_the_nodes_file(lab: Lab, radio: Radio) -> None:
    sh(lab, "s2", "wpa_cli set_network 0 priority 7 && wpa_cli save_config")
    text = sh(lab, "s2", "cat /etc/wpa_supplicant/wpa_supplicant.conf")
    assert "priority=7" in text and 'ssid="PME-Visiteurs"' in text
    assert text.startswith("ctrl_interface=/run/wpa_supplicant\n")


def test_a_refused_configuration_is_said_in_hostapds_words(lab: Lab, radio: Radio) -> None:
    with pytest.raises(ObservationError, match="passphrase"):
        radio.access_point("ap1", HOSTAPD.replace("correct-horse", "short"))
    with pytest.raises(ObservationError, match="air9"):
        radio.access_point("ap1", HOSTAPD.replace("bridge=air1", "bridge=air9"))


def test_a_node_cannot_ask_for_the_air_nor_for_another_node(lab: Lab, radio: Radio) -> None:
    ask = (
        "import sys; sys.path.insert(0, '/usr/lib/trilab/python')\n"
        "from trilab.radio import client\n"
        "for request in ({'do': 'capture'}, {'do': 'status'}, {'do': 'hostapd', 'radio': 0, 'config': ''},"
        " {'do': 'log', 'node': 's2', 'name': 'wpa_supplicant'}):\n"
        "    end, said = client.ask(request)\n"
        "    print(end.get('error'), b's2' in said)\n"
    )
    done = lab.run("s1", ["python3", "-c", ask])
    lines = done.stdout.splitlines()
    assert [line.startswith("None") for line in lines] == [False, False, False, True], done.stdout + done.stderr
    assert lines[-1] == "None False", "its own log, whatever name it gives"


def test_a_dead_radio_is_said_and_the_wire_goes_on(engine: NativeEngine) -> None:
    nodes = (NodeSpec("s1", "wifi-client"), NodeSpec("a", "server"), NodeSpec("b", "server"))
    lab = engine.up(LabSpec("wifi", "t-2", nodes, (LinkSpec(("a", "eth1"), ("b", "eth1")),)))
    try:
        radio = lab.radio
        assert radio is not None and radio.run("s1", ["iw", "dev"]).returncode == 0
        bubble = psutil.Process(radio.pid)
        kernels = [one for one in bubble.children(recursive=True) if "umid=radio" in one.cmdline()]
        kernels[0].kill()
        assert until(lambda: not radio.alive, 10)
        assert until(lambda: not any(one.is_running() and one.status() != "zombie" for one in kernels), 10)
        with pytest.raises(ObservationError, match="radio du lab"):
            radio.run("s1", ["iw", "dev"])
        assert "ne répond pas" in sh(lab, "s1", "iw dev", code=255)
        sh(lab, "a", "ip addr add 10.9.9.1/24 dev eth1")
        sh(lab, "b", "ip addr add 10.9.9.2/24 dev eth1 && ping -c1 -W2 10.9.9.1")
    finally:
        engine.down(lab.spec.key)


def test_the_end_of_the_bubble_is_the_end_of_the_radio(engine: NativeEngine) -> None:
    lab = engine.up(LabSpec("wifi", "t-3", (NodeSpec("s1", "wifi-client"),), ()))
    assert lab.radio is not None
    air = psutil.Process(lab.radio.pid)
    family = [air, *air.children(recursive=True)]
    bubble = air.parent()
    assert len(family) > 3 and bubble is not None
    try:
        bubble.kill()
        assert until(lambda: not any(one.is_running() and one.status() != "zombie" for one in family), 10)
    finally:
        engine.down(lab.spec.key)
    assert "wifi@t-3" not in engine.leftovers()


def test_a_lab_without_wifi_has_no_radio(engine: NativeEngine) -> None:
    lab = engine.up(LabSpec("wired", "t-4", (NodeSpec("a", "server"),), ()))
    try:
        assert lab.radio is None
        bubble = psutil.Process(lab.nodes["a"].pid).parent()
        assert bubble is not None
        programs = ""
        for one in bubble.children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it has just ended
                programs += " ".join(one.cmdline())
        assert "sshd" in programs, "control: the list is not empty"
        assert "trilab.radio" not in programs and "umid=" not in programs
    finally:
        engine.down(lab.spec.key)
