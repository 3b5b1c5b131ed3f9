"""Reading topologies: what is accepted, and the place and words of every refusal."""

from __future__ import annotations

import textwrap
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from trilab.errors import FileError, UnknownNameError
from trilab.topology import Topology, load

PME = Path(__file__).parents[2] / "topologies" / "pme.clab.yml"
HEAD = "name: t\ntopology:\n  defaults: {kind: linux}\n"


def read(folder: Path, text: str, variables: dict[str, object] | None = None) -> Topology:
    path = folder / "t.clab.yml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return load(path, variables)


def refused(folder: Path, text: str, variables: dict[str, object] | None = None) -> FileError:
    with pytest.raises(FileError) as caught:
        read(folder, text, variables)
    assert caught.value.exit_code == 2
    return caught.value


def test_the_company_topology() -> None:
    topology = load(PME)
    assert list(topology.nodes) == ["sw1", "sw2", "r1", "ipbx", "tel1", "tel2", "pc1", "pc2", "pc3"]
    assert [topology.role(name) for name in ("sw1", "r1", "tel1")] == ["switch", "router", "phone"]
    assert topology.nodes["tel1"].labels == {"trilab-role": "phone", "trilab-tone": "1000"}
    assert topology.nodes["pc3"].mgmt_ipv4 == IPv4Address("172.20.20.43")
    assert str(topology.subnet) == "172.20.20.0/24"
    with pytest.raises(UnknownNameError, match="sw1"):
        topology.role("sw3")


def test_precedence_and_merging(tmp_path: Path) -> None:
    topology = read(
        tmp_path,
        """
        name: t
        topology:
          defaults: {kind: linux, image: d, memory: 64mb, env: {A: d, B: d, C: d, D: d}, exec: [d],
                     binds: ["a:/x", "b:/y"]}
          kinds:
            linux: {image: k, memory: 96mb, env: {B: k, C: k, D: k}, exec: [k], group: g}
          groups:
            g: {image: g, env: {C: g, D: g}, exec: [g], binds: ["c:/x:ro"], labels: {l: g, m: 1.10}}
            h: {env: {C: h}}
          nodes:
            n: {env: {D: n}, exec: [n], labels: {l: n, k: true, e: 5}}
            o: {group: h, image: ""}
            p:
        """,
    )
    n, o, p = topology.nodes.values()
    assert (n.image, n.memory, n.group) == ("g", 96 * 2**20, "g")
    assert n.env == {"A": "d", "B": "k", "C": "g", "D": "n"}
    assert n.exec == ("d", "k", "g", "n")
    assert n.binds == ("c:/x:ro", "b:/y")
    assert n.labels == {"l": "n", "m": "1.10", "k": "true", "e": "5"}
    assert (o.group, o.image, o.env) == ("h", "k", {"A": "d", "B": "k", "C": "h", "D": "k"})
    assert p.image == "g"


def test_kind_comes_from_the_group_before_the_defaults(tmp_path: Path) -> None:
    text = """
    name: t
    topology:
      defaults: {kind: linux}
      groups: {v: {kind: arista_ceos}}
      nodes: {a: {group: v}, b: {group: v, kind: bridge}, c: {}}
    """
    assert [node.kind for node in read(tmp_path, text).nodes.values()] == ["arista_ceos", "bridge", "linux"]


def test_short_and_extended_links(tmp_path: Path) -> None:
    topology = read(
        tmp_path,
        HEAD
        + """\
  nodes: {a: {}, b: {}}
  links:
    - endpoints: ["a:eth1", "b:eth1"]
      mtu: 9000
    - type: veth
      endpoints: [{node: a, interface: eth2, mac: "02:00:00:00:00:0A"}, {node: b, interface: eth2}]
    - {type: host, endpoint: {node: a, interface: eth3}, host-interface: h1}
    - {type: mgmt-net, endpoint: {node: a, interface: eth4}, host-interface: h2}
    - {type: macvlan, endpoint: {node: a, interface: eth5}, host-interface: enp1s0, mode: vepa}
    - {type: vxlan, endpoint: {node: a, interface: eth6}, remote: 192.0.2.1, vni: 7, dst-port: 4789}
    - {type: dummy, endpoint: {node: a, interface: eth7}}
    - endpoints: ["a:eth8", "host:veth9"]
""",
    )
    assert [link.type for link in topology.links] == [
        None,
        "veth",
        "host",
        "mgmt-net",
        "macvlan",
        "vxlan",
        "dummy",
        None,
    ]
    assert topology.links[0].mtu == 9000
    assert topology.links[1].endpoints[0].mac == "02:00:00:00:00:0a"
    assert [end.interface for end in topology.links[5].ends] == ["eth6"]


@pytest.mark.parametrize(
    ("body", "line", "column", "words"),
    [
        ("nodes: {a: {}}\n  typo: 1", 5, 3, "typo » : clé inconnue"),
        ("nodes: {a: {imagee: x}}", 4, 15, "Vouliez-vous dire « image » ?"),
        ("nodes: {a: {exec: 3}}", 4, 21, "attendu : une liste"),
        ("nodes: {a: {privileged: peut-être}}", 4, 27, "true ou false"),
        ("nodes: {a: {mgmt-ipv4: 172.20.20.300}}", 4, 26, "adresse IPv4 attendue. Valeur lue : « 172.20.20.300 »"),
        ("nodes: {a: {memory: beaucoup}}", 4, 23, "quantité de mémoire"),
        ("nodes: {}", 4, 10, "aucun nœud"),
        ("nodes: {a b: {}}", 4, 11, "nom de nœud incorrect"),
        ("nodes: {a: {}, a: {}}", 4, 18, "« a » donnée deux fois"),
        ("nodes: {a: {labels: {x: *y}}}", 4, 27, "alias"),
        ("nodes: {a: {labels: {pin: 0042}}}", 4, 29, "« 0042 » serait lu comme un nombre"),
        ("nodes: {a: {group: g}}\n  groups: {h: {}}", 4, 22, "groupe « g » inconnu. Groupes : h."),
        ("nodes: {a: {mgmt-ipv4: 172.20.20.9}, b: {mgmt-ipv4: 172.20.20.9}}", 4, 55, "déjà l'adresse d'administration"),
        ("nodes: {a: {mgmt-ipv4: 10.0.0.1}}", 4, 26, "n'est pas une adresse d'hôte du réseau 172.20.20.0/24"),
        ("nodes: {a: {mgmt-ipv4: 172.20.20.255}}", 4, 26, "n'est pas une adresse d'hôte"),
        ("nodes: {a: {mgmt-ipv4: 172.20.20.1}}", 4, 26, "adresse de l'hôte"),
        ("nodes: {a: {}}\n  groups: {g: {mgmt-ipv4: 172.20.20.9}}", 5, 27, "un seul nœud"),
    ],
)
def test_wrong_nodes(tmp_path: Path, body: str, line: int, column: int, words: str) -> None:
    error = refused(tmp_path, f"{HEAD}  {body}\n")
    assert words in str(error)
    assert (error.line, error.column) == (line, column)
    assert f"t.clab.yml:{line}:{column} : " in str(error)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ('endpoints: ["a:eth1", "z:eth1"]', "nœud « z » inconnu"),
        ('endpoints: ["a:eth1", "b"]', "nœud:interface"),
        ('endpoints: ["a:eth1"]', "deux extrémités"),
        ('endpoints: "a:eth1"', "liste de deux extrémités"),
        ('endpoints: ["a:eth0", "b:eth1"]', "interface d'administration"),
        ('endpoints: ["a:eth1", "b:interface-trop-longue"]', "nom d'interface"),
        ('endpoints: ["a:eth1", "b:eth/1"]', "nom d'interface"),
        ("type: fibre\n      endpoints: []", "valeurs permises : 'veth'"),
        ("type: host\n      endpoint: {node: a, interface: eth1}", "exige « host-interface »"),
        ("type: vxlan\n      endpoint: {node: a, interface: eth1}\n      remote: 1.2.3.4", "exige « vni »"),
        ('endpoints: ["a:eth1", "b:eth1"]\n      vni: 3', "« vni » n'existe pas pour un lien de type veth"),
        ('type: dummy\n      endpoints: ["a:eth1", "b:eth1"]', "une seule extrémité"),
        ('endpoints: ["a:eth1", "b:eth1"]\n      mtu: 0', "au moins 1"),
        ("type: veth\n      endpoints: [{node: a, interface: eth1, mac: zz}, {node: b, interface: eth1}]", "MAC"),
        (
            "type: veth\n      endpoints: [{node: a, interface: e, mac: '01-00-00-00-00-01'}, {node: b, interface: e}]",
            "MAC",
        ),
    ],
)
def test_wrong_links(tmp_path: Path, link: str, words: str) -> None:
    error = refused(tmp_path, f"{HEAD}  nodes: {{a: {{}}, b: {{}}}}\n  links:\n    - {link}\n")
    assert words in str(error)
    assert error.line is not None and error.line >= 6


def test_an_interface_used_twice_names_the_first_line(tmp_path: Path) -> None:
    links = '  links:\n    - endpoints: ["a:eth1", "b:eth1"]\n    - endpoints: ["b:eth2", "a:eth1"]\n'
    error = refused(tmp_path, f"{HEAD}  nodes: {{a: {{}}, b: {{}}}}\n{links}")
    assert "a:eth1 est déjà câblée ligne 6" in str(error)
    assert (error.line, error.field) == (7, "topology.links[2].endpoints[2]")


def test_one_mac_twice(tmp_path: Path) -> None:
    end = "{node: %s, interface: eth1, mac: '02:00:00:00:00:01'}"
    link = f"type: veth\n      endpoints: [{end % 'a'}, {end % 'b'}]"
    error = refused(tmp_path, f"{HEAD}  nodes: {{a: {{}}, b: {{}}}}\n  links:\n    - {link}\n")
    assert "02:00:00:00:00:01 déjà donnée à a:eth1" in str(error)


def test_vendor_interface_names_are_the_vendor_s_business(tmp_path: Path) -> None:
    nodes = "nodes: {a: {kind: nokia_srlinux}, b: {}}"
    topology = read(tmp_path, f'{HEAD}  {nodes}\n  links:\n    - endpoints: ["a:ethernet-1/1", "b:eth1"]\n')
    assert topology.links[0].endpoints[0].interface == "ethernet-1/1"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: t\n\ttopology: 1\n", 2, "YAML mal formé"),
        ("name: t\ntopology: a: b\n", 2, "deux-points inattendu"),
        ("name: 't\n", 2, "guillemets jamais refermés"),
        ("name: [1, 2\ntopology: {}\n", 2, "YAML mal formé"),
        ("- a\n- b\n", 1, "doit contenir une table"),
        ("", 1, "doit contenir une table"),
        ("name: t\n", 1, "topology » : champ obligatoire absent"),
        ("name: 12\ntopology: {nodes: {a: {kind: linux}}}\n", 1, "attendu : un texte"),
        ("name: é\ntopology: {nodes: {a: {kind: linux}}}\n", 1, "nom de topologie"),
        ("name: t\ntopology: {nodes: {a: {}}}\n", 2, "n'a pas de « kind »"),
        ("name: t\nmgmt: {ipv4-subnet: 172.20.20.7/24}\ntopology: {nodes: {a: {kind: linux}}}\n", 2, "réseau IPv4"),
        ("name: !!python/name:os.system x\n", 1, "étiquette YAML"),
        ("name: &a [*a]\n", 1, "alias"),
        ("name: t\n--- \nname: u\n", 2, "un seul document"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, line: int, words: str) -> None:
    error = refused(tmp_path, text)
    assert words in str(error)
    assert error.line == line


def test_several_faults_the_first_is_told_the_others_counted(tmp_path: Path) -> None:
    error = refused(tmp_path, f"{HEAD}  nodes: {{a: {{x: 1}}, b: {{y: 1, z: 1}}}}\n")
    assert "topology.nodes.a.x" in str(error)
    assert "Et 2\u00a0autres erreurs" in str(error)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="introuvable"):
        load(tmp_path / "rien.clab.yml")
    (tmp_path / "latin.clab.yml").write_bytes("name: t\n# é".encode("latin-1"))
    with pytest.raises(FileError, match="UTF-8") as caught:
        load(tmp_path / "latin.clab.yml")
    assert caught.value.line == 2


def test_alias_bombs_end(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    assert "trop nombreux" in str(refused(tmp_path, "\n".join(lines)))


def test_merge_keys(tmp_path: Path) -> None:
    text = """
    name: t
    topology:
      nodes:
        a: &base {kind: linux, image: x, labels: {l: "1"}}
        b: {<<: *base, image: y}
    """
    b = read(tmp_path, text).nodes["b"]
    assert (b.kind, b.image, b.labels) == ("linux", "y", {"l": "1"})


TEMPLATE = """\
name: t
topology:
  defaults: {kind: linux}
  nodes:
{%- for n in range(1, count + 1) %}
    pc{{ n }}:
      mgmt-ipv4: 172.20.20.{{ base + n }}
      HERE
{%- endfor %}
  typo: 1
"""


def test_jinja_errors_keep_the_line_of_the_file(tmp_path: Path) -> None:
    body = TEMPLATE.replace("HERE", "labels: {trilab-role: pc}")
    error = refused(tmp_path, body, {"count": 5, "base": 40})
    assert (error.line, error.field) == (10, "topology.typo")
    good = read(tmp_path, body.replace("  typo: 1\n", ""), {"count": 5, "base": 40})
    assert list(good.nodes) == ["pc1", "pc2", "pc3", "pc4", "pc5"]
    twice = refused(tmp_path, body, {"count": 5, "base": 300})
    assert (twice.line, twice.column) == (7, 18)
    unknown = refused(tmp_path, TEMPLATE.replace("HERE", "image: {{ imagge }}"), {"count": 1, "base": 40, "image": "x"})
    assert unknown.line == 8
    assert "variable « imagge » inconnue. Vouliez-vous dire « image » ?" in str(unknown)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name: t\nx: {{ a", 2, "gabarit Jinja mal écrit"),
        ("name: t\n{% for %}", 2, "gabarit Jinja mal écrit"),
        ("name: t\n\nx: {{ 1 / 0 }}", 3, "impossible à calculer"),
        ("name: t\nx: {{ ''.__class__.__mro__ }}", 2, "interdite"),
        ("name: t\nx: {{ '10.0.0.0' | host(1) }}", 2, "n'a pas de préfixe"),
        ("name: t\nx: {{ {'a': 1}.b }}", 2, "n'existe pas dans cette valeur"),
    ],
)
def test_wrong_templates(tmp_path: Path, text: str, line: int, words: str) -> None:
    error = refused(tmp_path, text, {"z": 1})
    assert words in str(error)
    assert error.line == line
