"""Verdicts, observations, the check registry, the binding of ``lab.yml`` to checks, and the runner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trilab.engine.base import Lab, Report
    from trilab.grading.model import Record
    from trilab.grading.registry import Check
    from trilab.grading.runner import Profile
    from trilab.lab import LabDefinition


def grade(
    lab: Lab, definition: LabDefinition, profile: Profile, out: Path, report: Report, checks: Mapping[str, Check]
) -> Record:
    """See :func:`trilab.grading.runner.grade`; SSH and capture libraries are loaded only when something is graded."""
    from trilab.grading import runner

    return runner.grade(lab, definition, profile, out, report, checks)
