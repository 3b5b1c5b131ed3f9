"""Telephone calls between the lab's phones, placed and answered by their keys."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from trilab.engine.base import Lab
from trilab.polling import until
from trilab.probe.phone import PhoneLink

RING = 8.0  # seconds: a called phone of the lab rings within one; RFC 3261 timer T1 doubles from 0.5 s
TALK = 1.5  # seconds of audio: 75 packets each way, tone to 0.7 Hz
END = 3.0  # seconds for BYE and its answer
_STEP = 0.3  # seconds of one partial wait
Reply = dict[str, Any]


class PhoneError(Exception):
    """The phone refuses (no account, no call, already calling); its own French sentence."""


class Phone:
    """One phone in use; a context manager. Used by one thread at a time. ``link``: a conversation that goes on."""

    def __init__(self, lab: Lab, node: str, link: PhoneLink | None = None) -> None:
        self.node = node
        self._link = link or PhoneLink(lab, node)
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

    def end(self) -> None:
        """Hang up whatever is going on, and wait until the phone is idle."""
        try:
            if not self.wait("idle", 0):
                self.ask("hangup")
                self.wait("idle", END)
        except PhoneError:  # it ended meanwhile
            return


def talk(caller: Phone, callee: Phone, number: str, seconds: float = TALK) -> tuple[bool, str]:
    """Dial, let the callee answer, talk, hang up by the caller. Whether they talked, and how it went in French.

    Raises:
        ObservationError: a phone does not answer at all.
    """
    try:
        caller.dial(number)
        if not _rings(caller, callee):
            return False, f"{callee.node} ne sonne pas"
        callee.ask("answer")
        if not (caller.wait("established", RING) and callee.wait("established", RING)):
            return False, "la communication ne s'établit pas"
        if caller.wait("idle", seconds):
            return False, "la communication est coupée aussitôt établie"
        caller.ask("hangup")
        return True, "communication établie"
    except PhoneError as error:
        return False, str(error)
    finally:
        try:
            caller.end()
        finally:  # one that does not answer leaves the other no less free
            callee.end()


def _rings(caller: Phone, callee: Phone) -> bool:
    """Whether the called phone rings before the caller's call ends."""
    until(lambda: callee.wait("incoming", _STEP) or bool(caller.last_call().get("ended_at")), bool, RING, 0)
    return callee.wait("incoming", 0)


def ring(caller: Phone, number: str) -> tuple[bool, str]:
    """Dial and give up at the first ringing or refusal. Whether it rang or was answered, and how it went in French."""
    try:
        caller.dial(number)
        if not caller.progress(RING):
            return False, "aucune réponse"
        last = caller.last_call()
        if last.get("established_at"):
            return True, "l'appel est pris"
        return (
            (True, "ça sonne") if last.get("ringing_at") else (False, f"refusé : {last.get('reason') or 'sans motif'}")
        )
    except PhoneError as error:
        return False, str(error)
    finally:
        caller.end()
