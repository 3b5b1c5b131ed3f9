"""The dialect of autonomous access points: what it takes, writes back, refuses; what the radio and the bridge get."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from ntc_templates.parse import parse_output

from tests.nos.conftest import Console, plane
from trilab.nos import defaults, interpreter, running
from trilab.nos.dataplane import bridging, hostapd, nft
from trilab.nos.dataplane.base import PortState, RadioBss, RadioClient, RadioState
from trilab.nos.dataplane.radio import least_congested, parse_clients
from trilab.nos.device import Device
from trilab.nos.features import macfilter
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.grammar.graph import Grammar
from trilab.nos.model import Config
from trilab.nos.names import Names

WIRED = "interface gi0.5\nencapsulation dot1Q 5\nbridge-group 5"
Connect = Callable[..., Console]
TYPED = """hostname AP1
dot11 ssid Personnel
 vlan 10
 authentication open
 authentication key-management wpa version 2
 wpa-psk ascii correct-horse
 mbssid guest-mode
dot11 ssid Salle d'attente é
 vlan 20
 authentication open
interface Dot11Radio0
 encryption vlan 10 mode ciphers aes-ccm
 ssid Personnel
 ssid Salle d'attente é
 mbssid
 channel 2462
 power local 14
 station-role root access-point
 no shutdown
interface do0.10
 encapsulation dot1Q 10
 bridge-group 10
interface Dot11Radio 0.20
 encapsulation dot1Q 20
 bridge-group 20
 bridge-group 20 port-protected
interface Dot11Radio0.99
 encapsulation dot1Q 99 native
interface gi0.110
 encapsulation dot1Q 110
 bridge-group 10
interface GigabitEthernet0.99
 encapsulation dot1Q 99 native
interface bvi1
 ip address 10.0.99.5 255.255.255.0
"""
WRITTEN = """interface Dot11Radio0
 no ip address
 !
 encryption vlan 10 mode ciphers aes-ccm
 !
 ssid Personnel
 !
 ssid Salle d'attente é
 !
 mbssid
 power local 14
 channel 2462
 station-role root
 bridge-group 1
 bridge-group 1 spanning-disabled
!
interface Dot11Radio0.10
 encapsulation dot1Q 10
 no ip address
 bridge-group 10
 bridge-group 10 spanning-disabled
!
interface Dot11Radio0.20
 encapsulation dot1Q 20
 no ip address
 bridge-group 20
 bridge-group 20 port-protected
 bridge-group 20 spanning-disabled
!
"""


def read(grammars: dict[str, Grammar], text: str, base: Config | None = None) -> Config:
    start = defaults.factory(Names("ap", 1)) if base is None else base
    config, refused = interpreter.load(text, start, grammars["ap"])
    assert refused == []
    return config


@pytest.fixture
def config(grammars: dict[str, Grammar]) -> Config:
    return read(grammars, TYPED)


def test_out_of_the_box_the_radio_is_off_and_everything_is_in_bridge_group_1(ap: Device) -> None:
    assert ap.config.interfaces["Dot11Radio0"].shutdown
    assert [i.bridge_group for i in ap.config.interfaces.values()] == [1, 1, None]
    assert hostapd.settings(ap.config, 1).text == ""


def test_what_is_typed_is_written_in_the_form_of_ios_and_read_back(
    grammars: dict[str, Grammar], config: Config
) -> None:
    text = running.render(config)
    assert WRITTEN in text
    assert "dot11 ssid Personnel\n   vlan 10\n   authentication open\n" in text
    assert "   mbssid guest-mode\n   wpa-psk ascii 0 correct-horse\n" in text
    assert read(grammars, text, defaults.boot_base(Names("ap", 1))) == config
    config.password_encryption = True
    hidden = running.render(config)
    assert "correct-horse" not in hidden
    assert read(grammars, hidden, defaults.boot_base(Names("ap", 1))) == config


def test_hostapd_gets_one_bss_per_ssid_each_with_its_port(config: Config) -> None:
    text = hostapd.settings(config, 11).text
    first, second = text.split("bss=wlan0_1\n")
    assert first.startswith("interface=wlan0\n") and "channel=11\n" in first
    assert "bridge=air0\n" in first and "wpa_passphrase=correct-horse\n" in first and "wpa=2\n" in first
    assert f"ssid2={'Salle d’attente é'.replace('’', chr(39)).encode().hex()}\n" in second
    assert "utf8_ssid=1\n" in second and "wpa" not in second and "bridge=air1\n" in second


def test_a_name_is_told_only_in_guest_mode(grammars: dict[str, Grammar], config: Config) -> None:
    def hidden(config: Config) -> list[str]:
        return [
            line[-1] for line in hostapd.settings(config, 1).text.splitlines() if line.startswith("ignore_broadcast")
        ]

    assert hidden(config) == ["0", "1"]
    without = read(grammars, "interface Dot11Radio0\n no mbssid\n", config)
    assert hidden(without) == ["1", "1"], "mbssid guest-mode counts on a radio with mbssid"
    guest = read(grammars, "dot11 ssid Salle d'attente é\n guest-mode\n", without)
    assert hidden(guest) == ["1", "0"]


def test_clients_of_a_protected_subinterface_are_kept_apart(grammars: dict[str, Grammar], config: Config) -> None:
    def apart(config: Config) -> list[str]:
        return [line[-1] for line in hostapd.settings(config, 1).text.splitlines() if line.startswith("ap_isolate")]

    assert apart(config) == ["0", "1"]
    without = read(grammars, "interface Dot11Radio0.20\n no bridge-group 20 port-protected\n", config)
    assert apart(without) == ["0", "0"]
    elsewhere = read(grammars, "interface Dot11Radio0\n bridge-group 1 port-protected\n", without)
    assert apart(elsewhere) == ["0", "0"], "both VLANs leave by subinterfaces of their own"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("dot11 ssid Personnel\n no authentication open\n", "authentication type"),
        ("dot11 ssid Personnel\n no wpa-psk\n", "pre-shared key"),
        ("dot11 ssid Personnel\n no authentication key-management\n", "needs key management"),
        ("interface Dot11Radio0\n no encryption vlan 10 mode ciphers\n", "needs a cipher"),
    ],
)
def test_an_incomplete_ssid_is_not_transmitted(
    grammars: dict[str, Grammar], config: Config, change: str, why: str
) -> None:
    assert hostapd.silent(config, config.ssids["Personnel"]) == ""
    broken = read(grammars, change, config)
    assert why in hostapd.silent(broken, broken.ssids["Personnel"])
    assert [ssid.name for ssid in hostapd.on_air(broken)] == ["Salle d'attente é"]


def test_bridge_groups_join_the_vlans_of_the_air_and_of_the_wire(config: Config) -> None:
    ports = bridging.desired(config, {"eth1"}, {f"air{slot}" for slot in range(8)}).ports
    assert (ports["air0"].mode, ports["air0"].tag) == ("access", 110), "VLAN 10 of the air is VLAN 110 of the wire"
    assert (ports["eth1"].mode, ports["eth1"].tag, ports["eth1"].trunks) == ("native-untagged", 99, (99, 110))
    assert ports["sv1"].tag == 99, "BVI1 is in the native VLAN"
    assert ports["air1"].tag not in ports["eth1"].trunks, "bridge group 20 has nothing on the wire"


def test_a_wireless_vlan_without_subinterface_leads_nowhere(grammars: dict[str, Grammar], config: Config) -> None:
    alone = read(grammars, "no interface Dot11Radio0.10\n", config)
    ports = bridging.desired(alone, {"eth1"}, {"air0", "air1"}).ports
    assert ports["air0"].tag == bridging.NOWHERE


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ("dot11 ssid " + "x" * 33, "% SSID is too long: 33 bytes, at most 32"),
        ("dot11 ssid " + "é" * 17, "% SSID is too long: 34 bytes, at most 32"),
        ("dot11 ssid #x", "% SSID contains illegal characters"),
        ("dot11 ssid X\nwpa-psk ascii 1234567", "% WPA pre-shared key in ASCII must have 8 to 63"),
        ("dot11 ssid X\nwpa-psk ascii " + "a" * 64, "% WPA pre-shared key in ASCII must have 8 to 63"),
        ("dot11 ssid X\nwpa-psk ascii motdepassé", "% WPA pre-shared key in ASCII must have 8 to 63"),
        ("dot11 ssid X\nwpa-psk hex " + "a" * 63, "% WPA pre-shared key in hexadecimal must have 64 digits"),
        ("dot11 ssid X\nvlan 0", "% Invalid input detected"),
        ("dot11 ssid X\nauthentication shared", "% Invalid input detected"),
        ("interface Dot11Radio0\nchannel 14", "% Invalid input detected"),
        ("interface Dot11Radio0\nchannel 2440", "% 2440 MHz is not the frequency of a channel"),
        ("interface Dot11Radio0\npower local 30", "% Invalid input detected"),
        ("interface Dot11Radio0\nssid X", "% SSID X is not configured"),
        ("interface Dot11Radio0\nencryption mode wep mandatory", "% Invalid input detected"),
        ("interface Dot11Radio0\nip address 10.0.0.1 255.0.0.0", "% Invalid input detected"),
        ("interface Dot11Radio1", "% Invalid input detected"),
        ("interface GigabitEthernet0.5\nbridge-group 5", "% Configure encapsulation dot1Q"),
        ("interface GigabitEthernet0.5\nencapsulation dot1Q 5 native\nbridge-group 5", "% The native VLAN"),
        ("dot11 ssid X\ndot11 ssid Y\ninterface Dot11Radio0\nssid X\nssid Y", "% SSID X is already on"),
        (f"{WIRED}\ninterface gi0.6\nencapsulation dot1Q 6\nbridge-group 5",
         "% Bridge group 5 carries VLAN 5"),
        ("vlan 10", "% Invalid input detected"),
        ("access-list 700 deny 0200.0000.0001 0000.0000.ffff", "% Only the masks"),
        ("access-list 700 deny 02:00:00:00:00:01", "% Invalid input detected"),
        ("interface Dot11Radio0\nworld-mode dot11d country-code US both", "% Country US is not of the regulatory"),
        ("aaa group server radius X", "% AAA is not enabled"),
        ("aaa authentication login X group radius", "% AAA is not enabled"),
        ("radius-server host 10.0.0.1 auth-port 70000", "% Invalid input detected"),
        ("dot11 ssid X\nauthentication network-eap", "% Incomplete command."),
        (f"{WIRED}\nbridge-group 5 port-protected", "% port-protected is"),
    ],
)  # fmt: skip
def test_refused(ap: Device, connect: Connect, lines: str, answer: str) -> None:
    console = connect(ap)
    before = running.render(ap.config)
    console.run("configure terminal")
    *first, last = lines.split("\n")
    for line in first:
        assert "%" not in console.run(line)
    accepted = running.render(ap.config)
    assert answer in console.run(last)
    assert running.render(ap.config) == accepted
    assert (accepted == before) == (not first or "Radio0" in first[0])


def test_sixty_three_characters_and_thirty_two_bytes_are_right(ap: Device, connect: Connect) -> None:
    console = connect(ap)
    console.configure(f"dot11 ssid {'é' * 16}\nwpa-psk ascii {'k' * 63}")
    assert ap.config.ssids["é" * 16].psk == "k" * 63
    console.configure(f"dot11 ssid {'é' * 16}\nwpa-psk hex {'0f' * 32}")
    assert "wpa-psk hex 0 " + "0f" * 32 in running.render(ap.config)


def keys(config: Config) -> dict[str, str]:
    """Of the first SSID."""
    first = hostapd.settings(config, 1).text.partition("bss=")[0]
    return dict(line.split("=", 1) for line in first.splitlines())


@pytest.mark.parametrize(
    ("typed", "management", "frames"),
    [
        ("authentication key-management wpa version 2", "WPA-PSK", "0"),
        ("11w-pmf client optional", "WPA-PSK", "1"),
        ("11w-pmf client required", "WPA-PSK", "2"),
        ("authentication key-management wpa version 3", "SAE", "2"),
        ("authentication key-management wpa version 3 transition", "WPA-PSK SAE", "1"),
    ],
)
def test_key_management(grammars: dict[str, Grammar], config: Config, typed: str, management: str, frames: str) -> None:
    changed = read(grammars, f"dot11 ssid Personnel\n {typed}\n", config)
    found = keys(changed)
    assert (found["wpa_key_mgmt"], found["ieee80211w"], found["wpa"]) == (management, frames, "2")
    assert read(grammars, running.render(changed), defaults.boot_base(Names("ap", 1))) == changed
    assert f"   {typed}\n" in running.render(changed)


def test_sae_has_no_key_in_hexadecimal(grammars: dict[str, Grammar], config: Config) -> None:
    key = f"dot11 ssid Personnel\n wpa-psk hex {'0f' * 32}\n"
    assert keys(read(grammars, key, config))["wpa_psk"] == "0f" * 32
    sae = read(grammars, key + " authentication key-management wpa version 3\n", config)
    assert "ASCII" in hostapd.silent(sae, sae.ssids["Personnel"])


def test_protected_ssids_are_kept_apart_in_the_bridge(config: Config) -> None:
    ports = bridging.desired(config, {"eth1"}, {"air0", "air1"}).ports
    assert [ports[name].protected for name in ("air0", "air1", "eth1")] == [False, True, False]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["deny 0200.0000.0001"], ("deny", [])),
        (["permit 0200.0000.0001", "permit 0200.0000.0002"], ("deny", ["02:00:00:00:00:01", "02:00:00:00:00:02"])),
        (["deny 0200.0000.0001", "permit 0000.0000.0000 ffff.ffff.ffff"], ("permit", ["02:00:00:00:00:01"])),
        (["permit 0000.0000.0000 ffff.ffff.ffff", "deny 0200.0000.0001"], ("permit", [])),
        (["permit 0200.0000.0001", "deny 0200.0000.0001"], ("deny", ["02:00:00:00:00:01"])),
        ([], None),
    ],
)
def test_the_first_entry_that_fits_decides(
    grammars: dict[str, Grammar], config: Config, rules: list[str], expected: tuple[str, list[str]] | None
) -> None:
    typed = "".join(f"access-list 700 {rule}\n" for rule in rules) + "dot11 association mac-list 700\n"
    filtered = read(grammars, typed, config)
    assert macfilter.effective(filtered) == expected
    assert read(grammars, running.render(filtered), defaults.boot_base(Names("ap", 1))) == filtered
    settings = hostapd.settings(filtered, 1)
    if expected is None:
        assert settings.files == {} and "macaddr_acl" not in settings.text
    else:
        name = {"deny": "accept", "permit": "deny"}[expected[0]]
        assert settings.files == {name: "".join(f"{mac}\n" for mac in expected[1])}
        assert settings.text.count(f"{name}_mac_file={name}\n") == 2, "for every SSID"


def test_the_country_is_told(grammars: dict[str, Grammar], config: Config) -> None:
    told = read(grammars, "interface Dot11Radio0\n world-mode dot11d country-code fr indoor\n", config)
    assert (keys(told)["ieee80211d"], keys(told)["country3"]) == ("1", "0x49")
    assert " world-mode dot11d country-code FR indoor\n" in running.render(told)


RADIUS = """aaa new-model
aaa group server radius rad_eap
 server name R1
 server 10.0.0.9 auth-port 1812 acct-port 1813
aaa authentication login eap_methods group rad_eap
aaa authentication login tous group radius
aaa authentication login default local
radius-server key Partage 1
radius server R1
 address ipv4 10.0.0.8 auth-port 1812 acct-port 1813
 key Secret
radius-server host 10.0.0.9 auth-port 1812 acct-port 1813
radius server R2
 address ipv4 10.0.0.7
radius server R3
 key orphelin
dot11 ssid Personnel
 authentication open eap eap_methods
 authentication network-eap eap_methods
"""


def test_radius_servers_are_asked_in_the_order_of_the_group(grammars: dict[str, Grammar], config: Config) -> None:
    changed = read(grammars, RADIUS, config)
    first = hostapd.settings(changed, 1).text.partition("bss=")[0]
    asked = re.findall(r"auth_server_addr=(.*)\nauth_server_port=(.*)\nauth_server_shared_secret=(.*)\n", first)
    assert asked == [("10.0.0.8", "1812", "Secret"), ("10.0.0.9", "1812", "Partage 1")]
    assert "wpa_key_mgmt=WPA-EAP\n" in first and "ieee8021x=1\n" in first and "passphrase" not in first
    assert "own_ip_addr=10.0.99.5\n" in first and "nas_identifier=AP1\n" in first
    every = read(grammars, "dot11 ssid Personnel\n authentication open eap tous\n", changed)
    assert len(changed.parts[Aaa].servers_of("tous")) == 3, "R3 has no address; R2 speaks on port 1645"
    assert "auth_server_addr=10.0.0.7\nauth_server_port=1645\n" in hostapd.settings(every, 1).text


@pytest.mark.parametrize("hidden", [False, True])
def test_radius_is_written_and_read_back(grammars: dict[str, Grammar], config: Config, hidden: bool) -> None:
    changed = read(grammars, RADIUS, config)
    changed.password_encryption = hidden
    text = running.render(changed)
    assert ("key Secret" in text) is not hidden
    assert "   authentication open eap eap_methods\n   authentication network-eap eap_methods\n" in text
    assert read(grammars, text, defaults.boot_base(Names("ap", 1))) == changed


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("no aaa new-model\n", "no RADIUS server"),
        ("no radius server R1\nno radius-server host 10.0.0.9\n", "no RADIUS server"),
        ("dot11 ssid Personnel\n authentication open eap autre\n", "no RADIUS server"),
        ("dot11 ssid Personnel\n no authentication key-management\n", "needs key management"),
        ("interface Dot11Radio0\n no encryption vlan 10 mode ciphers aes-ccm\n", "needs a cipher"),
    ],
)
def test_enterprise_without_what_it_needs_is_not_transmitted(
    grammars: dict[str, Grammar], config: Config, change: str, why: str
) -> None:
    changed = read(grammars, RADIUS, config)
    assert hostapd.silent(changed, changed.ssids["Personnel"]) == ""
    broken = read(grammars, change, changed)
    assert why in hostapd.silent(broken, broken.ssids["Personnel"])


def test_a_server_assigns_the_vlans_that_the_radio_has_with_a_cipher(
    grammars: dict[str, Grammar], config: Config
) -> None:
    more = "interface Dot11Radio0\n encryption vlan 30 mode ciphers aes-ccm\n"
    more += "interface Dot11Radio0.30\n encapsulation dot1Q 30\n bridge-group 30\n"
    changed = read(grammars, RADIUS + more, config)
    assert hostapd.assigned(config) == {}, "no enterprise network"
    assert hostapd.assigned(changed) == {10: "air0", 30: "air2"}, "VLAN 20 has no cipher"
    assert hostapd.settings(changed, 1).files["vlans0"] == "10 wlan0.10 air0\n30 wlan0.30 air2\n"
    ports = bridging.desired(changed, {"eth1"}, {f"air{slot}" for slot in range(8)}).ports
    assert ports["air2"].tag == bridging.tags(changed)[30]


def test_only_hostapd_is_forwarded(grammars: dict[str, Grammar], config: Config) -> None:
    text = nft.filters(read(grammars, RADIUS, config))
    assert 'iifname != "aaa0" ct state new drop' in text and "ip saddr 169.254.77.2 masquerade" in text
    assert "masquerade" not in nft.filters(config)


def test_aaa_asks_for_local_accounts_on_terminal_lines(ap: Device, connect: Connect) -> None:
    connect(ap).configure("username eve secret Pass\naaa new-model")
    console = connect(ap, enabled=False, line="vty", user="", authenticated=False, source="10.0.0.9")
    console.read("Username: ")
    console.run("eve", "Password: ")
    console.run("Pass")
    assert console.screen.endswith("ap>")


def test_removing_an_ssid_takes_it_off_the_radio(ap: Device, connect: Connect) -> None:
    console = connect(ap)
    console.configure("dot11 ssid X\ninterface Dot11Radio0\nssid X")
    console.configure("no dot11 ssid X")
    assert ap.config.radio.ssids == [] and ap.config.ssids == {}


def test_nine_ssids_are_one_too_many(ap: Device, connect: Connect) -> None:
    console = connect(ap)
    for number in range(1, 10):
        console.configure(f"dot11 ssid N{number}\nvlan {number}")
    said = console.configure("interface Dot11Radio0\n" + "\n".join(f"ssid N{number}" for number in range(1, 10)))
    assert "at most 8 SSIDs" in said and len(ap.config.radio.ssids) == 8


def test_the_default_radio_is_the_factorys(ap: Device, connect: Connect) -> None:
    console = connect(ap)
    before = running.render(ap.config)
    console.configure("interface Dot11Radio0\nchannel 6\nmbssid\nno shutdown\nno bridge-group 1")
    assert running.render(ap.config) != before
    console.configure("default interface Dot11Radio0")
    assert running.render(ap.config) == before


STATION = """02:25:9e:8d:d2:d0
flags=[AUTH][ASSOC][AUTHORIZED][SHORT_PREAMBLE][WMM][HT]
aid=1
wpa=2
AKMSuiteSelector=00-0f-ac-2
signal=-30
connected_time=2
02:d3:cc:f0:74:b0
flags=[AUTH][ASSOC]
aid=2
signal=-41
connected_time=0
"""


def test_stations_as_hostapd_lists_them() -> None:
    first, second = parse_clients(STATION, "X")
    assert first == RadioClient("02:25:9e:8d:d2:d0", "X", True, True, "00-0f-ac-2", 2, -30)
    assert (second.mac, second.authorized, second.akm) == ("02:d3:cc:f0:74:b0", False, "")
    assert parse_clients("", "X") == []


@pytest.mark.parametrize(
    ("heard", "channel"), [([], 1), ([2412], 6), ([2412, 2437], 11), ([2412, 2437, 2462, 2462], 1), ([2427], 11)]
)
def test_the_least_congested_channel(heard: list[int], channel: int) -> None:
    scan = "".join(f"BSS 02:00\n\tfreq: {frequency}.0\n\tSSID: freq: 1\n" for frequency in heard)
    assert least_congested(scan) == channel


def test_show_the_radio(ap: Device, connect: Connect) -> None:
    console = connect(ap)
    console.configure(TYPED)
    mac = "02:00:00:00:00:10"
    plane(ap).seen[RadioState] = RadioState(
        True, mac, 11, 14, (RadioBss("Personnel", mac),), tuple(parse_clients(STATION, "Personnel"))
    )
    plane(ap).state = {"Dot11Radio0": PortState("Dot11Radio0", True, True, True, mac, 1500)}
    said = console.run("show dot11 associations")
    assert "SSID [Personnel] :" in said and "0225.9e8d.d2d0 0.0.0.0" in said
    assert "Dot11Radio0   0200.0000.0010  Yes   Personnel" in console.run("show dot11 bssid")
    detail = console.run("show dot11 associations all-client")
    assert "WPAv2 PSK" in detail and "VLAN              : 10" in detail
    assert "2462 MHz  Channel 11" in console.run("show controllers Dot11Radio 0")
    assert "802.11N 2.4GHz Radio, address is 0200.0000.0010" in console.run("show interfaces do0")


@pytest.mark.parametrize("command", ["show ip interface brief", "show interfaces", "show interfaces description"])
def test_interfaces_are_read_by_ntc_templates(ap: Device, connect: Connect, command: str) -> None:
    console = connect(ap)
    console.configure("interface Dot11Radio0.10\nencapsulation dot1Q 10\nbridge-group 10")
    rows = parse_output(platform="cisco_ios", command=command, data=console.run(command))
    names = {"Dot11Radio0", "Dot11Radio0.10", "GigabitEthernet0", "BVI1"} if "desc" not in command else {
        "Do0", "Do0.10", "Gi0", "BV1"}  # fmt: skip
    assert {row.get("interface") or row["port"] for row in rows} == names
