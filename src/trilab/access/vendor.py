"""Reading vendors' devices (containerlab engine): NAPALM's getters where there is a driver, netmiko elsewhere.

Accounts are those that containerlab gives to each kind (https://containerlab.dev/manual/kinds/): the candidate's and
the graders' are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, cast

from netmiko import ConnectHandler

from trilab.access.ssh import FAILURES, address, silence, why
from trilab.engine.base import Lab
from trilab.errors import HostError, NotGradedError, ObservationError

TIMEOUT = 30.0  # seconds to connect, and for one command
INSTALL = "Installez l'option : pip install 'trilab[napalm]'"


@dataclass(frozen=True)
class Driver:
    """How a kind is read. ``napalm``: NAPALM's driver, empty where it has none; else netmiko's ``device_type`` and the
    command whose output names the device.
    """

    napalm: str = ""
    netmiko: str = ""
    command: str = ""
    pattern: str = ""
    password: str = "admin"


DRIVERS: Mapping[str, Driver] = MappingProxyType(
    {
        "arista_ceos": Driver(napalm="eos"),
        "cisco_iol": Driver(napalm="ios"),
        "nokia_srlinux": Driver(
            netmiko="nokia_srl",
            command="show version",
            pattern=r"(?m)^Hostname\s*:\s*(\S+)",
            password="NokiaSrl1!",
        ),
        "vyosnetworks_vyos": Driver(netmiko="vyos", command="show host name", pattern=r"^\s*(\S+)\s*$"),
    }
)


class Getters(Protocol):
    """What is asked of NAPALM."""

    def get_facts(self) -> dict[str, Any]: ...
    def get_vlans(self) -> dict[str, dict[str, Any]]: ...
    def get_config(self, retrieve: str = ...) -> dict[str, str]: ...


def hostname(lab: Lab, node: str, **options: Any) -> str:
    """The device's own name: ``get_facts``, or a command by netmiko. Raises ObservationError."""
    driver = DRIVERS[lab.nodes[node].vendor]
    if driver.napalm:
        with device(lab, node, **options) as getters:
            return str(getters.get_facts()["hostname"])
    return named(driver, node, _command(lab, node, driver))


def vlans(lab: Lab, node: str, **options: Any) -> dict[int, str]:
    """Number → name: ``get_vlans``, which does not tell suspended VLANs.

    Raises:
        NotGradedError: NAPALM has no driver for this kind.
        ObservationError: it does not answer.
    """
    with device(lab, node, **options) as getters:
        return {int(number): str(about["name"]) for number, about in getters.get_vlans().items()}


def configurations(lab: Lab, node: str, **options: Any) -> tuple[str, str]:
    """The running and the startup configuration: ``get_config``. Raises as :func:`vlans`."""
    with device(lab, node, **options) as getters:
        found = getters.get_config()
        return found["running"], found["startup"]


def named(driver: Driver, node: str, said: str) -> str:
    """The device's name in what its command said. Raises ObservationError where it is not there."""
    found = re.search(driver.pattern, said)
    if found is None:
        raise ObservationError(f"{node} : la sortie de « {driver.command} » n'a pas la forme attendue.")
    return found[1]


@contextmanager
def device(lab: Lab, node: str, **options: Any) -> Iterator[Getters]:
    """A NAPALM session. ``options``: NAPALM's optional arguments. Raises as :func:`vlans`."""
    kind = lab.nodes[node].vendor
    driver = DRIVERS[kind]
    if not driver.napalm:
        raise NotGradedError(f"{node} ({kind}) : NAPALM ne lit pas ce genre d'équipement.")
    try:  # an extra
        from napalm import get_network_driver
        from napalm.base.exceptions import NapalmException
        from pyeapi.eapilib import CommandError, ConnectionError
    except ImportError as error:
        raise HostError("NAPALM n'est pas installé.", INSTALL) from error
    silence()
    host, limit = address(lab, node), int(TIMEOUT)
    session = get_network_driver(driver.napalm)(host, "admin", driver.password, timeout=limit, optional_args=options)
    try:
        session.open()
        try:
            yield cast(Getters, session)
        finally:
            session.close()
    except (NapalmException, CommandError, ConnectionError) as error:
        raise ObservationError(f"{node} ({kind}) : lecture impossible ({error}).") from error
    except FAILURES as error:
        raise ObservationError(f"{node} ({kind}) : lecture impossible ({why(error)}).") from error


def _command(lab: Lab, node: str, driver: Driver) -> str:
    silence()
    try:
        with ConnectHandler(
            device_type=driver.netmiko,
            host=address(lab, node),
            username="admin",
            password=driver.password,
            conn_timeout=TIMEOUT,
            auth_timeout=TIMEOUT,
            banner_timeout=TIMEOUT,
        ) as session:
            return str(session.send_command(driver.command, read_timeout=TIMEOUT))
    except FAILURES as error:
        raise ObservationError(f"{node} ({lab.nodes[node].vendor}) : lecture impossible ({why(error)}).") from error
