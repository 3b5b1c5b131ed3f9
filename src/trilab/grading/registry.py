"""Checks by name, and the validation of their parameters from their signatures."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated, Any, get_type_hints

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, create_model

from trilab.capture.names import ios_name, linux_name
from trilab.errors import InputError, UnknownNameError
from trilab.grading.model import Finding
from trilab.grading.observe import Observer

CheckFunction = Callable[..., Finding]


def _node(value: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get("nodes")
    if known is not None and value not in known:
        raise ValueError(str(UnknownNameError("nœud", value, known)))
    return value


Node = Annotated[str, AfterValidator(_node)]
"""The name of a node of the lab's topology."""


def _interface(value: str) -> str:
    try:
        return ios_name(value)
    except InputError as error:
        raise ValueError(str(error)) from error


Interface = Annotated[str, AfterValidator(_interface)]
"""An interface in any accepted spelling; checks receive its canonical IOS name."""


def _port(value: str) -> str:
    try:
        linux_name(value)
    except InputError as error:
        raise ValueError(str(error)) from error
    return value


Port = Annotated[str, AfterValidator(_port)]
"""A physical port of any device, in any accepted spelling; checks receive it as it is written."""

Ssid = Annotated[str, Field(min_length=1, max_length=32)]
"""The name of a wireless network (IEEE 802.11-2020, 9.4.2.2: at most 32 octets)."""

VlanId = Annotated[int, Field(ge=1, le=4094)]
"""IEEE 802.1Q-2018, 9.6: 0 and 4095 are reserved."""

Dscp = Annotated[int, Field(ge=0, le=63)]
"""A differentiated services code point (RFC 2474: six bits)."""


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Extension = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[0-9A-Za-z*#+._@-]+$")]
"""A telephone number or mailbox: YAML reads ``101`` as a number, it is a text."""


def _range(value: str) -> str:
    first, dash, last = value.partition("-")
    try:
        low = IPv4Address(first.strip())
        high = IPv4Address(last.strip()) if dash else low
    except AddressValueError as error:
        raise ValueError(f"« {value} » n'est ni une adresse IPv4 ni une plage « première-dernière »") from error
    if high < low:
        raise ValueError(f"la plage « {value} » est à l'envers")
    return f"{low}-{high}" if dash else str(low)


AddressRange = Annotated[str, AfterValidator(_range)]
"""One IPv4 address, or ``first-last``."""


@dataclass(frozen=True)
class Check:
    """One check: its function, the first line of its docstring (French), and the model of its parameters."""

    name: str
    function: CheckFunction
    title: str
    parameters: type[BaseModel]

    def run(self, lab: Observer, parameters: BaseModel) -> Finding:
        """Run it with validated parameters."""
        values = {name: getattr(parameters, name) for name in type(parameters).model_fields}
        return self.function(lab, **values)


class Registry:
    """The checks of one subject; each module of :mod:`trilab.graders` holds one."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def check(self, name: str) -> Callable[[CheckFunction], CheckFunction]:
        """Register the decorated function under ``name`` (``subject.check``)."""

        def register(function: CheckFunction) -> CheckFunction:
            title = (inspect.getdoc(function) or "").partition("\n")[0]
            self._checks[name] = Check(name, function, title, _model(name, function))
            return function

        return register

    @property
    def checks(self) -> Mapping[str, Check]:
        """Name → check."""
        return self._checks


def _model(name: str, function: CheckFunction) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {
        parameter.name: (hints[parameter.name], ... if parameter.default is parameter.empty else parameter.default)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    return create_model(name, __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def collect(registries: Iterable[Registry]) -> dict[str, Check]:
    """All checks of several registries, by name."""
    return {name: check for registry in registries for name, check in registry.checks.items()}
