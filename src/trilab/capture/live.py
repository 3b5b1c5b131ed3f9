"""Running tcpdump of the untouched image in a node's network: the candidate can neither stop nor change it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from multiprocessing import connection
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from trilab.capture.names import linux_name
from trilab.engine.base import Lab
from trilab.errors import ObservationError, reason
from trilab.french import count

_READY = "listening on"
_READY_TIMEOUT = 30.0  # seconds; by a cluster's API it takes some
_SNAPSHOT = 2048  # octets: an Ethernet frame of 1500 with tags; the default buffer then holds a thousand
_QUIET = 0.06  # seconds without a new packet that end a capture
_SETTLE_TIMEOUT = 5.0  # seconds at most spent waiting for that: a busy machine lets tcpdump wait
_DROPPED = re.compile(r"([1-9]\d*) packets? dropped by kernel\Z")
_COUNT_LINE = re.compile(r"\d+ packets? ")
_COUNTS = re.compile(rb"(\d+) packets? captured, (\d+) packets? received by filter")


def command(interface: str, filters: Sequence[str] = (), snapshot: int = 0) -> list[str]:
    """The tcpdump command line that writes a capture of ``interface`` to standard output, packet by packet.

    ``snapshot``: octets kept of each packet; 0 means all. The kernel's buffer holds more packets when it is small.
    """
    options = ["-U", "--immediate-mode", "-n", "-Z", "root", "-s", str(snapshot)]
    return ["tcpdump", *options, "-i", linux_name(interface), "-w", "-", *filters]


def _wait_ready(program: subprocess.Popen[bytes], what: str) -> None:
    assert program.stderr is not None
    deadline, text = time.monotonic() + _READY_TIMEOUT, ""
    while _READY not in text:
        left = deadline - time.monotonic()
        ready = connection.wait([program.stderr.fileno()], max(0.0, left))
        chunk = os.read(program.stderr.fileno(), 4096) if ready else b""
        if not chunk:
            end_program(program)
            raise ObservationError(f"La capture sur {what} n'a pas démarré ({_said(text)}).")
        text += chunk.decode(errors="replace")


def _said(text: str) -> str:
    """What a program said before it ended, in French where it is known."""
    if "failed to execute" in text:  # nsenter(1), setpriv(1)
        return "l'outil tcpdump manque"
    if "No such device" in text or "interface disappeared" in text:
        return "l'interface n'existe plus"
    lines = [line for line in text.strip().splitlines() if _READY not in line and not _COUNT_LINE.match(line)]
    return lines[0] if lines else "sans message"


def end_program(program: subprocess.Popen[bytes]) -> str:
    """Terminate a trusted program started by :meth:`Lab.popen`, close its pipes, and give the last of its stderr."""
    if program.poll() is None:
        program.terminate()
        try:
            program.wait(2.0)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
    said = b"" if program.stderr is None or program.stderr.closed else program.stderr.read()
    for pipe in (program.stdin, program.stderr):
        if pipe is not None:
            pipe.close()
    return said.decode(errors="replace").strip()


class Capture:
    """One running capture; :meth:`stop` gives the file. ``problem`` (French): why the file must not be believed."""

    def __init__(self, lab: Lab, node: str, interface: str, path: Path, filters: Sequence[str] = ()) -> None:
        """Start it, without waiting for it to listen (see :meth:`wait_ready`)."""
        self.node, self.interface, self.path = node, linux_name(interface), path
        self._program = lab.popen(node, command(interface, filters, _SNAPSHOT), trusted=True)
        self._reader = threading.Thread(target=self._copy, name=f"capture {node}:{interface}", daemon=True)
        self._size, self._changed = 0, time.monotonic()
        self.problem = ""
        self._reader.start()

    def _copy(self) -> None:
        assert self._program.stdout is not None
        try:
            with self._program.stdout as source, self.path.open("wb", buffering=0) as out:
                while chunk := os.read(source.fileno(), 1 << 16):
                    out.write(chunk)
                    self._size, self._changed = self._size + len(chunk), time.monotonic()
        except OSError as error:  # the disk of this machine; tcpdump ends by itself on the closed pipe
            self.problem = f"n'a pas pu être écrite ({reason(error)})"

    def wait_ready(self) -> None:
        """Return once tcpdump listens. Raises ObservationError when it does not."""
        _wait_ready(self._program, f"{self.node}:{self.interface}")

    def stop(self) -> Path:
        """End the capture once the wire has been quiet for a moment and tcpdump has read all that the kernel kept for
        it, and return its file.
        """
        deadline = time.monotonic() + _SETTLE_TIMEOUT
        while self._program.poll() is None and (now := time.monotonic()) < deadline:
            quiet_for = now - self._changed
            if quiet_for >= _QUIET and self._has_read_all(deadline):
                break
            self._reader.join(max(0.01, _QUIET - quiet_for))
        alone = self._program.poll() is not None
        said = end_program(self._program)
        self._reader.join()
        lost = _DROPPED.search(said)
        if alone and not self.problem:
            self.problem = f"s'est arrêtée d'elle-même ({_said(said)})"
        elif lost and not self.problem:
            self.problem = f"a perdu {count(int(lost[1]), 'paquet')}, la machine est trop chargée"
        return self.path

    def _has_read_all(self, deadline: float) -> bool:
        """Whether tcpdump has written as many packets as the kernel passed to it; it tells both on SIGUSR1."""
        assert self._program.stderr is not None
        self._program.send_signal(signal.SIGUSR1)
        said = b""
        while not (match := _COUNTS.search(said)):
            ready = connection.wait([self._program.stderr.fileno()], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._program.stderr.fileno(), 4096) if ready else b""
            if not chunk:
                return False
            said += chunk
        return int(match[1]) >= int(match[2])


class Captures:
    """Several captures at once, keyed ``node:ethN``; a context manager that never leaves one running.

    Leaving the block raises ObservationError when one of them did not see everything: what is missing from it would
    be held against the candidate.
    """

    def __init__(
        self, lab: Lab, points: Iterable[tuple[str, str]], folder: Path, filters: Sequence[str] = (), prefix: str = ""
    ) -> None:
        self._lab, self._folder, self._filters, self._prefix = lab, folder, filters, prefix
        self._points = list(dict.fromkeys((node, linux_name(interface)) for node, interface in points))
        self._running: list[Capture] = []
        self.files: dict[str, Path] = {}
        self.problems: list[str] = []  # French sentences

    def __enter__(self) -> Captures:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            for node, interface in self._points:
                path = self._folder / f"{self._prefix}{node}-{interface}.pcap"
                self._running.append(Capture(self._lab, node, interface, path, self._filters))
            for one in self._running:
                one.wait_ready()
        except BaseException:  # also an interrupt: no tcpdump outlives it
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if kind is None and self.problems:
            raise ObservationError(" ".join(self.problems))

    def stop(self) -> dict[str, Path]:
        """End all captures and return their files; calling it twice is harmless."""
        for one in self._running:
            self.files[f"{one.node}:{one.interface}"] = one.stop()
            if one.problem:
                self.problems.append(f"La capture sur {one.node}:{one.interface} {one.problem}.")
        self._running.clear()
        return self.files


def stream(lab: Lab, node: str, interface: str, out: BinaryIO, filters: Sequence[str] = ()) -> None:
    """Copy a live capture to ``out`` until the reader goes away, the node ends, or the user interrupts.

    Raises:
        ObservationError: tcpdump did not start.
    """
    program = lab.popen(node, command(interface, filters), trusted=True)
    try:
        _wait_ready(program, f"{node}:{interface}")
        assert program.stdout is not None
        while block := os.read(program.stdout.fileno(), 1 << 16):
            out.write(block)
            out.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    finally:
        end_program(program)
