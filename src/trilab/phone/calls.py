"""The calls of the phone and its journal: what happened, when. Times are Unix times in seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

KEPT = 200  # entries of the journal, and calls
DIALLING, RINGING, ESTABLISHED, ENDED = "dialling", "ringing", "established", "ended"


@dataclass(frozen=True)
class Call:
    """One call. ``direction``: ``out`` or ``in``; ``ringing``: the far end rings (out), or we do (in)."""

    id: str
    direction: str
    peer: str
    state: str
    started_at: float
    ringing_at: float | None = None
    established_at: float | None = None
    ended_at: float | None = None
    reason: str = ""

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.state != ENDED


@dataclass(frozen=True)
class Entry:
    """One line of the journal. ``kind``: a stable word; ``text``: French."""

    at: float
    kind: str
    text: str


def number(uri: str) -> str:
    """The number of a SIP address: ``sip:101@10.0.30.5;transport=udp`` → ``101``."""
    bare = uri.strip("<>").removeprefix("sip:")
    return bare.partition("@")[0] if "@" in bare else bare.partition(";")[0]


class Journal:
    """Keeps calls and entries; newest last."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self._calls: dict[str, Call] = {}

    def note(self, kind: str, text: str) -> None:
        """Add an entry, now."""
        self.entries.append(Entry(self._clock(), kind, text))

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call kept, oldest first."""
        return tuple(self._calls.values())

    def current(self) -> Call | None:
        """The newest call that has not ended."""
        return next((call for call in reversed(self.calls) if call.alive), None)

    def get(self, call_id: str) -> Call | None:
        """A call by its SIP Call-ID."""
        return self._calls.get(call_id)

    def begin(self, call_id: str, direction: str, peer: str) -> None:
        """A call starts: we dial, or one comes in and rings."""
        if call_id in self._calls:
            return
        now = self._clock()
        incoming = direction == "in"
        state = RINGING if incoming else DIALLING
        self._calls[call_id] = Call(call_id, direction, peer, state, now, ringing_at=now if incoming else None)
        while len(self._calls) > KEPT:
            del self._calls[next(iter(self._calls))]
        self.note("call-in" if incoming else "call-out", f"Appel {'de' if incoming else 'vers'} {peer}")

    def ringing(self, call_id: str) -> None:
        """The far end rings."""
        call = self._calls.get(call_id)
        if call is not None and call.state == DIALLING:
            self._calls[call_id] = replace(call, state=RINGING, ringing_at=self._clock())
            self.note("ringing", f"{call.peer} sonne")

    def established(self, call_id: str) -> None:
        """Both talk."""
        call = self._calls.get(call_id)
        if call is not None and call.alive and call.established_at is None:
            self._calls[call_id] = replace(call, state=ESTABLISHED, established_at=self._clock())
            self.note("established", f"Communication établie avec {call.peer}")

    def end(self, call_id: str, reason: str) -> None:
        """It is over."""
        call = self._calls.get(call_id)
        if call is None or not call.alive:
            return
        self._calls[call_id] = replace(call, state=ENDED, ended_at=self._clock(), reason=reason)
        self.note("ended", f"Fin de l’appel avec {call.peer}{f' : {reason}' if reason else ''}")

    def end_all(self, reason: str) -> None:
        """The telephone stopped: every call is over."""
        for call in self.calls:
            self.end(call.id, reason)


def as_json(call: Call | None) -> dict[str, Any] | None:
    """A call as the control connection gives it."""
    return None if call is None else asdict(call)
