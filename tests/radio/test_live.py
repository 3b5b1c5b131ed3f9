"""One access point configured by its command line, two stations, two SSIDs on two VLANs: real 802.11 in a real lab."""

from __future__ import annotations

import contextlib
import io
import re
import threading
import time
from collections.abc import Callable, Iterator

import psutil
import pytest
from scapy.layers.dot11 import Dot11, Dot11Beacon, RadioTap
from scapy.layers.eap import EAPOL
from scapy.utils import PcapReader

from trilab.access import ssh
from trilab.access.account import candidate
from trilab.access.typing_ios import Keyboard, Refused
from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec, Radio
from trilab.engine.native import NativeEngine
from trilab.errors import ObservationError, StateError
from trilab.host import process

pytestmark = pytest.mark.live

# Typed on the access point: GigabitEthernet0 is its trunk, GigabitEthernet1 leads to a PC of the staff's VLAN.
ACCESS_POINT = """configure terminal
hostname AP1
dot11 ssid PME-Personnel
 vlan 10
 authentication open
 authentication key-management wpa version 2
 wpa-psk ascii correct-horse
 mbssid guest-mode
dot11 ssid PME-Visiteurs
 vlan 20
 authentication open
 authentication key-management wpa version 2
 wpa-psk ascii 0 battery-staple
 mbssid guest-mode
interface Dot11Radio0
 encryption vlan 10 mode ciphers aes-ccm
 encryption vlan 20 mode ciphers aes-ccm
 ssid PME-Personnel
 ssid PME-Visiteurs
 mbssid
 channel 6
 station-role root
 no shutdown
interface Dot11Radio0.10
 encapsulation dot1Q 10
 bridge-group 10
interface Dot11Radio0.20
 encapsulation dot1Q 20
 bridge-group 20
interface GigabitEthernet0.10
 encapsulation dot1Q 10
 bridge-group 10
interface GigabitEthernet0.20
 encapsulation dot1Q 20
 bridge-group 20
interface GigabitEthernet1
 bridge-group 10
interface BVI1
 ip address 10.0.1.5 255.255.255.0
ip default-gateway 10.0.1.1
end
write memory"""
ENTERPRISE = """configure terminal
aaa new-model
radius server R
 address ipv4 10.0.10.200 auth-port 1812 acct-port 1813
 key Secret-R
aaa group server radius rad_eap
 server name R
aaa authentication login eap_methods group rad_eap
dot11 ssid PME-Personnel
 authentication open eap eap_methods
 authentication network-eap eap_methods
 authentication key-management wpa version 2
end"""
USERS = """alice Cleartext-Password := "Pass-alice"
bob Cleartext-Password := "Pass-bob"
    Tunnel-Type = VLAN, Tunnel-Medium-Type = IEEE-802, Tunnel-Private-Group-Id = "20"
"""
RADIUS = """ip route add 10.0.1.0/24 via 10.0.10.254
cd /etc/freeradius/3.0
cat > mods-config/files/authorize
printf 'client ap1 {\\n ipaddr = 10.0.1.5\\n secret = Secret-R\\n}\\n' >> clients.conf
sed -i 's/use_tunneled_reply = no/use_tunneled_reply = yes/' mods-available/eap
service freeradius start"""
ROUTER = """configure terminal
ip dhcp pool STAFF
 network 10.0.10.0 255.255.255.0
ip dhcp pool GUESTS
 network 10.0.20.0 255.255.255.0
interface GigabitEthernet0/1
 ip address 10.0.1.1 255.255.255.0
 no shutdown
interface GigabitEthernet0/1.10
 encapsulation dot1Q 10
 ip address 10.0.10.254 255.255.255.0
interface GigabitEthernet0/1.20
 encapsulation dot1Q 20
 ip address 10.0.20.254 255.255.255.0
end"""
HOSTAPD = """interface=wlan0
driver=nl80211
ssid=PME-Personnel
hw_mode=g
channel=6
bridge=air0
wpa=2
wpa_key_mgmt=WPA-PSK
rsn_pairwise=CCMP
wpa_passphrase=correct-horse
"""


def supplicant(ssid: str, secret: str, *more: str) -> str:
    lines = (f'ssid="{ssid}"', f'psk="{secret}"', "scan_freq=2437", *more)
    network = "network={\n" + "".join(f"    {line}\n" for line in lines) + "}\n"
    return f"ctrl_interface=/run/wpa_supplicant\nupdate_config=1\n{network}"


def spec(candidate: str = "t-1") -> LabSpec:
    nodes = (
        NodeSpec("ap1", "ap"),
        NodeSpec("s1", "wifi-client"),
        NodeSpec("s2", "wifi-client"),
        NodeSpec("r1", "router"),
        NodeSpec("pc", "server"),
    )
    links = (LinkSpec(("ap1", "eth1"), ("r1", "eth1")), LinkSpec(("ap1", "eth2"), ("pc", "eth1")))
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
    try:
        sh(made, "pc", "ip addr add 10.0.10.200/24 dev eth1")
        Cli(made, "r1").type(ROUTER)
        yield made
    finally:
        engine.down(made.spec.key)


class Cli:
    """A candidate's session on a device, by SSH."""

    def __init__(self, lab: Lab, node: str) -> None:
        self._connection = ssh.open_cli(lab, node, candidate())
        self._connection.enable()
        self.keyboard = Keyboard(self._connection)

    def type(self, text: str) -> str:
        """Type lines; a refused one fails the test."""
        return self.keyboard.type(text.splitlines())

    def reload(self) -> None:
        """Without saving; the device hangs up."""
        for answer, question in (("reload", r"\[yes/no\]: ?"), ("no", r"\[confirm\]")):
            self._connection.write_channel(f"{answer}\n")
            self._connection.read_until_pattern(question, read_timeout=30)
        self._connection.write_channel("\n")
        assert until(lambda: not self._connection.is_alive())

    def show(self, command: str) -> str:
        return str(self._connection.send_command(command, read_timeout=30))


@pytest.fixture(scope="module")
def ap(lab: Lab) -> Cli:
    made = Cli(lab, "ap1")
    made.type(ACCESS_POINT)
    return made


@pytest.fixture(scope="module")
def radio(lab: Lab, ap: Cli) -> Radio:
    assert lab.radio is not None
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


def configure(lab: Lab, node: str, ssid: str, secret: str, *more: str) -> None:
    path = "/etc/wpa_supplicant/wpa_supplicant.conf"
    lab.run(node, ["tee", path], input=supplicant(ssid, secret, *more))
    assert "OK" in sh(lab, node, "wpa_cli -i wlan0 reconfigure")


def test_stations_join_over_the_air_and_reach_their_vlan_only(lab: Lab, radio: Radio) -> None:
    assert "NO-CARRIER" in sh(lab, "s1", "ip link show wlan0"), "no carrier before the association"
    with on_air(radio) as frames:
        configure(lab, "s1", "PME-Personnel", "correct-horse")
        configure(lab, "s2", "PME-Visiteurs", "battery-staple")
        assert until(lambda: address(lab, "s1").startswith("10.0.10.")), radio.log("s1", "wpa_supplicant")
        assert until(lambda: address(lab, "s2").startswith("10.0.20.")), radio.log("s2", "wpa_supplicant")
        sh(lab, "s1", "ping -c1 -W2 10.0.10.200")
        sh(lab, "s2", "ping -c1 -W2 10.0.20.254")
        sh(lab, "pc", f"ping -c1 -W2 {address(lab, 's1').split('/')[0]}")
        sh(lab, "s2", "ip route add 10.0.10.0/24 dev wlan0 && ping -c1 -W1 10.0.10.200", code=1)
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


def test_the_access_point_shows_what_is_on_the_air(lab: Lab, radio: Radio, ap: Cli) -> None:
    brief = ap.show("show ip interface brief")
    assert re.search(r"^Dot11Radio0 +unassigned +YES unset +up +up$", brief, re.M), brief
    assert re.search(r"^BVI1 +10.0.1.5 +YES manual up +up$", brief, re.M), brief
    cells = re.findall(r"^Dot11Radio0 +(\S+) +Yes +(\S+)$", ap.show("show dot11 bssid"), re.M)
    assert [name for _, name in cells] == ["PME-Personnel", "PME-Visiteurs"]
    assert f"address is {cells[0][0]}" in ap.show("show interfaces Dot11Radio0")
    groups = re.split(r"^SSID ", ap.show("show dot11 associations"), flags=re.M)[1:]
    for station, text, ssid in zip(("s1", "s2"), groups, ("[PME-Personnel]", "[PME-Visiteurs]"), strict=True):
        digits = sh(lab, station, "cat /sys/class/net/wlan0/address").strip().replace(":", "")
        assert text.startswith(ssid) and f"{digits[:4]}.{digits[4:8]}.{digits[8:]}" in text
    assert "Channel 6" in ap.show("show controllers Dot11Radio0")
    assert "100 percent" in ap.show("ping 10.0.1.1"), "BVI1 is in the untagged VLAN of the trunk"


def test_hostapd_reaches_the_wire_through_its_node(lab: Lab, radio: Radio) -> None:
    sh(lab, "ap1", "ping -c1 -W2 169.254.77.2")


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


def test_no_guest_mode_hides_a_name_and_a_reload_forgets_what_is_not_saved(lab: Lab, radio: Radio, ap: Cli) -> None:
    def beacons() -> dict[str, bytes]:
        with on_air(radio) as frames:
            heard: dict[str, bytes] = {}

            def both() -> bool:
                heard.update({p[Dot11].addr2: p[Dot11Beacon].payload.info for p in frames() if p.haslayer(Dot11Beacon)})
                return len(heard) == 2

            assert until(both), heard
        return heard

    assert sorted(beacons().values()) == [b"PME-Personnel", b"PME-Visiteurs"]
    ap.type("configure terminal\ndot11 ssid PME-Visiteurs\nno mbssid guest-mode\nend")
    assert sorted(beacons().values()) == [b"", b"PME-Personnel"]
    assert re.search(r"No +PME-Visiteurs", ap.show("show dot11 bssid"))
    assert until(lambda: "wpa_state=COMPLETED" in sh(lab, "s1", "wpa_cli status")), "the radio took its stations back"
    ap.reload()
    assert sorted(beacons().values()) == [b"PME-Personnel", b"PME-Visiteurs"]


def test_a_radio_that_is_shut_down_transmits_nothing(lab: Lab, radio: Radio) -> None:
    ap = Cli(lab, "ap1")
    ap.type("configure terminal\ninterface Dot11Radio0\nshutdown")
    assert until(lambda: "NO-CARRIER" in sh(lab, "s1", "ip link show wlan0"))
    assert radio.run("ap1", ["hostapd_cli", "status"]).returncode != 0
    ap.type("no shutdown\nend")
    assert until(lambda: "wpa_state=COMPLETED" in sh(lab, "s1", "wpa_cli status"))


def joined(lab: Lab, node: str) -> bool:
    return "wpa_state=COMPLETED" in sh(lab, node, "wpa_cli status")


def reaches(lab: Lab, node: str, target: str) -> bool:
    return "1 received" in sh(lab, node, f"ping -c1 -W1 {target}", code=None)


def test_protected_stations_reach_the_wire_but_not_each_other(lab: Lab, radio: Radio) -> None:
    configure(lab, "s2", "PME-Personnel", "correct-horse")
    sh(lab, "s2", "ifdown wlan0; ifup wlan0")  # its lease was of another VLAN
    assert until(lambda: address(lab, "s2").startswith("10.0.10."))
    other = address(lab, "s2").split("/")[0]
    assert until(lambda: reaches(lab, "s1", other)), "control: they may before"
    Cli(lab, "ap1").type("configure terminal\ninterface Dot11Radio0.10\nbridge-group 10 port-protected\nend")
    for station in ("s1", "s2"):
        assert until(lambda: joined(lab, station) and reaches(lab, station, "10.0.10.200"))  # noqa: B023
    assert not reaches(lab, "s1", other)


def test_a_mac_list_keeps_one_station_out(lab: Lab, radio: Radio) -> None:
    digits = sh(lab, "s2", "cat /sys/class/net/wlan0/address").strip().replace(":", "")
    ap = Cli(lab, "ap1")
    ap.type(
        f"configure terminal\naccess-list 700 deny {digits[:4]}.{digits[4:8]}.{digits[8:]} 0000.0000.0000\n"
        "access-list 700 permit 0000.0000.0000 ffff.ffff.ffff\ndot11 association mac-list 700\nend"
    )
    assert until(lambda: "status_code=1" in radio.log("s2", "wpa_supplicant")), "the access point says no"
    assert until(lambda: joined(lab, "s1")) and not joined(lab, "s2")
    ap.type("configure terminal\nno dot11 association mac-list\nend")


def test_wpa3_takes_stations_that_know_sae_only(lab: Lab, radio: Radio) -> None:
    ap = Cli(lab, "ap1")
    ap.type("configure terminal\ndot11 ssid PME-Personnel\nauthentication key-management wpa version 3\nend")
    configure(lab, "s1", "PME-Personnel", "correct-horse", "key_mgmt=SAE", "ieee80211w=2")
    configure(lab, "s2", "PME-Personnel", "correct-horse")
    assert until(lambda: "key_mgmt=SAE" in sh(lab, "s1", "wpa_cli status") and joined(lab, "s1"))
    assert not joined(lab, "s2")
    assert re.search(r"WPAv3 SAE", ap.show("show dot11 associations all-client"))
    ap.type("configure terminal\ndot11 ssid PME-Personnel\nauthentication key-management wpa version 3 transition\nend")
    assert until(lambda: joined(lab, "s1") and joined(lab, "s2")), "both kinds"


def enterprise(user: str, secret: str, method: str, inner: str) -> str:
    lines = (
        *('ssid="PME-Personnel"', "key_mgmt=WPA-EAP", "scan_freq=2437", f"eap={method}"),
        *(f'identity="{user}"', f'password="{secret}"', f'phase2="auth={inner}"'),
    )
    network = "".join(f"    {line}\n" for line in lines)
    return f"ctrl_interface=/run/wpa_supplicant\nnetwork={{\n{network}}}\n"


def test_a_radius_server_decides_who_comes_in_and_to_which_vlan(lab: Lab, radio: Radio) -> None:
    done = lab.run("pc", ["bash", "-ec", RADIUS], input=USERS, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    ap = Cli(lab, "ap1")
    ap.type(ENTERPRISE)
    path = "/etc/wpa_supplicant/wpa_supplicant.conf"
    for station, user, method, inner in (("s1", "alice", "PEAP", "MSCHAPV2"), ("s2", "bob", "TTLS", "PAP")):
        lab.run(station, ["tee", path], input=enterprise(user, f"Pass-{user}", method, inner))
        sh(lab, station, "ifdown wlan0; ifup wlan0")
    assert until(lambda: joined(lab, "s1") and address(lab, "s1").startswith("10.0.10.")), radio.log("ap1", "hostapd0")
    assert until(lambda: joined(lab, "s2") and address(lab, "s2").startswith("10.0.20.")), "the VLAN that it assigned"
    assert reaches(lab, "s2", "10.0.20.254")
    assert ap.show("show dot11 associations").count("EAP-Assoc") == 2
    lab.run("s2", ["tee", path], input=enterprise("bob", "Pass-alice", "PEAP", "MSCHAPV2"))
    sh(lab, "s2", "wpa_cli reconfigure")
    assert until(lambda: "EAP-FAILURE" in radio.log("s2", "wpa_supplicant")) and not joined(lab, "s2")
    assert joined(lab, "s1"), "control: the other one is still in"


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
    nodes = (NodeSpec("s1", "wifi-client"), NodeSpec("a", "ap"), NodeSpec("b", "server"))
    lab = engine.up(LabSpec("wifi", "t-2", nodes, (LinkSpec(("a", "eth1"), ("b", "eth1")),)))
    try:
        radio = lab.radio
        assert radio is not None and radio.run("s1", ["iw", "dev"]).returncode == 0
        with pytest.raises(ObservationError, match="passphrase"):  # a refused configuration, in hostapd's words
            radio.access_point("a", HOSTAPD.replace("correct-horse", "short"))
        with pytest.raises(ObservationError, match="air9"):
            radio.access_point("a", HOSTAPD.replace("bridge=air0", "bridge=air9"))
        bubble = psutil.Process(radio.pid)
        kernels = [one for one in bubble.children(recursive=True) if "umid=radio" in one.cmdline()]
        kernels[0].kill()
        assert until(lambda: not radio.alive, 10)
        assert until(lambda: not any(process.born(one.pid) for one in kernels), 10)
        with pytest.raises(ObservationError, match="radio du lab"):
            radio.run("s1", ["iw", "dev"])
        assert "ne répond pas" in sh(lab, "s1", "iw dev", code=255)
        with pytest.raises(StateError, match="sa radio s'est arrêtée"):
            engine.up(lab.spec)
        ap = Cli(lab, "a")
        ap.type("configure terminal\ninterface BVI1\nip address 10.9.9.1 255.255.255.0\nexit")
        ap.type("dot11 ssid X\nauthentication open\ninterface Dot11Radio0\nssid X")
        with pytest.raises(Refused, match="does not answer"):
            ap.type("no shutdown")
        ap.type("description sans radio")  # the rest of the device is configured as before
        assert "Dot11Radio0 is administratively down" in ap.show("do show interfaces Dot11Radio0")
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
