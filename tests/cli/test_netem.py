"""``trilab netem``: what may be asked, and how it is told."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from trilab.cli.app import build
from trilab.cli.commands.netem import parse, told
from trilab.cli.context import Context
from trilab.engine.base import Impairment, LabSpec, LinkSpec, NodeSpec
from trilab.errors import InputError, TrilabError, UnknownNameError

SPEC = LabSpec("two", "t-1", (NodeSpec("a", "switch"), NodeSpec("b", "pc")), (LinkSpec(("a", "eth1"), ("b", "eth2")),))


class Links:
    """A lab that keeps what its links were told."""

    spec, nodes = SPEC, dict.fromkeys("ab")

    def __init__(self) -> None:
        self.set: dict[str, dict[str, Impairment]] = {"a": {}, "b": {}}

    def impair(self, node: str, interface: str, how: Impairment | None) -> None:
        self.set[node].pop(interface, None)
        if how is not None:
            self.set[node][interface] = how

    def impaired(self, node: str) -> dict[str, Impairment]:
        return self.set[node]


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Links:
    made = Links()
    monkeypatch.setattr(Context, "running", lambda self, lab, candidate: made)
    return made


def say(*words: str) -> str:
    done = CliRunner().invoke(build(), ["netem", "two", *words])
    if isinstance(done.exception, TrilabError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.parametrize(
    ("options", "how", "words"),
    [
        (
            ("50ms", "5ms", "1%", "512kbit"),
            Impairment(50, 5, 1, 512),
            "délai 50 ms, gigue 5 ms, perte 1 %, débit 512 k",
        ),
        (("1,5s", "", "", ""), Impairment(delay=1500), "délai 1500 ms"),
        (("", "", "0.25", ""), Impairment(loss=0.25), "perte 0,25 %"),
        (("", "", "", "2 Mbit"), Impairment(rate=2000), "débit 2000 kbit/s"),
        (("", "", "", "64k"), Impairment(rate=64), "débit 64 kbit/s"),
    ],
)
def test_values(options: tuple[str, str, str, str], how: Impairment, words: str) -> None:
    assert parse(*options) == how
    assert told(how).startswith(words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("50", "", "", ""), "--delay"),
        (("2min", "", "", ""), "--delay"),
        (("61s", "", "", ""), "trop grand"),
        (("", "5ms", "", ""), "gigue"),
        (("50ms", "60ms", "", ""), "gigue"),
        (("", "", "101%", ""), "--loss"),
        (("", "", "-1%", ""), "--loss"),
        (("", "", "", "512"), "--rate"),
        (("0ms", "", "0%", ""), "ne dégradent rien"),
    ],
)
def test_values_that_cannot_be(options: tuple[str, str, str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse(*options)


def test_a_link_is_degraded_shown_and_restored(lab: Links) -> None:
    said = say("a:Gi0/1", "--delay", "50ms", "--loss", "1%")
    assert lab.set["a"] == {"eth1": Impairment(delay=50, loss=1)}
    assert "a:Gi0/1" in said and "b:eth2" in said, "the other end is named"
    assert "a:Gi0/1" in say() and "délai 50 ms, perte 1 %" in say("a")
    assert "Aucun lien" in say("b") and "Aucun lien" in say("b:eth2")
    assert '"a:eth1"' in say("--json")
    assert "a:Gi0/1 rétabli" in say("--reset")
    assert lab.set["a"] == {}
    assert "Aucun lien" in say("--reset")


def test_a_value_replaces_all_that_was_set(lab: Links) -> None:
    say("b:eth2", "--delay", "50ms")
    say("b:eth2", "--rate", "64k")
    assert lab.set["b"] == {"eth2": Impairment(rate=64)}
    say("b:eth2", "--reset")
    assert lab.set["b"] == {}


@pytest.mark.parametrize(
    ("words", "kind", "told"),
    [
        (("--delay", "50ms"), InputError, "Quel lien"),
        (("a", "--delay", "50ms"), InputError, "Quel lien"),
        (("a:eth7", "--delay", "50ms"), UnknownNameError, "eth7"),
        (("a:eth0", "--delay", "50ms"), UnknownNameError, "eth0"),
        (("c:eth1", "--reset"), UnknownNameError, "« c »"),
        (("a:eth1", "--reset", "--loss", "1%"), InputError, "--reset"),
    ],
)
def test_a_wrong_request(lab: Links, words: tuple[str, ...], kind: type[TrilabError], told: str) -> None:
    with pytest.raises(kind, match=told):
        say(*words)
    assert lab.set == {"a": {}, "b": {}}
