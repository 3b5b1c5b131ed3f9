"""A campaign: what is proved in which folder, with what was known before; and the report that is drawn from it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trilab.errors import InputError
from trilab.lab import LabDefinition
from trilab.prove import proof
from trilab.prove.fleet import evidence_folder, fleet
from trilab.prove.judge import judge
from trilab.prove.model import Judgement, Kind, Outcome, Task
from trilab.prove.proof import Proof
from trilab.prove.results import Results
from trilab.prove.tasks import candidate, fingerprint, select, tasks_for, tool_hash


@dataclass(frozen=True)
class Report:
    """All judgements of a campaign, in the order of the tasks. ``complete``: every chosen task has one."""

    lab: LabDefinition
    judgements: tuple[Judgement, ...]
    complete: bool

    def of(self, *kinds: Kind) -> list[Judgement]:
        """The judgements of some kinds."""
        return [one for one in self.judgements if one.task.kind in kinds]

    @property
    def defects(self) -> list[Judgement]:
        """What is wrong."""
        return [one for one in self.judgements if not one.right]

    @property
    def score(self) -> tuple[int, int]:
        """Mutants caught by a criterion that covers their line, and mutants in all; equivalent ones do not count."""
        found = self.of("mutant")
        return sum(bool(one.caught) for one in found), len(found)

    @property
    def silent(self) -> list[str]:
        """Criteria that refused nothing at all: not proved."""
        caught = Counter(name for one in self.judgements for name in one.caught)
        return [criterion.id for criterion in self.lab.criteria if not caught[criterion.id]]

    @property
    def right(self) -> bool:
        """Whether everything chosen was proved, without a defect."""
        return self.complete and not self.defects


@dataclass(frozen=True)
class Campaign:
    """Ready to run. ``known``: outcomes of an earlier run that still count."""

    lab: LabDefinition
    tasks: tuple[Task, ...]
    proof: Proof
    out: Path
    fingerprints: Mapping[str, str]
    known: Mapping[str, Outcome]

    @property
    def todo(self) -> list[Task]:
        """What is still to be run."""
        return [task for task in self.tasks if task.id not in self.known]

    def run(self, jobs: int) -> Generator[Judgement, None, None]:
        """Run what is left; each outcome is kept before it is given. No lab is left, whatever happens.

        Where all that is wrong is «inconclusif», the tool could not observe (a busy machine): once more at the end.
        """
        again: list[Task] = []
        with fleet(self.lab, min(jobs, len(self.todo)), self.out) as workers:
            for task, outcome in workers.run(self.todo):
                judgement = self._kept(task, outcome)
                if judgement.unobserved:
                    again.append(task)
                else:
                    yield judgement
            for task, outcome in workers.run(again):
                yield self._kept(task, outcome)

    def _kept(self, task: Task, outcome: Outcome) -> Judgement:
        """Keep an outcome, and its evidence where something is wrong."""
        kept = outcome.model_copy(update={"fingerprint": self.fingerprints[task.id]})
        Results(self.out).add(kept)
        judgement = judge(task, kept, self.proof)
        if judgement.right:
            shutil.rmtree(evidence_folder(self.out, task), ignore_errors=True)
        return judgement

    def report(self) -> Report:
        """What is known by now."""
        known = Results(self.out).known(self.fingerprints, failed=True)
        found = tuple(judge(task, known[task.id], self.proof) for task in self.tasks if task.id in known)
        return Report(self.lab, found, len(found) == len(self.tasks))


def prepare(
    lab: LabDefinition,
    out: Path,
    only: Iterable[str] = (),
    sample: int | None = None,
    seed: int = 0,
    resume: bool = False,
) -> Campaign:
    """Choose the tasks and read what is known.

    Raises:
        FileError: a fault in an answer, in ``proof.yml``, or in the results of an earlier run.
        InputError: nothing to prove, or an equivalence that speaks of no mutant.
    """
    variables = lab.values(candidate(1))
    everything = tasks_for(lab, variables)
    tasks = select(everything, only, sample, seed)
    if not tasks:
        raise InputError("Il n'y a rien à prouver.", "Élargissez --only ou --sample.")
    tool = tool_hash()
    fingerprints = {task.id: fingerprint(task, lab, tool) for task in tasks}
    out.mkdir(parents=True, exist_ok=True)
    results = Results(out)
    if not resume:
        results.clear()
        shutil.rmtree(out / "preuves", ignore_errors=True)
    known = results.known(fingerprints)
    return Campaign(lab, tuple(tasks), proof.load(lab, variables), out, fingerprints, known)
