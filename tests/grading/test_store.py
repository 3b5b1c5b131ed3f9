"""Observations survive the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trilab.capture.rows import Row
from trilab.capture.rtp import Stream
from trilab.errors import FileError, ObservationError
from trilab.grading.observe import Answer, Cli, Request, Text
from trilab.grading.requests import Call, CallSeen, Lease, LeaseSeen, Leg, Tried, Try, Window, WindowSeen
from trilab.grading.store import FILE, ReplayObserver, dump, key

STREAM = Stream("10.0.0.1", 4000, "10.0.0.2", 4002, 7, 8, 90, 1, 1.8, (None, 30), (0, 46), 440.0, -10.5)
ROW = Row(time=0.1, source="a", destination="b", label="BYE", vlan=30)
OBSERVED: list[tuple[Request[Any], Answer | str]] = [
    (Cli("sw1", "show vlan brief"), Text(("e1",), "à é ü ^C\r\n")),
    (
        Window((Try("a", "b"),), (Try("a", "c", "tcp", 443),)),
        WindowSeen(("e2",), (Tried(Try("a", "b"), True, "10.0.0.1", "ok"),), ()),
    ),
    (
        Call("t1", "t2", "101"),
        CallSeen(
            (), True, 200, (ROW,), (Leg("caller", ("a:eth1", "b:eth1"), "t1", "10.0.0.1", (STREAM,)),), 1000, 440, ""
        ),
    ),
    (Lease("pc1", ("10.0.0.9",)), LeaseSeen((), True, "10.0.0.5", 24, "", "", None, {3: "10.0.0.1"}, (), (ROW,))),
    (Cli("sw2", "show vlan brief"), "sw2 : session impossible."),
]


def test_round_trip(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(dump(OBSERVED), encoding="utf-8")
    replay = ReplayObserver(tmp_path)
    for request, answer in OBSERVED:
        if isinstance(answer, str):
            with pytest.raises(ObservationError, match="session impossible"):
                replay.ask(request)
        else:
            assert replay.ask(request) == answer


def test_the_order_of_observations_does_not_show(tmp_path: Path) -> None:
    assert dump(OBSERVED) == dump(OBSERVED[::-1])


def test_an_unasked_question(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(dump([]))
    with pytest.raises(ObservationError, match="pas été enregistrée"):
        ReplayObserver(tmp_path / FILE).ask(Cli("x", "y"))


def test_equal_requests_have_equal_keys_and_kinds_do_not_mix() -> None:
    assert key(Call("a", "b", "1")) == key(Call("a", "b", "1"))
    assert key(Call("a", "b", "1")) != key(Call("b", "a", "1"))
    assert key(Cli("a", "b")).startswith("Cli ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 2, "observations": []}',
        '{"observations": []}',
        '{"version": 1}',
        json.dumps({"version": 1, "observations": [{"ask": "Nothing", "request": {}, "answer": {}}]}),
        json.dumps(
            {
                "version": 1,
                "observations": [{"ask": "Cli", "request": {"node": "a"}, "answer": {"evidence": [], "text": ""}}],
            }
        ),
        json.dumps({"version": 1, "observations": [{"ask": "Cli", "request": {"node": "a", "command": "b"}}]}),
    ],
)
def test_a_damaged_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(FileError, match=r"observations\.json"):
        ReplayObserver(tmp_path)
