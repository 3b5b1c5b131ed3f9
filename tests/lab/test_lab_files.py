"""lab.yml, subject, answers, catalogue, on a small lab of our own and on broken copies of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

import trilab
from trilab.errors import FileError, InputError, UnknownNameError
from trilab.lab import (
    Candidate,
    LabDefinition,
    answer,
    answers,
    catalogue,
    check,
    content_hash,
    get,
    load_lab,
    subject,
    subject_html,
)
from trilab.lab.folders import VARIABLE, builtin, lab_folders
from trilab.topology import plan
from trilab.topology.spec import Vendor

LABS = Path(__file__).parents[1] / "data" / "labs"
CANDIDATE = Candidate.parse("A-07")
Edit = Callable[[str, str], Path]


@pytest.fixture
def lab() -> LabDefinition:
    return check(LABS / "mini-vlan")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the lab, to break."""
    return Path(shutil.copytree(LABS / "mini-vlan", tmp_path / "labs" / "mini-vlan"))


@pytest.fixture(autouse=True)
def _no_folders_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def edit(folder: Path, old: str, new: str, name: str = "lab.yml") -> Path:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return folder


def test_the_definition(lab: LabDefinition) -> None:
    assert (lab.id, lab.duration, lab.competences) == ("mini-vlan", 45, {1: "Configurer un commutateur"})
    assert [criterion.id for criterion in lab.criteria] == ["vlan-crees", "sauvegarde"]
    values = lab.values(CANDIDATE)
    first = lab.criteria_for(values)[0]
    assert first.parameters == {"node": "sw1", "vlans": {values["vlan_a"]: "ATELIER", values["vlan_b"]: "BUREAU"}}
    assert first.title == f"VLAN {values['vlan_a']} et {values['vlan_b']} créés"
    assert all(isinstance(vlan, int) for vlan in first.parameters["vlans"])
    assert list(lab.topology_for(values).nodes) == ["sw1", "pc1", "pc2"]


def test_a_vendors_device_takes_the_place_of_a_role(copy: Path) -> None:
    edit(copy, "duration: 45", 'duration: 45\nvendors: {switch: {kind: arista_ceos, image: "ceos:4.34.0F"}}')
    lab = load_lab(copy)
    topology = lab.topology_for(lab.values(Candidate.parse("demo1")))
    spec = plan(topology, lab.id, "demo1", lab.vendor_devices())
    devices = {node.role: node.vendor for node in spec.nodes}
    assert devices.pop("switch") == Vendor("arista_ceos", "ceos:4.34.0F") and set(devices.values()) == {None}
    assert all(node.vendor is None for node in plan(topology, lab.id, "demo1").nodes)


def test_errors_of_the_rooms_above_have_a_place(lab: LabDefinition) -> None:
    error = lab.criterion_error("sauvegarde", "contrôle inconnu.", "check")
    assert (error.line, error.column, error.field) == (30, 12, "criteria[2].check")
    error = lab.criterion_error("sauvegarde", "paramètre inconnu.", "with", "node", hint="Essayez.")
    assert (error.line, error.column) == (31, 12)
    assert lab.criterion_error("vlan-crees", "…").line == 17


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("id: mini-vlan", "id: autre", 1, "nom du dossier, « mini-vlan »"),
        ("id: mini-vlan", "id: Mini", 1, "identifiant attendu"),
        ("duration: 45", "duration: 0", 4, "supérieure à 0"),
        ("duration: 45", "duration: 45 min", 4, "attendu : un nombre entier"),
        ("duration: 45", "durée: 45", 4, "clé inconnue"),
        ("duration: 45", "duration: 45\nvendors: {switch: {kind: ceos, image: x}}", 5, "arista_ceos"),
        ("duration: 45", "duration: 45\nvendors: {pc: {kind: cisco_iol, image: x}}", 5, "switch"),
        ("summary:", "sumary:", 3, "Vouliez-vous dire « summary » ?"),
        ("mini.clab.yml", "rien.clab.yml", 5, "topologie « rien.clab.yml » introuvable"),
        ("mini.clab.yml", "../mini.clab.yml", 5, "sans dossier"),
        ("  1: ", "  9: ", 7, "au plus 8"),
        ("competence: 1\n    points: 0.5", "competence: 2\n    points: 0.5", 26, "compétence 2 absente"),
        ("points: 2", "points: 0", 19, "supérieure à 0"),
        ("points: 2", "points: -1", 19, "supérieure à 0"),
        ("points: 2", "points: .inf", 19, "valeur incorrecte"),
        ("id: sauvegarde", "id: vlan-crees", 25, "critère « vlan-crees » donné deux fois"),
        ("id: sauvegarde", "id: Sauve garde", 25, "identifiant attendu"),
        ("check: vlan.exists", "check: vlan", 22, "domaine.contrôle"),
        ("check: vlan.exists", "chek: vlan.exists", 22, "Vouliez-vous dire « check » ?"),
        ("with: {node: sw1}", "with: [sw1]", 31, "une table"),
        ("VLAN {{ vlan_a }} et", "VLAN {{ vlan_z }} et", 20, "variable « vlan_z » inconnue"),
        ("{slot: [1, 250]}", "{slot: [1, 1]}", 9, "trop grand"),
        ("{slot: [1, 250]}", "{slots: [1, 250]}", 9, "forme de variable inconnue"),
        ('title: "Deux', 'title: Deux: "', 2, "YAML mal formé"),
    ],
)
def test_broken_definitions(copy: Path, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(FileError) as caught:
        load_lab(edit(copy, old, new))
    assert words in str(caught.value)
    assert caught.value.line == line
    assert caught.value.column is not None
    assert caught.value.exit_code == 2


def test_missing_files(copy: Path) -> None:
    (copy / "sujet.md").unlink()
    with pytest.raises(FileError, match="sujet introuvable"):
        load_lab(copy)
    with pytest.raises(FileError, match="fichier introuvable"):
        load_lab(copy.parent / "rien")


def test_a_topology_is_looked_for_beside_then_in_topologies(copy: Path) -> None:
    shared = copy.parent.parent / "topologies"
    shared.mkdir()
    shutil.move(copy / "mini.clab.yml", shared)
    assert load_lab(copy).topology_path == shared / "mini.clab.yml"
    edit(copy, "mini.clab.yml", "pme.clab.yml")
    assert load_lab(copy).topology_path == builtin("topologies") / "pme.clab.yml"


def test_the_subject(lab: LabDefinition) -> None:
    text = subject(lab, CANDIDATE)
    assert "`trilab ssh`" in text  # the addresses of the table do not answer to a plain ssh
    values = lab.values(CANDIDATE)
    assert text.startswith("# Deux VLAN sur un commutateur\n\nUn atelier sépare")
    assert "**Candidat\u00a0:** A-07" in text
    assert "**Durée\u00a0:** 45 min" in text
    assert "| sw1 | commutateur | 172.20.21.11 |" in text
    elsewhere = subject(lab, CANDIDATE, {"sw1": "172.20.3.11"})  # an engine may have had to choose other addresses
    assert "| sw1 | commutateur | 172.20.3.11 |" in elsewhere
    assert "172.20.21.11" not in elsewhere
    assert f"passerelle 10.{values['site']}.1.1, masque 255.255.255.0" in text
    assert "{{" not in text
    assert text.index("## Schéma") < text.index("## Travail demandé")


def test_a_subject_places_its_own_title_and_drawing(copy: Path) -> None:
    (copy / "sujet.md").write_text("# Le client\n\n## Plan\n\n![Plan](schema.svg)\n")
    text = subject(load_lab(copy), CANDIDATE)
    assert text.startswith("# Le client\n")
    assert text.count("schema.svg") == 1
    assert "## Schéma" not in text


def test_the_subject_as_a_page(lab: LabDefinition) -> None:
    page = subject_html(lab, CANDIDATE)
    seen = _Tags()
    seen.feed(page)
    assert page.startswith("<!DOCTYPE html>")
    assert seen.count("svg") == seen.count("h1") == 1
    assert seen.count("table") == 1
    assert seen.count("b") == 0  # what an author writes in HTML is shown, not interpreted
    assert seen.count("img") == seen.count("link") == seen.count("script") == 0  # nothing to fetch
    assert '<html lang="fr">' in page
    assert "<p><figure>" not in page


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def count(self, tag: str) -> int:
        return self.tags.count(tag)


def test_a_fault_in_the_subject_has_its_line(copy: Path) -> None:
    edit(copy, "{{ net_a | host(1) }}", "{{ net_b | host(1) }}", "sujet.md")
    with pytest.raises(FileError, match=r"sujet\.md:6 : variable « net_b » inconnue"):
        subject(load_lab(copy), CANDIDATE)


def test_the_answers(lab: LabDefinition) -> None:
    found = [(info.name, info.kind, info.caught_by) for info in answers(lab)]
    assert found == [
        ("solution", "solution", ()),
        ("nomme-autrement", "alternative", ()),
        ("sans-sauvegarde", "cheat", ("sauvegarde",)),
    ]
    assert answers(lab)[0].description == "Solution de référence : les deux VLAN, enregistrés"
    values = lab.values(CANDIDATE)
    solution = answer(lab, "solution", values)
    assert list(solution.files) == ["sw1", "pc1"]
    sw1, pc1 = solution.files.values()
    assert (sw1.language, sw1.lines[:3]) == ("ios", ("configure terminal", f"vlan {values['vlan_a']}", " name ATELIER"))
    assert "" not in sw1.lines
    assert (pc1.language, pc1.lines) == ("sh", ("cat > /tmp/a <<FIN", "", f"site {values['site']}", "FIN"))


def test_an_alternative_takes_the_rest_from_the_solution(lab: LabDefinition) -> None:
    values = lab.values(CANDIDATE)
    other = answer(lab, "nomme-autrement", values)
    assert other.files["sw1"].lines[1] == f"vlan {values['vlan_b']}"
    assert other.files["pc1"] == answer(lab, "solution", values).files["pc1"]
    assert "write memory" not in answer(lab, "sans-sauvegarde", values).files["sw1"].lines
    with pytest.raises(UnknownNameError, match="Vouliez-vous dire « solution »"):
        answer(lab, "solutions", values)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("solution/sw3.ios", "x", "nœud « sw3 » inconnu"),
        ("solution/sw1.sh", "x", "Pour ce nœud : sw1.ios"),
        ("solution/pc1.ios", "x", "Pour ce nœud : pc1.sh"),
        ("solution/sw1.iso", "x", "Pour ce nœud : sw1.ios"),
        ("solution/pc2.sh", "echo\n{{ rien }}", "pc2.sh:2 : variable « rien » inconnue"),
        ("cheats/sans-sauvegarde/README.md", "\n", "la première ligne"),
        ("cheats/sans-sauvegarde/expect.yml", "caught_by: [x]", "critère « x » inconnu"),
        ("cheats/sans-sauvegarde/expect.yml", "caught: [x]", "clé inconnue"),
        ("alternatives/nomme-autrement/expect.yml", "caught_by: [sauvegarde]", "seule une tricherie"),
        ("cheats/nomme-autrement/README.md", "x", "déjà celui de"),
        ("cheats/vide/sw1.ios", "x", "README.md : fichier introuvable"),
    ],
)
def test_broken_answers(copy: Path, name: str, content: str, words: str) -> None:
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text(content)
    with pytest.raises(FileError) as caught:
        check(copy)
    assert words in str(caught.value)


def test_no_solution(copy: Path) -> None:
    shutil.rmtree(copy / "solution")
    with pytest.raises(FileError, match="solution de référence"):
        check(copy)


def test_the_catalogue_lists_broken_labs_and_hides_none(copy: Path) -> None:
    broken = Path(shutil.copytree(copy, copy.parent / "casse"))
    (copy.parent / "notes").mkdir()
    entries = {entry.id: entry for entry in catalogue([copy.parent])}
    assert set(entries) >= {"mini-vlan", "casse"}
    assert "notes" not in entries
    assert entries["mini-vlan"].lab is not None and entries["mini-vlan"].error is None
    assert entries["casse"].lab is None
    assert "nom du dossier, « casse »" in str(entries["casse"].error)
    with pytest.raises(FileError):
        get("casse", [broken.parent])


def test_get(copy: Path) -> None:
    assert get("mini-vlan", [copy.parent]).folder == copy
    with pytest.raises(UnknownNameError, match="Vouliez-vous dire « mini-vlan »") as caught:
        get("mini-vlans", [copy.parent])
    assert caught.value.exit_code == 2


def test_two_labs_of_one_name(copy: Path, tmp_path: Path) -> None:
    shutil.copytree(copy, tmp_path / "autres" / "mini-vlan")
    folders = [copy.parent, tmp_path / "autres"]
    entry = next(entry for entry in catalogue(folders) if entry.id == "mini-vlan")
    assert "existe deux fois" in str(entry.error)
    with pytest.raises(InputError, match="existe deux fois"):
        get("mini-vlan", folders)
    assert get("mini-vlan", [copy.parent, copy.parent]).folder == copy


def test_folders_of_a_centre(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "autres"
    other.mkdir()
    environment = {VARIABLE: os.pathsep.join([str(copy.parent), "", str(other)])}
    assert lab_folders([], environment) == (builtin("labs").resolve(), copy.parent, other)
    monkeypatch.setenv(VARIABLE, str(copy.parent))
    assert get("mini-vlan").id == "mini-vlan"
    with pytest.raises(InputError, match=r"--labs : le dossier de labs .*rien n'existe pas"):
        lab_folders([tmp_path / "rien"], {})
    with pytest.raises(InputError, match="TRILAB_LABS"):
        lab_folders([], {VARIABLE: str(tmp_path / "rien")})


def test_an_installed_package_brings_its_own_labs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (builtin("labs") / "pme-voip" / "lab.yml").is_file()  # the checkout
    monkeypatch.setattr(trilab, "__file__", str(tmp_path / "trilab" / "__init__.py"))
    Path(shutil.copytree(LABS, tmp_path / "trilab" / "data" / "labs"))
    assert builtin("labs") == tmp_path.resolve() / "trilab" / "data" / "labs"
    assert [entry.id for entry in catalogue() if entry.lab] == ["mini-vlan"]


def test_the_hash_changes_with_any_file(copy: Path) -> None:
    first = content_hash(load_lab(copy))
    assert len(first) == 64 and int(first, 16)
    assert content_hash(load_lab(LABS / "mini-vlan")) == first
    (copy / ".brouillon").write_text("x")
    assert content_hash(load_lab(copy)) == first
    seen = {first}
    for name in ("lab.yml", "sujet.md", "mini.clab.yml", "solution/sw1.ios", "cheats/sans-sauvegarde/README.md"):
        with (copy / name).open("a") as file:
            file.write("\n")
        seen.add(content_hash(load_lab(copy)))
    (copy / "sujet.md").rename(copy / "autre.md")
    (copy / "sujet.md").write_text("x")
    seen.add(content_hash(load_lab(copy)))
    assert len(seen) == 7


def test_every_lab_of_ours_is_whole() -> None:
    entries = catalogue()
    assert [(entry.id, str(entry.error)) for entry in entries if entry.error] == []
    assert "pme-voip" in [entry.id for entry in entries]
