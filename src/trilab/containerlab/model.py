"""What containerlab prints as JSON (releases from 0.79 on)."""

from __future__ import annotations

import re
from ipaddress import IPv4Interface
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

_NUMBER = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


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


Labs = TypeAdapter(dict[str, tuple[Container, ...]])  # lab → its containers
Executions = TypeAdapter(dict[str, tuple[Executed, ...]])  # container → its commands, in order
