"""Asking again until the answer is good or the time is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

T = TypeVar("T")
PAUSE = 0.2  # seconds between two tries


def _last(state: RetryCallState) -> object:
    assert state.outcome is not None
    return state.outcome.result()


def until(attempt: Callable[[], T], good: Callable[[T], bool], deadline: float, pause: float = PAUSE) -> T:
    """The first good result of ``attempt``, else the last one; gives up after ``deadline`` seconds."""
    retrying = Retrying(
        retry=retry_if_result(lambda result: not good(result)),
        stop=stop_after_delay(deadline),
        wait=wait_fixed(pause),
        retry_error_callback=_last,
    )
    return retrying(attempt)
