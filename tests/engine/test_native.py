"""The native engine on real namespaces: isolation, crashes, two labs side by side."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import pytest

from tests.engine import degrading
from trilab.engine.base import LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine, supervisor
from trilab.errors import HostError, ObservationError, StateError, UnknownNameError

pytestmark = pytest.mark.live


def spec(candidate: str = "t-1", **env: str) -> LabSpec:
    nodes = (NodeSpec("a", "server", env=env), NodeSpec("b", "server", env=env))
    return LabSpec("two", candidate, nodes, (LinkSpec(("a", "eth1"), ("b", "eth1")),))


def ping(lab: object, node: str, address: str) -> bool:
    done = lab.run(node, ["ping", "-c1", "-W1", address], trusted=True)  # type: ignore[attr-defined]
    return done.returncode == 0


def processes(mark: str) -> list[int]:
    """Every process of this machine whose environment holds ``mark``."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def wait_until(condition: object, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            return False
    return True


def test_a_lab_comes_is_reached_and_goes(engine: NativeEngine) -> None:
    mark = uuid.uuid4().hex
    lab = engine.up(spec(TRILAB_MARK=mark))
    assert processes(mark)
    with lab.connect(str(lab.nodes["a"].mgmt_ip), 22) as sock:
        assert sock.recv(7) == b"SSH-2.0"
    for node, address in (("a", "10.9.9.1/24"), ("b", "10.9.9.2/24")):
        assert lab.run(node, ["ip", "addr", "add", address, "dev", "eth1"]).returncode == 0
    assert ping(lab, "a", "10.9.9.2")
    degrading.check(lab, "10.9.9.2")
    with pytest.raises(StateError, match="tourne déjà"):
        engine.up(spec())
    assert engine.get("two").spec.candidate == "t-1"
    assert engine.down("two@t-1")
    assert processes(mark) == []
    assert not engine.down("two@t-1")
    with pytest.raises(StateError, match="ne tourne pas"):
        engine.get("two")


def test_management_is_no_way_round_the_cables(engine: NativeEngine) -> None:
    lab = engine.up(spec())
    try:
        assert not ping(lab, "a", str(lab.nodes["b"].mgmt_ip))
        assert ping(lab, "a", "172.20.20.1"), "control: the graders' side answers"
    finally:
        engine.down(lab.spec.key)


def test_two_candidates_do_not_meet(engine: NativeEngine) -> None:
    one, two = engine.up(spec("t-1")), engine.up(spec("t-2"))
    try:
        for lab in (one, two):
            lab.run("a", ["ip", "addr", "add", "10.9.9.1/24", "dev", "eth1"])
        one.run("b", ["ip", "addr", "add", "10.9.9.2/24", "dev", "eth1"])
        assert ping(one, "a", "10.9.9.2")
        assert not ping(two, "a", "10.9.9.2")
        with pytest.raises(StateError, match="plusieurs candidats"):
            engine.get("two")
        assert engine.get("two", "t-2").spec.candidate == "t-2"
    finally:
        engine.down("two@t-1")
        assert ping(two, "a", "172.20.20.1"), "the other lab is untouched"
        engine.down("two@t-2")


def test_root_in_a_node_is_nobody_outside(engine: NativeEngine, tmp_path: Path) -> None:
    lab = engine.up(spec())
    try:
        owner = Path(f"/proc/{lab.nodes['a'].pid}").stat().st_uid
        assert owner not in (0, os.geteuid())
        (tmp_path / "secret").write_text("x")
        assert lab.run("a", ["test", "-e", str(tmp_path)]).returncode != 0
        assert lab.run("a", ["sh", "-c", "echo x > /proc/sys/kernel/core_pattern"]).returncode != 0
        assert lab.run("a", ["sh", "-c", "echo c > /proc/sysrq-trigger"]).returncode != 0
        seen = lab.run("a", ["ps", "-eo", "args"]).stdout
        assert "b" in lab.nodes and "pytest" not in seen and "nsenter" not in seen
        assert not ping(lab, "a", "192.0.2.1")
    finally:
        engine.down(lab.spec.key)


def test_a_trusted_program_is_out_of_reach(engine: NativeEngine) -> None:
    lab = engine.up(spec())
    try:
        assert lab.run("a", ["sh", "-c", "printf '#!/bin/sh\\nexit 0\\n' > /usr/bin/ping"]).returncode == 0
        assert lab.run("a", ["ping", "-c1", "-W1", "10.0.0.99"]).returncode == 0, "the candidate's fake"
        assert lab.run("a", ["ping", "-c1", "-W1", "10.0.0.99"], trusted=True).returncode != 0
    finally:
        engine.down(lab.spec.key)


def test_a_killed_node_is_said(engine: NativeEngine) -> None:
    lab = engine.up(spec())
    try:
        os.kill(lab.nodes["b"].pid, signal.SIGKILL)
        assert wait_until(lambda: not lab.alive("b"))
        with pytest.raises(ObservationError, match="b ne tourne plus"):
            lab.run("b", ["true"])
        assert lab.run("a", ["true"]).returncode == 0
        with pytest.raises(UnknownNameError):
            lab.run("c", ["true"])
    finally:
        engine.down(lab.spec.key)


def test_a_program_that_hangs_is_killed(engine: NativeEngine) -> None:
    lab = engine.up(spec())
    try:
        for trusted in (False, True):
            with pytest.raises(ObservationError, match="n'a pas fini"):
                lab.run("a", ["sleep", "12345"], trusted=trusted, timeout=0.3)
        assert "12345" not in lab.run("a", ["ps", "-eo", "args"]).stdout
        with pytest.raises(ObservationError, match="n'a pas fini"):  # and what it left behind keeps nobody waiting
            lab.run("a", ["sh", "-c", "setsid sleep 23456 & sleep 23456"], timeout=0.3)
    finally:
        engine.down(lab.spec.key)


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8])
def test_sigkill_during_up_leaves_nothing_that_down_does_not_remove(engine: NativeEngine, delay: float) -> None:
    mark = uuid.uuid4().hex
    script = (
        "import sys; from trilab.engine.native import NativeEngine; from tests.engine.test_native import spec\n"
        f"print('go', flush=True); NativeEngine().up(spec('k-1', TRILAB_MARK='{mark}'))"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "TRILAB_TEST_RUN": mark}
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE) as victim:
        assert victim.stdout is not None
        victim.stdout.readline()
        try:
            victim.wait(delay)
        except subprocess.TimeoutExpired:
            victim.kill()
    for key in engine.leftovers():
        engine.down(key)
    assert wait_until(lambda: processes(mark) == [])
    assert engine.leftovers() == []
    engine.up(spec("k-1"))
    assert engine.down("two@k-1")


def test_a_failed_start_leaves_nothing(engine: NativeEngine) -> None:
    mark = uuid.uuid4().hex
    nodes = (NodeSpec("a", "server", env={"TRILAB_MARK": mark}), NodeSpec("b", "server"))
    wrong = LabSpec(
        "two", "t-9", nodes, (LinkSpec(("a", "eth1"), ("b", "eth1")), LinkSpec(("a", "eth1"), ("b", "eth2")))
    )
    with pytest.raises(HostError, match="a:eth1 – b:eth2"):
        engine.up(wrong)
    assert engine.leftovers() == []
    assert wait_until(lambda: processes(mark) == [])


def test_garbage_of_the_caller_closes_nothing_in_the_bubble(
    engine: NativeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = supervisor._open_outside

    def collect_after(order: supervisor.Order) -> dict[str, int]:
        mine = [os.open(os.devnull, os.O_RDONLY) for _ in range(300)]
        gc.collect()
        for descriptor in mine:
            os.close(descriptor)
        return opened(order)

    monkeypatch.setattr(supervisor, "_open_outside", collect_after)
    gc.disable()
    try:
        for _ in range(200):  # descriptors in cycles
            circle: list[object] = [tempfile.TemporaryFile()]  # noqa: SIM115
            circle.append(circle)
        del circle
        engine.up(spec("g-1"))
    finally:
        gc.enable()
        gc.collect()
    assert engine.down("two@g-1")


def test_topology_exec_runs_and_its_failure_is_said(engine: NativeEngine) -> None:
    nodes = (
        NodeSpec("a", "server", exec=("ip addr add 10.1.1.1/24 dev eth1",)),
        NodeSpec("b", "server", exec=("false",)),
    )
    with pytest.raises(HostError, match="b : « false » a échoué"):
        engine.up(LabSpec("two", "t-3", nodes, (LinkSpec(("a", "eth1"), ("b", "eth1")),)))
    assert engine.leftovers() == []


def test_a_bind_is_seen_and_can_be_read_only(engine: NativeEngine, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "file").write_text("hello")
    node = NodeSpec("a", "server", binds=((tmp_path, "/mnt/shared", True),))
    lab = engine.up(LabSpec("one", "t-4", (node,), ()))
    try:
        assert lab.run("a", ["cat", "/mnt/shared/file"]).stdout == "hello"
        assert lab.run("a", ["touch", "/mnt/shared/new"]).returncode != 0
    finally:
        engine.down(lab.spec.key)
