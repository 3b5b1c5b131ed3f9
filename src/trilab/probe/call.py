"""Telephone calls between the lab's phones, placed and answered by their keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from trilab.engine.base import Lab
from trilab.errors import ObservationError
from trilab.probe.phone import PhoneLink
from trilab.probe.polling import until

SETTLE = 5.0  # seconds for a call to be established, or to end, once both ends want it
HURRY = 1.0  # seconds of a greeting before the caller presses #
GREETING = 20.0  # seconds that a greeting which # does not end may last
VOICEMAIL_SPOOL = "/var/spool/asterisk/voicemail"
DIAL = 2.0  # seconds for a phone to make a call of a dialled number


@dataclass(frozen=True)
class PhoneCall:
    """One call as one phone saw it; Unix times in seconds. ``direction``: ``out`` or ``in``."""

    node: str
    id: str
    direction: str
    peer: str
    state: str
    started_at: float
    ringing_at: float | None
    established_at: float | None
    ended_at: float | None
    reason: str

    @property
    def talked(self) -> float:
        """Seconds of conversation."""
        return self.ended_at - self.established_at if self.established_at and self.ended_at else 0.0


@dataclass(frozen=True)
class CallResult:
    """A placed call. ``outgoing`` is ``None`` when the caller could not dial; ``incoming`` when nothing rang."""

    caller: str
    number: str
    callee: str
    outgoing: PhoneCall | None
    incoming: PhoneCall | None
    reason: str  # why it failed, in French; empty when it went as wanted

    @property
    def rang(self) -> bool:
        """Whether the called phone rang."""
        return self.incoming is not None

    @property
    def answered(self) -> bool:
        """Whether the caller was put through, to whomever."""
        return self.outgoing is not None and self.outgoing.established_at is not None

    @property
    def connected(self) -> bool:
        """Whether the two phones talked to each other."""
        return self.answered and self.incoming is not None and self.incoming.established_at is not None


@dataclass(frozen=True)
class MessageResult:
    """A call left to voicemail. ``recording_at``: Unix time at which it began to record; ``None``: it did not."""

    call: CallResult
    recording_at: float | None


class _Attempt:
    """One call in progress."""

    def __init__(self, lab: Lab, stack: ExitStack, caller: str, number: str, callee: str) -> None:
        self.caller, self.number, self.callee = caller, number, callee
        self.out = stack.enter_context(PhoneLink(lab, caller))
        self.into = stack.enter_context(PhoneLink(lab, callee))
        self._before = {link: _ids(link) for link in (self.out, self.into)}

    def dial(self) -> str:
        """Free both phones and dial; why it did not work, empty when it did."""
        for link in (self.out, self.into):
            _free(link)
        reply = self.out.try_("dial", number=self.number)
        if not reply["ok"]:
            return str(reply.get("error"))
        until(lambda: self.outgoing(), lambda call: call is not None, DIAL, pause=0.05)
        return ""

    def _new(self, link: PhoneLink, node: str, direction: str) -> PhoneCall | None:
        calls = [one for one in link.ask("log")["calls"] if one["id"] not in self._before[link]]
        return next((_call(node, one) for one in calls if one["direction"] == direction), None)

    def outgoing(self) -> PhoneCall | None:
        """The call as the caller sees it."""
        return self._new(self.out, self.caller, "out")

    def incoming(self) -> PhoneCall | None:
        """The call as the called phone sees it."""
        return self._new(self.into, self.callee, "in")

    def end(self) -> None:
        """Hang up on both sides and wait until they are free."""
        for link in (self.out, self.into):
            _free(link)

    def result(self, reason: str) -> CallResult:
        """What both phones kept."""
        return CallResult(self.caller, self.number, self.callee, self.outgoing(), self.incoming(), reason)


def _ids(link: PhoneLink) -> set[str]:
    return {one["id"] for one in link.ask("log")["calls"]}


def _call(node: str, values: dict[str, Any]) -> PhoneCall:
    return PhoneCall(node=node, **values)


def _free(link: PhoneLink) -> None:
    """Hang up what is left of another call. Raises ObservationError when the phone stays busy."""
    if link.wait("idle", 0):
        return
    link.try_("hangup")  # it may have ended meanwhile
    if not link.wait("idle", SETTLE):
        raise ObservationError("Un téléphone reste occupé par un autre appel.")


def call(
    lab: Lab, caller: str, number: str, callee: str, *, ring: float = 1.0, talk: float = 3.0, patience: float = 8.0
) -> CallResult:
    """Dial ``number`` on ``caller``; ``callee`` lets it ring ``ring`` seconds, answers, both talk ``talk`` seconds.

    ``patience``: seconds for the called phone to begin ringing. What the network under test does wrong is in the
    result. Raises ObservationError when a phone does not obey its keys.
    """
    with ExitStack() as stack:
        attempt = _Attempt(lab, stack, caller, number, callee)
        reason = attempt.dial() or _converse(attempt, ring, talk, patience)
        attempt.end()
        return attempt.result(reason)


def _converse(attempt: _Attempt, ring: float, talk: float, patience: float) -> str:
    until(
        lambda: attempt.incoming() is not None or attempt.out.wait("idle", 0),
        lambda over: over,
        patience,
        pause=0.1,
    )
    if attempt.incoming() is None:
        return _why(attempt, f"{attempt.callee} n’a pas sonné")
    if attempt.into.wait("idle", ring):
        return _why(attempt, f"{attempt.callee} a cessé de sonner avant de décrocher")
    if not attempt.into.try_("answer")["ok"] or not attempt.into.wait("established", SETTLE):
        return _why(attempt, f"{attempt.callee} a décroché sans que la communication s’établisse")
    if not attempt.out.wait("established", SETTLE):
        return _why(attempt, f"{attempt.caller} n’a pas été mis en communication")
    if attempt.out.wait("idle", talk):
        return _why(attempt, f"communication coupée avant {talk:g} s")
    return ""


def _why(attempt: _Attempt, text: str) -> str:
    outgoing = attempt.outgoing()
    detail = f" ({outgoing.reason})" if outgoing is not None and outgoing.reason else ""
    return f"{text}{detail}"


def leave_message(
    lab: Lab, caller: str, number: str, callee: str, *, ipbx: str, seconds: float = 3.0, patience: float = 30.0
) -> MessageResult:
    """Dial a phone that nobody answers; once put through to voicemail, leave ``seconds`` of the caller's tone.

    ``patience``: seconds at most until the call is put through. As a hurried caller does, it presses # when the
    greeting lasts. The recording is observed in the spool of Asterisk on ``ipbx``; where none begins, the caller talks
    ``GREETING`` seconds. Raises ObservationError when a phone does not obey its keys.
    """
    with ExitStack() as stack:
        attempt = _Attempt(lab, stack, caller, number, callee)
        reason = attempt.dial()
        if not reason and not _put_through(attempt, patience):
            reason = _why(attempt, f"{caller} n’a pas été mis en communication")
        recording_at = None
        if not reason:
            recording_at = _wait_for_recording(attempt, lambda: _records(lab, ipbx))
            attempt.out.wait("idle", seconds)
        attempt.end()
        return MessageResult(attempt.result(reason), recording_at)


def _put_through(attempt: _Attempt, patience: float) -> bool:
    last = until(
        attempt.outgoing,
        lambda call: call is not None and (call.established_at is not None or call.ended_at is not None),
        patience,
    )
    return last is not None and last.established_at is not None


def _records(lab: Lab, ipbx: str) -> bool:
    """Whether Asterisk's voicemail is recording: app_voicemail then writes ``tmp/NAME.FORMAT`` in the mailbox."""
    done = lab.run(ipbx, ["find", VOICEMAIL_SPOOL, "-path", "*/tmp/*.*", "-type", "f", "-mmin", "-1"], timeout=SETTLE)
    return bool(done.stdout.strip())


def _wait_for_recording(attempt: _Attempt, records: Callable[[], bool]) -> float | None:
    """Unix time at which the recording was seen to begin."""

    def over() -> bool:
        return records() or attempt.out.wait("idle", 0)

    if not until(over, bool, HURRY):
        attempt.out.try_("press", keys="#")
        until(over, bool, GREETING)
    return time.time() if records() else None
