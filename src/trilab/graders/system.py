"""Names and saved configurations."""

from __future__ import annotations

import difflib
import re

from trilab.errors import NotGradedError
from trilab.french import count
from trilab.graders import ios
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Answer, Cli, Observer
from trilab.grading.registry import Node, Registry
from trilab.grading.requests import Device

checks = Registry()
# Lines that tell sizes, times and versions, not configuration; EOS begins with three comments.
_NOISE = re.compile(
    r"^(?:Building configuration|Current configuration|Using \d+|! (?:Last|NVRAM|Command|Startup|device)|!?\s*$)"
)
_SHOWN = 4  # differing lines quoted


@checks.check("system.hostname")
def hostname(lab: Observer, *, node: Node, name: str) -> Finding:
    """Nom d'hôte.

    IOS command reference: hostname. Names are compared with their case, as the prompt shows them. A vendor's device:
    NAPALM's get_facts, or a command that tells its name.
    """
    answer: Answer
    try:
        answer = ios.running(lab, node)
        found = ios.globals_of(answer.text, "hostname ")
        seen = found[0].removeprefix("hostname ").strip() if found else None
    except NotGradedError:
        answer = said = lab.ask(Device(node, "hostname"))
        seen = said.hostname
    return expect.finding([expect.equal(f"nom d'hôte de {node}", name, seen)], [answer])


def normal(config: str) -> list[str]:
    """The lines of a configuration that count."""
    return [line for line in ios.lines(config) if not _NOISE.match(line)]


@checks.check("system.saved")
def saved(lab: Observer, *, node: Node) -> Finding:
    """Configuration sauvegardée : ce qu'un redémarrage perdrait n'est pas fait.

    The running and the startup configuration are the same but for sizes and dates (IOS: copy running-config
    startup-config). A vendor's device: NAPALM's get_config.
    """
    before, now, seen = _configurations(lab, node)
    wanted = f"startup-config de {node} identique à la running-config"
    if not any("hostname" in line for line in before):
        return expect.finding([Fact(False, wanted, f"{node} n'a pas de configuration sauvegardée")], seen)
    changes = [line for line in difflib.ndiff(before, now) if line[:2] in ("+ ", "- ")]
    words = {"+": "non sauvegardé", "-": "seulement dans la sauvegarde"}
    shown = ", ".join(f"« {line[2:].strip()} » ({words[line[0]]})" for line in changes[:_SHOWN])
    more = f" et {count(len(changes) - _SHOWN, 'autre ligne', 'autres lignes')}" if len(changes) > _SHOWN else ""
    text = f"{shown}{more}" if changes else f"les deux configurations de {node} sont identiques"
    return expect.finding([Fact(not changes, wanted, text)], seen)


def _configurations(lab: Observer, node: str) -> tuple[list[str], list[str], list[Answer]]:
    """The saved lines and the running ones that count, and where they were read."""
    try:
        running, startup = lab.ask(Cli(node, ios.RUNNING)), lab.ask(Cli(node, ios.STARTUP))
    except NotGradedError:
        said = lab.ask(Device(node, "configurations"))
        return normal(said.startup), normal(said.running), [said]
    return normal(startup.text), normal(running.text), [running, startup]
