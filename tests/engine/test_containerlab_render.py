"""The topology file that the containerlab engine writes, without Docker."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from itertools import pairwise
from pathlib import Path
from typing import get_args

import jsonschema
import pytest

from tests.topology.schema import SCHEMA
from trilab.engine import addresses
from trilab.engine.base import LabSpec, LinkSpec, NodeSpec
from trilab.engine.choice import Engines
from trilab.engine.containerlab import ContainerlabEngine, engine, render
from trilab.engine.containerlab.state import Names
from trilab.errors import HostError, InputError, UnknownNameError
from trilab.topology import load, plan
from trilab.topology.spec import Vendor, VendorKind

NAMES = Names(lab="l-1", network="trilab-l-1", bridge="tl1")
SUBNET = IPv4Network("172.20.7.0/24")


def rendered(spec: LabSpec, keys: Path = Path("/k/keys")) -> dict[str, dict[str, object]]:
    text = render.topology(spec, NAMES, "trilab/node:x", SUBNET, addresses.assign(spec, SUBNET), keys)
    content = json.loads(text)
    jsonschema.validate(content, SCHEMA)
    return dict(content)


@pytest.mark.parametrize("path", ["topologies/pme.clab.yml", "src/trilab/authoring/template/reseau.clab.yml"])
def test_a_topology_asks_for_what_the_engine_gives(repository: Path, path: str) -> None:
    """A file deployed by containerlab alone makes the same containers as ``trilab up --engine containerlab``."""
    topology = load(repository / path, {})
    ours = rendered(plan(topology, "l", "c1"))["topology"]
    for name, node in topology.nodes.items():
        mine = ours["nodes"][name]  # type: ignore[index]
        assert sorted(node.cap_add or ()) == sorted(mine["cap-add"]), name
        assert list(node.security_opts or ()) == mine["security-opts"], name
        assert node.sysctls == mine["sysctls"], name
        assert list(node.devices or ()) == ours["defaults"]["devices"], name  # type: ignore[index]
        assert node.privileged is False and node.restart_policy == "no", name


def with_vendors() -> LabSpec:
    """One of each kind, cabled in a line behind a PC."""
    devices = [Vendor(kind, f"{kind}:1") for kind in get_args(VendorKind)]
    nodes = [NodeSpec(f"r{rank}", "router", vendor=device) for rank, device in enumerate(devices)]
    names = ["pc", *(node.name for node in nodes)]
    links = [LinkSpec((a, "eth2" if a != "pc" else "eth1"), (b, "eth1")) for a, b in pairwise(names)]
    return LabSpec("l", "c1", (NodeSpec("pc", "pc"), *nodes), tuple(links))


def test_a_vendors_device_is_containerlabs_own() -> None:
    content = rendered(with_vendors())["topology"]
    assert content["nodes"]["r0"] == {  # type: ignore[index]
        "kind": "arista_ceos",
        "image": "arista_ceos:1",
        "mgmt-ipv4": "172.20.7.3",
        "privileged": True,
    }
    ends = [(end["node"], end["interface"]) for link in content["links"] for end in link["endpoints"]]  # type: ignore[index]
    assert ("r0", "eth2") in ends and ("r2", "e1-1") in ends and ("r2", "e1-2") in ends


def test_addresses_keep_their_place_in_another_network() -> None:
    nodes = (NodeSpec("a", "pc"), NodeSpec("b", "pc", mgmt_ipv4=IPv4Network("172.20.20.0/24")[2]), NodeSpec("c", "pc"))
    spec = LabSpec("l", "c1", nodes, ())
    assert {name: str(one) for name, one in addresses.assign(spec, SUBNET).items()} == {
        "a": "172.20.7.3",
        "b": "172.20.7.2",
        "c": "172.20.7.4",
    }


def test_what_a_spec_says_is_in_the_file(tmp_path: Path) -> None:
    node = NodeSpec("a", "server", {"X": "1"}, {"who": "me"}, ((tmp_path, "/mnt/x", True),), memory=64_000_000)
    content = rendered(LabSpec("l", "c1", (node, NodeSpec("b", "pc")), (LinkSpec(("a", "eth1"), ("b", "eth2"), 1400),)))
    about = content["topology"]["nodes"]["a"]  # type: ignore[index]
    assert about["env"] == {"X": "1"} and about["labels"] == {"who": "me", "trilab-role": "server"}
    assert about["binds"] == [f"{tmp_path}:/mnt/x:ro", "/k/keys:/etc/trilab/authorized_keys:ro"]
    assert about["memory"] == "64000000B"
    (cable,) = content["topology"]["links"]
    assert cable["mtu"] == 1400 and cable["endpoints"][1] == {"node": "b", "interface": "eth2"}  # type: ignore[index]
    assert content["mgmt"]["external-access"] is False


def test_names_are_short_and_differ_between_states(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = "un-lab-au-nom-plutot-long@CLASSE-DE-MME-MARTIN-123"
    monkeypatch.setenv("TRILAB_STATE", str(tmp_path / "a"))
    one = Names.of(key)
    monkeypatch.setenv("TRILAB_STATE", str(tmp_path / "b"))
    two = Names.of(key)
    assert len(one.bridge) <= 15  # IFNAMSIZ, without its final zero
    assert len({one.lab, two.lab}) == len({one.bridge, two.bridge}) == len({one.network, two.network}) == 2
    assert Names.of(key) == two


@pytest.mark.parametrize("role", ["ap", "wifi-client"])
def test_radio_is_refused_by_name(role: str) -> None:
    spec = LabSpec("l", "c1", (NodeSpec("onde", role),), ())  # type: ignore[arg-type]
    with pytest.raises(InputError, match="onde : le Wi-Fi") as caught:
        ContainerlabEngine().up(spec)
    assert "--engine native" in caught.value.hint


def test_an_ordinary_user_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRILAB_STATE", str(tmp_path))
    monkeypatch.setattr(engine.os, "geteuid", lambda: 1000)
    with pytest.raises(HostError, match="droits de root"):
        ContainerlabEngine().up(LabSpec("l", "c1", (NodeSpec("a", "pc"),), ()))
    assert ContainerlabEngine().leftovers() == []


def test_the_engine_is_chosen_by_option_then_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRILAB_ENGINE", raising=False)
    assert Engines().name == "native"
    monkeypatch.setenv("TRILAB_ENGINE", "containerlab")
    assert Engines().name == "containerlab"
    assert Engines("native").name == "native"
    monkeypatch.setenv("TRILAB_ENGINE", "containerlabs")
    with pytest.raises(UnknownNameError, match="TRILAB_ENGINE : moteur « containerlabs » inconnu") as caught:
        Engines()
    assert "« containerlab »" in caught.value.hint
