"""Checks, parameters, and errors in ``lab.yml`` with their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trilab.errors import FileError
from trilab.graders import all_checks
from trilab.grading.binding import Bound, bind
from trilab.grading.model import Finding, Verdict
from trilab.grading.observe import Observer
from trilab.grading.registry import Extension, Node, Registry, VlanId, collect
from trilab.lab import Candidate, LabDefinition, load_lab

LAB = """id: petit
title: "Petit"
summary: "Petit"
duration: 30
topology: pme.clab.yml
competences: {{1: "Commuter"}}
variables:
  vlan: {{choice: [10]}}
criteria:
  - id: vlans
    competence: 1
    points: 1
    title: "VLAN"
    asked: "VLAN"
    check: {check}
    with: {parameters}
"""


def bound(tmp_path: Path, check: str, parameters: str) -> list[Bound]:
    folder = tmp_path / "petit"
    folder.mkdir()
    (folder / "lab.yml").write_text(LAB.format(check=check, parameters=parameters))
    (folder / "sujet.md").write_text("# Sujet\n")
    lab: LabDefinition = load_lab(folder)
    return bind(lab, lab.values(Candidate.parse("A1")), all_checks(), ["sw1", "pc1"])


def test_templates_and_text_keys_become_numbers(tmp_path: Path) -> None:
    (one,) = bound(tmp_path, "vlan.exists", '{node: sw1, vlans: {"{{ vlan }}": DATA}}')
    assert one.parameters.model_dump() == {"node": "sw1", "vlans": {10: "DATA"}}


@pytest.mark.parametrize(
    ("check", "parameters", "words"),
    [
        ("vlan.exist", "{node: sw1}", "lab.yml:15:12 .*contrôle « vlan.exist » inconnu.*« vlan.exists »"),
        ("vlan.exists", "{node: sw1}", "lab.yml:16:.*exige le paramètre « vlans »"),
        ("vlan.exists", "{node: sw1, vlans: {10: A}, vlan: 3}", "lab.yml:16:39 .*pas de paramètre « vlan ».*« vlans »"),
        ("vlan.exists", "{node: sw9, vlans: {10: A}}", "lab.yml:16:12 .*nœud « sw9 » inconnu.*sw1"),
        ("vlan.exists", "{node: sw1, vlans: {5000: A}}", "lab.yml:16:.*au plus 4094"),
        ("vlan.exists", "{node: sw1, vlans: [10]}", "lab.yml:16:.*table"),
        ("vlan.access_port", "{node: sw1, interface: Fa0/1, vlan: 10}", "lab.yml:16:.*Fa0/1.*Gi0/1"),
        ("dhcp.pool_exclusions", "{node: sw1, ranges: [10.0.0.9-10.0.0.1]}", "lab.yml:16:.*à l'envers"),
        ("dhcp.pool_exclusions", "{node: sw1, ranges: [dix]}", "lab.yml:16:.*ni une adresse"),
        ("routing.svi", "{node: sw1, interface: Vlan9, address: 10.0.0.300/24}", "lab.yml:16:.*IPv4"),
    ],
)
def test_errors_have_their_place(tmp_path: Path, check: str, parameters: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        bound(tmp_path, check, parameters)
    assert re.search(words, str(caught.value)), str(caught.value)


def test_a_registry_of_ones_own() -> None:
    mine = Registry()

    @mine.check("mine.sees")
    def sees(lab: Observer, *, node: Node, number: Extension, vlan: VlanId = 1) -> Finding:
        """Voit.

        Source.
        """
        return Finding(verdict=Verdict.CONFORME, expected=node, observed=f"{number} {vlan}")

    found = collect([mine])["mine.sees"]
    assert found.title == "Voit."
    parameters = found.parameters.model_validate({"node": "a", "number": 101})
    assert sees.__name__ == "sees"
    assert found.run(None, parameters).observed == "101 1"  # type: ignore[arg-type]
    assert "mine.sees" not in all_checks()
