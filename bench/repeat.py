"""The same state graded again and again: does every criterion always get the same verdict?"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.labs import LAB, poll, quiet, settled, solve, up
from trilab.engine.native import NativeEngine
from trilab.graders import all_checks
from trilab.grading import grade
from trilab.lab import get

GRADINGS = int(os.environ.get("BENCH_GRADINGS", "20"))
SHOWN = 5  # flaking criteria that are named


def rows() -> list[tuple[str, str, str]]:
    """Flake rate: criteria whose verdict is not the same in all gradings, out of all."""
    engine, definition = NativeEngine(), get(LAB)
    lab = up(engine, definition, "bench-1")
    verdicts: dict[str, Counter[str]] = {}
    seconds, incidents = [], 0
    try:
        solve(lab, definition)
        poll(lambda: settled(lab), 60)
        for _ in range(GRADINGS):
            with tempfile.TemporaryDirectory() as folder:
                begin = time.monotonic()
                record = grade(lab, definition, "jury", Path(folder), quiet, all_checks())
                seconds.append(time.monotonic() - begin)
            incidents += len(record.incidents)
            for criterion in record.criteria:
                verdicts.setdefault(criterion.id, Counter())[criterion.finding.verdict.value] += 1
    finally:
        engine.down(lab.spec.key)
    flaky = {name: seen for name, seen in verdicts.items() if len(seen) > 1}
    rate = len(flaky) / len(verdicts)
    spread = f"médiane {statistics.median(seconds):.1f} s, maximum {max(seconds):.1f} s"
    return [
        (
            f"{GRADINGS} notations du même état : verdicts instables",
            f"{len(flaky)} critère(s) sur {len(verdicts)} ({rate:.1%})".replace(".", ",").replace("%", " %"),
            "visé : 0",
        ),
        *(
            (f"… {name}", ", ".join(f"{n} × {verdict}" for verdict, n in seen.items()), "")
            for name, seen in _worst(flaky)
        ),
        ("… incidents de l'outil", str(incidents), "visé : 0"),
        ("… durée d'une notation", spread, ""),
    ]


def _worst(flaky: dict[str, Counter[str]]) -> list[tuple[str, Counter[str]]]:
    return sorted(flaky.items(), key=lambda item: min(item[1].values()), reverse=True)[:SHOWN]
