"""One thread, one selector: file descriptors and timers. Nothing in the phone blocks for long."""

from __future__ import annotations

import heapq
import itertools
import selectors
import time
from collections.abc import Callable

Callback = Callable[[], object]


class Timer:
    """A pending call, which may be cancelled."""

    def __init__(self, callback: Callback) -> None:
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        """Forget the call."""
        self.callback = None


class Loop:
    """Calls back when a descriptor is readable or a delay is over."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._running = True

    def watch(self, fd: int, callback: Callback) -> None:
        """Call back each time ``fd`` can be read."""
        self._selector.register(fd, selectors.EVENT_READ, callback)

    def forget(self, fd: int) -> None:
        """Stop watching; before the descriptor is closed."""
        self._selector.unregister(fd)

    def after(self, delay: float, callback: Callback) -> Timer:
        """Call back once, in ``delay`` seconds."""
        timer = Timer(callback)
        heapq.heappush(self._timers, (time.monotonic() + delay, next(self._order), timer))
        return timer

    def every(self, period: float, callback: Callback) -> None:
        """Call back now and then every ``period`` seconds."""
        self.after(period, lambda: self.every(period, callback))
        callback()

    def stop(self) -> None:
        """Leave :meth:`run` after the current call."""
        self._running = False

    def run(self) -> None:
        """Serve until :meth:`stop`."""
        while self._running:
            self.step()

    def step(self, limit: float | None = None) -> None:
        """Wait for the next event, at most ``limit`` seconds, and serve it."""
        for key, _ in self._selector.select(self._delay(limit)):
            if key.fd in self._selector.get_map():  # an earlier callback may have closed it
                key.data()
        while self._timers and self._timers[0][0] <= time.monotonic():
            timer = heapq.heappop(self._timers)[2]
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()

    def _delay(self, limit: float | None) -> float | None:
        if not self._timers:
            return limit
        delay = max(0.0, self._timers[0][0] - time.monotonic())
        return delay if limit is None else min(delay, limit)
