"""docs/guide-auteur.md followed to the letter, without the network: the files that it has written are a right lab."""

from __future__ import annotations

import re
from pathlib import Path

from trilab.authoring import check_lab, new_lab
from trilab.cli.app import run
from trilab.graders import all_checks
from trilab.lab import answers, load_lab

NAME = "vlan-atelier"
_STEP = re.compile(
    r"(?P<verb>à la fin de|emplacez tout|Écrivez)\s`(?P<file>[^`]+)`(?: par)?\u00a0:\n\n(?P<block>(?:(?: {4}.*)?\n)+)"
)


def test_the_files_of_the_guide(tmp_path: Path, repository: Path) -> None:
    guide = (repository / "docs" / "guide-auteur.md").read_text(encoding="utf-8")
    lab = new_lab(NAME, tmp_path)
    said = []
    for step in _STEP.finditer(guide):
        path = tmp_path / step["file"]
        path.parent.mkdir(exist_ok=True)
        block = "".join(line[4:] + "\n" for line in step["block"].strip("\n").split("\n"))
        if step["verb"] == "à la fin de":
            path.write_text(path.read_text(encoding="utf-8") + block, encoding="utf-8")
        else:
            path.write_text(block, encoding="utf-8")
        said.append({one.message for one in check_lab(lab, all_checks())})
    assert len(said) == 8
    text = "les points des critères font 22, et non 20."
    assert text in said[1] and text in said[-1]
    definition = (lab / "lab.yml").read_text(encoding="utf-8")
    (lab / "lab.yml").write_text(definition.replace("total: 20 ", "total: 22 "), encoding="utf-8")
    assert check_lab(lab, all_checks()) == []
    assert [info.name for info in answers(load_lab(lab)) if info.kind == "cheat"] == [
        "ports-dans-un-vlan-vide",
        "vlan-par-defaut",
    ]


def test_every_command_of_the_guide_exists(repository: Path) -> None:
    guide = (repository / "docs" / "guide-auteur.md").read_text(encoding="utf-8")
    commands = set(re.findall(r"^    trilab ([a-z-]+)", guide, re.MULTILINE))
    assert {"new-lab", "check-lab", "checks", "up", "solve", "grade", "down", "prove"} <= commands
    for command in commands:
        assert run([command, "--help"]) == 0
