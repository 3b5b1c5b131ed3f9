"""A recorded run that tests may edit: what if the device had said something else?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from trilab.errors import ObservationError
from trilab.graders import all_checks
from trilab.grading import store
from trilab.grading.model import Finding, Verdict
from trilab.grading.observe import Answer, Cli, Request, Text
from trilab.grading.requests import Asterisk

GOOD, BAD, OPEN = Verdict.CONFORME, Verdict.NON_CONFORME, Verdict.INCONCLUSIF
FOLDER = Path(__file__).parent.parent / "recorded" / "pme-voip"
A = TypeVar("A", bound=Answer)
R = TypeVar("R", bound=Request[Any])


def variables() -> Mapping[str, Any]:
    """The candidate's variables in the recorded run."""
    return cast(Mapping[str, Any], json.loads((FOLDER / "variables.json").read_text()))


@cache
def _load(lab: str) -> Mapping[str, Answer | str]:
    return store.load(FOLDER.with_name(lab) / store.FILE)


class Recorded:
    """The recorded answers; edits concern this object only."""

    def __init__(self, lab: str = FOLDER.name) -> None:
        self.answers = dict(_load(lab))

    def ask(self, request: Request[A]) -> A:
        """As :class:`trilab.grading.store.ReplayObserver`."""
        answer = self.answers.get(store.key(request))
        if answer is None:
            raise ObservationError(f"not recorded: {request}")
        if isinstance(answer, str):
            raise ObservationError(answer)
        return cast(A, answer)

    def all(self, kind: type[R]) -> list[R]:
        """Every recorded request of a kind."""
        found = [key.partition(" ") for key in self.answers]
        return [TypeAdapter(kind).validate_json(value) for name, _, value in found if name == kind.__name__]

    def find(self, kind: type[R], **fields: Any) -> R:
        """The first recorded request of a kind with these fields."""
        return next(
            request
            for request in self.all(kind)
            if all(getattr(request, name) == value for name, value in fields.items())
        )

    def say(self, request: Request[Any], answer: Answer | str) -> Recorded:
        """Put another answer, or the reason of a failed observation."""
        self.answers[store.key(request)] = answer
        return self

    def edit(self, node: str, command: str, old: str, new: str) -> Recorded:
        """Change the text of a command; ``old`` must be there."""
        request = Cli(node, command) if store.key(Cli(node, command)) in self.answers else Asterisk(node, command)
        before = self.ask(request)
        assert isinstance(before, Text)
        assert old in before.text, f"{old!r} is not in the output of {command}"
        return self.say(request, Text(before.evidence, before.text.replace(old, new)))

    def change(self, request: Request[Any], **values: Any) -> Recorded:
        """Change fields of an answer."""
        return self.say(request, replace(self.ask(request), **values))

    def run(self, check: str, **parameters: Any) -> Finding:
        """Run a check with parameters as a lab.yml gives them."""
        found = all_checks()[check]
        return found.run(self, found.parameters.model_validate(parameters))


def said(finding: Finding, verdict: Verdict, *words: str) -> None:
    """Check a finding's verdict and words of what was observed."""
    assert finding.verdict is verdict, finding
    for word in words:
        assert word in finding.observed, finding.observed
