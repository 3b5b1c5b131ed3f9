"""System messages of a device: the buffer, the counts, the copies to terminals and hosts. Any thread may record."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from trilab.nos.dataplane.base import DataplaneError, Notice
from trilab.nos.features.syslog import FACILITIES, Datagram, Logging


class Listener(Protocol):
    """A terminal that may be told a message."""

    kind: str

    def hear(self, severity: int, text: str) -> bool:
        """Print it if this terminal is to; whether it was."""


@dataclass(frozen=True)
class Circumstances:
    """What a message is told with. ``stamp``: what stands before it."""

    settings: Logging
    hostname: str
    stamp: str
    source: IPv4Address | None
    listeners: Iterable[Listener]


class Journal:
    """``send`` gives a datagram to the network; it raises DataplaneError when there is no way to the host."""

    def __init__(self, send: Callable[[Datagram], None]) -> None:
        self._send = send
        self._lock = threading.Lock()
        self._lines: deque[str] = deque()
        self._size = 0
        self._counts: Counter[str] = Counter()
        self._number = 0

    def record(self, notice: Notice, now: Circumstances) -> None:
        """Tell a message to everybody who is to have it."""
        settings = now.settings
        if not settings.on:
            return
        with self._lock:
            self._number += 1
            number = self._number
            order = f"{number:06d}: " if settings.sequence else ""
            text = f"{order}{now.stamp}{notice}"
            if _wanted(settings.buffered, notice):
                self._keep(text, settings.size)
            self._counts["console"] += _wanted(settings.console, notice)
        heard = [one.kind for one in now.listeners if one.hear(notice.severity, text)]
        posted = self._post(notice, now, number) if _wanted(settings.trap, notice) else []
        with self._lock:
            self._counts["monitor"] += heard.count("vty")
            self._counts["trap"] += bool(posted)
            self._counts.update(posted)

    def _keep(self, text: str, size: int) -> None:
        self._counts["buffered"] += 1
        self._lines.append(text)
        self._size += len(text) + 1
        while self._size > size and len(self._lines) > 1:
            self._size -= len(self._lines.popleft()) + 1

    def _post(self, notice: Notice, now: Circumstances, number: int) -> list[str]:
        """Send to every host; those that it left for."""
        priority = 8 * FACILITIES[now.settings.facility] + notice.severity  # RFC 3164, 4.1.1
        origin = f"{now.hostname}: " if now.settings.origin else ""
        payload = f"<{priority}>{number}: {origin}{now.stamp}{notice}".encode()
        reached = []
        for host in now.settings.hosts:
            try:
                self._send(Datagram(host, payload, now.source))
            except DataplaneError:
                continue  # no way there now: IOS does not keep it either
            reached.append(str(host.address))
        return reached

    def lines(self) -> list[str]:
        """The buffer, oldest first."""
        with self._lock:
            return list(self._lines)

    def counts(self) -> Counter[str]:
        """Messages so far: ``console``, ``monitor``, ``buffered``, ``trap``, and by host."""
        return Counter(self._counts)

    def clear(self) -> None:
        """Empty the buffer."""
        with self._lock:
            self._lines.clear()
            self._size = 0

    def restart(self) -> None:
        """Forget everything, as a reload does."""
        self.clear()
        with self._lock:
            self._counts.clear()
            self._number = 0


def _wanted(level: int | None, notice: Notice) -> bool:
    return level is not None and notice.severity <= level
