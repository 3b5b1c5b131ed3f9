"""The lab pme-voip, once and for a class: how long, how much memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from trilab.access import Sessions, graders, play
from trilab.access.ssh import open_shell
from trilab.engine.base import Lab
from trilab.engine.native import NativeEngine
from trilab.graders import all_checks
from trilab.grading import grade
from trilab.lab import Candidate, LabDefinition, answer, get
from trilab.probe import phone_state
from trilab.topology import plan

LAB = "pme-voip"
CLASS = 12
WORKERS = 4


def quiet(line: str) -> None:
    """Progress that nobody reads."""


class Clock:
    """Named durations in seconds."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        begin = time.monotonic()
        yield
        self.times[name] = time.monotonic() - begin


def up(engine: NativeEngine, lab: LabDefinition, code: str) -> Lab:
    candidate = Candidate.parse(code)
    return engine.up(plan(lab.topology_for(lab.values(candidate)), lab.id, code), quiet)


def login_everywhere(lab: Lab) -> None:
    """A prompt on every switch and router, a command on every other node."""
    with Sessions(lab, graders(lab)) as sessions, ThreadPoolExecutor(len(lab.nodes)) as pool:
        list(pool.map(lambda node: _login(sessions, lab, node), lab.nodes))


def _login(sessions: Sessions, lab: Lab, node: str) -> None:
    if lab.nodes[node].role in ("switch", "router"):
        sessions.cli(node).show("show privilege")
    else:
        client = open_shell(lab, node, graders(lab))
        client.exec_command("true")[1].channel.recv_exit_status()
        client.close()


def solve(lab: Lab, definition: LabDefinition) -> None:
    play(lab, answer(definition, "solution", definition.values(Candidate.parse(lab.spec.candidate))), quiet)


def settled(lab: Lab) -> bool:
    """Every PC has an address, every phone is registered."""
    for node in lab.nodes.values():
        if node.role == "pc" and "inet " not in lab.run(node.name, ["ip", "-4", "addr", "show", "eth1"]).stdout:
            return False
        if node.role == "phone" and not phone_state(lab, node.name).registered:
            return False
    return True


def poll(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the lab did not settle")


def graded(lab: Lab, definition: LabDefinition, folder: Path) -> int:
    """Number of criteria that are not «conforme»."""
    record = grade(lab, definition, "entrainement", folder, quiet, all_checks())
    return sum(criterion.finding.verdict != "conforme" for criterion in record.criteria)


def one() -> list[tuple[str, str, str]]:
    engine, definition, clock = NativeEngine(), get(LAB), Clock()
    begin = time.monotonic()
    lab = up(engine, definition, "bench-0")
    try:
        login_everywhere(lab)
        clock.times["prompt"] = time.monotonic() - begin
        with clock.time("solve"):
            solve(lab, definition)
        with clock.time("settle"):
            poll(lambda: settled(lab), 60)
        with tempfile.TemporaryDirectory() as folder, clock.time("grade"):
            failed = graded(lab, definition, Path(folder))
        memory = lab.memory() / 1024**2
    finally:
        with clock.time("down"):
            engine.down(lab.spec.key)
    t = clock.times
    return [
        (f"{LAB} : de rien à une invite sur les 9 équipements", f"{t['prompt']:.2f} s", "visé ≤ 2,5 s"),
        ("… solution saisie", f"{t['solve']:.1f} s", "visé ≤ 15 s"),
        ("… baux et enregistrements ensuite", f"{t['settle']:.1f} s", "visé ≤ 6 s"),
        (
            "… notation, deux appels compris",
            f"{t['grade']:.1f} s",
            f"visé ≤ 15 s ; {failed} critère(s) non conforme(s)",
        ),
        ("… mémoire (PSS)", f"{memory:.0f} Mio", "visé ≤ 250 Mio"),
        ("… arrêt", f"{t['down']:.2f} s", "visé ≤ 0,5 s"),
    ]


def class_of(size: int = CLASS) -> list[tuple[str, str, str]]:
    engine, definition, clock = NativeEngine(), get(LAB), Clock()
    codes = [f"classe-{number}" for number in range(size)]
    try:
        with clock.time("up"), ThreadPoolExecutor(WORKERS) as pool:
            labs = list(pool.map(lambda code: up(engine, definition, code), codes))
        with clock.time("solve"), ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda lab: solve(lab, definition), labs))
        with clock.time("settle"):
            poll(lambda: all(settled(lab) for lab in labs), 120)
        memory = sum(lab.memory() for lab in labs) / 1024**2
        with tempfile.TemporaryDirectory() as folder, clock.time("grade"), ThreadPoolExecutor(WORKERS) as pool:
            failed = sum(pool.map(lambda lab: graded(lab, definition, Path(folder) / lab.spec.candidate), labs))
    finally:
        with clock.time("down"):
            for key in engine.leftovers():
                if "@classe-" in key:
                    engine.down(key)
    t = clock.times
    return [
        (f"{size} candidats : labs démarrés", f"{t['up']:.1f} s", "visé ≤ 40 s"),
        ("… solutions saisies", f"{t['solve']:.1f} s", ""),
        ("… tous notés", f"{t['grade']:.1f} s", f"visé ≤ 120 s ; {failed} critère(s) non conforme(s)"),
        ("… mémoire (PSS)", f"{memory:.0f} Mio", f"{memory / size:.0f} Mio par lab"),
        ("… arrêt", f"{t['down']:.2f} s", ""),
    ]
