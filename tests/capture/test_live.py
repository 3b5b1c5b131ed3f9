"""A capture that did not see everything is not believed. The programs here speak as tcpdump does on its stderr."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from trilab.capture.live import Captures, stream
from trilab.engine.base import Lab
from trilab.errors import ObservationError

READY = "echo 'tcpdump: listening on eth1, link-type EN10MB (Ethernet)' >&2"
COUNTS = "echo '1 packet captured, 1 packet received by filter, {} packets dropped by kernel' >&2"
LAST = "printf '1 packet captured\\n1 packet received by filter\\n{} packets dropped by kernel\\n' >&2"
WAIT = "while :; do sleep 0.1; done"


class OneProgram:
    """A lab whose every program is one shell script."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.started: list[subprocess.Popen[bytes]] = []

    def popen(self, node: str, argv: Sequence[str], *, trusted: bool = False) -> subprocess.Popen[bytes]:
        assert trusted and argv[0] == "tcpdump"
        pipe = subprocess.PIPE
        self.started.append(subprocess.Popen(["sh", "-c", self.script], stdin=pipe, stdout=pipe, stderr=pipe))
        return self.started[-1]


def script(dropped: int) -> str:
    usr1, term = COUNTS.format(dropped), LAST.format(dropped)
    return f'trap "{usr1}" USR1; trap "{term}; exit" TERM; {READY}; printf packets; {WAIT}'


def captures(lab: OneProgram, folder: Path) -> Captures:
    return Captures(cast(Lab, lab), [("sw1", "eth1"), ("sw2", "eth1")], folder)


def test_a_whole_capture(tmp_path: Path) -> None:
    lab = OneProgram(script(0))
    with captures(lab, tmp_path) as running:
        pass
    assert {name: path.read_bytes() for name, path in running.files.items()} == {
        "sw1:eth1": b"packets",
        "sw2:eth1": b"packets",
    }
    assert all(program.poll() is not None for program in lab.started)


def test_packets_that_the_kernel_dropped_are_not_held_against_anybody(tmp_path: Path) -> None:
    with (
        pytest.raises(ObservationError, match=r"sur sw1:eth1 a perdu 12\xa0paquets, la machine"),
        captures(OneProgram(script(12)), tmp_path),
    ):
        pass


def test_a_capture_that_ended_by_itself(tmp_path: Path) -> None:
    lab = OneProgram(f"{READY}; printf packets; read line; echo 'tcpdump: pcap_loop: The interface disappeared' >&2")
    with (
        pytest.raises(ObservationError, match=r"d'elle-même \(l'interface n'existe plus\)"),
        captures(lab, tmp_path),
    ):
        for program in lab.started:
            assert program.stdin is not None
            program.stdin.write(b"\n")
            program.stdin.flush()
            program.wait(10)


def test_a_capture_that_does_not_start_leaves_none_running(tmp_path: Path) -> None:
    lab = OneProgram('echo "nsenter: failed to execute tcpdump: No such file or directory" >&2')
    with (
        pytest.raises(ObservationError, match=r"sw1:eth1 n'a pas démarré \(l'outil tcpdump manque"),
        captures(lab, tmp_path),
    ):
        pytest.fail("there is nothing to look at")
    assert all(program.poll() is not None for program in lab.started)


def test_a_full_disk_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "sw2-eth1.pcap").symlink_to("/dev/full")
    with (
        pytest.raises(ObservationError, match=r"sw2:eth1 n'a pas pu être écrite \(le disque est plein\)"),
        captures(OneProgram(script(0)), tmp_path),
    ):
        pass


def test_another_error_in_the_block_is_the_one_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), captures(OneProgram(script(12)), tmp_path):
        raise ZeroDivisionError


def test_a_live_capture_reaches_its_reader_at_once_and_ends_with_it() -> None:
    lab = OneProgram(f"{READY}; while printf packets; do sleep 0.1; done")  # far less than a buffer; ends by itself
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb", buffering=0) as read, os.fdopen(writer, "wb") as out:
        follower = threading.Thread(target=stream, args=(cast(Lab, lab), "sw1", "eth1", out))
        follower.start()
        assert read.read(7) == b"packets"
        read.close()
        follower.join(20.0)
        assert not follower.is_alive() and lab.started[0].poll() is not None
        out.raw.close()  # type: ignore[attr-defined]
