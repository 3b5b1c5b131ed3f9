"""A recorded run of pme-voip, to be changed by a test."""

from __future__ import annotations

import pytest

from .recorded import Recorded


@pytest.fixture
def run() -> Recorded:
    """The run as it was recorded."""
    return Recorded()
