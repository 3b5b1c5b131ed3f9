"""A lab's variables for one candidate. The forms, in ``lab.yml``, in the order of definition::

site:      {slot: [1, 250]}                     a number that no other candidate of the class has
vlan_data: {choice: [10, 110, 210]}             one of a list
port:      {range: [6000, 6999]}                a number of a range, bounds included
vlans:     {sample: {from: [10, 20, 30, 40], count: 3}}    a list of different values, in a drawn order
ids:       {sample: {range: [100, 999], count: 3}}         the same, from a range
net_data:  {template: "10.{{ site }}.10.0/24"}  Jinja over what is defined above
domain:    "pme{{ site }}.example"              the same, shorter; also a number, a list
mapping:   {value: {a: 1}}                      a table as it is
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from trilab.errors import FileError, InputError
from trilab.lab.candidate import Candidate
from trilab.lab.derive import Keyed
from trilab.topology.template import evaluate
from trilab.topology.yamlfile import Loc, Source

RESERVED = frozenset({"candidate", "candidate_class", "candidate_number", "nodes"})
FORMS = ("slot", "choice", "range", "sample", "template", "value")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MAX_SAMPLE_RANGE = 65536


def draw(source: Source, lab_id: str, candidate: Candidate) -> dict[str, Any]:
    """Every variable of a lab for a candidate, and ``candidate``, ``candidate_class``, ``candidate_number``.

    Raises:
        FileError: a definition is wrong.
        InputError: the candidate's number does not fit a slot's range.
    """
    values: dict[str, Any] = {
        "candidate": candidate.code,
        "candidate_class": candidate.group,
        "candidate_number": candidate.number,
    }
    drawer = _Drawer(source, Keyed.of(lab_id, candidate.group), candidate)
    definitions = source.data.get("variables") or {}
    for name, definition in definitions.items():
        loc: Loc = ("variables", name)
        if not _NAME.fullmatch(str(name)) or name in RESERVED:
            hint = f"Minuscules sans accent, chiffres et « _ » ; noms réservés : {', '.join(sorted(RESERVED))}."
            raise source.error(loc, "nom de variable incorrect.", key=True, hint=hint)
        values[name] = drawer.draw(name, definition, loc, values)
    return values


class _Drawer:
    """One candidate's draws."""

    def __init__(self, source: Source, keyed: Keyed, candidate: Candidate) -> None:
        self.source, self.keyed, self.candidate = source, keyed, candidate

    def draw(self, name: str, definition: Any, loc: Loc, known: Mapping[str, Any]) -> Any:
        if not isinstance(definition, dict):
            return evaluate(definition, known, self.source, loc)
        if len(definition) != 1 or (form := next(iter(definition))) not in FORMS:
            raise self.fail(loc, "forme de variable inconnue.", f"Une seule clé parmi : {', '.join(FORMS)}.")
        argument = evaluate(definition[form], known, self.source, (*loc, form))
        if form in ("template", "value"):
            return argument
        makers: dict[str, Callable[[str, Any, Loc], Any]] = {
            "slot": self.slot,
            "choice": self.choice,
            "range": self.range,
            "sample": self.sample,
        }
        return makers[form](name, argument, (*loc, form))

    def slot(self, name: str, bounds: Any, loc: Loc) -> int:
        low, high = self.bounds(bounds, loc)
        size, number = high - low + 1, self.candidate.number
        if number >= size:
            raise InputError(
                f"Le numéro {number} du candidat {self.candidate.code} est trop grand pour ce lab : la variable "
                f"« {name} » n'a que {size} valeurs, de {low} à {high}.",
                f"Numéros possibles : 0 à {size - 1}.",
            )
        return low + self.keyed.permute(number, size, f"slot/{name}")

    def choice(self, name: str, items: Any, loc: Loc) -> Any:
        if not isinstance(items, list) or not items:
            raise self.fail(loc, "une liste d'au moins une valeur est attendue.")
        return items[self.keyed.below(len(items), self.own("choice", name))]

    def range(self, name: str, bounds: Any, loc: Loc) -> int:
        low, high = self.bounds(bounds, loc)
        return low + self.keyed.below(high - low + 1, self.own("range", name))

    def sample(self, name: str, argument: Any, loc: Loc) -> list[Any]:
        if not isinstance(argument, dict) or set(argument) not in ({"from", "count"}, {"range", "count"}):
            raise self.fail(loc, "forme attendue : {from: [valeurs], count: n} ou {range: [min, max], count: n}.")
        if "range" in argument:
            low, high = self.bounds(argument["range"], (*loc, "range"))
            if high - low >= _MAX_SAMPLE_RANGE:
                raise self.fail((*loc, "range"), f"plage trop grande (au plus {_MAX_SAMPLE_RANGE} valeurs).")
            items: Any = list(range(low, high + 1))
        else:
            items = argument["from"]
        count = argument["count"]
        if not isinstance(items, list) or any(items.count(item) > 1 for item in items if "from" in argument):
            raise self.fail((*loc, "from"), "une liste de valeurs différentes est attendue.")
        if not _whole(count) or not 1 <= count <= len(items):
            raise self.fail((*loc, "count"), f"un nombre de 1 à {len(items)} est attendu.")
        return self.keyed.sample(items, count, self.own("sample", name))

    def own(self, form: str, name: str) -> str:
        return f"{form}/{name}/{self.candidate.number}"

    def bounds(self, value: Any, loc: Loc) -> tuple[int, int]:
        if not isinstance(value, list) or len(value) != 2 or not all(_whole(item) for item in value):
            raise self.fail(loc, "deux nombres entiers sont attendus : [minimum, maximum].")
        if value[0] > value[1]:
            raise self.fail(loc, f"le minimum {value[0]} dépasse le maximum {value[1]}.")
        return value[0], value[1]

    def fail(self, loc: Loc, message: str, hint: str = "") -> FileError:
        return self.source.error(loc, message, hint=hint)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
