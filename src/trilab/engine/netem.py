"""Degrading a link with the kernel's netem (tc-netem(8)), by ``tc`` of the untouched image from outside the node.

containerlab has a command of its own for it (see containerlab/lab.py): both put one netem at the root of the interface.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trilab.engine.base import Impairment, Lab
from trilab.errors import HostError

QUEUE = 10_000  # packets that wait at most, as many as containerlab's: a delay alone must drop nothing
UNKNOWN = "qdisc kind is unknown"  # the kernel's words where it has no sch_netem


def refused(place: str, said: str) -> HostError:
    """The error for what ``tc`` or containerlab said. ``place``: node:interface."""
    if UNKNOWN in said:
        text = "Le noyau de cette machine n'a pas netem (module sch_netem) : il ne peut pas dégrader un lien."
        return HostError(text, "À faire : sudo modprobe sch_netem (Fedora, RHEL : paquet kernel-modules-extra).")
    return HostError(f"{place} : le noyau refuse : {' '.join(said.split()) or 'sans message'}")


def impair(lab: Lab, node: str, interface: str, how: Impairment | None) -> None:
    """See :meth:`trilab.engine.base.Lab.impair`."""
    if how is not None:
        _tc(lab, node, interface, "qdisc", "replace", "dev", interface, "root", "netem", *words(how))
    elif interface in impaired(lab, node):
        _tc(lab, node, interface, "qdisc", "delete", "dev", interface, "root")


def impaired(lab: Lab, node: str) -> Mapping[str, Impairment]:
    """See :meth:`trilab.engine.base.Lab.impaired`."""
    return read(json.loads(_tc(lab, node, "", "-json", "qdisc", "show") or "[]"))


def words(how: Impairment) -> list[str]:
    """The parameters of netem."""
    found = ["limit", str(QUEUE)]
    if how.delay:
        found += ["delay", f"{how.delay * 1000:.0f}us", f"{how.jitter * 1000:.0f}us"]
    if how.loss:
        found += ["loss", "random", f"{how.loss:g}%"]
    if how.rate:
        found += ["rate", f"{how.rate}kbit"]
    return found


def read(qdiscs: list[dict[str, Any]]) -> dict[str, Impairment]:
    """What ``tc -json qdisc show`` says: seconds, parts of one, bytes per second."""
    found = {}
    for one in qdiscs:
        if one["kind"] == "netem" and one.get("root"):
            options = one.get("options", {})
            delay = options.get("delay", {})
            found[one["dev"]] = Impairment(
                delay=round(delay.get("delay", 0) * 1000, 3),
                jitter=round(delay.get("jitter", 0) * 1000, 3),
                loss=round(options.get("loss-random", {}).get("loss", 0) * 100, 2),
                rate=round(options.get("rate", {}).get("rate", 0) * 8 / 1000),
            )
    return found


def _tc(lab: Lab, node: str, interface: str, *words: str) -> str:
    done = lab.run(node, ["tc", *words], trusted=True)
    if done.returncode != 0:
        raise refused(f"{node}:{interface}".rstrip(":"), done.stderr)
    return done.stdout
