"""``docs/benchmarks.md``, written from the rounds."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from bench.engines.measure import WORKERS, Round

REFERENCE = "native"
METRICS: tuple[tuple[str, Callable[[Round], float | None]], ...] = (
    ("started", lambda one: one.started),
    ("first ping", lambda one: one.ping),
    ("prompt on every node", lambda one: one.prompt),
    ("removed", lambda one: one.down),
)
_HEAD = """# The engines compared

Written by `make bench-engines` (one run, at most twelve minutes); do not edit. {machine}.
{when}; load average {before:.1f} before and {after:.1f} after. Where the first is high, the machine had other work:
compare the contenders with one another, not with another day.

The network: four PCs, two switches, a router between (7 nodes, 6 cables); pc1 pings pc4. **native** and
**containerlab** are trilab's engines, whole: what `trilab up` does. **docker run** is the same image without
containerlab: one `docker run` per node, cables by `ip`, the same commands typed one after the other. **Mininet**
(Debian's package) has shells in network namespaces and kernel bridges: no file system, no SSH, no network OS; it shows
what a start costs at least.
Labs start and end {workers} at a time. Median of the rounds; in brackets, how many times native's.

- *started*: every node runs and every cable is laid
- *first ping*: pc1 reaches pc4; before that, addresses are typed in, on our engines once SSH answers everywhere
- *prompt*: a prompt by SSH, as the candidate, on every node (asked for after the ping)
- *removed*: nothing is left
- *memory*: proportional set size of the labs; `+` Docker's own daemons and shims, on the whole machine

![Seconds until started, first ping and prompt](benchmarks.svg)
"""


def document(rounds: Sequence[Round], notes: Iterable[str], load: tuple[float, float], seconds: float) -> str:
    """The whole page. ``seconds``: of the run."""
    head = _HEAD.format(
        machine=_machine(),
        when=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, in {seconds / 60:.0f} minutes",
        before=load[0],
        after=load[1],
        workers=WORKERS,
    )
    sizes = sorted({one.labs for one in rounds})
    parts = [head, *(_size(rounds, labs) for labs in sizes), _where(rounds)]
    said = [f"- {note}" for note in notes]
    if said:
        parts.append("## Not measured\n\n" + "\n".join(said) + "\n")
    return "\n".join(parts)


def _machine() -> str:
    docker = subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True)
    version = f", Docker {docker.stdout.strip()}" if docker.returncode == 0 else ""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1024**3
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}{version}"


def names(rounds: Iterable[Round]) -> list[str]:
    """The contenders, in the order in which they first ran."""
    return list(dict.fromkeys(one.contender for one in rounds))


def median(rounds: Iterable[Round], value: Callable[[Round], float | None]) -> float | None:
    """Of what was measured; None where nothing was."""
    known = [found for one in rounds if (found := value(one)) is not None]
    return statistics.median(known) if known else None


def _size(rounds: Sequence[Round], labs: int) -> str:
    those = [one for one in rounds if one.labs == labs]
    lines = [
        f"## {labs} lab{'s' if labs > 1 else ''}\n",
        f"| | rounds | {' | '.join(name for name, _ in METRICS)} | memory |",
        "|---" * (len(METRICS) + 3) + "|",
    ]
    for name in names(those):
        own = [one for one in those if one.contender == name]
        reference = [one for one in those if one.contender == REFERENCE]
        cells = [_cell(median(own, value), median(reference, value)) for _, value in METRICS]
        lines.append(f"| {name} | {len(own)} | {' | '.join(cells)} | {_memory(own)} |")
    return "\n".join(lines) + "\n"


def _cell(seconds: float | None, reference: float | None) -> str:
    if seconds is None:
        return "—"
    ratio = f" ({seconds / reference:.1f})" if reference else ""
    return f"{seconds:.2f} s{ratio}"


def _memory(own: Sequence[Round]) -> str:
    labs, shared = (
        statistics.median(values) / 1024**2 for values in ([r.memory for r in own], [r.shared for r in own])
    )
    return f"{labs:.0f} MiB" + (f" + {shared:.0f}" if shared else "")


def _where(rounds: Sequence[Round]) -> str:
    """The parts of a start, one lab at a time."""
    lines = [
        "## Where the time goes\n",
        "One lab, until the first ping.\n",
        "| | part | seconds | share |",
        "|---|---|---|---|",
    ]
    fewest = min((one.labs for one in rounds), default=0)
    for name in names(rounds):
        own = [one for one in rounds if one.contender == name and one.labs == fewest]
        parts = {part: statistics.median(one.parts.get(part, 0.0) for one in own) for one in own for part in one.parts}
        whole = sum(parts.values())
        lines += [f"| {name} | {part} | {value:.2f} | {value / whole:.0%} |" for part, value in parts.items()]
    return "\n".join(lines) + "\n"
