"""The Kubernetes engine against an API server over HTTP. No cluster: what clabernetes does is told by the test."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine import crd, kube_api
from tests.engine.kube_api import Api
from trilab.capture import live
from trilab.cli.app import run
from trilab.engine.base import LabSpec, LinkSpec, NodeSpec
from trilab.engine.kubernetes import KubernetesEngine, streams
from trilab.engine.kubernetes.client import Cluster
from trilab.engine.kubernetes.lab import KubernetesLab
from trilab.engine.kubernetes.state import Place
from trilab.errors import HostError, ObservationError, StateError, UnknownNameError

SPEC = LabSpec(
    "petit",
    "c1",
    (NodeSpec("sw1", "switch"), NodeSpec("pc1", "pc", exec=("echo prêt",))),
    (LinkSpec(("sw1", "eth1"), ("pc1", "eth1")),),
)
ADDRESSES = {"sw1": "10.96.0.11", "pc1": "10.96.0.12"}
RECORDED = Path(__file__).parents[1] / "recorded" / "pcap" / "ping-trunk.pcap"
TCPDUMP = """\
import os, pathlib, signal, sys
def told(*_): print("7 packets captured, 7 packets received by filter", file=sys.stderr, flush=True)
def end(*_): sys.exit(print("0 packets dropped by kernel", file=sys.stderr))
signal.signal(signal.SIGUSR1, told), signal.signal(signal.SIGTERM, end), signal.alarm(100)
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
sys.stdout.buffer.write(pathlib.Path(sys.argv[2]).read_bytes())
sys.stdout.flush()
print("listening on eth1", file=sys.stderr, flush=True)
while True: signal.pause()
"""
READY = {"kind": "containerlab", "conditions": [], "topologyReady": True, "topologyState": "running"}
WAITING = {**READY, "topologyReady": False, "topologyState": "deploying", "nodeCount": 2, "readyNodeCount": 1}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Api]:
    with kube_api.served() as served:
        monkeypatch.setenv("KUBECONFIG", str(served.kubeconfig(tmp_path)))
        monkeypatch.setenv("TRILAB_STATE", str(tmp_path / "state"))
        monkeypatch.setenv("TRILAB_REGISTRY", "r.example")
        for name in ("TRILAB_KUBE_CONTEXT", "TRILAB_PULL_SECRET", "KUBERNETES_SERVICE_HOST"):
            monkeypatch.delenv(name, raising=False)
        served.objects[kube_api.TOPOLOGIES.format("default")] = {"items": []}
        served.events = [WAITING, READY]
        served.program = here
        yield served


def here(argv: list[str]) -> list[str]:
    """What a launcher's Docker would run, on this machine."""
    assert argv[0] == "docker"
    return argv[argv.index("pc1" if argv[1] == "exec" else "--") + 1 :]


@pytest.fixture
def banner() -> Iterator[int]:
    """A port that says what an SSH server says first, then gives back each line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_answer, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def _answer(server: socket.socket) -> None:
    while True:
        try:
            sock, _ = server.accept()
        except OSError:
            return
        sock.sendall(b"SSH-2.0-test\r\n")
        threading.Thread(target=_echo, args=(sock,), daemon=True).start()


def _echo(sock: socket.socket) -> None:
    with sock:
        while data := sock.recv(4096):
            sock.sendall(data)


def cluster_runs(api: Api, spec: LabSpec = SPEC) -> str:
    """What clabernetes has made of the lab: pods, services and nodes. Gives the namespace."""
    namespace = Place.of(spec.key, "ici").namespace
    core, c9s = f"/api/v1/namespaces/{namespace}", f"/apis/c9s.run/v1alpha1/namespaces/{namespace}"
    api.objects[f"{core}/pods"] = {"items": [pod(node.name) for node in spec.nodes]}
    api.objects[f"{core}/services"] = {"items": [service(node.name) for node in spec.nodes]}
    for node in spec.nodes:
        ports = [{"destinationPort": 22, "exposePort": 60000, "protocol": "TCP"}]
        about = {"spec": {"image": "i", "kind": "linux"}, "status": {"exposedPorts": {"ports": ports}}}
        crd.validate(about, "nodes")
        api.objects[f"{c9s}/nodes/{node.name}"] = about
    return namespace


def pod(node: str, **status: Any) -> dict[str, Any]:
    labels = {"app.kubernetes.io/name": node}
    return {"metadata": {"name": f"{node}-5d4f-x", "labels": labels}, "status": {"phase": "Running", **status}}


def service(node: str) -> dict[str, Any]:
    return {"metadata": {"name": node}, "spec": {"clusterIP": ADDRESSES[node], "ports": [{"port": 22}]}}


@pytest.fixture
def lab(api: Api, banner: int) -> KubernetesLab:
    api.port = banner
    cluster_runs(api)
    said: list[str] = []
    found = KubernetesEngine().up(SPEC, said.append)
    assert "1 sur 2\u00a0équipements prêts" in said
    return found


def test_up_creates_what_the_crds_want_and_waits(api: Api, lab: KubernetesLab) -> None:
    assert [one["kind"] for one in api.created] == ["Namespace", "ConfigMap", "Topology"]
    crd.validate(api.created[2], "topologies")
    assert lab.image.startswith("r.example/trilab/node:")
    assert {name: str(node.mgmt_ip) for name, node in lab.nodes.items()} == ADDRESSES
    assert [one.spec.key for one in KubernetesEngine().labs()] == KubernetesEngine().leftovers() == ["petit@c1"]
    with pytest.raises(StateError, match="tourne déjà"):
        KubernetesEngine().up(SPEC)


def test_down_removes_the_namespace_and_the_folder(api: Api, lab: KubernetesLab) -> None:
    assert KubernetesEngine().down("petit@c1")
    assert f"DELETE /api/v1/namespaces/{Place.of('petit@c1', 'ici').namespace}" in api.asked
    assert not lab.folder.exists() and not KubernetesEngine().down("petit@c1")


def test_a_program_in_a_node(lab: KubernetesLab) -> None:
    done = lab.run("pc1", ["/bin/sh", "-c", "cat; echo bad >&2; exit 3"], input="dit « é »\n")
    assert (done.returncode, done.stdout, done.stderr) == (3, "dit « é »\n", "bad\n")
    long = lab.run("pc1", ["/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x"])
    assert long.returncode == 0 and long.stdout == "x" * 300000
    with pytest.raises(UnknownNameError):
        lab.run("pc9", ["true"])
    with pytest.raises(ObservationError, match="n'a pas fini en 1 s"):
        lab.run("pc1", ["/bin/sleep", "30"], timeout=1.0)


def test_a_graders_program_is_a_second_container_of_the_image(api: Api, lab: KubernetesLab) -> None:
    seen: list[list[str]] = []
    api.program = lambda argv: seen.append(argv) or ["true"]  # type: ignore[func-returns-value]
    with lab.popen("sw1", ["/usr/bin/tcpdump", "-i", "eth1"], trusted=True) as program:
        program.communicate(timeout=30)
        assert program.returncode == 0
    (argv,) = seen
    assert argv[:3] == ["docker", "run", "--rm"] and argv[argv.index("--network") + 1] == "container:sw1"
    ends = ["/usr/bin/tini", lab.image, "--", "/usr/bin/tcpdump", "-i", "eth1"]
    assert argv[argv.index("--entrypoint") + 1 :] == ends


@pytest.fixture
def tcpdump(api: Api, tmp_path: Path) -> list[int]:
    """In a launcher's Docker, what obeys signals as tcpdump does. Gives the signals that were passed on."""
    names: dict[str, Path] = {}
    passed: list[int] = []

    def runs(argv: list[str]) -> list[str]:
        if argv[1] == "kill":
            passed.append(int(argv[3]))
            return ["/bin/sh", "-c", f"kill -{argv[3]} $(cat {names[argv[4]]})"]
        pid = names[argv[argv.index("--name") + 1]] = tmp_path / "tcpdump.pid"
        return [sys.executable, "-c", TCPDUMP, str(pid), str(RECORDED)]

    api.program = runs
    return passed


def test_signals_reach_a_graders_program(lab: KubernetesLab, tcpdump: list[int]) -> None:
    with lab.popen("sw1", ["tcpdump"], trusted=True) as program:
        assert program.stdout and program.stderr
        assert b"listening" in program.stderr.readline()
        program.send_signal(signal.SIGUSR1)
        assert program.stderr.readline() == b"7 packets captured, 7 packets received by filter\n"
        program.terminate()
        out, err = program.communicate(timeout=60)
        assert program.returncode == 0 and out == RECORDED.read_bytes() and b"0 packets dropped by kernel" in err
    assert tcpdump == [signal.SIGUSR1, signal.SIGTERM]


def test_a_capture_comes_through_the_api(
    lab: KubernetesLab, tcpdump: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_READY_TIMEOUT", 120.0)  # how fast this machine is today is not what this is about
    with live.Captures(lab, [("sw1", "eth1")], tmp_path / "captures") as captures:
        pass
    assert captures.files["sw1:eth1"].read_bytes() == RECORDED.read_bytes() and not captures.problems


def test_a_program_that_did_not_start_ends_with_its_relay(api: Api, lab: KubernetesLab) -> None:
    said = "echo listening >&2; exec sleep 60"
    api.program = lambda argv: ["/bin/false"] if argv[1] == "kill" else ["/bin/sh", "-c", said]
    with lab.popen("sw1", ["tcpdump"], trusted=True) as program:
        assert program.stderr and b"listening" in program.stderr.readline()
        program.terminate()
        assert program.wait(60) == streams.LOST


def test_a_connection_to_the_management_port(lab: KubernetesLab) -> None:
    with lab.connect(ADDRESSES["sw1"], 22) as sock:
        assert sock.recv(100) == b"SSH-2.0-test\r\n"
        sock.sendall(b"hello")
        assert sock.recv(100) == b"hello"
    with pytest.raises(ConnectionRefusedError):
        lab.connect(ADDRESSES["sw1"], 80)
    with pytest.raises(ObservationError, match="n'ouvre pas de connexion depuis un nœud"):
        lab.connect("10.0.0.1", 80, source="pc1")


def test_ssh_goes_through_the_api(lab: KubernetesLab) -> None:
    option = next(word for word in lab.ssh_options() if word.startswith("ProxyCommand="))
    command = option.removeprefix("ProxyCommand=").replace("%h", ADDRESSES["sw1"])
    with subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin and program.stdout
        assert program.stdout.readline() == b"SSH-2.0-test\r\n"
        program.stdin.write(b"hello\n")
        program.stdin.flush()
        assert program.stdout.readline() == b"hello\n"
        program.stdin.close()
        program.terminate()


def test_a_console_is_a_terminal_of_the_same_size(api: Api, lab: KubernetesLab) -> None:
    command, environment = lab.command("pc1", ["/bin/sh", "-c", "read line; echo got $line; exit 7"])
    assert "--tty" in command
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (33, 101))
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, env=environment) as program:
        os.write(ours, b"x\n")
        assert program.communicate(timeout=40)[0] == b"got x\n" and program.returncode == 7
    assert api.sizes[0] == {"Width": 101, "Height": 33}
    os.close(ours)
    os.close(theirs)


def test_a_refused_program_is_not_observed(api: Api, lab: KubernetesLab) -> None:
    api.refusals["GET", "/exec$"] = (403, "Forbidden", "no")
    with pytest.raises(ObservationError, match="pc1 : Le cluster refuse à ce compte : exec") as caught:
        lab.run("pc1", ["true"])
    assert "\n" not in caught.value.message and "-+-" not in caught.value.message


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRILAB_REGISTRY", "r.example")
    for name in [name for name in sys.modules if name.partition(".")[0] == "kubernetes"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(HostError, match="bibliothèque Python « kubernetes »") as caught:
        KubernetesEngine().up(SPEC)
    assert "trilab[kubernetes]" in caught.value.hint


def test_a_node_that_went_away(api: Api, lab: KubernetesLab) -> None:
    assert lab.alive("pc1")
    path = next(path for path in api.objects if path.endswith("/pods"))
    api.objects[path] = {"items": [pod("sw1")]}
    assert not lab.alive("pc1") and lab.alive("sw1")
    with pytest.raises(ObservationError, match="Le nœud pc1 ne tourne plus"):
        lab.run("pc1", ["true"])


def test_memory_is_what_the_cluster_measures(api: Api, lab: KubernetesLab) -> None:
    with pytest.raises(ObservationError, match="metrics-server"):
        lab.memory()
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{Place.of(SPEC.key, 'ici').namespace}/pods"
    usage = [{"containers": [{"usage": {"memory": text}}]} for text in ("300Mi", "1024Ki")]
    api.objects[path] = {"items": usage}
    assert lab.memory() == 301 * 1024**2


def test_ps_and_down_by_the_commands(lab: KubernetesLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ps"]) == 0
    assert "petit" in capsys.readouterr().out
    assert run(["down", "--all"]) == 0 and run(["ps"]) == 0
    assert "Aucun lab" in capsys.readouterr().out


def test_a_cluster_that_went_away_does_not_hide_the_other_labs(
    api: Api, lab: KubernetesLab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    api.url = "http://127.0.0.1:1"
    monkeypatch.setenv("KUBECONFIG", str(api.kubeconfig(tmp_path)))
    assert run(["ps"]) == 0
    assert "0/2" in capsys.readouterr().out
    assert run(["down", "petit"]) == 3
    assert "ne répond pas" in capsys.readouterr().err and lab.folder.exists()


def test_a_pull_secret_is_copied_beside_the_lab(api: Api, banner: int, monkeypatch: pytest.MonkeyPatch) -> None:
    api.port = banner
    cluster_runs(api)
    monkeypatch.setenv("TRILAB_PULL_SECRET", "default/registre")
    with pytest.raises(HostError, match="Secret default/registre n'existe pas"):
        KubernetesEngine().up(SPEC)
    secret = {"metadata": {"name": "registre"}, "type": "kubernetes.io/dockerconfigjson", "data": {"k": "dg=="}}
    api.objects["/api/v1/namespaces/default/secrets/registre"] = secret
    api.created.clear()
    cluster_runs(api)
    KubernetesEngine().up(SPEC)
    copy = api.created[1]
    assert copy["kind"] == "Secret" and copy["metadata"]["name"] == "trilab-pull" and copy["data"] == {"k": "dg=="}


NAMESPACES, TOPOLOGIES = "/api/v1/namespaces", "/apis/c9s.run/v1alpha1"


@pytest.mark.parametrize(
    ("verb", "path", "answer", "said"),
    [
        ("GET", TOPOLOGIES, (404, "NotFound", "the server could not find it"), "clabernetes n'est pas installé"),
        ("GET", TOPOLOGIES, (401, "Unauthorized", "Unauthorized"), "ne reconnaît pas ce compte"),
        ("POST", NAMESPACES, (403, "Forbidden", "u cannot create"), r"refuse à ce compte : Namespace .*cannot create"),
        ("POST", NAMESPACES, (409, "AlreadyExists", "exists"), "existe déjà sur le cluster"),
        ("POST", TOPOLOGIES, (422, "Invalid", "spec.naming: bad"), "Le cluster refuse Topology lab : spec.naming: bad"),
        ("GET", "/pods$", (500, "InternalError", "etcd"), "Le cluster refuse Pod : etcd"),
    ],
)
def test_a_refusal_is_one_sentence(api: Api, verb: str, path: str, answer: tuple[int, str, str], said: str) -> None:
    api.refusals[verb, path] = answer
    api.events = [WAITING]
    with pytest.raises((HostError, StateError), match=said) as caught:
        KubernetesEngine().up(SPEC)
    assert "\n" not in caught.value.message
    assert KubernetesEngine().leftovers() == []


def test_an_image_that_cannot_be_had_is_told_at_once(api: Api) -> None:
    namespace = cluster_runs(api)
    api.events = [WAITING]
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such host"}}
    states = [{"image": "r.example/trilab/node:x", "state": waiting, **dict.fromkeys(("name", "imageID"), "n")}]
    flags = {"ready": False, "restartCount": 0}
    path = f"/api/v1/namespaces/{namespace}/pods"
    api.objects[path] = {"items": [pod("sw1", containerStatuses=[{**states[0], **flags}])]}
    with pytest.raises(HostError, match=r"l'image r.example/trilab/node:x \(no such host\)") as caught:
        KubernetesEngine().up(SPEC)
    assert "--registry" in caught.value.hint
    assert f"DELETE /api/v1/namespaces/{namespace}" in api.asked and KubernetesEngine().leftovers() == []


def test_a_lab_that_clabernetes_refuses(api: Api) -> None:
    cluster_runs(api)
    api.events = [{**WAITING, "topologyState": "deployfailed", "error": "unknown link endpoint"}]
    with pytest.raises(HostError, match="clabernetes refuse le lab : unknown link endpoint"):
        KubernetesEngine().up(SPEC)


def test_no_cluster(api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRILAB_KUBE_CONTEXT", "ailleurs")
    with pytest.raises(HostError, match="Le contexte « ailleurs »"):
        KubernetesEngine().up(SPEC)
    api.url = "http://127.0.0.1:1"
    monkeypatch.setenv("KUBECONFIG", str(api.kubeconfig(tmp_path)))
    with pytest.raises(HostError, match="ne répond pas"):
        Cluster("ici").need_clabernetes()
    monkeypatch.delenv("TRILAB_KUBE_CONTEXT")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(HostError, match="pas de kubeconfig"):
        KubernetesEngine().up(SPEC)
