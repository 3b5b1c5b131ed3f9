"""Recording the air of a lab into a file: what every radio sends, seen by none of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO

from trilab.engine.base import Radio
from trilab.errors import ObservationError

READY = 10.0  # seconds for the capture to begin
LAST = 1.0  # seconds at most for what was on the air before the end; beacons come ten times a second


class AirCapture(AbstractContextManager["AirCapture"]):
    """A capture of the air into ``path`` while the block lasts.

    Leaving the block raises ObservationError when the radio ended meanwhile: what is missing would be held against the
    candidate.
    """

    def __init__(self, radio: Radio, path: Path) -> None:
        self.path = path
        self._radio, self._stack = radio, ExitStack()
        self._changed = threading.Condition()
        self._size, self._problem, self._leaving = 0, "", False

    def __enter__(self) -> AirCapture:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            file = stack.enter_context(self.path.open("wb", buffering=0))
            blocks = stack.enter_context(self._radio.capture())
            reader = threading.Thread(target=self._copy, args=(blocks, file), name="capture air", daemon=True)
            reader.start()
            self._stack = stack.pop_all()
        if not self._grown(0, READY):
            self._stack.close()
            raise ObservationError(self._problem or "La capture de l'air n'a pas démarré.")
        return self

    def _copy(self, blocks: Iterator[bytes], file: IO[bytes]) -> None:
        try:
            for block in blocks:
                if self._leaving:
                    return
                file.write(block)
                with self._changed:
                    self._size += len(block)
                    self._changed.notify_all()
        except (ObservationError, OSError, ValueError) as error:  # ValueError: the socket was closed by leaving
            with self._changed:
                self._problem = str(error)
                self._changed.notify_all()

    def _grown(self, size: int, seconds: float) -> bool:
        """Wait until the file holds more than ``size`` octets."""
        with self._changed:
            self._changed.wait_for(lambda: self._size > size or bool(self._problem), seconds)
            return self._size > size

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        deadline = time.monotonic() + LAST
        for _ in range(2):  # frames come in order: whatever comes after now shows that all before is there
            self._grown(self._size, deadline - time.monotonic())
        problem, self._leaving = self._problem, True
        self._stack.close()
        if kind is None and problem:
            raise ObservationError(problem)
