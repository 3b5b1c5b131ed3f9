"""What a grading says: verdicts, observations, evidence, and the record that holds them.

The record (JSON) is the truth; HTML, PDF and the terminal table are drawn from it. Its format is versioned: see
``docs/dev/record.md`` before changing a model of this file.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from trilab.capture.rows import Row

__all__ = ["RECORD_VERSION", "Criterion", "Evidence", "Finding", "Frozen", "Incident", "Record", "Row", "Verdict"]

RECORD_VERSION = 1


class Verdict(StrEnum):
    """``INCONCLUSIF``: the tool could not observe, the jury decides. A check starts at «not proven»."""

    CONFORME = "conforme"
    NON_CONFORME = "non conforme"
    INCONCLUSIF = "inconclusif"
    NON_EVALUE = "non évalué"


class Frozen(BaseModel):
    """Base of the record: immutable, and refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Frozen):
    """One kept observation: a file of the report directory. ``path`` is relative, ``sha256`` in hex."""

    id: str  # e1, e2 …
    kind: Literal["command", "probe", "pcap", "audio", "file"]
    node: str
    title: str  # French: what was done
    path: str
    sha256: str
    started_at: datetime
    duration: float  # seconds


class Finding(Frozen):
    """What one check saw: French sentences, evidence ids, and an optional wire table."""

    verdict: Verdict
    expected: str
    observed: str
    evidence: tuple[str, ...] = ()
    wire: tuple[Row, ...] = ()
    reason: str = ""  # why inconclusive


class Criterion(Frozen):
    """One graded criterion of the record."""

    id: str
    title: str
    asked: str  # the subject's words
    competence: int  # 1–8 of the title
    points: float
    check: str  # "vlan.exists"
    parameters: dict[str, Any]
    hint: str = ""
    finding: Finding
    started_at: datetime
    duration: float


class Incident(Frozen):
    """Something of the tool, not of the candidate, that a juror must know."""

    at: datetime
    text: str


class Record(Frozen):
    """One grading of one candidate's lab."""

    version: int = RECORD_VERSION
    lab: str
    lab_title: str
    lab_sha256: str
    candidate: str
    profile: Literal["entrainement", "jury"]
    started_at: datetime
    finished_at: datetime
    lab_started_at: datetime
    tool: dict[str, str]  # trilab, python, netmiko, scapy … → version; image → recipe hash
    competences: dict[int, str]  # number → title
    variables: dict[str, Any]
    criteria: tuple[Criterion, ...]
    evidence: tuple[Evidence, ...]
    incidents: tuple[Incident, ...] = Field(default=())
    regraded_from: str = ""  # SHA-256 of the record.json whose observations were judged again; empty: a lab was graded
