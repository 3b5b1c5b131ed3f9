"""Where a capture is asked for: a wrong place is told before anything starts."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from trilab.cli.commands.session import follower
from trilab.engine.base import Lab, LabSpec, LinkSpec, NodeSpec
from trilab.errors import InputError, TrilabError, UnknownNameError

SPEC = LabSpec("two", "t-1", (NodeSpec("a", "switch"), NodeSpec("b", "pc")), (LinkSpec(("a", "eth1"), ("b", "eth1")),))
LAB = cast(Lab, SimpleNamespace(spec=SPEC, nodes=dict.fromkeys("ab"), radio=None))


@pytest.mark.parametrize("place", ["a:Gi0/1", "a:eth1", "b:eth1", "b:eth0"])
def test_a_cabled_port(place: str) -> None:
    assert callable(follower(LAB, place, []))


@pytest.mark.parametrize(
    ("place", "kind", "words"),
    [
        ("a", InputError, "ÉQUIPEMENT:INTERFACE"),
        ("c:eth1", UnknownNameError, "« c »"),
        ("a:Gi0/2", UnknownNameError, "Gi0/2"),
        ("a:eth7", UnknownNameError, "eth7"),
        ("air", InputError, "Wi-Fi"),
    ],
)
def test_a_wrong_place(place: str, kind: type[TrilabError], words: str) -> None:
    with pytest.raises(kind, match=words):
        follower(LAB, place, [])


def test_the_ports_with_a_cable_are_named_as_on_the_device() -> None:
    with pytest.raises(UnknownNameError) as caught:
        follower(LAB, "a:Gi0/2", [])
    assert "Gi0/1" in caught.value.hint and "eth" not in caught.value.hint
