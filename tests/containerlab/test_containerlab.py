"""The wrapper on what containerlab 0.79 printed (tests/containerlab/recorded), and on programs of its name.

``netem-set.json`` alone is written by hand, after containerlab's own structure: no kernel with netem was at hand.
"""

from __future__ import annotations

from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from trilab.containerlab import Containerlab, ContainerlabError, Version, binary
from trilab.containerlab.model import Executions, Labs
from trilab.engine.netem import refused
from trilab.errors import HostError

RECORDED = Path(__file__).parent / "recorded"


def program(folder: Path, output: str = "", error: str = "", code: int = 0) -> Containerlab:
    """A program that says what containerlab said."""
    (folder / "out").write_text(output)
    (folder / "err").write_text(error)
    path = folder / "containerlab"
    path.write_text(f'#!/bin/sh\necho "$*" >"{folder}/argv"\ncat "{folder}/out"\ncat "{folder}/err" >&2\nexit {code}\n')
    path.chmod(0o755)
    return Containerlab(str(path))


def test_containers_of_a_lab() -> None:
    labs = Labs.validate_json((RECORDED / "inspect.json").read_text())
    alone, cabled = labs["two"]
    assert (cabled.name, cabled.kind, cabled.state) == ("clab-two-b", "linux", "running")
    assert cabled.ipv4 == IPv4Interface("172.20.20.2/24")
    assert alone.ipv4 is None, "network-mode none"
    assert cabled.topology.endswith("/t.clab.yml")


def test_results_of_commands() -> None:
    results = Executions.validate_json((RECORDED / "exec.json").read_text())
    first, second = results["clab-two-a"]
    assert first.command == ("ip", "-br", "a") and first.returncode == 0 and "eth1@" in first.stdout
    assert (second.returncode, second.stderr) == (3, "x\n")


@pytest.mark.parametrize(("written", "number"), [("0.79.0", (0, 79, 0)), ("1.2", (1, 2, 0)), ("0.0.0", None)])
def test_version_numbers(written: str, number: tuple[int, int, int] | None) -> None:
    assert Version(version=written).number == number


@pytest.mark.parametrize("written", ["0.79.0", "0.80.1", "1.0.0", "0.0.0"])
def test_recent_enough(tmp_path: Path, written: str) -> None:
    program(tmp_path, f'{{"version":"{written}","commit":"none","date":"unknown"}}').check()


def test_too_old(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"containerlab 0\.78\.2 est trop ancien"):
        program(tmp_path, '{"version":"0.78.2"}').check()


def test_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary.tools, "find", lambda name: None)
    with pytest.raises(HostError, match="« containerlab » manque") as caught:
        Containerlab.find()
    assert "0.79" in caught.value.hint


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("unknown-field.txt", "line 5: field linkz not found in type types.Topology"),
        ("no-image.txt", "no such host."),
        ("caps.txt", 'node "tel1" deploy: Error response from daemon: failed to create shim task'),
    ],
)
def test_errors_are_in_its_own_words(tmp_path: Path, file: str, reason: str) -> None:
    said = (RECORDED / file).read_text()
    with pytest.raises(ContainerlabError) as caught:
        program(tmp_path, error=said, code=1).validate(tmp_path / "t.clab.yml")
    assert caught.value.message.startswith("containerlab validate : ")
    assert reason in caught.value.message
    assert "\n" not in caught.value.message and "INFO" not in caught.value.message
    assert caught.value.said == said.strip()


def test_an_answer_of_another_form_is_said(tmp_path: Path) -> None:
    with pytest.raises(ContainerlabError, match="réponse JSON inattendue"):
        program(tmp_path, '{"two": [{"name": 3}]}').inspect()


def test_no_lab_at_all(tmp_path: Path) -> None:
    assert program(tmp_path, "{}\n").inspect() == {}


def test_degrading_a_link(tmp_path: Path) -> None:
    program(tmp_path).netem_set("clab-two-a", "eth1", delay=50, jitter=2.5, loss=0.1, rate=512)
    words = "tools netem set --node clab-two-a --interface eth1 --delay 50ms --jitter 2.5ms --loss 0.1 --rate 512\n"
    assert (tmp_path / "argv").read_text() == words
    program(tmp_path).netem_reset("clab-two-a", "eth1")
    assert (tmp_path / "argv").read_text() == "tools netem reset --node clab-two-a --interface eth1\n"


def test_degraded_links(tmp_path: Path) -> None:
    first, second = program(tmp_path, (RECORDED / "netem-set.json").read_text()).netem_show("clab-two-a")
    assert (tmp_path / "argv").read_text() == "tools netem show --node clab-two-a --format json\n"
    assert (first.interface, first.delay, first.jitter, first.loss, first.rate) == ("eth1", 50, 2.5, 1, 512)
    assert (second.delay, second.jitter, second.loss, second.rate) == (60_500, 0, 0, 0)
    assert program(tmp_path, (RECORDED / "netem-none.json").read_text()).netem_show("clab-two-a") == ()


def test_a_duration_of_another_form_is_said(tmp_path: Path) -> None:
    answer = '{"clab-two-a": [{"interface": "eth1", "delay": "50 ms"}]}'
    with pytest.raises(ContainerlabError, match="réponse JSON inattendue"):
        program(tmp_path, answer).netem_show("clab-two-a")


def test_a_kernel_without_netem(tmp_path: Path) -> None:
    with pytest.raises(ContainerlabError) as caught:
        program(tmp_path, error=(RECORDED / "netem-no-kernel.txt").read_text(), code=1).netem_set("clab-two-a", "eth1")
    told = refused("a:eth1", caught.value.said)
    assert "sch_netem" in told.message and "modprobe" in told.hint
