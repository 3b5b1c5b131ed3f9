"""Several workers side by side, each with its own lab; outcomes come back as they are made."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from trilab.engine.choice import Engines
from trilab.errors import TrilabError
from trilab.lab import LabDefinition
from trilab.prove.model import Outcome, Task
from trilab.prove.tasks import PREFIX, candidate

LIMIT = 300.0  # seconds for one task: a grading whose every deadline passes takes about a minute and a half
FAREWELL = 30.0  # seconds that a worker may take to remove its lab
LAB_MEMORY = 450 * 1024**2  # bytes of one running lab and its worker
LABS_PER_CORE = 3  # a lab being graded mostly waits; with more, deadlines pass for want of time
MAX_JOBS = 64


def default_jobs() -> int:
    """As many labs as this machine's cores and free memory bear."""
    room = int(psutil.virtual_memory().available * 0.7 / LAB_MEMORY)
    return max(1, min(LABS_PER_CORE * (psutil.cpu_count() or 1), room, MAX_JOBS))


@dataclass
class Worker:
    """One worker process, started when it is first needed and again after it died."""

    lab: LabDefinition
    number: int
    log: Path
    _process: subprocess.Popen[str] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    @property
    def key(self) -> str:
        """The lab that it runs."""
        return f"{self.lab.id}@{candidate(self.number).code}"

    def prove(self, task: Task, out: Path) -> Outcome:
        """Hand over a task and wait for its outcome."""
        process = self._alive()
        timer = threading.Timer(LIMIT, process.kill)
        timer.start()
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps({"id": task.id, "out": str(out)}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):  # ended, or closed by an interrupt
            line = ""
        finally:
            timer.cancel()
        if line:
            return Outcome.model_validate_json(line)
        process.wait()
        Engines().down(self.key)
        words = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        text = f"le processus de preuve s'est arrêté ({words[-1] if words else 'sans message'})"
        return Outcome(id=task.id, kind=task.kind, candidate=candidate(self.number).code, failure=text)

    def _alive(self) -> subprocess.Popen[str]:
        with self._lock:
            if self._closed:
                raise TrilabError("Preuve interrompue.")
            if self._process is None or self._process.poll() is not None:
                with self.log.open("w", encoding="utf-8") as log:
                    self._process = subprocess.Popen(
                        [sys.executable, "-m", "trilab.prove.worker", str(self.lab.folder), str(self.number)],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=log,
                        text=True,
                        start_new_session=True,  # Ctrl-C is ours: we end it in order
                    )
            return self._process

    def stop(self) -> None:
        """Tell it to end, at once."""
        with self._lock:
            self._closed = True
            if self._process is not None and self._process.stdin is not None:
                try:
                    self._process.stdin.close()
                except OSError:  # it died first
                    return

    def wait(self) -> None:
        """Wait for its end, then make sure that no lab is left."""
        if self._process is not None:
            try:
                self._process.wait(FAREWELL)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        Engines().down(self.key)


class Fleet:
    """Workers under codes that no running lab has. Close it: no lab is left."""

    def __init__(self, lab: LabDefinition, jobs: int, out: Path) -> None:
        self.out = out
        taken = set(Engines().leftovers())
        numbers = (number for number in range(1, 1000) if f"{lab.id}@{PREFIX}{number}" not in taken)
        self.workers = [Worker(lab, next(numbers), out / f"processus-{index + 1}.log") for index in range(jobs)]
        self._threads: list[threading.Thread] = []

    def run(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Every task with its outcome, in the order in which they end."""
        waiting: queue.Queue[Task] = queue.Queue()
        for task in tasks:
            waiting.put(task)
        done: queue.Queue[tuple[Task, Outcome]] = queue.Queue()
        for worker in self.workers[: len(tasks)]:
            thread = threading.Thread(target=self._work, args=(worker, waiting, done), daemon=True)
            thread.start()
            self._threads.append(thread)
        for _ in tasks:
            yield done.get()

    def _work(self, worker: Worker, waiting: queue.Queue[Task], done: queue.Queue[tuple[Task, Outcome]]) -> None:
        while True:
            try:
                task = waiting.get_nowait()
                outcome = worker.prove(task, evidence_folder(self.out, task))
            except (queue.Empty, TrilabError):
                return
            done.put((task, outcome))

    def close(self) -> None:
        """End every worker and its lab."""
        for worker in self.workers:
            worker.stop()
        for worker in self.workers:
            worker.wait()


def evidence_folder(out: Path, task: Task) -> Path:
    """Where a task's evidence goes: kept only when something is wrong."""
    return out / "preuves" / task.id.replace(":", "_")


def fleet(lab: LabDefinition, jobs: int, out: Path) -> closing[Fleet]:
    """A fleet as a context manager."""
    return closing(Fleet(lab, jobs, out))
