"""``trilab check-lab``: each fault of a lab is told at its place, and all of them at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trilab.authoring import Level, Problem, check_lab, new_lab
from trilab.cli.app import run
from trilab.graders import all_checks
from trilab.grading.registry import Registry

Edit = Callable[..., None]
LAB, SUBJECT = "lab.yml", "sujet.md"
ERROR, WARNING = Level.ERROR, Level.WARNING


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_lab("essai", tmp_path)


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def line_of(folder: Path, name: str, text: str) -> int:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def found(folder: Path) -> list[Problem]:
    return check_lab(folder, all_checks())


def shown(problems: list[Problem]) -> str:
    return "\n".join(f"{one.place} {one.level} {one.field} {one.message} {one.hint}" for one in problems)


@pytest.mark.parametrize(
    ("old", "new", "at", "level", "words"),
    [
        # checks and their parameters
        ("vlan.exists", "vlan.exist", "vlan.exist", ERROR, "Vouliez-vous dire « vlan.exists »"),
        ("node: sw1, vlans", "noeud: sw1, vlans", "noeud:", ERROR, "pas de paramètre « noeud »"),
        ("node: sw1, vlans", "vlans", 'vlans: {"', ERROR, "exige le paramètre « node »"),
        ("node: sw1, vlans", "node: sw9, vlans", "sw9", ERROR, "« sw9 » inconnu"),
        ("interface: GigabitEthernet0/1,", "interface: Fa9,", "Fa9", ERROR, "n'est pas un nom d'interface"),
        # points and competences
        ("points: 4\n    title: \"PC1", "points: 5\n    title: \"PC1", "total:", ERROR, "font 21, et non 20"),
        ("total: 20 ", "#", "id: essai", WARNING, "Ajoutez : total: 20"),
        ("  8: \"Sécuriser", "  9: \"Sécuriser", "  9:", ERROR, "au plus 8"),
        ("competence: 8\n    points: 4\n    title: \"PC1", "competence: 0\n    points: 4\n    title: \"PC1",
         "competence: 0", ERROR, "au moins 1"),
        ("  8: \"Sécuriser", "  7: \"Élaborer\"\n  8: \"Sécuriser", "  7:", ERROR, "aucun critère n'évalue"),
        # variables
        ("  pc1: {", "  seul: 3\n  pc1: {", "seul:", WARNING, "jamais utilisée"),
        ("net | host(11)", "nett | host(11)", "  pc1:", ERROR, "Vouliez-vous dire « net »"),
        ("ATELIER}}", "\"{{ nom }}\"}}", "{{ nom }}", ERROR, "variable « nom » inconnue"),
        ("{{ site }}.{{ vlan }}", "{{ site }}.{{ pc1 }}", "  net:", ERROR, "variable « pc1 » inconnue"),
        ("{{ net | host(11) }}", "{{ net | host(11) }", "  pc1:", ERROR, "gabarit Jinja mal écrit"),
        # the subject
        ("La configuration de SW1 est enregistrée", "SW1 redémarre configuré", "SW1 redémarre", ERROR,
         "« sw1 redémarre configuré » n'est pas dans sujet.md"),
        ("vlan: {choice: [10, 20, 30, 40, 50]}", "vlan: 10\n  secret: {choice: [alpha, bravo]}", "secret:", WARNING,
         "jamais utilisée"),
        ("hint: \"«\u00a0show vlan", "# hint: \"« show vlan", "id: vlan-cree", WARNING, "sans conseil"),
        # the file as a whole
        ("topology: reseau", "topology: autre", "topology:", ERROR, "introuvable"),
        ("id: port-pc2", "id: port-pc1", "id: port-pc1", ERROR, "donné deux fois"),
        ("duration: 30 ", "duration: vite ", "duration:", ERROR, "un nombre entier"),
    ],
)  # fmt: skip
def test_lab_yml(folder: Path, old: str, new: str, at: str, level: Level, words: str) -> None:
    edit(folder, LAB, old, new)
    problems = found(folder)
    told = [one for one in problems if words in f"{one.message} {one.hint}"]
    assert told, shown(problems)
    assert told[0].level is level
    lines = [number for number, line in enumerate((folder / LAB).read_text().splitlines(), 1) if at in line]
    assert told[0].path.name == LAB and told[0].line in lines, shown(told)


@pytest.mark.parametrize(
    ("old", "new", "field", "level", "words"),
    [
        ("et s'appelle `ATELIER`", "et porte un nom", "criteria[1].asked", ERROR, "« le vlan"),
        ("Le VLAN", "le vlan", "", None, ""),
        ("| {{ pc2 }}/24 |", "| à choisir |", "criteria[4].with.destinations[2]", ERROR, "ne peut pas la deviner"),
        ("| Gi0/2 | PC2", "| un port | PC2", "criteria[3].with.interface", WARNING, "GigabitEthernet0/2"),
        ("| Gi0/2 | PC2", "| Gi0/1 à Gi0/4 | PC2", "", None, ""),
        ("{{ pc2 }}", "{{ pc22 }}", "", ERROR, "variable « pc22 » inconnue"),
        ("Le VLAN {{ vlan }} existe", "Le VLAN {{ vlan existe", "", ERROR, "gabarit Jinja mal écrit"),
    ],
)
def test_the_subject(folder: Path, old: str, new: str, field: str, level: Level | None, words: str) -> None:
    edit(folder, SUBJECT, old, new)
    problems = found(folder)
    if level is None:
        assert problems == []
        return
    told = [one for one in problems if one.field == field and words in f"{one.message} {one.hint}"]
    assert told and told[0].level is level, shown(problems)


def test_a_value_is_not_told_by_a_part_of_another(folder: Path) -> None:
    """10.1.20.11 does not tell 10.1.20.1, nor 120 the VLAN 20."""
    edit(folder, SUBJECT, "Le VLAN {{ vlan }} existe", "Le VLAN {{ vlan }}1 existe")
    edit(folder, LAB, "Le VLAN {{ vlan }} existe", "Le VLAN {{ vlan }}1 existe")
    assert "ne donne pas la valeur notée" in shown(found(folder))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("solution/sw9.ios", "end", "nœud « sw9 » inconnu"),
        ("solution/pc1.ios", "end", "extension « .ios » inattendue"),
        ("cheats/vlan-par-defaut/r1.ios", "end", "nœud « r1 » inconnu"),
        ("alternatives/saisie-abregee/sw1.ios", "vlan {{ vlann }}", "Vouliez-vous dire « vlan »"),
        ("cheats/vlan-par-defaut/expect.yml", "caught_by: [port-pc1, port-pc9, autre]", "critère « autre » inconnu"),
        ("cheats/vlan-par-defaut/expect.yml", "attrape: [port-pc1]", "clé inconnue"),
        ("cheats/vlan-par-defaut/README.md", "", "première ligne"),
        ("alternatives/rien/README.md", "Rien ne change.", "exactement la même chose"),
        ("alternatives/saisie-abregee/expect.yml", "caught_by: [x]", "seule une tricherie"),
        ("proof.yml", "criteria: {autre: {covers: ['sw1 > vlan ']}}", "critère « autre » inconnu"),
        ("reseau.clab.yml", "name: essai\ntopology: {nodes: {sw1: {kind: linux, cpu: 1}}}", "processeur"),
    ],
)
def test_other_files(folder: Path, name: str, text: str, words: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    told = [one for one in found(folder) if words in f"{one.message} {one.hint}"]
    assert told and told[0].level is ERROR, shown(found(folder))
    assert folder / name == told[0].path or folder / name in (told[0].path / "README.md",)


def test_what_nothing_attacks(folder: Path) -> None:
    (folder / "proof.yml").write_text("criteria: {vlan-cree: {covers: ['sw1 > vlan ']}}", encoding="utf-8")
    told = shown(found(folder))
    assert "rien ne met ce critère à l'épreuve" in told and "criteria[5].id" in told
    assert "aucun critère ne couvre « sw1 > write memory »" in told
    assert "« sw1 > vlan" not in told
    (folder / "proof.yml").unlink()
    assert "ne saura pas quel critère" in shown(found(folder))
    (folder / "cheats" / "vlan-par-defaut" / "expect.yml").unlink()
    assert "ne dit pas quels critères" in shown(found(folder))


def test_a_check_that_observes_nothing_keeps_no_evidence(folder: Path) -> None:
    registry = Registry()

    @registry.check("vlan.exists")
    def exists(lab: object, *, node: str, vlans: dict[int, str]) -> object:
        """Rien."""
        return None

    told = shown(check_lab(folder, {**all_checks(), **registry.checks}))
    assert "n'observe rien : ce critère n'aurait aucune preuve" in told


def test_all_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, LAB, "vlan.exists", "vlan.exist")
    edit(folder, LAB, '  8: "Sécuriser', '  9: "Sécuriser')
    edit(folder, LAB, "  pc1: {", "  seul: 3\n  pc1: {")
    edit(folder, SUBJECT, "Les ports de PC1 et de PC2", "Les deux ports")
    (folder / "solution" / "sw9.ios").write_text("end")
    assert run(["check-lab", str(folder), "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    text = " ".join(one["message"] for one in told["problems"])
    for words in ("vlan.exist", "au plus 8", "jamais utilisée", "n'est pas dans sujet.md", "sw9"):
        assert words in text, text
    assert told["errors"] == sum(one["level"] == "erreur" for one in told["problems"])


def test_only_warnings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(folder, LAB, "  pc1: {", "  seul: 3\n  pc1: {")
    assert run(["check-lab", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "lab.yml:" in out and "1\u00a0avertissement." in out


@pytest.mark.parametrize("text", ["", "- a", "id: [", "id: essai"])
def test_a_file_that_is_not_a_lab(folder: Path, text: str) -> None:
    (folder / LAB).write_text(text, encoding="utf-8")
    assert [one for one in found(folder) if one.level is ERROR]


def test_a_network_that_cannot_be_read_hides_what_its_names_would_explain(folder: Path) -> None:
    edit(folder, "reseau.clab.yml", "pc2:eth1", "pc9:eth1")
    (only,) = found(folder)
    assert only.level is ERROR and "« pc9 » inconnu" in only.message


def test_no_such_lab(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check-lab", "pme-voi"]) == 2
    assert "Vouliez-vous dire « pme-voip »" in " ".join(capsys.readouterr().err.split())
    assert run(["check-lab", str(tmp_path / "absent")]) == 2
    assert run(["check-lab", str(tmp_path)]) == 2


def test_names_are_told_with_their_case(folder: Path) -> None:
    for name in (LAB, SUBJECT):
        edit(folder, name, "s'appelle `ATELIER`" if name == SUBJECT else "s'appelle ATELIER", "s'appelle atelier")
    told = found(folder)
    assert [(one.level, one.field) for one in told] == [(WARNING, "criteria[1].with.vlans.{{ vlan }}")], shown(told)


def test_a_list_where_a_value_was(folder: Path) -> None:
    edit(folder, LAB, '{template: "{{ net | host(211) }}"}', "[alpha, bravo]")
    told = found(folder)
    assert [(one.field, one.message) for one in told] == [("criteria[4].with.destinations[2]", "attendu : un texte.")]


MANGLED: tuple[Callable[[str], list[str]], ...] = (
    lambda line: [],
    lambda line: [line, line],
    lambda line: [f" {line}"],
    lambda line: [f"{line} }}}}"],
    lambda line: [f"{line.partition(':')[0]}: 3"],
    lambda line: [f"{line.partition(':')[0]}: [1, {{a: b}}]"],
    lambda line: [f"{line.partition(':')[0]}:"],
)


@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_wrong_is_told(folder: Path, data: st.DataObject) -> None:
    """A file with a mangled line gives findings with a place, never an exception; then the lab is right again."""
    path = data.draw(st.sampled_from(sorted(one for one in folder.rglob("*") if one.is_file())))
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    index = data.draw(st.integers(0, len(lines) - 1))
    mangled = data.draw(st.sampled_from(MANGLED))(lines[index])
    path.write_text("\n".join(lines[:index] + mangled + lines[index + 1 :]), encoding="utf-8")
    try:
        assert all(one.message and one.path.is_relative_to(folder) for one in found(folder))
    finally:
        path.write_text(text, encoding="utf-8")
