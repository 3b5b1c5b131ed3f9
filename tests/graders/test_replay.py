"""A whole recorded grading gives its verdicts again, offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trilab.errors import ObservationError
from trilab.graders import all_checks
from trilab.grading import store

from .recorded import FOLDER, Recorded


def criteria(lab: str) -> list[dict[str, Any]]:
    """What was asked in a recorded grading, and the verdicts."""
    found: list[dict[str, Any]] = json.loads((FOLDER.with_name(lab) / "criteria.json").read_text())
    return found


LABS = ("pme-voip", "pme-wifi", "wifi-entreprise")
CRITERIA = criteria("pme-voip")
ALL = [pytest.param(lab, one, id=f"{lab}-{one['id']}") for lab in LABS for one in criteria(lab)]


@pytest.mark.parametrize(("lab", "criterion"), ALL)
def test_the_verdict_is_the_recorded_one(lab: str, criterion: dict[str, Any]) -> None:
    finding = Recorded(lab).run(criterion["check"], **criterion["parameters"])
    assert finding.verdict.value == criterion["verdict"], finding
    assert finding.expected and finding.observed
    assert finding.evidence


def test_most_checks_are_recorded() -> None:
    used = {criterion["check"] for lab in LABS for criterion in criteria(lab)}
    elsewhere = {"security.password_encryption", "routing.matrix", "routing.fixed_address", "voip.secret_required"}
    assert set(all_checks()) - used == elsewhere


def test_every_check_has_a_french_title() -> None:
    assert all(check.title.endswith(".") for check in all_checks().values())


def test_what_was_not_observed_cannot_be_judged(tmp_path: Path) -> None:
    (tmp_path / store.FILE).write_text('{"version": 1, "observations": []}')
    observer = store.ReplayObserver(tmp_path)
    checks = all_checks()
    for criterion in CRITERIA:
        check = checks[criterion["check"]]
        with pytest.raises(ObservationError):
            check.run(observer, check.parameters.model_validate(criterion["parameters"]))
