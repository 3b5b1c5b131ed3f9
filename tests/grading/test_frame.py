"""Raw-frame echo: which next hops are tried, and what is said of the answer. The frames themselves: live cheats."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from trilab.engine.base import Completed, NodeNetwork
from trilab.errors import ObservationError
from trilab.grading.live.context import Context
from trilab.grading.live.frame import frame_ping


class Node:
    """Stands for the context: one PC with one address, and a program that answers ``word``."""

    def __init__(self, word: str, gateway: str = "") -> None:
        self.word, self.gateway, self.spec = word, gateway, dict[str, Any]()
        self.lab = self

    def network(self, node: str) -> NodeNetwork:
        return NodeNetwork((), (self.gateway,) if self.gateway else ())

    def addresses(self, node: str) -> list[tuple[str, str]]:
        return [("eth1", "10.1.30.50/24")] if node == "pc3" else []

    def mac(self, node: str, interface: str) -> str:
        return "02:00:00:00:00:01"

    def run(self, node: str, argv: list[str]) -> Completed:
        self.spec = json.loads(argv[-1])
        return Completed(tuple(argv), 0, self.word + "\n", "")


def ping(node: Node, source: str = "pc3", target: str = "10.1.10.9") -> tuple[bool, str]:
    return frame_ping(cast(Context, node), source, target, ["10.1.30.254", "10.1.10.254"])


@pytest.mark.parametrize(("word", "reached"), [("answered", True), ("silent", False), ("no-neighbour", False)])
def test_answer(word: str, reached: bool) -> None:
    assert ping(Node(word))[0] is reached


def test_next_hops_are_neighbours_only_and_the_default_route_comes_first() -> None:
    node = Node("silent", "10.1.30.1")
    ping(node)
    assert node.spec["hops"] == ["10.1.30.1", "10.1.30.254"]


def test_without_default_route_the_control_is_the_router() -> None:
    node = Node("silent")
    ping(node)
    assert node.spec["hops"] == ["10.1.30.254"]


def test_a_neighbour_is_asked_directly() -> None:
    node = Node("silent")
    ping(node, target="10.1.30.9")
    assert node.spec["hops"] == ["10.1.30.9"]


def test_a_source_without_address_reaches_nothing() -> None:
    assert ping(Node("answered"), source="pc9") == (False, "pc9 n'a pas d'adresse IPv4")


def test_a_program_that_fails_is_no_silence() -> None:
    with pytest.raises(ObservationError):
        ping(Node("Traceback"))
