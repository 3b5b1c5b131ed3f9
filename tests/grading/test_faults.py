"""A failure of the tool is never the candidate's: one solved lab is broken in several ways while it is graded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.grading.faults import (
    When,
    disk_full,
    graded,
    link_down,
    no_tcpdump,
    sh,
    snapshot,
    some,
    stopped,
)
from trilab.access import play
from trilab.engine.native import NativeEngine
from trilab.engine.native.lab import NativeLab
from trilab.errors import StateError
from trilab.grading.runner import alone
from trilab.lab import Candidate, LabDefinition, answer, load_lab
from trilab.topology import plan

pytestmark = pytest.mark.live
RECORDING = "find /var/spool/asterisk/voicemail -path '*/tmp/*' -type f -size +0"
MESSAGES = "find /var/spool/asterisk/voicemail -type f"
HALF_WAY = 180.0  # seconds within which a grading must have come to the voicemail
LOCKS = Path("/proc/locks")
GRADE = "from trilab.cli import main; main()"
CODE = "PANNE3"


@pytest.fixture(scope="module")
def definition(repository: Path) -> LabDefinition:
    """The lab."""
    return load_lab(repository / "labs" / "pme-voip")


@pytest.fixture(scope="module")
def lab(engine: NativeEngine, definition: LabDefinition) -> Iterator[NativeLab]:
    """The lab with the reference solution. Tests run in the order of this file; the last one spoils it."""
    values = definition.values(Candidate.parse(CODE))
    running = engine.up(plan(definition.topology_for(values), definition.id, CODE), lambda line: None)
    play(running, answer(definition, "solution", values), lambda line: None)
    yield running
    engine.down(running.spec.key)


def test_grading_changes_nothing(lab: NativeLab, definition: LabDefinition, tmp_path: Path) -> None:
    graded(lab, some(definition, "nom-r1"), tmp_path / "first")  # leases and registrations have come
    before = snapshot(lab)
    assert "hostname R1" in before["r1"] and "ip access-group" in before["r1"]
    assert "/etc/asterisk/pjsip.conf" in before["ipbx"] and '"dscp": 46' in before["tel1"]
    assert all("inet " in text and "default via" in text for name, text in before.items() if name.startswith("pc"))
    assert graded(lab, definition, tmp_path / "whole").not_right() == set()
    after = snapshot(lab)
    for node, text in before.items():
        assert after[node] == text, node


FAULTS: dict[str, tuple[Callable[[NativeLab], AbstractContextManager[None]], set[str], set[str], str]] = {
    "hung-sshd": (
        lambda lab: stopped(lab, "sw1", "sshd"),
        {"sauvegarde-sw1", "enable-sw1"},
        {"sauvegarde-sw2", "joindre-ipbx"},
        "sw1 : session SSH hors bande impossible (aucune réponse dans le délai)",
    ),
    "management-cut": (
        lambda lab: link_down(lab, "sw2"),
        {"sauvegarde-sw2"},
        {"sauvegarde-sw1", "joindre-sw2"},
        "sw2 : accès d'administration (SSH hors bande) sans réponse",
    ),
    "full-disk": (
        lambda lab: disk_full(lab, "ipbx"),
        {"messagerie"},
        {"bail-pc2", "sauvegarde-r1"},
        "disque plein",
    ),
    "no-tcpdump": (
        no_tcpdump,
        {"trame-donnees", "bail-pc2"},
        {"joindre-ipbx", "sauvegarde-r1"},
        "n'a pas démarré (l'outil tcpdump manque)",
    ),
    "deadline": (
        lambda lab: stopped(lab, "ipbx", "asterisk"),
        {"compte-tel1", "appel-vers-atelier"},
        {"joindre-ipbx", "vlan-tel1"},
        "« asterisk -rx pjsip show contacts » n'a pas fini en 20 s",
    ),
    "hung-phone": (
        lambda lab: stopped(lab, "tel2", "python3"),
        {"appel-vers-atelier"},
        {"joindre-ipbx", "vlan-tel1"},
        "tel2 : le téléphone ne répond pas",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_makes_its_criteria_inconclusive(
    lab: NativeLab, definition: LabDefinition, tmp_path: Path, fault: str
) -> None:
    breaking, concerned, others, incident = FAULTS[fault]
    with breaking(lab):
        found = graded(lab, some(definition, *concerned, *others), tmp_path)
    assert found.blamed() == {}
    assert found.not_right() == concerned, found.record
    assert all(found[name].reason for name in concerned)
    assert incident in found.incidents()


def locked(path: Path, pid: int) -> bool:
    """Whether a process holds a file by flock; asked without touching the lock."""
    inode = f":{path.stat().st_ino} " if path.exists() else ""
    return bool(inode) and any(inode in one and f" {pid} " in one for one in LOCKS.read_text().splitlines())


def test_a_killed_grading_is_made_again_without_a_trace(
    lab: NativeLab, definition: LabDefinition, tmp_path: Path
) -> None:
    argv = [sys.executable, "-c", GRADE, "grade", definition.id, "--candidate", CODE, "-o", str(tmp_path / "r")]
    told = tmp_path / "told.txt"
    with told.open("w") as out, subprocess.Popen(argv, stdout=out, stderr=out) as grader:
        deadline = time.monotonic() + HALF_WAY

        def until(condition: Callable[[], object]) -> None:
            while not condition():
                assert grader.poll() is None and time.monotonic() < deadline, told.read_text()

        until(lambda: locked(lab.key_file.parent / "grading.lock", grader.pid))
        with pytest.raises(StateError, match="Une autre notation"), alone(lab):
            pytest.fail("two gradings of one lab at once")
        until(lambda: sh(lab, "ipbx", RECORDING))  # a call is going on, and the voicemail records it
        grader.send_signal(signal.SIGKILL)
    found = graded(lab, definition, tmp_path / "r")
    assert found.not_right() == set(), found.blamed()
    assert found.record.incidents == ()
    assert not (tmp_path / "r" / ".work").exists()
    assert sh(lab, "ipbx", MESSAGES) == ""  # nor any of the calls of the tests before


def test_a_node_killed_during_the_grading(lab: NativeLab, definition: LabDefinition, tmp_path: Path) -> None:
    kill = When("[12/", lambda: os.kill(lab.nodes["pc3"].pid, signal.SIGKILL))
    found = graded(lab, definition, tmp_path, kill)
    assert kill.done and found.blamed() == {}
    of_pc3 = {one.id for one in definition.criteria if "pc3" in str(one.parameters)}
    others = {name: found[name].reason for name in found.not_right() - of_pc3}
    assert others == {}, [sh(lab, phone, "phone log") for phone in ("tel1", "tel2")]
    assert found.not_right() >= {"invites-isoles", "ssh-refuse-invites"}
    assert "À la fin de la notation, pc3 : nœud arrêté." in found.incidents()
