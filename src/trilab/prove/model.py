"""What a proof runs and what came of it: tasks and outcomes, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trilab.grading.model import Verdict
from trilab.lab import Answer
from trilab.prove.lines import Line

Kind = Literal["solution", "alternative", "cheat", "mutant", "equivalent"]


@dataclass(frozen=True)
class Task:
    """One answer to type and to grade. ``description`` is French.

    ``line`` is what a mutant mutates; ``caught_by`` the criteria that must refuse a cheat; ``reason`` why a mutant is
    equivalent to the solution (French).
    """

    id: str
    kind: Kind
    description: str
    answer: Answer
    line: Line | None = None
    caught_by: tuple[str, ...] = ()
    reason: str = ""


class Seen(BaseModel):
    """One criterion that was not «conforme», with what was observed (French)."""

    model_config = ConfigDict(frozen=True)
    verdict: Verdict
    observed: str
    reason: str = ""


class Outcome(BaseModel):
    """What came of one task: kept as one line of the results file.

    ``turned`` holds the criteria that are no longer «conforme»; ``refused`` the lines that a device refused;
    ``failure`` (French) is what kept the tool from grading at all; ``seconds`` by step.
    """

    model_config = ConfigDict(frozen=True)
    id: str
    kind: Kind
    candidate: str
    fingerprint: str = ""
    turned: Mapping[str, Seen] = {}
    refused: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    failure: str = ""
    seconds: Mapping[str, float] = {}


@dataclass(frozen=True)
class Judgement:
    """An outcome held against what was expected. ``defects`` (French) is empty when all is right.

    ``caught``: criteria that refuse the answer for its mistake; ``consequences``: others that may turn with it;
    ``unexpected``: those that must not have turned.
    """

    task: Task
    outcome: Outcome
    caught: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    defects: tuple[str, ...] = field(default=())

    @property
    def unobserved(self) -> bool:
        """Whether all that is wrong is that something could not be observed."""
        if self.outcome.failure:
            return True
        turned = self.outcome.turned
        blind = all(turned[name].verdict is Verdict.INCONCLUSIF for name in self.unexpected)
        return bool(self.unexpected) and blind and len(self.defects) == len(self.unexpected)

    @property
    def right(self) -> bool:
        """Whether the graders did what they must."""
        return not self.defects
