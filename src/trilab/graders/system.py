"""Names and saved configurations."""

from __future__ import annotations

import difflib
import re

from trilab.french import count
from trilab.graders import ios
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Cli, Observer
from trilab.grading.registry import Node, Registry

checks = Registry()
# Lines that tell sizes and times, not configuration.
_NOISE = re.compile(r"^(?:Building configuration|Current configuration|Using \d+|! (?:Last|NVRAM)|!?\s*$)")
_SHOWN = 4  # differing lines quoted


@checks.check("system.hostname")
def hostname(lab: Observer, *, node: Node, name: str) -> Finding:
    """Nom d'hôte.

    IOS command reference: hostname. Names are compared with their case, as the prompt shows them.
    """
    answer = ios.running(lab, node)
    found = ios.globals_of(answer.text, "hostname ")
    seen = found[0].removeprefix("hostname ").strip() if found else None
    return expect.finding([expect.equal(f"nom d'hôte de {node}", name, seen)], [answer])


def normal(config: str) -> list[str]:
    """The lines of a configuration that count."""
    return [line for line in ios.lines(config) if not _NOISE.match(line)]


@checks.check("system.saved")
def saved(lab: Observer, *, node: Node) -> Finding:
    """Configuration sauvegardée : ce qu'un redémarrage perdrait n'est pas fait.

    The running and the startup configuration are the same but for sizes and dates (IOS: copy running-config
    startup-config).
    """
    running, startup = lab.ask(Cli(node, ios.RUNNING)), lab.ask(Cli(node, ios.STARTUP))
    wanted = f"startup-config de {node} identique à la running-config"
    before, now = normal(startup.text), normal(running.text)
    if "hostname" not in startup.text:
        return expect.finding([Fact(False, wanted, f"{node} n'a pas de configuration sauvegardée")], [running, startup])
    changes = [line for line in difflib.ndiff(before, now) if line[:2] in ("+ ", "- ")]
    words = {"+": "non sauvegardé", "-": "seulement dans la sauvegarde"}
    shown = ", ".join(f"« {line[2:].strip()} » ({words[line[0]]})" for line in changes[:_SHOWN])
    more = f" et {count(len(changes) - _SHOWN, 'autre ligne', 'autres lignes')}" if len(changes) > _SHOWN else ""
    text = f"{shown}{more}" if changes else f"les deux configurations de {node} sont identiques"
    return expect.finding([Fact(not changes, wanted, text)], [running, startup])
