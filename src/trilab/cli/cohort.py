"""One command for a whole class: a process per candidate, several side by side, one table at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import psutil

from trilab.cli.context import Context
from trilab.errors import TrilabError
from trilab.french import NBSP

PER_CORE = 2  # a lab that starts or is graded waits half of the time


@dataclass(frozen=True)
class Done:
    """How the command of one candidate ended. ``result`` is what it printed as JSON; ``error`` is empty on success."""

    candidate: str
    exit_code: int
    result: Any
    error: str


def each(shared: Context, title: str, codes: Sequence[str], words: Callable[[str], Sequence[str]]) -> list[Done]:
    """Run ``trilab WORDS --candidate CODE --json`` for every code; one that fails stops no other.

    Args:
        shared: gives the folders of labs and the output.
        title: what goes on, in French.
        codes: the candidates.
        words: the command of one candidate.
    """
    options = [word for folder in shared.folders for word in ("--labs", str(folder))]
    done: list[Done] = []
    with shared.output.step(title) as step, ThreadPoolExecutor(PER_CORE * (psutil.cpu_count() or 1)) as pool:
        futures = [pool.submit(_one, [*options, *words(code)], code) for code in codes]
        try:
            for future in as_completed(futures):
                done.append(future.result())
                step(f"{len(done)}/{len(codes)} · {done[-1].candidate}")
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)  # those that run were interrupted too, and clean up after themselves
            raise
        failed = sum(one.exit_code != 0 for one in done)
        step.done = f"{title} : {len(done) - failed} sur {len(done)}"
    return sorted(done, key=lambda one: codes.index(one.candidate))


def finish(shared: Context, done: Sequence[Done], as_json: bool) -> int:
    """Tell the failures (or everything as JSON), and give the exit code of all: the highest."""
    if as_json:
        shared.output.json([vars(one) for one in done])
    for one in done:
        if one.error:
            shared.output.error(TrilabError(f"{one.candidate} : {one.error}"))
    return max(one.exit_code for one in done)


def _one(words: Sequence[str], code: str) -> Done:
    argv = [sys.executable, "-m", "trilab", *words, "--candidate", code, "--json"]
    wide = os.environ | {"COLUMNS": "2000"}  # an error is one line
    ended = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, env=wide)
    if ended.returncode:
        lines = [line for line in ended.stderr.splitlines() if line.startswith("Erreur")] or ended.stderr.splitlines()
        return Done(code, ended.returncode, None, (lines or ["arrêté sans message"])[0].removeprefix(f"Erreur{NBSP}: "))
    return Done(code, 0, json.loads(ended.stdout), "")
