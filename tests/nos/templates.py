"""The list of the ``cisco_ios`` templates of ntc-templates, with the devices that have each command.

``python -m tests.nos.templates > docs/nos-ntc-templates.md`` writes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import ntc_templates

from trilab.nos import interpreter
from trilab.nos.commands import grammar
from trilab.nos.grammar.graph import Grammar
from trilab.nos.grammar.parser import Parsed
from trilab.nos.names import Names

_PREFIX, _SUFFIX = "cisco_ios_", ".textfsm"
# Templates whose name is not the whole command.
_TYPED = {
    "ping": "ping 10.0.0.1",
    "traceroute": "traceroute 10.0.0.1",
    "show mac-address-table": "show mac address-table",
    "show port-security interface interface": "show port-security interface GigabitEthernet0/1",
    "show running-config interface": "show running-config interface GigabitEthernet0/1",
}
_NAMES = {"switch": Names("switch", 8), "router": Names("router", 2), "ap": Names("ap", 1)}
_HEAD = """\
# ntc-templates : les modèles cisco_ios

<!-- Écrit par « make reference » : ne pas modifier à la main. -->

Tous les modèles `cisco_ios` de ntc-templates, et les équipements qui ont la commande. « non » : elle est refusée avec
`% Invalid input detected at '^' marker.` ou `% Incomplete command.`

| commande | commutateur | routeur | borne Wi-Fi |
|---|---|---|---|"""


def grammars() -> list[Grammar]:
    """Of a switch, a router and an access point."""
    return [grammar(names) for names in _NAMES.values()]


def row(devices: list[Grammar], name: str) -> str:
    """The line of one template, by its name with blanks."""
    typed = _TYPED.get(name, name)
    known = (isinstance(interpreter.resolve(one, "privileged", typed.replace("0/1", "0"))[0], Parsed)
             or isinstance(interpreter.resolve(one, "privileged", typed)[0], Parsed) for one in devices)  # fmt: skip
    return f"| `{name}` | {' | '.join('oui' if one else 'non' for one in known)} |"


def installed() -> list[str]:
    """The names of the templates of the ntc-templates installed here."""
    folder = Path(ntc_templates.__file__).parent / "templates"
    found = (path.name for path in folder.glob(f"{_PREFIX}*{_SUFFIX}"))
    return sorted(name.removeprefix(_PREFIX).removesuffix(_SUFFIX).replace("_", " ") for name in found)


if __name__ == "__main__":
    devices = grammars()
    sys.stdout.write("\n".join([_HEAD, *(row(devices, name) for name in installed()), ""]))
