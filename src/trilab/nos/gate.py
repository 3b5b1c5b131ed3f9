"""Logins as they happen: counted, told, and refused for a while after too many failures. Any thread may call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from trilab.nos.dataplane.base import DataplaneError, Notice
from trilab.nos.features.attacks import KEPT, Quiet, Tried, Watch


class Gate:
    """``watch``: the settings now; ``clock``: the time as text; ``now``: seconds, monotonic."""

    def __init__(
        self,
        watch: Callable[[], Watch],
        tell: Callable[[Notice], None],
        perform: Callable[[object], None],
        clock: Callable[[], str],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watch, self._tell, self._perform, self._clock, self._now = watch, tell, perform, clock, now
        self._lock = threading.RLock()
        self._begun: float | None = None  # of the window of failures
        self._recent = 0
        self._until: float | None = None  # of quiet mode
        self._timer: threading.Timer | None = None
        self.total, self.succeeded = 0, 0
        self.failures: list[Tried] = []

    @property
    def quiet(self) -> bool:
        """Whether nobody may come in."""
        return self.quiet_left() is not None

    def quiet_left(self) -> float | None:
        """Seconds of quiet mode that remain."""
        with self._lock:
            return None if self._until is None else max(0.0, self._until - self._now())

    def window(self) -> tuple[float, int]:
        """(Seconds that the window of failures still lasts, failures in it.)"""
        with self._lock:
            watch, now = self._watch(), self._now()
            if self._begun is None or now - self._begun > watch.within:
                return watch.within, 0
            return watch.within - (now - self._begun), self._recent

    def success(self, user: str, source: str, port: int) -> None:
        """Somebody came in."""
        self.succeeded += 1
        every = self._watch().success
        if every is not None and self.succeeded % every == 0:
            who = f"[user: {user}] [Source: {source}] [localport: {port}]"
            self._tell(Notice("SEC_LOGIN", 5, "LOGIN_SUCCESS", f"Login Success {who} at {self._clock()}"))

    def failure(self, user: str, source: str, port: int) -> None:
        """Somebody gave a wrong password."""
        watch, when = self._watch(), self._clock()
        why = f"[user: {user}] [Source: {source}] [localport: {port}] [Reason: Login Authentication Failed]"
        with self._lock:
            self.total += 1
            self._remember(Tried(user, source, port, when=when))
            self._recent = self.window()[1] + 1
            if self._recent == 1:
                self._begun = self._now()
            blocks = watch.block is not None and self._until is None and self._recent >= watch.attempts
            left = self.window()[0]
        if watch.failure is not None and self.total % watch.failure == 0:
            self._tell(Notice("SEC_LOGIN", 4, "LOGIN_FAILED", f"Login failed {why} at {when}"))
        if blocks:
            still = f"Still timeleft for watching failures is {round(left)} secs"
            acl = f"[ACL: {watch.acl or 'sl_def_acl'}]"
            self._tell(Notice("SEC_LOGIN", 1, "QUIET_MODE_ON", f"{still}, {why} {acl} at {when}"))
            self._begin(watch)

    def _remember(self, tried: Tried) -> None:
        who = tried.user, tried.source, tried.port
        same = [one for one in self.failures if (one.user, one.source, one.port) == who]
        others = [one for one in self.failures if one not in same]
        count = 1 + sum(one.count for one in same)
        self.failures = [*others, replace(tried, count=count)][-KEPT:]

    def _begin(self, watch: Watch) -> None:
        block = float(watch.block or 0)
        with self._lock:
            self._until, self._begun, self._recent = self._now() + block, None, 0
            self._timer = threading.Timer(block, self.end, ["block period timed out"])
            self._timer.daemon = True
            self._timer.start()
        self._ask(Quiet(True, watch.acl))

    def end(self, why: str) -> None:
        """Leave quiet mode."""
        with self._lock:
            if self._until is None:
                return
            self._until = None
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
        self._ask(Quiet(False))
        text = f"Quiet Mode is OFF, because {why} at {self._clock()}"
        self._tell(Notice("SEC_LOGIN", 5, "QUIET_MODE_OFF", text))

    def _ask(self, action: Quiet) -> None:
        try:
            self._perform(action)
        except DataplaneError as error:
            self._tell(Notice("SEC_LOGIN", 3, "INTERNALERROR", str(error)))

    def follow(self) -> None:
        """The configuration changed: without ``login block-for`` nothing stays quiet."""
        if self._watch().block is None:
            self.end("the configuration was changed")

    def restart(self) -> None:
        """Forget everything, as a reload does."""
        self.end("of a reload")
        with self._lock:
            self.total = self.succeeded = self._recent = 0
            self.failures, self._begun = [], None
