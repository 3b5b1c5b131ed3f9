"""The lab pme-wifi as files: what each candidate draws can be transmitted, and the neighbour is for them to find."""

from __future__ import annotations

from pathlib import Path

import pytest

from trilab.lab.candidate import Candidate
from trilab.lab.catalogue import check
from trilab.lab.definition import LabDefinition
from trilab.lab.subject import subject
from trilab.topology import plan

LAB = Path(__file__).resolve().parents[2] / "labs" / "pme-wifi"
CODES = ["demo1", "A-01", "A-02", "TRI7", "TRI12", "Nice249"]


@pytest.fixture(scope="module")
def lab() -> LabDefinition:
    return check(LAB)


@pytest.mark.parametrize("code", CODES)
def test_names_and_secrets_fit(lab: LabDefinition, code: str) -> None:
    values = lab.values(Candidate.parse(code))
    assert len({values["vlan_data"], values["vlan_invites"], values["vlan_natif"]}) == 3
    names = {values[name] for name in ("ssid_pro", "ssid_invites", "ssid_voisin")}
    assert len(names) == 3 and all(len(name.encode()) <= 32 for name in names)
    for name in ("secret_pro", "secret_invites", "secret_voisin"):
        assert 8 <= len(values[name]) <= 63


@pytest.mark.parametrize("code", CODES)
def test_the_channel_of_the_solution_is_far_from_the_neighbour(lab: LabDefinition, code: str) -> None:
    values = lab.values(Candidate.parse(code))
    assert values["canal"] in (1, 6, 11)
    assert abs(values["canal"] - values["canal_voisin"]) >= 5


def test_the_subject_tells_neither_the_neighbours_channel_nor_its_secret(lab: LabDefinition) -> None:
    for code in CODES:
        candidate = Candidate.parse(code)
        values, text = lab.values(candidate), subject(lab, candidate)
        assert values["secret_voisin"] not in text and values["ssid_voisin"] not in text
        assert f"canal {values['canal_voisin']}." not in text
        assert "| voisin | point d'accès | aucun accès |" in text
        assert "| sonde1 | poste Wi-Fi | aucun accès |" in text


def test_scenery_is_closed_and_the_rest_is_open(lab: LabDefinition) -> None:
    spec = plan(lab.topology_for(lab.values(Candidate.parse("demo1"))), lab.id, "demo1")
    closed = {node.name for node in spec.nodes if node.labels.get("trilab-access") == "none"}
    assert closed == {"voisin", "sonde1", "sonde2"}
