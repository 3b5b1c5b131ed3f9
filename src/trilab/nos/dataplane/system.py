"""Running the node's tools, and keeping its daemons."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from trilab.nos.dataplane.base import DataplaneError

RUN = Path("/run/trilab")
STATE = Path("/var/lib/trilab")  # survives a reload of the device
TIMEOUT = 30.0  # seconds; a tool takes milliseconds, but a class may start on one machine at once
POLL = 0.01  # seconds between two looks at a daemon that starts


def run(argv: Sequence[str], text: str | None = None, timeout: float = TIMEOUT) -> str:
    """Run a tool with ``text`` on its standard input and return what it printed.

    Raises:
        DataplaneError: it is missing, failed, or did not end within ``timeout`` seconds.
    """
    try:
        done = subprocess.run(
            argv, input=text, capture_output=True, text=True, timeout=timeout, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataplaneError(f"{argv[0]}: {error}") from error
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()
        raise DataplaneError(f"{argv[0]}: {reason[0] if reason else f'exit status {done.returncode}'}")
    return done.stdout


def wait_until(ready: Callable[[], bool], timeout: float, alive: Callable[[], bool] = lambda: True) -> bool:
    """Poll until ``ready``; whether it was within ``timeout`` seconds and while what makes it so was ``alive``."""
    deadline = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > deadline or not alive():
            return False
        time.sleep(POLL)
    return True


def write(path: Path, text: str, mode: int = 0o644) -> bool:
    """Write a file in place (same inode: it may be bind-mounted elsewhere); whether its content changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.read_text() == text:
            return False
    except FileNotFoundError:
        path.touch(mode)
    path.write_text(text)
    path.chmod(mode)
    return True


class Service:
    """One daemon, run in the foreground as our child. A daemon left by an earlier life of ours is stopped first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._pid_file = RUN / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the daemon that we started is alive."""
        return self._child is not None and self._child.poll() is None

    def start(self, argv: Sequence[str], output: int | None = None, errors: int | None = None) -> None:
        """Start (again); what it prints goes to ``output``, its errors to ``errors``; without these, to its log.

        Raises:
            DataplaneError: the program is missing.
        """
        self.stop()
        try:
            with (RUN / f"{self.name}.log").open("wb") as log:
                printed = log if output is None else output
                self._child = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=printed,
                    stderr=log if errors is None else errors,
                    start_new_session=True,
                )
        except OSError as error:
            raise DataplaneError(f"{self.name}: {error}") from error
        self._pid_file.write_text(f"{self._child.pid}\n")

    def stop(self) -> None:
        """Stop it and wait: its sockets are free when this returns."""
        if self._child is not None:
            if self._child.poll() is None:
                self._child.terminate()
                try:
                    self._child.wait(5)
                except subprocess.TimeoutExpired:
                    self._child.kill()
                    self._child.wait(5)
        else:
            self._stop_orphan()
        self._child = None
        self._pid_file.unlink(missing_ok=True)

    def _stop_orphan(self) -> None:
        """Stop the daemon of the pid file, which is not our child: wait on a pidfd."""
        with contextlib.suppress(FileNotFoundError, ValueError, ProcessLookupError):
            pid = int(self._pid_file.read_text())
            handle = os.pidfd_open(pid)
            try:
                for number in (signal.SIGTERM, signal.SIGKILL):
                    signal.pidfd_send_signal(handle, number)
                    if select.select([handle], [], [], 5)[0]:
                        break
            finally:
                os.close(handle)
