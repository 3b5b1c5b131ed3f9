from __future__ import annotations

import pytest

from trilab.radio import policy
from trilab.radio.policy import Refused

CONF = """ctrl_interface=/run/wpa_supplicant
update_config=1
country=US
network={
    ssid="Personnel"
    key_mgmt=WPA-EAP
    ca_cert="/etc/ssl/pme.pem"
    private_key="/home/admin/absent.key"
    identity="alice/at/work"
}
"""


@pytest.mark.parametrize(
    ("line", "root"),
    [
        ("dev", False),
        ("dev wlan0 link", False),
        ("dev wlan0 scan dump", False),
        ("reg get", False),
        ("dev wlan0 scan", True),
        ("dev wlan0 set power_save off", True),
        ("event", False),
    ],
)
def test_iw_on_the_own_radio(line: str, root: bool) -> None:
    assert policy.iw(line.split(), root=root) == ["/usr/sbin/iw", *line.split()]


@pytest.mark.parametrize(
    ("line", "root", "why"),
    [
        ("phy phy0 set netns 1", True, "espace réseau"),
        ("phy phy0 set netns name /proc/1/ns/net", True, "espace réseau"),
        ("reg set US", True, "domaine réglementaire"),
        ("dev wlan0 del", True, "supprimée"),
        ("dev wlan0 scan", False, "root"),
        ("dev wlan0 set channel 6", False, "root"),
        ("dev wlan0 connect Personnel", False, "root"),
    ],
)
def test_iw_refused(line: str, root: bool, why: str) -> None:
    with pytest.raises(Refused, match=why):
        policy.iw(line.split(), root=root)


def test_the_control_folder_is_never_the_callers_choice() -> None:
    command = policy.cli("wpa_cli", ["-p", "/run/nodes/other/wpa", "-iwlan0", "status"], "/own", "wlan0", root=True)
    assert command == ["/usr/sbin/wpa_cli", "-p", "/own", "-i", "wlan0", "status"]


@pytest.mark.parametrize("option", ["-a/tmp/x", "-a", "-G5", "-P/etc/x"])
def test_no_script_and_no_file_of_the_guest(option: str) -> None:
    with pytest.raises(Refused, match="sans effet"):
        policy.cli("wpa_cli", [option, "status"], "/own", "wlan0", root=True)


def test_an_interface_name_is_no_path() -> None:
    with pytest.raises(Refused, match="interface"):
        policy.cli("wpa_cli", ["-i", "../../other/wpa/wlan0", "status"], "/own", "wlan0", root=True)


def test_a_configuration_keeps_its_lines_and_loses_what_is_not_the_stations() -> None:
    assert policy.files(CONF) == ["/etc/ssl/pme.pem", "/home/admin/absent.key"]
    inside = policy.inward(CONF, {"/etc/ssl/pme.pem": "/run/nodes/s1/files/0"}, "/run/nodes/s1/wpa")
    *lines, control, p2p = inside.splitlines()
    assert (control, p2p) == ("ctrl_interface=/run/nodes/s1/wpa", "p2p_disabled=1")
    assert len(lines) == len(CONF.splitlines()), "errors name the same line"
    assert lines[0] == "" and lines[2] == "" and lines[1] == "update_config=1"
    assert '    ca_cert="/run/nodes/s1/files/0"' in lines
    assert '    private_key="/home/admin/absent.key"' in lines
    assert '    identity="alice/at/work"' in lines


def test_what_save_config_wrote_comes_back_with_the_nodes_own_words() -> None:
    names = {"/etc/ssl/pme.pem": "/run/nodes/s1/files/0"}
    network = 'network={\n\tca_cert="/run/nodes/s1/files/0"\n}\n'
    saved = f"ctrl_interface=/run/nodes/s1/wpa\nupdate_config=1\np2p_disabled=1\n{network}"
    back = policy.outward(saved, CONF, names)
    assert back.startswith("ctrl_interface=/run/wpa_supplicant\ncountry=US\nupdate_config=1\n")
    assert '\tca_cert="/etc/ssl/pme.pem"' in back and "/run/nodes" not in back and "p2p" not in back
