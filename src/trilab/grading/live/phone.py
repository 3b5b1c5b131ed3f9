"""One phone's control connection: JSON lines on the socket of the phone's own program."""

from __future__ import annotations

import json
import select
import subprocess
import time
from types import TracebackType
from typing import Any

from trilab.engine.base import Lab
from trilab.errors import ObservationError

SOCKET = "/run/trilab/phone.sock"
REPLY = 5.0  # seconds for an answer, beside the time that a wait may take
_STEP = 0.3  # seconds of one partial wait
Reply = dict[str, Any]


class PhoneError(Exception):
    """The phone refuses (no account, no call, already calling); its own French sentence."""


class Phone:
    """A connection to one phone; a context manager. Used by one thread at a time."""

    def __init__(self, lab: Lab, node: str) -> None:
        self.node = node
        self._program: subprocess.Popen[bytes] = lab.popen(node, ["nc", "-U", SOCKET])
        self._buffer = b""
        self._before: set[str] = set()  # calls that were there before the one that was dialled

    def __enter__(self) -> Phone:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.kill()
        self._program.wait()
        for pipe in (self._program.stdin, self._program.stdout, self._program.stderr):
            if pipe is not None:
                pipe.close()

    def _line(self, deadline: float) -> bytes:
        assert self._program.stdout is not None
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self._program.stdout], [], [], max(0.0, deadline - time.monotonic()))
            chunk = self._program.stdout.read1(65536) if ready else b""  # type: ignore[attr-defined]
            if not chunk:
                raise ObservationError(f"{self.node} : le téléphone ne répond pas.")
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return bytes(line)

    def ask(self, operation: str, patience: float = REPLY, **parameters: object) -> Reply:
        """Send one request and return its reply.

        Raises:
            PhoneError: the phone refuses.
            ObservationError: no answer.
        """
        assert self._program.stdin is not None
        try:
            self._program.stdin.write(json.dumps({"op": operation, **parameters}).encode() + b"\n")
            self._program.stdin.flush()
        except OSError as error:
            raise ObservationError(f"{self.node} : le téléphone ne répond pas.") from error
        reply: Reply = json.loads(self._line(time.monotonic() + patience))
        if not reply.get("ok"):
            raise PhoneError(str(reply.get("error", "demande refusée")))
        return reply

    def wait(self, condition: str, timeout: float) -> bool:
        """Whether a condition (``incoming``, ``established``, ``idle`` …) came true within ``timeout`` seconds."""
        return bool(self.ask("wait", timeout + REPLY, **{"for": condition, "timeout": timeout})["done"])

    def _calls(self) -> list[Reply]:
        return [one for one in self.ask("log")["calls"] if one]

    def dial(self, number: str) -> None:
        """Call a number. Raises as :meth:`ask`."""
        self._before = {str(call.get("id")) for call in self._calls()}
        self.ask("dial", number=number)

    def last_call(self) -> Reply:
        """The newest call since :meth:`dial`; nothing while the phone has not begun it."""
        calls = [call for call in self._calls() if str(call.get("id")) not in self._before]
        return calls[-1] if calls else {}

    def progress(self, timeout: float) -> bool:
        """Whether the call that was dialled rang, was answered, or ended within ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            last = self.last_call()
            if last.get("ringing_at") or last.get("established_at") or last.get("ended_at"):
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self.wait("ringing", min(_STEP, left))

    def answered(self, timeout: float) -> bool:
        """Whether the call that was dialled is answered, before it ends, within ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while not self.wait("established", min(_STEP, max(0.0, deadline - time.monotonic()))):
            if self.last_call().get("ended_at") or time.monotonic() >= deadline:
                return False
        return True

    def end(self, timeout: float) -> None:
        """Hang up whatever is going on, and wait until the phone is idle."""
        try:
            if not self.wait("idle", 0):
                self.ask("hangup")
                self.wait("idle", timeout)
        except PhoneError:  # it ended meanwhile
            return
