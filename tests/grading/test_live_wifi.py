"""Wi-Fi observed on a real air: beacons, the graders' stations that join or are refused, and a radio that dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from trilab.capture import joining
from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine
from trilab.errors import ObservationError
from trilab.grading.live import LiveObserver
from trilab.grading.observe import Observer
from trilab.grading.requests import Troubles, Try
from trilab.grading.wifi_requests import Beacons, Member, Session, Station

pytestmark = pytest.mark.live

CLOSED = {"trilab-access": "none"}
BSS = "country_code=FR\nhw_mode=g\nwmm_enabled=1\nwpa=2\nrsn_pairwise=CCMP\n"
NEIGHBOUR = f"interface=wlan0\nchannel=6\n{BSS}ssid=Boulangerie\nwpa_key_mgmt=WPA-PSK\nwpa_passphrase=croissant-chaud\n"
OWN = f"""interface=wlan0
channel=11
ieee80211n=1
{BSS}ssid=Personnel été
utf8_ssid=1
bridge=air0
wpa_key_mgmt=WPA-PSK
wpa_passphrase=correct-horse
bss=wlan0_1
ssid=Visiteurs
bridge=air1
ignore_broadcast_ssid=1
ap_isolate=1
wpa=2
rsn_pairwise=CCMP
wpa_key_mgmt=SAE
ieee80211w=2
wpa_passphrase=battery-staple
"""
# hostapd is configured from outside here, so the access point's own bridge lets its ports go once it has booted.
BRIDGE = """until [ -S /run/trilab/cli.sock ]; do sleep 0.05; done
ovs-vsctl del-port eth1 -- del-port eth2 -- add-br br9 -- set bridge br9 datapath_type=netdev \
 -- add-port br9 air0 tag=10 \
 -- add-port br9 eth1 tag=10 -- add-port br9 air1 tag=20 -- add-port br9 eth2 tag=20"""
STAFF, GUEST = ("Personnel été", "correct-horse"), ("Visiteurs", "battery-staple")


def sh(lab: Lab, node: str, text: str) -> str:
    done = lab.run(node, ["bash", "-c", text], timeout=60)
    assert done.returncode == 0, f"{node}: {text}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def lab(radio_kernel: None, engine: NativeEngine) -> Iterator[Lab]:
    nodes = (
        NodeSpec("ap1", "ap"),
        NodeSpec("voisin", "ap", labels=CLOSED),
        NodeSpec("sonde1", "wifi-client", labels=CLOSED, exec=("ifdown wlan0",)),
        NodeSpec("sonde2", "wifi-client", labels=CLOSED, exec=("ifdown wlan0",)),
        NodeSpec("portable", "wifi-client"),
        NodeSpec("srv10", "server"),
        NodeSpec("srv20", "server"),
    )
    links = (LinkSpec(("ap1", "eth1"), ("srv10", "eth1")), LinkSpec(("ap1", "eth2"), ("srv20", "eth1")))
    made = engine.up(LabSpec("air", "t-1", nodes, links))
    try:
        sh(made, "ap1", BRIDGE)
        for vlan in (10, 20):
            sh(made, f"srv{vlan}", f"ip addr add 10.0.{vlan}.1/24 dev eth1")
            ranges = f"--dhcp-range=10.0.{vlan}.50,10.0.{vlan}.99,1h"
            sh(made, f"srv{vlan}", f"dnsmasq -p0 -C /dev/null -i eth1 --bind-interfaces --no-ping {ranges} -u root")
        assert made.radio is not None
        made.radio.access_point("voisin", NEIGHBOUR)
        made.radio.access_point("ap1", OWN)
        yield made
    finally:
        engine.down(made.spec.key)


@pytest.fixture(scope="module")
def observer(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveObserver]:
    with LiveObserver(lab, tmp_path_factory.mktemp("report")) as made:
        yield made


def test_networks_are_heard_and_told_apart(observer: Observer) -> None:
    seen = observer.ask(Beacons())
    assert seen.scenery == ("voisin",)
    assert {(one.node, one.name, one.network.channel, one.network.security) for one in seen.networks} == {
        ("voisin", "Boulangerie", 6, "WPA2-PSK"),
        ("ap1", "Personnel été", 11, "WPA2-PSK"),
        ("ap1", "Visiteurs", 11, "WPA3-SAE"),
    }
    assert {one.name: one.network.hidden for one in seen.networks}["Visiteurs"]
    assert seen.evidence


def test_two_stations_join_and_are_tried_against_each_other(lab: Lab, observer: Observer) -> None:
    members = (Member("sonde1", *STAFF), Member("sonde2", *GUEST))
    positive = (Try("sonde1", "10.0.10.1"), Try("sonde2", "10.0.20.1"))
    seen = observer.ask(Session(members, ("ap1", "eth1"), positive, (Try("sonde2", "sonde1"),)))
    one, other = seen.members
    assert (one.joined, other.joined) == (True, True), seen
    assert (one.key, other.key) == ("WPA2-PSK", "SAE")
    assert joining.completed(one.handshake) and joining.completed(other.handshake)
    assert other.handshake[0].label == "SAE engagement"
    assert one.address.startswith("10.0.10.") and one.tags == (None,)
    assert other.tags == (), "its VLAN is on another port"
    assert [tried.reached for tried in seen.positive] == [True, True]
    assert [tried.reached for tried in seen.negative] == [False]
    assert lab.radio is not None
    running = lab.radio.status()["running"]
    assert isinstance(running, dict) and running["sonde1"] == running["sonde2"] == [], "left as found"
    assert "inet " not in sh(lab, "sonde1", "ip -4 addr show dev wlan0")


def test_a_wrong_secret_is_refused_beside_a_right_one(observer: Observer) -> None:
    members = (Member("sonde1", GUEST[0], "wrong-horse"), Member("sonde2", *GUEST))
    wrong, right = observer.ask(Session(members, ("ap1", "eth1"))).members
    assert (wrong.found, wrong.joined, wrong.rejected) == (True, False, True), wrong
    assert right.joined


def test_a_station_of_the_candidate_is_only_looked_at(observer: Observer) -> None:
    with pytest.raises(ObservationError, match="portable"):
        observer.ask(Session((Member("portable", *STAFF),), ("ap1", "eth1")))
    assert observer.ask(Station("portable")).state != "COMPLETED"


def test_the_candidate_has_no_account_on_scenery(lab: Lab) -> None:
    for node, denied in (("sonde1", True), ("voisin", True), ("portable", False)):
        assert ("DenyUsers admin" in sh(lab, node, "cat /run/trilab/sshd_role.conf")) is denied


def test_a_radio_that_dies_blames_nobody(lab: Lab, observer: LiveObserver) -> None:
    """The last test: nothing is on the air afterwards. The wrong secret keeps its session busy for four seconds."""
    assert lab.radio is not None
    wrong = Session((Member("sonde1", STAFF[0], "wrong-horse"),), ("ap1", "eth1"))
    future = observer.start(wrong)
    deadline = time.monotonic() + 20
    while "Associated" not in lab.radio.log("sonde1", "wpa_supplicant"):
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)
    container = psutil.Process(lab.radio.pid)  # type: ignore[attr-defined]  # of the native engine
    next(one for one in container.children(recursive=True) if "umid=radio" in one.cmdline()).kill()
    with pytest.raises(ObservationError, match="radio du lab"):
        future.result(30)
    with pytest.raises(ObservationError, match="radio du lab s'est arrêtée"):
        observer.ask(Session((Member("sonde1", *STAFF),), ("ap1", "eth1")))
    told = {(one.node, one.kind) for one in observer.ask(Troubles()).troubles}
    assert told == {(name, "air") for name in ("sonde1", "sonde2", "portable")}


def test_air_evidence_is_kept(observer: LiveObserver) -> None:
    kept = [one for one in observer.keeper.kept if one.kind == "pcap"]
    assert {Path(one.path).suffix for one in kept} == {".pcap"}
    assert any("802.11" in one.title for one in kept)
