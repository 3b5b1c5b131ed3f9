"""Grading: every criterion of a lab, in parallel, each one independent of the failures of the others."""

from __future__ import annotations

import fcntl
import platform
import shutil
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from trilab import __version__
from trilab.engine.base import Lab, Report
from trilab.errors import NotGradedError, ObservationError, StateError
from trilab.grading.binding import Bound, bind
from trilab.grading.live import LiveObserver
from trilab.grading.model import Criterion, Evidence, Finding, Incident, Record, Verdict
from trilab.grading.observe import A, Cli, Observer, Request, names
from trilab.grading.registry import Check
from trilab.grading.requests import Call, DeadNodes, Dial, Enable, Trouble, Troubles, Voicemail
from trilab.grading.wifi_requests import Beacons, Session, Station
from trilab.lab import Candidate, LabDefinition, content_hash

_LOCAL = frozenset({"show running-config", "show startup-config", "show vlan brief", "show interfaces switchport"})
Profile = Literal["entrainement", "jury"]
_LIBRARIES = ("netmiko", "paramiko", "scapy", "ntc-templates", "numpy", "pydantic")


@dataclass
class Incidents:
    """What happened to the tool, from any thread."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _found: list[Incident] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Note an incident (French), now; the same one is noted once."""
        with self._lock:
            if text not in {one.text for one in self._found}:
                self._found.append(Incident(at=datetime.now(UTC), text=text))

    @property
    def all(self) -> tuple[Incident, ...]:
        """Oldest first."""
        with self._lock:
            return tuple(self._found)


@dataclass(frozen=True)
class Judged:
    """A criterion, and what its check asked."""

    criterion: Criterion
    asked: tuple[Request[Any], ...]


class _Traced:
    """Notes what one check asks."""

    def __init__(self, lab: Observer) -> None:
        self._lab = lab
        self.asked: list[Request[Any]] = []

    def ask(self, request: Request[A]) -> A:
        self.asked.append(request)
        return self._lab.ask(request)


def judge(bound: Bound, observer: Observer, incidents: Incidents) -> Judged:
    """Run one check. Whatever goes wrong in it is «inconclusif»: it never stops the others, it never blames."""
    lab = _Traced(observer)
    began, started = datetime.now(UTC), time.monotonic()
    try:
        finding = bound.check.run(lab, bound.parameters)
    except NotGradedError as error:
        finding = Finding(
            verdict=Verdict.NON_EVALUE,
            expected=bound.check.title,
            observed="Non observé.",
            reason=error.message,
        )
    except ObservationError as error:
        incidents.add(f"Observation impossible : {error.message}")
        finding = _inconclusive(bound, error.message)
    # The one broad except of trilab: a fault in a check must neither stop the grading nor become a verdict.
    except Exception as error:  # noqa: BLE001
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = f"Défaut de trilab dans le contrôle « {bound.check.name} » (critère {bound.criterion.id})"
        incidents.add(f"{text} : {type(error).__name__} {error} ({Path(where.filename).name}:{where.lineno}).")
        finding = _inconclusive(bound, "L'outil a rencontré un défaut en menant ce contrôle (voir les incidents).")
    asked = bound.criterion
    criterion = Criterion(
        id=asked.id,
        title=asked.title,
        asked=asked.asked,
        competence=asked.competence,
        points=asked.points,
        check=asked.check,
        parameters=bound.parameters.model_dump(mode="json", exclude_defaults=True),
        hint=asked.hint,
        finding=finding,
        started_at=began,
        duration=round(time.monotonic() - started, 3),
    )
    return Judged(criterion, tuple(lab.asked))


def _local(request: Request[Any]) -> bool:
    """Whether an answer depends on its node alone: a configuration, not the state of a link or a neighbour."""
    return isinstance(request, Enable) or (isinstance(request, Cli) and request.command in _LOCAL)


def revise(judged: Judged, troubles: Sequence[Trouble]) -> Criterion:
    """A «non conforme» that one of the troubles may have made becomes «inconclusif»."""
    found = judged.criterion.finding
    causes = [one for one in troubles if _may_explain(one, judged.asked)]
    if found.verdict is not Verdict.NON_CONFORME or not causes:
        return judged.criterion
    reason = f"{' ; '.join(_told(causes))}. Ce qui a été observé n'est pas concluant."
    doubted = found.model_copy(update={"verdict": Verdict.INCONCLUSIF, "reason": reason})
    return judged.criterion.model_copy(update={"finding": doubted})


def _may_explain(trouble: Trouble, asked: Sequence[Request[Any]]) -> bool:
    """Whether what was asked needs what is broken: the network for a dead node, telephony for a hung one,
    the air for a radio, also where a station is only pinged."""
    if trouble.kind in ("dead", "full"):
        return not all(map(_local, asked))
    if trouble.kind == "hung":
        return any(isinstance(one, Call | Dial | Voicemail) or trouble.node in astuple(one) for one in asked)
    if trouble.kind == "air":
        return any(isinstance(one, Beacons | Session | Station) or names(astuple(one), trouble.node) for one in asked)
    return False  # a closed management access fails openly: what it hides is an ObservationError already


def _told(troubles: Sequence[Trouble]) -> list[str]:
    """One French sentence per kind of trouble, with all its nodes, without its full stop."""
    nodes: dict[str, list[str]] = {}
    for one in troubles:
        nodes.setdefault(one.detail, []).append(one.node)
    return [f"À la fin de la notation, {', '.join(names)} : {detail}" for detail, names in nodes.items()]


def troubles_of(lab: Observer) -> tuple[Trouble, ...]:
    """What did not work at the end; nothing when that was not observed."""
    try:
        return lab.ask(Troubles()).troubles
    except ObservationError:
        return _dead_nodes(lab)


def _dead_nodes(lab: Observer) -> tuple[Trouble, ...]:
    """As observations of earlier releases tell it."""
    try:
        return tuple(Trouble(name, "dead", "nœud arrêté") for name in lab.ask(DeadNodes()).nodes)
    except ObservationError:
        return ()


def _inconclusive(bound: Bound, reason: str) -> Finding:
    return Finding(
        verdict=Verdict.INCONCLUSIF,
        expected=bound.check.title,
        observed="Observation impossible.",
        reason=reason,
    )


def judge_all(bounds: Sequence[Bound], lab: Observer, report: Report, incidents: Incidents) -> tuple[Criterion, ...]:
    """Run all checks at once: most of their time they wait. Order of the result: that of ``bounds``."""
    done = 0
    lock = threading.Lock()

    def one(bound: Bound) -> Judged:
        nonlocal done
        judged = judge(bound, lab, incidents)
        criterion = judged.criterion
        with lock:
            done += 1
            report(f"[{done}/{len(bounds)}] {criterion.title} : {criterion.finding.verdict.value}")
        return judged

    with ThreadPoolExecutor(max(1, len(bounds)), thread_name_prefix="check") as pool:
        found = list(pool.map(one, bounds))
    troubles = troubles_of(lab)
    for told in _told(troubles):
        incidents.add(f"{told}.")
    return tuple(revise(judged, troubles) for judged in found)


def grade(
    lab: Lab,
    definition: LabDefinition,
    profile: Profile,
    out: Path,
    report: Report,
    checks: Mapping[str, Check],
) -> Record:
    """Grade a running lab; evidence, ``observations.json`` and nothing else are written under ``out``.

    Raises:
        FileError: ``lab.yml`` names a missing check or parameter.
        StateError: this lab is being graded already.
    """
    variables = definition.values(Candidate.parse(lab.spec.candidate))
    bounds = bind(definition, variables, checks, lab.nodes)
    with alone(lab):
        return _grade(lab, definition, profile, out, report, variables, bounds)


@contextmanager
def alone(lab: Lab) -> Iterator[None]:
    """Hold a lab for one grading: two would hear each other's calls. Ends with the process, however that ends."""
    with (lab.key_file.parent / "grading.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateError(f"Une autre notation de {lab.spec.key} est en cours.", "Attendez sa fin.") from error
        yield


def _grade(
    lab: Lab,
    definition: LabDefinition,
    profile: Profile,
    out: Path,
    report: Report,
    variables: Mapping[str, Any],
    bounds: Sequence[Bound],
) -> Record:
    incidents, began = Incidents(), datetime.now(UTC)
    report(f"Notation de {definition.id} pour {lab.spec.candidate} : {len(bounds)} critères.")
    with LiveObserver(lab, out) as observer:
        late = observer.settle()
        if late:
            report(f"Sans adresse ou sans enregistrement : {', '.join(late)}.")
        criteria = judge_all(bounds, observer, report, incidents)
        observer.save(out)
        kept = observer.keeper.kept
    shutil.rmtree(out / ".work")
    return make_record(lab, definition, profile, variables, began, criteria, kept, incidents.all)


def make_record(
    lab: Lab,
    definition: LabDefinition,
    profile: Profile,
    variables: Mapping[str, Any],
    began: datetime,
    criteria: tuple[Criterion, ...],
    evidence: tuple[Evidence, ...],
    incidents: tuple[Incident, ...],
) -> Record:
    """Put the record together."""
    return Record(
        lab=definition.id,
        lab_title=definition.title,
        lab_sha256=content_hash(definition),
        candidate=lab.spec.candidate,
        profile=profile,
        started_at=began,
        finished_at=datetime.now(UTC),
        lab_started_at=datetime.fromtimestamp(lab.started_at, UTC),
        tool=tool_versions(lab.image),
        competences=dict(definition.competences),
        variables=dict(variables),
        criteria=criteria,
        evidence=evidence,
        incidents=incidents,
    )


def tool_versions(image: str) -> dict[str, str]:
    """What took part in the grading: versions of trilab, Python, libraries and kernel, and the hash of the image."""
    found = {"trilab": __version__, "python": platform.python_version(), "linux": platform.release(), "image": image}
    return {**found, **_library_versions()}


@cache
def _library_versions() -> Mapping[str, str]:
    """Kept: it reads the metadata of each."""
    return {name: version(name) for name in _LIBRARIES}
