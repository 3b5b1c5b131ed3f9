"""What can be graded: each check with its parameters and what it observes, read from the code of the checks."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from types import CodeType, FunctionType, ModuleType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from trilab.graders.glossary import OBSERVED, meaning
from trilab.grading.observe import Request
from trilab.grading.registry import AddressRange, Check, Dscp, Extension, Interface, Node, VlanId

_FORMS: tuple[tuple[Any, str], ...] = (
    (Node, "équipement"),
    (Interface, "interface"),
    (VlanId, "VLAN (1 à 4094)"),
    (Dscp, "nombre (0 à 63)"),
    (Extension, "numéro de poste"),
    (AddressRange, "adresse ou plage « première-dernière »"),
    (IPv4Address, "adresse"),
    (IPv4Interface, "adresse/préfixe"),
    (IPv4Network, "réseau/préfixe"),
    (bool, "true ou false"),
    (int, "nombre entier"),
    (float, "nombre"),
    (str, "texte"),
    (NoneType, "null"),
)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a check. ``form`` and ``meaning`` are French; ``default`` as YAML writes it, None: required."""

    name: str
    form: str
    meaning: str
    default: str | None


@dataclass(frozen=True)
class Described:
    """One check. ``title`` and ``observes`` are French; ``source``: the rule it follows (English)."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    observes: tuple[str, ...]
    source: str


def describe(check: Check) -> Described:
    """A check, from its signature, its docstring and the requests that it makes."""
    hints = get_type_hints(check.function, include_extras=True)
    parameters = tuple(
        Parameter(
            name,
            form(hints[name]),
            meaning(check.name, name),
            None if field.is_required() else _default(field.default),
        )
        for name, field in check.parameters.model_fields.items()
    )
    observes = tuple(OBSERVED.get(request, request.__name__) for request in requests_of(check))
    rest = (inspect.getdoc(check.function) or "").partition("\n")[2]
    return Described(check.name, check.title, parameters, observes, " ".join(rest.replace("``", "").split()))


def form(hint: Any) -> str:
    """What a value looks like (French), from a type of a signature."""
    for known, text in _FORMS:
        if hint == known:
            return text
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return form(arguments[0])
    if origin is Literal:
        return " ou ".join(map(str, arguments))
    if origin in (Union, UnionType):
        return " ou ".join(form(one) for one in arguments if one is not NoneType)
    if origin is list:
        return f"liste : {form(arguments[0])}"
    if origin is dict:
        return f"table : {form(arguments[0])} → {form(arguments[1])}"
    return "valeur"


def _default(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "aucun"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def requests_of(check: Check) -> list[type[Request[Any]]]:
    """The kinds of requests that a check can make, itself or by functions of the graders that it calls."""
    found: dict[type[Request[Any]], None] = {}
    waiting, seen = [check.function], set()
    while waiting:
        function = waiting.pop(0)
        if not isinstance(function, FunctionType) or function in seen:
            continue
        seen.add(function)
        for value in _globals_used(function):
            if isinstance(value, type) and issubclass(value, Request):
                found[value] = None
            elif isinstance(value, FunctionType) and value.__module__.startswith("trilab.graders"):
                waiting.append(value)
    return list(found)


def _globals_used(function: FunctionType) -> Iterator[Any]:
    """The values of the global names that a function uses; of a module, those of its attributes."""
    names = set(_names(function.__code__))
    for name in sorted(names):
        value = function.__globals__.get(name)
        yield value
        if isinstance(value, ModuleType):
            yield from (getattr(value, one) for one in sorted(names) if hasattr(value, one))


def _names(code: CodeType) -> Iterable[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):  # a comprehension, a lambda
            yield from _names(constant)
