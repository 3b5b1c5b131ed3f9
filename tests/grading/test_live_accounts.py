"""Accounts of a Wi-Fi lab on a real air: the solution of wifi-entreprise, asked as the grading asks it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trilab.access import play
from trilab.capture import joining, radius
from trilab.engine.base import Lab
from trilab.engine.native import NativeEngine
from trilab.grading.live import LiveObserver
from trilab.grading.wifi_requests import Asked, Member, Session
from trilab.lab.answers import answer
from trilab.lab.candidate import Candidate
from trilab.lab.catalogue import check
from trilab.topology import plan

pytestmark = pytest.mark.live

LAB = Path(__file__).resolve().parents[2] / "labs" / "wifi-entreprise"
CANDIDATE = Candidate.parse("t-1")
CERTIFICATE = "/etc/ssl/certs/ssl-cert-snakeoil.pem"


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    return dict(check(LAB).values(CANDIDATE))


@pytest.fixture(scope="module")
def lab(radio_kernel: None, engine: NativeEngine, values: dict[str, Any]) -> Iterator[Lab]:
    definition = check(LAB)
    made = engine.up(plan(definition.topology_for(values), definition.id, CANDIDATE.code))
    try:
        play(made, answer(definition, "solution", values), lambda line: None)
        yield made
    finally:
        engine.down(made.spec.key)


@pytest.fixture(scope="module")
def observer(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveObserver]:
    with LiveObserver(lab, tmp_path_factory.mktemp("report")) as made:
        made.settle()
        yield made


def test_accounts_enter_and_a_wrong_password_does_not(observer: LiveObserver, values: dict[str, Any]) -> None:
    """All three at the same moment: an account by PEAP, another by TTLS, a wrong password."""
    ssid = values["ssid"]
    office = Member("sonde1", ssid, values["mdp_bureau"], values["compte_bureau"])
    workshop = Member("sonde2", ssid, values["mdp_atelier"], values["compte_atelier"], "TTLS")
    wrong = Member("sonde3", ssid, "autre-mot-de-passe", values["compte_bureau"], "TTLS")
    seen = observer.ask(Session((office, workshop, wrong), ("ap1", "GigabitEthernet0"), server="radius"))
    for one, vlan in zip(seen.members, ("vlan_bureau", "vlan_atelier"), strict=False):
        told = asked(one.asked)
        assert one.joined, one
        assert (told.answer, told.vlan, one.tags) == ("Access-Accept", str(values[vlan]), (values[vlan],))
        assert radius.signed(bytes.fromhex(told.request), values["secret_radius"])
    last = seen.members[2]
    assert (last.found, last.joined, last.rejected) == (True, False, True), last
    assert asked(last.asked).answer == "Access-Reject" and not asked(last.asked).vlan
    assert joining.EAP_NO in {row.label for row in last.handshake}


def asked(told: Asked | None) -> Asked:
    assert told is not None and told.challenged
    return told


def test_a_station_that_checks_the_certificate_trusts_this_server_only(lab: Lab, values: dict[str, Any]) -> None:
    """The server's own certificate, copied by the candidate; then that of the image, whose key is not the server's."""
    assert lab.radio is not None
    shown = lab.run("radius", ["cat", CERTIFICATE]).stdout
    assert shown.startswith("-----BEGIN CERTIFICATE") and shown != lab.run("portable", ["cat", CERTIFICATE]).stdout
    lab.run("portable", ["tee", "/etc/wpa_supplicant/radius.pem"], input=shown)
    end = _end(lab, values, CERTIFICATE)
    log = lab.radio.log("portable", "wpa_supplicant")
    assert end == "FAILURE" and "CTRL-EVENT-EAP-TLS-CERT-ERROR" in log, log
    end = _end(lab, values, "/etc/wpa_supplicant/radius.pem")
    assert end == "COMPLETED", lab.radio.log("portable", "wpa_supplicant")


def _end(lab: Lab, values: dict[str, Any], certificate: str) -> str:
    """How the laptop's try ends: COMPLETED, or FAILURE of EAP."""
    network = (
        f'ssid="{values["ssid"]}"\nkey_mgmt=WPA-EAP\neap=PEAP\nidentity="{values["compte_bureau"]}"\n'
        f'password="{values["mdp_bureau"]}"\nphase2="auth=MSCHAPV2"\nca_cert="{certificate}"'
    )
    text = f"ctrl_interface=/run/wpa_supplicant\nnetwork={{\n{network}\n}}\n"
    lab.run("portable", ["tee", "/etc/wpa_supplicant/wpa_supplicant.conf"], input=text)
    assert lab.radio is not None
    lab.run("portable", ["ifdown", "wlan0"], timeout=60)
    before = lab.radio.log("portable", "wpa_supplicant").count("CTRL-EVENT-EAP-FAILURE")
    lab.run("portable", ["ifup", "wlan0"], timeout=60)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if "wpa_state=COMPLETED" in lab.run("portable", ["wpa_cli", "status"]).stdout:
            return "COMPLETED"
        if lab.radio.log("portable", "wpa_supplicant").count("CTRL-EVENT-EAP-FAILURE") > before:
            return "FAILURE"
        threading.Event().wait(0.1)
    return "neither"


def test_a_server_that_does_not_answer_is_told_from_a_refusal(
    lab: Lab, observer: LiveObserver, values: dict[str, Any]
) -> None:
    """The last test: FreeRADIUS is stopped."""
    done = lab.run("radius", ["service", "freeradius", "stop"], timeout=30)
    assert done.returncode == 0, done.stderr
    office = Member("sonde1", values["ssid"], values["mdp_bureau"], values["compte_bureau"])
    (one,) = observer.ask(Session((office,), ("ap1", "GigabitEthernet0"), server="radius")).members
    assert one.found and not one.joined and not one.rejected
    assert one.asked is not None and not one.asked.challenged and one.asked.request and one.asked.waited > 0
