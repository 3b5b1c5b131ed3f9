"""The objects that the Kubernetes engine creates, against clabernetes's CRDs and containerlab's schema."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.engine import crd
from tests.topology.schema import SCHEMA
from trilab.container.start import labels
from trilab.engine.base import LabSpec, LinkSpec, NodeSpec
from trilab.engine.containerlab import render as container
from trilab.engine.kubernetes import KubernetesEngine, render
from trilab.engine.kubernetes.settings import Settings
from trilab.engine.kubernetes.state import Place
from trilab.errors import InputError
from trilab.topology import load, plan

SETTINGS = Settings("registre.exemple.fr:5000/reseau")
IMAGE = "registre.exemple.fr:5000/reseau/trilab/node:x"
SHIPPED = ["topologies/pme.clab.yml", "src/trilab/authoring/template/reseau.clab.yml"]


def lab(node: NodeSpec) -> LabSpec:
    """The node, and a PC at the other end of its cable."""
    return LabSpec("l", "c1", (node, NodeSpec("z", "pc")), (LinkSpec((node.name, "eth1"), ("z", "eth1")),))


def objects(spec: LabSpec, settings: Settings = SETTINGS) -> list[dict[str, Any]]:
    return render.objects(spec, "trilab-l-c1-abcdef", settings, IMAGE, "ssh-ed25519 AAAA")


def topology(spec: LabSpec, settings: Settings = SETTINGS) -> dict[str, Any]:
    *_, found = objects(spec, settings)
    crd.validate(found, "topologies")
    return found


def inner(found: dict[str, Any]) -> dict[str, Any]:
    content = json.loads(found["spec"]["definition"]["containerlab"])
    jsonschema.validate(content, SCHEMA)
    return dict(content["topology"])


@pytest.mark.parametrize("path", SHIPPED)
def test_a_shipped_topology_is_what_the_crds_want(repository: Path, path: str) -> None:
    topo = load(repository / path, {})
    spec = plan(topo, "l", "c1")
    found = topology(spec)
    content = inner(found)
    assert set(content["nodes"]) == set(topo.nodes) == set(found["spec"]["deployment"]["resources"])
    assert len(content["links"]) == len(spec.links)
    for node in spec.nodes:
        about = content["nodes"][node.name]
        assert about["image"] == IMAGE and about["privileged"] is False
        assert sorted(about["cap-add"]) == sorted(container.capabilities(node.role))
        crd.validate({"spec": {**about, "kind": "linux"}}, "nodes")  # what c9s's compiler makes of it


def test_the_namespace_holds_one_candidate() -> None:
    namespace, keys, found = objects(lab(NodeSpec("a", "pc")))
    assert namespace["kind"] == "Namespace" and namespace["metadata"]["annotations"]["trilab/candidate"] == "c1"
    name = namespace["metadata"]["name"]
    assert keys["metadata"]["namespace"] == found["metadata"]["namespace"] == name
    (mounted,) = found["spec"]["deployment"]["filesFromConfigMap"]["a"]
    assert keys["data"][mounted["configMapPath"]] == "ssh-ed25519 AAAA\n"
    bound = inner(found)["nodes"]["a"]["binds"]
    assert bound == [f"/clabernetes/{mounted['filePath']}:/etc/trilab/authorized_keys:ro"]
    assert found["spec"]["expose"] == {"exposeType": "ClusterIP", "disableAutoExpose": True}
    assert inner(found)["nodes"]["a"]["ports"] == ["22"]


def test_labels_reach_the_node_as_containerlab_gives_them() -> None:
    """c9s keeps no label of a node for its container: the start-up in the node must find the same variables."""
    node = NodeSpec("tel", "phone", {"X": "1"}, {"trilab-tone": "440", "trilab-access": "none"})
    environment = inner(topology(lab(node)))["nodes"]["tel"]["env"]
    assert labels(environment) == {"trilab-role": "phone", "trilab-tone": "440", "trilab-access": "none"}
    assert environment["X"] == "1"


def test_links_are_brief_and_values_stay_literal() -> None:
    nodes = (NodeSpec("a", "pc", {"PRICE": "$HOME {{ x }}"}), NodeSpec("b", "pc"))
    content = inner(topology(LabSpec("l", "c1", nodes, (LinkSpec(("a", "eth1"), ("b", "eth2"), 1400),))))
    assert content["links"] == [{"endpoints": ["a:eth1", "b:eth2"], "mtu": 1400}]
    assert content["nodes"]["a"]["env"]["PRICE"] == "$$HOME {{ `{{` }} x }}"


def test_memory_of_the_topology_is_requested_with_the_launcher() -> None:
    spec = lab(NodeSpec("a", "pc", memory=300 * 1024**2 + 1))
    asked = {name: one["requests"] for name, one in topology(spec)["spec"]["deployment"]["resources"].items()}
    assert asked["a"]["memory"] == "557Mi" and asked["z"]["memory"] == "258Mi"  # 301 + 256, 2 + 256


def test_a_pull_secret_is_named_where_there_is_one() -> None:
    spec = lab(NodeSpec("a", "pc"))
    assert "imagePull" not in topology(spec)["spec"]
    found = topology(spec, replace(SETTINGS, pull_secret=("default", "registre")))
    assert found["spec"]["imagePull"] == {"pullSecrets": ["trilab-pull"]}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (NodeSpec("borne", "ap"), "borne : le Wi-Fi"),
        (NodeSpec("portable", "wifi-client"), "portable : le Wi-Fi"),
        (NodeSpec("srv", "server", binds=((Path("/etc"), "/mnt", True),)), "srv : « binds »"),
        (NodeSpec("SW_1", "switch"), "SW_1 : ce nom"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused_by_name(node: NodeSpec, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        KubernetesEngine("r.example").up(lab(node))
    assert caught.value.hint


def test_the_crd_check_sees_a_wrong_field() -> None:
    found = topology(lab(NodeSpec("a", "pc")))
    found["spec"]["expose"]["exposeKind"] = "ClusterIP"
    with pytest.raises(jsonschema.ValidationError, match="exposeKind"):
        crd.validate(found, "topologies")


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRILAB_REGISTRY", "TRILAB_PULL_SECRET", "TRILAB_KUBE_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match="dans quel registre") as caught:
        Settings.read()
    assert "--registry" in caught.value.hint
    monkeypatch.setenv("TRILAB_REGISTRY", "r.example:5000/x")
    monkeypatch.setenv("TRILAB_PULL_SECRET", "default/registre")
    assert Settings.read() == Settings("r.example:5000/x", ("default", "registre"))
    assert Settings.read("autre.example").registry == "autre.example"
    with pytest.raises(InputError, match="n'est pas un registre"):
        Settings.read("https://r.example")
    monkeypatch.setenv("TRILAB_PULL_SECRET", "registre")
    with pytest.raises(InputError, match="TRILAB_PULL_SECRET : « registre »"):
        Settings.read()


def test_a_namespace_is_a_name_of_dns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = "un-lab-au-nom-plutot-long-et-meme-tres-long@CLASSE-DE-MME-MARTIN-123"
    monkeypatch.setenv("TRILAB_STATE", str(tmp_path / "a"))
    one = Place.of(key, None).namespace
    monkeypatch.setenv("TRILAB_STATE", str(tmp_path / "b"))
    two = Place.of(key, None).namespace
    assert one != two and len(one) <= 63
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", one)
