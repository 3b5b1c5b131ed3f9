"""What goes to the native engine, and what it refuses by name."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from tests.topology.schema import SCHEMA
from trilab.errors import FileError
from trilab.topology import LinkSpec, load, native_refusals, plan
from trilab.topology.model import ClabFile, Link, Mgmt, NodeConfig
from trilab.topology.native import LINK, MGMT, NODE, ROOT
from trilab.topology.validation import validate
from trilab.topology.yamlfile import Source

PME = Path(__file__).parents[2] / "topologies" / "pme.clab.yml"
MAC_END = "{node: a, interface: eth1, mac: '02:00:00:00:00:01'}"
ROLE = "labels: {trilab-role: pc}"


def write(folder: Path, nodes: str, rest: str = "", head: str = "") -> Path:
    path = folder / "t.clab.yml"
    path.write_text(f"name: t\n{head}topology:\n  defaults: {{kind: linux}}\n  nodes: {{{nodes}}}\n{rest}")
    return path


def test_the_company_topology() -> None:
    topology = load(PME)
    assert native_refusals(topology) == []
    spec = plan(topology, "pme-voip", "A-01")
    assert spec.key == "pme-voip@A-01"
    assert spec.mgmt_subnet == "172.20.20.0/24"
    assert spec.links[0] == LinkSpec(("sw1", "eth1"), ("tel1", "eth1"))
    assert [link.b for link in spec.links] == [
        ("tel1", "eth1"),
        ("pc1", "eth1"),
        ("ipbx", "eth1"),
        ("r1", "eth1"),
        ("sw2", "eth8"),
        ("tel2", "eth1"),
        ("pc2", "eth1"),
        ("pc3", "eth1"),
    ]
    tel1 = next(node for node in spec.nodes if node.name == "tel1")
    assert (tel1.role, tel1.mgmt_ipv4, tel1.labels["trilab-tone"]) == ("phone", IPv4Address("172.20.20.31"), "1000")


def test_every_field_of_the_schema_is_decided() -> None:
    """A field that containerlab has and that we forgot would be an unknown key for a user."""

    def python(names: Any) -> set[str]:
        return {name.replace("-", "_") for name in names}

    assert python(SCHEMA["definitions"]["node-config"]["properties"]) == set(NODE) == set(NodeConfig.model_fields)
    assert python(SCHEMA["properties"]["mgmt"]["properties"]) == set(MGMT) == set(Mgmt.model_fields)
    assert python(SCHEMA["properties"]) == set(ROOT) == set(ClabFile.model_fields)
    kinds = [name for name in SCHEMA["definitions"] if name.startswith("link-type-") or name == "link-config-short"]
    assert set().union(*(python(SCHEMA["definitions"][kind]["properties"]) for kind in kinds)) == set(Link.model_fields)
    assert set(LINK) >= {"type", "endpoints", "mtu", "vars", "labels", "ipv4", "ipv6", "mac"}


def test_refusals_carry_a_french_reason_and_the_others_an_explanation() -> None:
    for table in (NODE, MGMT, ROOT, LINK):
        for name, treatment in table.items():
            assert treatment.use == "honoured" or len(treatment.reason) > 10, name


@pytest.mark.parametrize(
    ("node", "field"),
    [
        ("startup-config: x.cfg", "startup-config"),
        ("ports: ['80:80']", "ports"),
        ("network-mode: none", "network-mode"),
        ("cpu: 1.5", "cpu"),
        ("privileged: true", "privileged"),
        ("cap-add: [NET_ADMIN, SYS_MODULE]", "cap-add"),
        ("user: 1000", "user"),
        ("restart-policy: always", "restart-policy"),
        ("mgmt-ipv6: 2001:db8::1", "mgmt-ipv6"),
        ("hostname: autre", "hostname"),
        ("kind: arista_ceos", "kind"),
        ("kind: bridge", "kind"),
        ("healthcheck: {test: [x]}", "healthcheck"),
        ("sysctls: {net.ipv4.ip_forward: 1}", "sysctls"),
    ],
)
def test_refused_node_fields(tmp_path: Path, node: str, field: str) -> None:
    topology = load(write(tmp_path, f"a: {{{ROLE}, {node}}}"))
    refusals = native_refusals(topology)
    assert [error.field for error in refusals] == [f"topology.nodes.a.{field}"]
    assert "refusé par le moteur natif : " in str(refusals[0])
    assert refusals[0].line == 4
    with pytest.raises(FileError, match="refusé"):
        plan(topology, "l", "c1")


@pytest.mark.parametrize(
    "node",
    [
        "image: x",
        "privileged: false",
        "cpu: 0",
        "restart-policy: 'no'",
        "user: root",
        "runtime: docker",
        "type: x",
        "auto-remove: true",
        "config: {vars: {a: 1}}",
        "memory: 128MB",
        "cap-add: [NET_ADMIN, SYS_ADMIN]",
        "security-opts: [apparmor=unconfined]",
        "sysctls: {net.ipv4.ip_forward: '0'}",
        "devices: [/dev/net/tun]",
    ],
)
def test_harmless_node_fields(tmp_path: Path, node: str) -> None:
    assert native_refusals(load(write(tmp_path, f"a: {{{ROLE}, {node}}}"))) == []


def test_a_refusal_points_to_the_group_that_brings_it_and_unused_ones_do_not_count(tmp_path: Path) -> None:
    rest = "  groups:\n    g: {user: '7'}\n    unused: {cpu: 3}\n  kinds:\n    arista_ceos: {startup-config: x}\n"
    refusals = native_refusals(load(write(tmp_path, f"a: {{{ROLE}, group: g}}, b: {{{ROLE}, group: g}}", rest)))
    assert [(error.field, error.line) for error in refusals] == [("topology.groups.g.user", 6)]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("{type: host, endpoint: {node: a, interface: eth1}, host-interface: h}", "type host"),
        ("{type: dummy, endpoint: {node: a, interface: eth1}}", "type dummy"),
        ("{endpoints: ['a:eth1', 'b:enp1s0']}", "eth1 à eth99"),
        ("{endpoints: ['a:eth01', 'b:eth1']}", "eth1 à eth99"),
        ("{endpoints: ['a:eth1', 'host:x']}", "relie la maquette à l'hôte"),
        ("{endpoints: ['a:eth1', 'b:eth1'], ipv4: [10.0.0.1/24]}", "adressage"),
        (f"{{type: veth, endpoints: [{MAC_END}, {{node: b, interface: eth1}}]}}", "adresses MAC"),
    ],
)
def test_refused_links(tmp_path: Path, link: str, words: str) -> None:
    refusals = native_refusals(load(write(tmp_path, f"a: {{{ROLE}}}, b: {{{ROLE}}}", f"  links:\n    - {link}\n")))
    assert len(refusals) == 1
    assert words in str(refusals[0])
    assert refusals[0].line == 6


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("mgmt: {external-access: true}\n", "mgmt.external-access"),
        ("mgmt: {ipv6-subnet: '2001:db8::/64'}\n", "mgmt.ipv6-subnet"),
        ("settings: {certificate-authority: {cert: a, key: b}}\n", "settings"),
    ],
)
def test_refused_elsewhere(tmp_path: Path, head: str, field: str) -> None:
    assert [error.field for error in native_refusals(load(write(tmp_path, f"a: {{{ROLE}}}", head=head)))] == [field]


def test_a_name_that_is_no_host_name(tmp_path: Path) -> None:
    refusals = native_refusals(load(write(tmp_path, f"a_b: {{{ROLE}}}")))
    assert "nom d'hôte" in str(refusals[0])


def test_several_refusals_are_counted(tmp_path: Path) -> None:
    topology = load(write(tmp_path, f"a: {{{ROLE}, cpu: 1, user: '7'}}"))
    with pytest.raises(FileError, match="Et 1\u00a0autre refus"):
        plan(topology, "l", "c1")


@pytest.mark.parametrize(
    ("node", "words"),
    [
        ("", "a n'a pas d'étiquette trilab-role. Rôles : switch, router, ap, ipbx, phone, pc, server, wifi-client."),
        ("labels: {trilab-role: swich}", "rôle « swich » inconnu pour a. Rôles : switch"),
        ("labels: {trilab-role: pc, trilab-ports: 8}", "ne s'applique pas au rôle pc"),
        ("labels: {trilab-role: switch, trilab-ports: 64}", "un nombre de 1 à 48"),
        ("labels: {trilab-role: switch, trilab-ports: 2}", "a a 2 ports, mais eth3 est câblée"),
        ("labels: {trilab-role: switch, trilab-port: 8}", "Vouliez-vous dire « trilab-ports » ?"),
        ("labels: {trilab-role: pc, trilab-access: no}", "seule la valeur « none » existe"),
        (f"{ROLE}, binds: ['rien:/x']", "n'existe pas sur cette machine"),
        (f"{ROLE}, binds: [/x]", "forme attendue"),
        (f"{ROLE}, binds: ['t.clab.yml:/x:z']", "forme attendue"),
        (f"{ROLE}, binds: ['__clabNodeDir__/a:/x']", "variables de containerlab"),
        (f"{ROLE}, env: {{A: '${{HOME}}'}}", "environnement de l'utilisateur"),
        (f"{ROLE}, env: {{__IMPORT_ENVS: true}}", "environnement de l'utilisateur"),
    ],
)
def test_what_only_a_plan_can_tell(tmp_path: Path, node: str, words: str) -> None:
    rest = "  links:\n    - endpoints: ['a:eth3', 'b:eth1']\n"
    topology = load(write(tmp_path, f"a: {{{node}}}, b: {{{ROLE}}}", rest))
    with pytest.raises(FileError) as caught:
        plan(topology, "l", "c1")
    assert words in str(caught.value)
    assert caught.value.line == 4


@pytest.mark.parametrize(("prefix", "fits"), [(29, True), (30, False), (31, False), (32, False)])
def test_the_management_network_holds_every_node(tmp_path: Path, prefix: int, fits: bool) -> None:
    head = f"mgmt: {{ipv4-subnet: 10.0.0.0/{prefix}}}\n"
    topology = load(write(tmp_path, ", ".join(f"{name}: {{{ROLE}}}" for name in "abcde"), head=head))
    if fits:
        assert len(plan(topology, "l", "c1").nodes) == 5
        return
    with pytest.raises(FileError, match="trop petit pour 5 nœuds") as caught:
        plan(topology, "l", "c1")
    assert caught.value.line == 2


def test_binds_start_at_the_topology_file(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("x")
    node = (
        f"{ROLE}, binds: ['page.html:/srv/page.html:ro', '{tmp_path}:/all'], env: {{N: 3}}, exec: [date], memory: 64mib"
    )
    spec = plan(load(write(tmp_path, f"a: {{{node}}}")), "l", "c1")
    a = spec.nodes[0]
    assert a.binds == ((tmp_path / "page.html", "/srv/page.html", True), (tmp_path, "/all", False))
    assert (a.env, a.exec, a.memory) == ({"N": "3"}, ("date",), 64 * 2**20)


def test_our_topologies_follow_the_published_schema() -> None:
    for path in sorted(PME.parent.glob("*.clab.yml")):
        data = YAML(typ="safe", pure=True).load(path.read_text())
        assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(data)] == []


NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True), min_size=2, max_size=5, unique=True)
NODES = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.just("linux"),
        "image": st.just("trilab/node"),
        "labels": st.dictionaries(st.sampled_from(["l", "m"]), st.sampled_from(["x", "y"]), max_size=2),
        "env": st.dictionaries(st.sampled_from(["A", "B"]), st.text("abc", max_size=3) | st.integers(0, 9), max_size=2),
        "exec": st.lists(st.sampled_from(["true", "date"]), min_size=1, max_size=2),
        "memory": st.sampled_from(["64mb", "1Gb", "512 MiB"]),
        "cpu": st.sampled_from([1, 0.5]),
    },
)


@st.composite
def topologies(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(NAMES)
    links = []
    for rank, (a, b) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=6))
    ):
        ends = [(a, f"eth{2 * rank + 1}"), (b, f"eth{2 * rank + 2}")]
        if draw(st.booleans()):
            links.append({"endpoints": [f"{node}:{interface}" for node, interface in ends]})
        else:
            tables = [{"node": node, "interface": interface} for node, interface in ends]
            links.append({"type": "veth", "endpoints": tables, "mtu": draw(st.integers(1, 9000))})
    graph: dict[str, Any] = {"defaults": {"kind": "linux"}, "nodes": {name: draw(NODES) for name in names}}
    return {"name": draw(NAMES)[0], "topology": graph | ({"links": links} if links else {})}


@given(topologies())
def test_generated_topologies_are_valid_for_both(data: dict[str, Any]) -> None:
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(data)] == []
    file = validate(ClabFile, Source(Path("generated"), data))
    assert list(file.topology.nodes) == list(data["topology"]["nodes"])
    assert len(file.topology.links) == len(data["topology"].get("links", []))
