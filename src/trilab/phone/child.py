"""A long-running program under the daemon: its lines are read as they come, it is ended with the daemon."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence

from trilab.phone.loop import Loop

GRACE = 2.0  # seconds between the request to end and the order


class Child:
    """One program. ``on_line`` receives each line of its output, without the end of line."""

    def __init__(self, loop: Loop, argv: Sequence[str], on_line: Callable[[str], None]) -> None:
        self._loop, self._on_line, self._pending = loop, on_line, b""
        self._process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/"
        )
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()
        os.set_blocking(self._output, False)
        loop.watch(self._output, self._read)
        self._watched = True

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.running:
            self._process.send_signal(number)

    def stop(self, *, kill: bool = False) -> None:
        """End it, and listen to it no more. ``kill``: at once, without a farewell."""
        self._forget()
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _forget(self) -> None:
        if self._watched:
            self._watched = False
            self._loop.forget(self._output)

    def _read(self) -> None:
        data = os.read(self._output, 65536)
        if not data:
            self._forget()
            return
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            self._on_line(line.decode(errors="replace"))
