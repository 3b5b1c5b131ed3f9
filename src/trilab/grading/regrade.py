"""Judging again what was observed, without the lab: which verdicts move when a check or a lab changes?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from trilab.engine.base import Report
from trilab.grading.binding import bind
from trilab.grading.model import Criterion, Incident, Record, Verdict
from trilab.grading.observe import Observer
from trilab.grading.registry import Check
from trilab.grading.runner import Incidents, judge_all, tool_versions
from trilab.lab import Candidate, LabDefinition, content_hash


@dataclass(frozen=True)
class Move:
    """A criterion whose verdict is not the same any more. None: there is no such criterion on that side."""

    id: str
    title: str
    before: Verdict | None
    after: Verdict | None
    why: str  # French: what the check says now


def regrade(
    record: Record,
    definition: LabDefinition,
    observer: Observer,
    checks: Mapping[str, Check],
    report: Report,
    source: str = "",
) -> Record:
    """Every verdict again, from recorded observations, with the checks and the lab of today.

    Parameters:
        source: SHA-256 of the record's file, kept in the new record.

    Raises:
        FileError: the lab of today names a missing check or parameter, or needs a variable that it does not draw.
    """
    variables = _variables(record, definition)
    bounds = bind(definition, variables, checks, definition.topology_for(variables).nodes)
    incidents = Incidents()
    former = {one.id: one for one in record.criteria}
    judged = judge_all(bounds, observer, report, incidents)
    known = {one.text for one in record.incidents}
    now = Incident(
        at=datetime.now(UTC),
        text="Verdicts recalculés sans le lab, à partir des observations enregistrées (trilab regrade).",
    )
    return record.model_copy(
        update={
            "lab_title": definition.title,
            "lab_sha256": content_hash(definition),
            "tool": tool_versions(record.tool.get("image", "")),
            "competences": dict(definition.competences),
            "criteria": tuple(_timed(one, former.get(one.id)) for one in judged),
            "incidents": (*record.incidents, *(one for one in incidents.all if one.text not in known), now),
            "regraded_from": source,
        }
    )


def moves(before: Record, after: Record) -> tuple[Move, ...]:
    """What changed, in the order of the new record; criteria that are gone come last."""
    old = {one.id: one for one in before.criteria}
    found = [
        Move(one.id, one.title, was, one.finding.verdict, one.finding.reason or one.finding.observed)
        for one in after.criteria
        if (was := old[one.id].finding.verdict if one.id in old else None) is not one.finding.verdict
    ]
    kept = {one.id for one in after.criteria}
    gone = [
        Move(one.id, one.title, one.finding.verdict, None, "Le lab n'a plus ce critère.")
        for one in before.criteria
        if one.id not in kept
    ]
    return (*found, *gone)


def _variables(record: Record, definition: LabDefinition) -> dict[str, Any]:
    """The candidate's variables: those of the record, since its observations were made with them.

    As JSON keeps them, keys of tables are texts; where nothing changed since, the drawn ones are better.
    """
    drawn = definition.values(Candidate.parse(record.candidate))
    if json.loads(json.dumps(drawn, default=str)) == record.variables:
        return drawn
    return {**drawn, **record.variables}


def _timed(criterion: Criterion, former: Criterion | None) -> Criterion:
    """With the times of the observation, which are a juror's business, not those of the judging."""
    if former is None:
        return criterion
    return criterion.model_copy(update={"started_at": former.started_at, "duration": former.duration})
