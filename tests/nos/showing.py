"""What the tests of ``show`` share: states of the data plane, and output as the ntc-templates read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ntc_templates.parse import parse_output

from trilab.nos.dataplane.base import PortState, StpPort, StpState

if TYPE_CHECKING:
    from tests.nos.conftest import Console

MAC = "02:aa:bb:cc:dd:{:02x}"


def state(name: str, number: int, *, up: bool = True) -> PortState:
    return PortState(name, up, up, up, MAC.format(number), 1500, 10, 1000, 20, 2000, 1, 2)


def table(console: Console, command: str) -> list[dict[str, Any]]:
    parsed = parse_output(platform="cisco_ios", command=command, data=console.run(command))
    assert isinstance(parsed, list)
    return parsed


def tree() -> StpState:
    ports = (
        StpPort("GigabitEthernet0/1", "designated", "forwarding", 4, 128, 1, True),
        StpPort("GigabitEthernet0/8", "root", "forwarding", 4, 128, 8, False),
    )
    return StpState(MAC.format(9), 24576, 4, "GigabitEthernet0/8", MAC.format(1), 32768, ports)
