"""The lab wifi-entreprise as files: what each candidate draws can be configured, and nobody else's secret is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from trilab.lab.candidate import Candidate
from trilab.lab.catalogue import check
from trilab.lab.definition import LabDefinition
from trilab.lab.subject import subject
from trilab.topology import plan

LAB = Path(__file__).resolve().parents[2] / "labs" / "wifi-entreprise"
CODES = ["demo1", "A-01", "A-02", "TRI7", "TRI12", "Nice249"]


@pytest.fixture(scope="module")
def lab() -> LabDefinition:
    return check(LAB)


@pytest.mark.parametrize("code", CODES)
def test_names_and_secrets_fit(lab: LabDefinition, code: str) -> None:
    values = lab.values(Candidate.parse(code))
    assert len({values["vlan_admin"], values["vlan_bureau"], values["vlan_atelier"]}) == 3
    assert len(f"{values['ssid']}-SECOURS".encode()) <= 32 and values["ssid"] != values["ssid_voisin"]
    assert values["compte_bureau"] != values["compte_atelier"]
    assert len({values["mdp_bureau"], values["mdp_atelier"], values["secret_radius"]}) == 3
    assert 8 <= len(values["mdp_bureau"]) <= 63, "also a pre-shared key, in an answer that is not good"
    assert len(values["secret_radius"]) >= 16, "RFC 2865, section 3"


def test_the_neighbour_stays_a_stranger(lab: LabDefinition) -> None:
    for code in CODES:
        candidate = Candidate.parse(code)
        values, text = lab.values(candidate), subject(lab, candidate)
        assert values["secret_voisin"] not in text and values["ssid_voisin"] not in text


def test_scenery_is_closed_and_the_server_is_open(lab: LabDefinition) -> None:
    spec = plan(lab.topology_for(lab.values(Candidate.parse("demo1"))), lab.id, "demo1")
    closed = {node.name for node in spec.nodes if node.labels.get("trilab-access") == "none"}
    assert closed == {"voisin", "sonde1", "sonde2", "sonde3"}


@pytest.mark.parametrize("code", CODES)
def test_the_server_has_its_address_from_the_start(lab: LabDefinition, code: str) -> None:
    values = lab.values(Candidate.parse(code))
    (server,) = [node for node in plan(lab.topology_for(values), lab.id, code).nodes if node.name == "radius"]
    assert any(f"address {values['ip_radius']}/24" in command for command in server.exec)
