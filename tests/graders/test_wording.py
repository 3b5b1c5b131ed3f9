"""What a reader is told: an address once, the steps of a call by their names."""

from __future__ import annotations

import pytest

from trilab.graders.routing import reach_fact
from trilab.grading.requests import Tried, Try


@pytest.mark.parametrize(
    ("destination", "reached", "said"),
    [
        ("10.0.0.5", True, "pc1 joint 10.0.0.5"),
        ("10.0.0.5", False, "pc1 ne joint pas 10.0.0.5"),
        ("ipbx", True, "pc1 joint ipbx (10.0.0.5)"),
        ("ipbx", False, "pc1 ne joint pas ipbx (10.0.0.5)"),
    ],
)
def test_an_address_is_not_said_twice(destination: str, reached: bool, said: str) -> None:
    fact = reach_fact(Tried(Try("pc1", destination), reached, "10.0.0.5", "sans réponse"))
    assert (fact.ok, fact.observed) == (reached, said)
