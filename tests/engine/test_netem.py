"""What is asked of ``tc`` and what it says; the form of its JSON is iproute2's (tc/q_netem.c)."""

from __future__ import annotations

from typing import Any

import pytest

from trilab.engine import netem
from trilab.engine.base import Completed, Impairment, Lab
from trilab.errors import HostError


class Tc:
    """A lab that remembers what ``tc`` was asked, and answers as told."""

    def __init__(self, said: str = "", code: int = 0, error: str = "") -> None:
        self.asked: list[list[str]] = []
        self.answer = Completed((), code, said, error)

    def run(self, node: str, argv: list[str], **how: Any) -> Completed:
        assert how == {"trusted": True}, "the candidate neither sees nor replaces it"
        self.asked.append(argv[1:])
        return self.answer


SHOWN = (
    '[{"kind":"noqueue","handle":"0:","dev":"lo","root":true,"refcnt":2,"options":{}},'
    '{"kind":"netem","handle":"8002:","dev":"eth1","root":true,"refcnt":2,"options":{"limit":10000,'
    '"delay":{"delay":0.05,"jitter":0.005,"correlation":0},"loss-random":{"loss":0.01,"correlation":0},'
    '"rate":{"rate":64000,"packetoverhead":0,"cellsize":0,"celloverhead":0},"ecn":false,"gap":0}},'
    '{"kind":"tbf","handle":"8003:","dev":"eth2","root":true,"refcnt":3,"options":{"rate":125000,"burst":512000}}]'
)
HOW = Impairment(delay=50, jitter=5, loss=1, rate=512)


def impair(tc: Tc, how: Impairment | None) -> None:
    lab: Lab = tc  # type: ignore[assignment]
    netem.impair(lab, "a", "eth1", how)


def test_everything_at_once() -> None:
    tc = Tc()
    impair(tc, HOW)
    words = "qdisc replace dev eth1 root netem limit 10000 delay 50000us 5000us loss random 1% rate 512kbit"
    assert [" ".join(one) for one in tc.asked] == [words]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (Impairment(loss=0.25), "loss random 0.25%"),
        (Impairment(rate=64), "rate 64kbit"),
        (Impairment(delay=0.5), "delay 500us 0us"),
    ],
)
def test_only_what_is_asked(how: Impairment, words: str) -> None:
    assert " ".join(netem.words(how)) == f"limit {netem.QUEUE} {words}"


def test_what_is_set_is_read_back() -> None:
    lab: Lab = Tc(SHOWN)  # type: ignore[assignment]
    assert netem.impaired(lab, "a") == {"eth1": HOW}


def test_only_a_degraded_link_is_taken_back() -> None:
    there, gone = Tc(SHOWN), Tc("[]")
    impair(there, None)
    assert there.asked[-1] == ["qdisc", "delete", "dev", "eth1", "root"]
    impair(gone, None)
    assert gone.asked == [["-json", "qdisc", "show"]]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Error: Specified qdisc kind is unknown.\n", "sch_netem"),
        ('Cannot find device "eth1"\n', 'a:eth1 : le noyau refuse : Cannot find device "eth1"'),
    ],
)
def test_a_refusal(said: str, told: str) -> None:
    with pytest.raises(HostError, match=told):
        impair(Tc(code=2, error=said), HOW)
