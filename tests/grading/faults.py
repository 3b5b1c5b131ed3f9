"""Breaking a running lab, and mending it again; what a grading must leave as it was."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from trilab.access import Sessions, graders
from trilab.engine.native.lab import NativeLab
from trilab.engine.native.supervisor import TOOLS
from trilab.graders import all_checks
from trilab.grading import grade
from trilab.grading.model import Finding, Record, Verdict
from trilab.host import tools
from trilab.lab import LabDefinition

TCPDUMP = f"{TOOLS}/merged/usr/bin/tcpdump"
# Everything of a candidate that a Linux node holds: addresses, routes, filters, configuration, mailboxes.
STATE = r"""
ip -4 -o address show | sed 's/ valid_lft.*//'
ip -4 route show table all
ip rule show
nft list ruleset | sed 's/packets [0-9]* bytes [0-9]*//'
find /etc/asterisk /etc/network /etc/trilab /var/spool/asterisk/voicemail -type f -exec sha256sum {} + | sort -k 2
"""
PHONE = "phone show --json | grep -v -e registered -e calls"


@dataclass(frozen=True)
class Graded:
    """A grading by criterion."""

    record: Record

    def __getitem__(self, name: str) -> Finding:
        return next(one.finding for one in self.record.criteria if one.id == name)

    def not_right(self) -> set[str]:
        """Criteria that are not «conforme»."""
        return {one.id for one in self.record.criteria if one.finding.verdict is not Verdict.CONFORME}

    def blamed(self) -> dict[str, str]:
        """Criteria held against the candidate, and what was observed."""
        wrong = (one for one in self.record.criteria if one.finding.verdict is Verdict.NON_CONFORME)
        return {one.id: one.finding.observed for one in wrong}

    def incidents(self) -> str:
        """All incidents."""
        return "\n".join(one.text for one in self.record.incidents)


def some(definition: LabDefinition, *names: str) -> LabDefinition:
    """A lab with these criteria only."""
    chosen = tuple(one for one in definition.criteria if one.id in names)
    assert {one.id for one in chosen} == set(names)
    return definition.model_copy(update={"criteria": chosen})


def graded(
    lab: NativeLab, definition: LabDefinition, out: Path, report: Callable[[str], None] = lambda line: None
) -> Graded:
    """Grade."""
    return Graded(grade(lab, definition, "jury", out, report, all_checks()))


def sh(lab: NativeLab, node: str, script: str) -> str:
    """Run a script in a node; it must succeed."""
    done = lab.run(node, ["sh", "-c", script], timeout=60)
    assert done.returncode == 0, done
    return done.stdout


def snapshot(lab: NativeLab) -> dict[str, str]:
    """What a grading must not change, by node."""
    found = {}
    with Sessions(lab, graders(lab)) as sessions:
        for name, node in lab.nodes.items():
            if node.role in ("switch", "router"):
                shown = [sessions.cli(name).show(f"show {what}") for what in ("running-config", "startup-config")]
                found[name] = "\n".join(shown) + sh(lab, name, STATE)
            else:
                found[name] = sh(lab, name, STATE + (PHONE if node.role == "phone" else ""))
    return found


@contextmanager
def stopped(lab: NativeLab, node: str, name: str) -> Iterator[None]:
    """SIGSTOP all processes of a node with this name, then SIGCONT."""
    sh(lab, node, f"pkill -STOP -x {name}")
    try:
        yield
    finally:
        sh(lab, node, f"pkill -CONT -x {name}")


@contextmanager
def link_down(lab: NativeLab, node: str) -> Iterator[None]:
    """No management interface."""
    sh(lab, node, "ip link set eth0 down")
    try:
        yield
    finally:
        sh(lab, node, "ip link set eth0 up")


@contextmanager
def disk_full(lab: NativeLab, node: str) -> Iterator[None]:
    """A file takes all that the node may write."""
    sh(lab, node, "dd if=/dev/zero of=/var/tmp/fill bs=1M 2>/dev/null || true")
    try:
        yield
    finally:
        sh(lab, node, "rm -f /var/tmp/fill")


@contextmanager
def no_tcpdump(lab: NativeLab) -> Iterator[None]:
    """The graders' own tcpdump is gone from the bubble."""
    _in_bubble(lab, "mv", TCPDUMP, f"{TCPDUMP}.away")
    try:
        yield
    finally:
        _in_bubble(lab, "mv", f"{TCPDUMP}.away", TCPDUMP)


def _in_bubble(lab: NativeLab, *argv: str) -> None:
    pid = psutil.Process(next(iter(lab.nodes.values())).pid)
    bubble = next(one for one in pid.parents() if one.pid == _bubble_pid(lab))
    subprocess.run([tools.need("nsenter"), "-t", str(bubble.pid), "-U", "-m", *argv], check=True, timeout=30)


def _bubble_pid(lab: NativeLab) -> int:
    return int((lab.folder / "bubble.pid").read_text().split()[0])


class When:
    """A progress receiver that acts once, at the first line with certain words, in the middle of a grading."""

    def __init__(self, words: str, action: Callable[[], object]) -> None:
        self._words, self._action = words, action
        self._lock = threading.Lock()
        self.done = False

    def __call__(self, line: str) -> None:
        with self._lock:
            if self.done or self._words not in line:
                return
            self.done = True
        self._action()
