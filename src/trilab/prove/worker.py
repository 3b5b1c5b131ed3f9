"""A worker process: a fresh lab for each task that arrives on standard input, one outcome per line on standard output.

It ends, and its lab with it, as soon as standard input is closed: when the proof is over or interrupted, and when
whoever started it dies.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from trilab.access import play
from trilab.engine.base import Completed, Lab
from trilab.engine.choice import Engines
from trilab.errors import ObservationError, StateError, TrilabError
from trilab.graders import all_checks
from trilab.grading import grade
from trilab.grading.model import Verdict
from trilab.lab import LabDefinition, load_lab
from trilab.polling import until
from trilab.prove.model import Outcome, Seen, Task
from trilab.prove.tasks import candidate, tasks_for
from trilab.topology import plan

GARBAGE = 20_000  # objects between two collections: by default a grading spends a tenth of its time in them
ENDING = 20.0  # seconds to wait for a start that is under way
SERVICES = 30.0  # seconds for the services of nodes to start; they take about one


class Bench:
    """One worker's place: its lab definition, its candidate, its tasks as this candidate's variables make them."""

    def __init__(self, lab: LabDefinition, number: int) -> None:
        self.lab, self.candidate = lab, candidate(number)
        self.engine, self.checks = Engines(), all_checks()
        variables = lab.values(self.candidate)
        self.spec = plan(lab.topology_for(variables), lab.id, self.candidate.code)
        self.tasks: Mapping[str, Task] = {task.id: task for task in tasks_for(lab, variables)}

    def prove(self, name: str, out: Path) -> Outcome:
        """Start a lab, type the answer, grade it, remove the lab. What the tool cannot do becomes ``failure``."""
        task = self.tasks.get(name)
        if task is None:
            text = f"ce mutant n'existe pas avec les variables de {self.candidate.code}"
            return Outcome(id=name, kind="mutant", candidate=self.candidate.code, failure=text)
        made: dict[str, Any] = {"id": name, "kind": task.kind, "candidate": self.candidate.code}
        seconds: dict[str, float] = {}
        refused: list[str] = []
        try:
            made |= self._run(task, out, seconds, refused)
        except TrilabError as error:
            made["failure"] = str(error)
        finally:
            until(self._removed, bool, ENDING, 0.05)
        return Outcome(**made, refused=tuple(refused), seconds=seconds)

    def _run(self, task: Task, out: Path, seconds: dict[str, float], refused: list[str]) -> dict[str, Any]:
        started = time.monotonic()
        running = self.engine.up(self.spec)
        _wait_for_services(running)
        seconds["up"] = round(time.monotonic() - started, 2)
        play(running, task.answer, _silent, refused=lambda error: refused.append(error.message))
        seconds["solve"] = round(time.monotonic() - started - seconds["up"], 2)
        record = grade(running, self.lab, "jury", out, _silent, self.checks)
        seconds["grade"] = round(time.monotonic() - started - seconds["up"] - seconds["solve"], 2)
        (out / "record.json").write_text(record.model_dump_json(indent=1), encoding="utf-8")
        turned = {
            criterion.id: Seen(
                verdict=criterion.finding.verdict,
                observed=criterion.finding.observed,
                reason=criterion.finding.reason,
            )
            for criterion in record.criteria
            if criterion.finding.verdict is not Verdict.CONFORME
        }
        return {"turned": turned, "incidents": tuple(one.text for one in record.incidents)}

    def end(self) -> None:
        """Remove the lab and every process of ours, whatever is going on in the other thread."""
        children = psutil.Process().children(recursive=True)
        until(self._removed, bool, ENDING, 0.05)
        for child in children:
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue

    def _removed(self) -> bool:
        """Remove the lab; False while it is being started, which cannot be stopped halfway."""
        try:
            self.engine.down(self.spec.key)
        except StateError:
            return False
        return self.spec.key not in self.engine.leftovers()


def _wait_for_services(lab: Lab) -> None:
    """A candidate finds an IPBX that has started; an answer typed during its start would be read by itself.

    Raises:
        ObservationError: it does not start.
    """
    for node in (name for name, info in lab.nodes.items() if info.role == "ipbx"):
        ask = partial(lab.run, node, ["asterisk", "-rx", "core waitfullybooted"])
        if until(ask, _succeeded, SERVICES).returncode != 0:
            raise ObservationError(f"{node} : Asterisk n'a pas démarré en {SERVICES:.0f} s.")


def _succeeded(done: Completed) -> bool:
    return done.returncode == 0


def _silent(line: str) -> None:
    """Progress of single steps: a proof shows its own."""


def _read(orders: queue.Queue[str], bench: Bench) -> None:
    try:
        for line in sys.stdin:
            orders.put(line)
        bench.end()
    finally:
        os._exit(0)


def main(folder: str, number: str) -> None:
    """Work until standard input is closed. ``folder`` holds the ``lab.yml``; ``number`` names the candidate."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # nothing else may speak there
    bench = Bench(load_lab(Path(folder)), int(number))
    gc.freeze()  # what is loaded stays
    gc.set_threshold(GARBAGE)
    orders: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(orders, bench), daemon=True).start()
    while True:
        order = json.loads(orders.get())
        outcome = bench.prove(order["id"], Path(order["out"]))
        answers.write(outcome.model_dump_json() + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
