"""The lab pme-voip as files: everything renders for many candidates, and the texts agree with one another."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from trilab.authoring import check_lab
from trilab.graders import all_checks
from trilab.grading.binding import bind
from trilab.lab.answers import EXPECT, README, answer, answers
from trilab.lab.candidate import Candidate
from trilab.lab.catalogue import check
from trilab.lab.definition import LabDefinition
from trilab.lab.subject import subject

LAB = Path(__file__).resolve().parents[2] / "labs" / "pme-voip"
CODES = ["demo1", "A-01", "A-02", "TRI7", "TRI12", "Nice249"]


@pytest.fixture(scope="module")
def lab() -> LabDefinition:
    return check(LAB)


@pytest.mark.parametrize("code", CODES)
def test_everything_renders(lab: LabDefinition, code: str) -> None:
    candidate = Candidate.parse(code)
    values = lab.values(candidate)
    assert subject(lab, candidate)
    for info in answers(lab):
        for file in answer(lab, info.name, values).files.values():
            text = "\n".join(file.lines)
            assert "{{" not in text and "{%" not in text, (info.name, file.node)


@pytest.mark.parametrize("code", CODES)
def test_vlans_differ_and_addresses_follow_them(lab: LabDefinition, code: str) -> None:
    values = lab.values(Candidate.parse(code))
    vlans = [values[f"vlan_{name}"] for name in ("data", "voix", "invites", "admin", "natif")]
    assert len(set(vlans)) == 5
    assert len({values[f"net_{name}"] for name in ("data", "voix", "invites", "admin")}) == 4


def test_no_two_candidates_of_a_class_share_a_site(lab: LabDefinition) -> None:
    sites = [lab.values(Candidate.parse(f"TRI{number}"))["site"] for number in range(1, 31)]
    assert len(set(sites)) == len(sites)


@pytest.mark.parametrize("code", CODES)
def test_criteria_bind_to_checks(lab: LabDefinition, code: str) -> None:
    values = lab.values(Candidate.parse(code))
    assert len(bind(lab, values, all_checks(), lab.topology_for(values).nodes)) == len(lab.criteria)


def test_nothing_to_find_fault_with() -> None:
    assert check_lab(LAB, all_checks()) == []


def test_cheats_name_the_criteria_that_catch_them(lab: LabDefinition) -> None:
    known = {criterion.id for criterion in lab.criteria}
    cheats = [info for info in answers(lab) if info.kind == "cheat"]
    assert len(cheats) >= 4
    for info in cheats:
        caught = YAML(typ="safe").load(info.folder / EXPECT)["caught_by"]
        assert caught and set(caught) <= known, info.name
        first = (info.folder / README).read_text(encoding="utf-8").splitlines()[0]
        assert all(name in first for name in caught), info.name


def test_answers_end_saved(lab: LabDefinition) -> None:
    for info in answers(lab):
        if info.kind == "cheat":
            continue
        for file in answer(lab, info.name, lab.values(Candidate.parse("demo1"))).files.values():
            if file.language == "ios":
                assert file.lines[-1] in ("write memory", "wr", "copy run start"), (info.name, file.node)
