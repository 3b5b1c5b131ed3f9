"""Degrading a link on a real lab, whichever engine runs it; where the kernel has no netem, its refusal."""

from __future__ import annotations

import re

import pytest

from trilab.engine.base import Impairment, Lab
from trilab.errors import HostError, ObservationError, UnknownNameError

HOW = Impairment(delay=60, jitter=0, loss=0, rate=2000)


def slowest(lab: Lab, address: str) -> float:
    """Milliseconds until an answer came, at least."""
    done = lab.run("a", ["ping", "-c3", "-W5", address], trusted=True)
    match = re.search(r"= ([\d.]+)/", done.stdout)
    assert match, done
    return float(match[1])


def check(lab: Lab, address: str) -> None:
    """``a`` of a lab of two nodes reaches ``address`` by eth1."""
    assert lab.impaired("a") == {}
    lab.impair("a", "eth1", None)
    has_netem = lab.run("a", ["tc", "qdisc", "add", "dev", "lo", "root", "netem"], trusted=True).returncode == 0
    if not has_netem:
        with pytest.raises(HostError, match="sch_netem"):
            lab.impair("a", "eth1", HOW)
        assert lab.impaired("a") == {}
    else:
        lab.run("a", ["tc", "qdisc", "delete", "dev", "lo", "root"], trusted=True)
        lab.impair("a", "eth1", HOW)
        assert lab.impaired("a") == {"eth1": HOW} and lab.impaired("b") == {}
        assert slowest(lab, address) >= HOW.delay
        lab.impair("a", "eth1", Impairment(loss=100))
        assert lab.impaired("a") == {"eth1": Impairment(loss=100)}
        assert lab.run("a", ["ping", "-c2", "-W1", address], trusted=True).returncode != 0
        lab.impair("a", "eth1", None)
        assert lab.impaired("a") == {}
    assert slowest(lab, address) >= 0, "the link works"
    with pytest.raises(HostError, match="eth9"):
        lab.impair("a", "eth9", HOW)
    with pytest.raises((UnknownNameError, ObservationError), match="nobody"):
        lab.impaired("nobody")
