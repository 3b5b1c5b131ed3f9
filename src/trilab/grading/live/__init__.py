"""Observing a running lab: one handler per kind of request."""

from trilab.grading.live.observer import LiveObserver

__all__ = ["LiveObserver"]
