"""The containerlab engine on the real program and Docker; skipped, with the reason, where one of them is missing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine import degrading
from tests.engine.test_containerlab_render import rendered, with_vendors
from trilab import images
from trilab.access import play
from trilab.containerlab import Containerlab, ContainerlabError
from trilab.engine.base import Engine, LabSpec, LinkSpec, NodeSpec
from trilab.engine.containerlab import ContainerlabEngine
from trilab.engine.containerlab.lab import ContainerlabLab
from trilab.engine.containerlab.state import Names
from trilab.engine.native import NativeEngine
from trilab.errors import HostError, ObservationError, StateError
from trilab.graders import all_checks
from trilab.grading import grade
from trilab.grading.model import Record, Verdict
from trilab.host import docker
from trilab.lab import Candidate, LabDefinition, answer, load_lab
from trilab.topology import plan

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def program() -> Containerlab:
    try:
        if os.geteuid() != 0:
            raise HostError("containerlab needs root")
        found = Containerlab.find()
        docker.run("info")
    except HostError as error:
        if os.environ.get("TRILAB_REQUIRE_LIVE"):
            pytest.fail(f"live tests are required here: {error}")
        pytest.skip(f"no containerlab here: {error}")
    return found


@pytest.fixture(scope="module")
def clab(engine: NativeEngine, program: Containerlab) -> Iterator[ContainerlabEngine]:
    """Its labs are where those of ``engine`` are: apart from the user's own."""
    made = ContainerlabEngine()
    yield made
    for key in made.leftovers():
        made.down(key)


@pytest.fixture(scope="module")
def two(clab: ContainerlabEngine) -> Iterator[ContainerlabLab]:
    """A lab of two nodes, shared: what a test changes, it takes back."""
    lab = clab.up(spec("t-1"))
    for node, address in (("a", "10.9.9.1/24"), ("b", "10.9.9.2/24")):
        assert lab.run(node, ["ip", "addr", "add", address, "dev", "eth1"]).returncode == 0
    yield lab
    clab.down("two@t-1")


def spec(candidate: str, **env: str) -> LabSpec:
    nodes = (NodeSpec("a", "server", env=env), NodeSpec("b", "server"))
    return LabSpec("two", candidate, nodes, (LinkSpec(("a", "eth1"), ("b", "eth1")),), "172.20.61.0/24")


def ping(lab: ContainerlabLab, node: str, address: str) -> bool:
    return lab.run(node, ["ping", "-c1", "-W1", address], trusted=True).returncode == 0


def traces(key: str) -> list[str]:
    """Everything on this machine that bears the name of a lab."""
    names = Names.of(key)
    hosts = [line for line in Path("/etc/hosts").read_text().splitlines() if names.lab in line]
    found = docker.listed("container", "--all", "--filter", f"label=containerlab={names.lab}")
    found += docker.listed("network", "--filter", f"name={names.network}")
    found += [name for _, name in socket.if_nameindex() if name == names.bridge]
    for folder in ("/run/netns", "/etc/ssh/ssh_config.d"):
        found += [str(path) for path in Path(folder).glob(f"*{names.lab}*")]
    return found + hosts


def test_the_image_is_imported_once(clab: ContainerlabEngine) -> None:
    first, steps = images.push_to_docker(), list[str]()
    assert images.push_to_docker(steps.append) == first
    assert steps == []
    ids = {docker.run("image", "inspect", "--format", "{{.Id}}", name) for name in (first.name, "trilab/node:latest")}
    assert len(ids) == 1


def test_a_lab_comes_is_reached_and_goes(clab: ContainerlabEngine) -> None:
    lab = clab.up(spec("g-1", WORDS="a$HOME {{ b }} c$5 d"))
    assert traces("two@g-1"), "control: a running lab is seen"
    with lab.connect(str(lab.nodes["a"].mgmt_ip), 22) as sock:
        assert sock.recv(7) == b"SSH-2.0"
    with pytest.raises(StateError, match="tourne déjà"):
        clab.up(spec("g-1"))
    assert clab.get("two", "g-1").nodes["a"].mgmt_ip == lab.nodes["a"].mgmt_ip
    environment = lab.run("a", ["cat", "/proc/1/environ"]).stdout.split("\0")
    assert "WORDS=a$HOME {{ b }} c$5 d" in environment, "nothing of the host enters a node"
    container = Names.of("two@g-1").container("a")
    assert (
        docker.run("inspect", "--format", "{{.HostConfig.Privileged}} {{.HostConfig.PidsLimit}}", container)
        == "false 512"
    )
    assert lab.memory() > 1_000_000
    assert "trilab" not in lab.logs("a")
    assert clab.down("two@g-1")
    assert traces("two@g-1") == []
    assert clab.leftovers().count("two@g-1") == 0
    assert not clab.down("two@g-1")


def test_only_the_cables_lead_from_node_to_node(two: ContainerlabLab) -> None:
    assert ping(two, "a", "10.9.9.2"), "control: the cable"
    assert not ping(two, "a", str(two.nodes["b"].mgmt_ip))
    gateway = str(two.nodes["a"].mgmt_ip).rsplit(".", 1)[0] + ".1"
    assert ping(two, "a", gateway), "control: the graders' side answers"
    with pytest.raises(ConnectionRefusedError):  # an answer all the same: the socket is the node's
        two.connect("10.9.9.2", 22, source="a", timeout=2)


def test_nothing_leads_outside(two: ContainerlabLab) -> None:
    assert two.run("a", ["ip", "route", "get", "192.0.2.1"], trusted=True).returncode != 0
    assert two.run("a", ["cat", "/etc/resolv.conf"]).stdout == ""
    assert two.run("a", ["cat", "/etc/hosts"]).stdout.split() == ["127.0.0.1", "localhost", "127.0.1.1", "a"]


def test_a_link_is_degraded(two: ContainerlabLab) -> None:
    degrading.check(two, "10.9.9.2")


def test_two_candidates_do_not_meet(clab: ContainerlabEngine, two: ContainerlabLab) -> None:
    other = clab.up(spec("t-2"))
    try:
        assert other.nodes["a"].mgmt_ip != two.nodes["a"].mgmt_ip, "Docker gives every subnet once"
        other.run("a", ["ip", "addr", "add", "10.9.9.1/24", "dev", "eth1"])
        other.run("a", ["ip", "route", "add", "172.16.0.0/12", "dev", "eth0"])
        assert not ping(other, "a", "10.9.9.2")
        assert not ping(other, "a", str(two.nodes["a"].mgmt_ip))
        with pytest.raises(StateError, match="plusieurs candidats"):
            clab.get("two")
    finally:
        clab.down("two@t-2")
    assert ping(two, "a", "10.9.9.2"), "the other lab is untouched"


def test_graders_programs_are_out_of_reach_and_have_no_power_over_the_host(two: ContainerlabLab) -> None:
    moved = two.run("b", ["mv", "/usr/bin/ping", "/usr/bin/ping.away"])
    try:
        assert moved.returncode == 0
        assert ping(two, "b", "10.9.9.1")
    finally:
        two.run("b", ["mv", "/usr/bin/ping.away", "/usr/bin/ping"])
    status = two.run("b", ["cat", "/proc/1/status"]).stdout
    with two.popen("b", ["sleep", "4567"], trusted=True) as sleeper:
        try:
            assert "4567" not in two.run("b", ["ps", "-eo", "args"]).stdout
            rights = Path(f"/proc/{sleeper.pid}/status")
            deadline = time.monotonic() + 10
            while "sleep" not in rights.read_text().splitlines()[0]:  # it is nsenter, then setpriv, before
                assert time.monotonic() < deadline
            for text in (status, rights.read_text()):
                bounding = int(next(line for line in text.splitlines() if line.startswith("CapBnd:")).split()[1], 16)
                assert not bounding & (1 << 21 | 1 << 16), "CAP_SYS_ADMIN, CAP_SYS_MODULE"
        finally:
            sleeper.kill()


def test_a_program_that_hangs_is_killed(two: ContainerlabLab) -> None:
    for trusted in (False, True):
        with pytest.raises(ObservationError, match="n'a pas fini"):
            two.run("a", ["sleep", "12345"], trusted=trusted, timeout=0.3)
    deadline = time.monotonic() + 10
    while "sleep 12345" in two.run("a", ["ps", "-eo", "args"]).stdout:
        assert time.monotonic() < deadline


def test_a_dead_node_is_said(clab: ContainerlabEngine) -> None:
    lab = clab.up(spec("d-1"))
    try:
        docker.run("kill", Names.of("two@d-1").container("a"))
        with pytest.raises(ObservationError, match="Le nœud a ne tourne plus"):
            lab.run("a", ["true"])
        assert not lab.alive("a") and lab.alive("b")
        assert ping(lab, "b", "127.0.0.1")
    finally:
        assert clab.down("two@d-1")
    assert traces("two@d-1") == []


@pytest.mark.parametrize("delay", [0.5, 1.5])
def test_sigkill_during_up_leaves_nothing_that_down_does_not_remove(clab: ContainerlabEngine, delay: float) -> None:
    script = (
        "from trilab.engine.containerlab import ContainerlabEngine\n"
        "from tests.engine.test_containerlab_live import spec\n"
        "print('go', flush=True); ContainerlabEngine().up(spec('k-1'))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])}
    with subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE) as victim:
        assert victim.stdout is not None and victim.stdout.readline() == b"go\n"
        try:
            victim.wait(delay)
        except subprocess.TimeoutExpired:
            victim.kill()
    clab.down("two@k-1")
    assert traces("two@k-1") == []
    assert "two@k-1" not in clab.leftovers()


def test_a_failed_start_says_why_and_leaves_nothing(clab: ContainerlabEngine) -> None:
    ends = (LinkSpec(("a", "eth1"), ("b", "eth1")), LinkSpec(("a", "eth1"), ("b", "eth2")))
    with pytest.raises(HostError, match=r"containerlab deploy : .*a:eth1"):
        clab.up(LabSpec("two", "f-1", (NodeSpec("a", "server"), NodeSpec("b", "server")), ends))
    assert traces("two@f-1") == []
    with pytest.raises(HostError, match="b : « false » a échoué"):
        clab.up(LabSpec("one", "f-2", (NodeSpec("b", "server", exec=("false",)),), ()))
    assert traces("one@f-2") == []
    assert not {"two@f-1", "one@f-2"} & set(clab.leftovers())


def judged(engine: Engine, definition: LabDefinition, name: str, kept: Path) -> Record:
    """The whole job on one engine: up, an answer typed, graded, down."""
    values = definition.values(Candidate.parse("clab-1"))
    lab = engine.up(plan(definition.topology_for(values), definition.id, "clab-1"))
    try:
        play(lab, answer(definition, name, values), lambda line: None)
        record = grade(lab, definition, "jury", kept, lambda line: None, all_checks())
        six = json.loads(lab.run("tel1", ["ip", "-json", "-6", "address"], trusted=True).stdout)
        assert {link["ifname"] for link in six if link["addr_info"]} <= {"lo", "eth0"}, "a phone speaks no IPv6"
    finally:
        engine.down(lab.spec.key)
    assert not record.incidents
    return record


def test_pme_voip_gets_the_verdicts_of_the_native_engine(
    clab: ContainerlabEngine, engine: NativeEngine, repository: Path, tmp_path: Path
) -> None:
    """With an answer that is right but for one line: one criterion refuses it, on both."""
    definition = load_lab(repository / "labs" / "pme-voip")
    here = judged(clab, definition, "enable-type-7", tmp_path / "containerlab")
    assert traces(f"{here.lab}@{here.candidate}") == []
    there = judged(engine, definition, "enable-type-7", tmp_path / "native")
    verdicts = [{one.id: one.finding.verdict for one in record.criteria} for record in (here, there)]
    told = [(one.id, one.finding.observed, one.finding.reason) for record in (here, there) for one in record.criteria]
    assert verdicts[0] == verdicts[1], told
    assert {name for name, found in verdicts[0].items() if found is not Verdict.CONFORME} == {"enable-sw1"}, told


def test_containerlab_accepts_vendors_devices(program: Containerlab, tmp_path: Path) -> None:
    path = tmp_path / "v.clab.yml"
    (tmp_path / "keys").touch()
    path.write_text(json.dumps(rendered(with_vendors(), tmp_path / "keys")))
    program.validate(path)
    path.write_text(path.read_text().replace("arista_ceos", "arista_none"))
    with pytest.raises(ContainerlabError, match="arista_none"):
        program.validate(path)


def test_topologies_deploy_with_containerlab_alone(program: Containerlab, repository: Path, tmp_path: Path) -> None:
    images.push_to_docker()
    text = (repository / "topologies" / "pme.clab.yml").read_text()
    own = text.replace("name: pme", "name: pme-alone").replace("172.20.20.", "172.20.62.")
    topology = tmp_path / "pme.clab.yml"
    topology.write_text(own.replace("network: trilab-pme", "network: trilab-pme-alone"))
    for shipped in (repository / "topologies").glob("*.clab.yml"):
        if "{{" not in shipped.read_text():
            program.validate(shipped)
    try:
        nodes = program.deploy(topology)
        assert len(nodes) == 9 and {node.state for node in nodes} == {"running"}
        assert {node.name for node in program.inspect(topology)["pme-alone"]} == {node.name for node in nodes}
        for node in nodes:
            assert node.ipv4 is not None and banner(str(node.ipv4.ip)) == b"SSH-2.0"
        (seen,) = program.exec(topology, ["sh -c 'cat /etc/trilab/node.json; ls /sys/class/net'"], "tel1").values()
        assert '"role": "phone"' in seen[0].stdout and "eth2" in seen[0].stdout
        (said,) = program.exec(topology, ["sh -c 'printf \"show version\\n\" | /usr/lib/trilab/cli'"], "sw1").values()
        assert "Software" in said[0].stdout, said
    finally:
        program.destroy(topology)
    assert program.inspect().get("pme-alone") is None
    assert docker.listed("network", "--filter", "name=trilab-pme-alone") == []


def banner(address: str) -> bytes:
    """The start of what SSH says, once it listens."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection((address, 22), 1) as sock:
                return sock.recv(7)
        except OSError:
            assert time.monotonic() < deadline, address
