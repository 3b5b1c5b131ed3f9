"""``make bench-engines``: every contender in turn, round after round, then ``docs/benchmarks.md`` and its plot.

``BENCH_SIZES`` (``1,4,12``): numbers of labs; ``BENCH_MINUTES`` (12): no round begins that would probably end later.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.engines import measure, plot, table
from bench.engines.bare import Bare
from bench.engines.in_mininet import InMininet
from bench.engines.measure import Contender, Round
from bench.engines.ours import OnContainerlab, native
from trilab.errors import TrilabError

ROUNDS = {1: 5, 4: 3}  # labs → rounds; one where nothing is said
DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class Results:
    """What was measured, what was not and why, and the load of the machine before and after."""

    rounds: tuple[Round, ...]
    notes: tuple[str, ...]
    load: tuple[float, float]
    seconds: float


def measured(sizes: list[int], minutes: float) -> Results:
    """All rounds that fit; contenders take turns, so that a busy moment of the machine meets them all."""
    begin, load = time.monotonic(), os.getloadavg()[0]
    contenders: list[Contender] = [native(), OnContainerlab(), Bare(), InMininet()]
    absent = {one.name: one.missing() for one in contenders}
    notes = [f"{name}: {reason}" for name, reason in absent.items() if reason]
    present = [one for one in contenders if not absent[one.name]]
    rounds: list[Round] = []
    longest: dict[str, float] = {}  # seconds per lab of a round
    for labs in sizes:
        for number in range(ROUNDS.get(labs, 1)):
            for one in present:
                left = begin + minutes * 60 - time.monotonic()
                if longest.get(one.name, 0.0) * labs > left:
                    notes.append(f"{one.name}: no round {number + 1} with {labs} labs, the time was up")
                    continue
                print(f"{one.name}, {labs} lab(s), round {number + 1}", file=sys.stderr, flush=True)
                started = time.monotonic()
                try:
                    rounds.append(measure.once(one, labs))
                except (TrilabError, OSError) as error:
                    notes.append(f"{one.name}: round {number + 1} with {labs} labs failed ({error})")
                longest[one.name] = max(longest.get(one.name, 0.0), (time.monotonic() - started) / labs)
    return Results(tuple(rounds), tuple(notes), (load, os.getloadavg()[0]), time.monotonic() - begin)


def main() -> None:
    """Measure and write."""
    sizes = [int(word) for word in os.environ.get("BENCH_SIZES", "1,4,12").split(",")]
    found = measured(sizes, float(os.environ.get("BENCH_MINUTES", "12")))
    (DOCS / "benchmarks.svg").write_text(plot.svg(found.rounds))
    text = table.document(found.rounds, found.notes, found.load, found.seconds)
    (DOCS / "benchmarks.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
