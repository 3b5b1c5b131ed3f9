"""Spanning tree on access ports."""

from __future__ import annotations

from trilab.capture.names import short_name
from trilab.graders import ios
from trilab.grading import expect
from trilab.grading.expect import Fact
from trilab.grading.model import Finding
from trilab.grading.observe import Observer
from trilab.grading.registry import Interface, Node, Registry

checks = Registry()
_COMMANDS = frozenset({"spanning-tree portfast", "spanning-tree portfast edge"})


@checks.check("switching.portfast")
def portfast(lab: Observer, *, node: Node, interfaces: list[Interface]) -> Finding:
    """Ports d'accès en transmission immédiate (PortFast).

    An edge port forwards at once (IEEE 802.1D-2004, 17.3). It must be configured (a port may also be found to be an
    edge by itself) and, on ports that are up, shown as an edge by « show spanning-tree ».
    """
    entries, answer = ios.table(lab, node, "show spanning-tree")
    config = ios.running(lab, node)
    facts = []
    for interface in interfaces:
        name, entry = short_name(interface), ios.port(entries, interface)
        written = _COMMANDS & set(ios.section(config.text, f"interface {interface}"))
        kind = "inactif" if entry is None else f"type « {ios.text(entry, 'type').strip()} »"
        edge = entry is None or "edge" in kind.lower()
        said = "PortFast configuré" if written else "PortFast absent de la configuration"
        facts.append(Fact(bool(written) and edge, f"{name} en PortFast", f"{name} : {said}, port {kind}"))
    return expect.finding(facts, [answer, config])
