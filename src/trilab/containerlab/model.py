"""What containerlab prints as JSON (releases from 0.79 on)."""

from __future__ import annotations

import re
from ipaddress import IPv4Interface
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

_NUMBER = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")

_UNITS = {"h": 3_600_000.0, "m": 60_000.0, "s": 1000.0, "ms": 1.0, "µs": 0.001, "ns": 0.000_001}
_PART = re.compile(r"([\d.]+)(h|ms|m|s|µs|ns)")


def _absent(value: object) -> object:
    return None if value in ("", "N/A") else value


class _Printed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)  # a new release may say more


class Version(_Printed):
    """``containerlab version --json``."""

    version: str
    commit: str = ""

    @property
    def number(self) -> tuple[int, int, int] | None:
        """Major, minor, patch; None for a build from source, which calls itself 0.0.0."""
        found = _NUMBER.match(self.version)
        if found is None or self.version == "0.0.0":
            return None
        return int(found[1]), int(found[2]), int(found[3] or 0)


class Container(_Printed):
    """One node of ``inspect --format json``. ``name`` is the container's, the node's name at its end."""

    lab_name: str
    name: str
    container_id: str
    image: str
    kind: str
    state: str
    status: str = ""
    owner: str = ""
    topology: str = Field("", alias="absLabPath")
    ipv4: Annotated[IPv4Interface | None, BeforeValidator(_absent)] = Field(None, alias="ipv4_address")


class Executed(_Printed):
    """One command of ``exec --format json`` on one node."""

    command: tuple[str, ...] = Field(alias="cmd")
    returncode: int = Field(alias="return-code")
    stdout: str = ""
    stderr: str = ""


def _milliseconds(value: object) -> object:
    """From a duration as Go writes it: ``1m0.5s``, ``50ms``; empty: none."""
    if not isinstance(value, str):
        return value
    parts = _PART.findall(value)
    if "".join(number + unit for number, unit in parts) != value:
        raise ValueError(f"not a duration: {value}")
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


Milliseconds = Annotated[float, BeforeValidator(_milliseconds)]


class Impaired(_Printed):
    """One interface of ``tools netem show --format json``. ``loss`` in percent, ``rate`` in kbit/s; 0: untouched."""

    interface: str
    delay: Milliseconds = 0.0
    jitter: Milliseconds = 0.0
    loss: float = Field(0.0, alias="packet_loss")
    rate: int = 0


Labs = TypeAdapter(dict[str, tuple[Container, ...]])  # lab → its containers
Executions = TypeAdapter(dict[str, tuple[Executed, ...]])  # container → its commands, in order
Impairments = TypeAdapter(dict[str, tuple[Impaired, ...] | None])  # container → those of its interfaces that are set
