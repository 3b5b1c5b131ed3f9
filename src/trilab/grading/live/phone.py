"""One phone under the grader's control: the keys of :class:`trilab.probe.PhoneLink`, and the call that was dialled."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from trilab.engine.base import Lab
from trilab.probe import PhoneLink

_STEP = 0.3  # seconds of one partial wait
Reply = dict[str, Any]


class PhoneError(Exception):
    """The phone refuses (no account, no call, already calling); its own French sentence."""


class Phone:
    """A connection to one phone; a context manager. Used by one thread at a time."""

    def __init__(self, lab: Lab, node: str) -> None:
        self.node = node
        self._link = PhoneLink(lab, node)
        self._before: set[str] = set()  # calls that were there before the one that was dialled

    def __enter__(self) -> Phone:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.close()

    def ask(self, operation: str, **parameters: object) -> Reply:
        """Send one request and return its reply.

        Raises:
            PhoneError: the phone refuses.
            ObservationError: no answer.
        """
        reply: Reply = self._link.try_(operation, **parameters)
        if not reply.get("ok"):
            raise PhoneError(str(reply.get("error", "demande refusée")))
        return reply

    def wait(self, condition: str, timeout: float) -> bool:
        """Whether a condition (``incoming``, ``established``, ``idle`` …) came true within ``timeout`` seconds."""
        return self._link.wait(condition, timeout)

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
