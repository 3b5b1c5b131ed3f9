"""802.1X port access without a system: gates, VLANs, retries, guests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from trilab.nos.dataplane import flows, portaccess, switching
from trilab.nos.dataplane.portaccess import PortAccess
from trilab.nos.defaults import clone, factory
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.features.dot1x import Dot1x, Dot1xPort, Gate
from trilab.nos.features.vlan import add
from trilab.nos.model import Config
from trilab.nos.names import Names

PORT, MAC = "GigabitEthernet0/1", "02:00:00:00:00:01"
SETTINGS = Dot1xPort(control="auto", pae=True, tx_period=10, quiet_period=60)


class Clock:
    def __init__(self) -> None:
        self.time, self.requests = 100.0, 0

    def __call__(self) -> float:
        return self.time

    def asked(self, name: str) -> None:
        self.requests += 1


@pytest.fixture
def config() -> Config:
    made = factory(Names("switch", 2))
    made.parts.put(Dot1x(True))
    made.parts.put(Aaa(True, dot1x=("group radius",), network=("group radius",)))
    for vid in (10, 20, 30):
        add(made, vid)
    made.vlans[20].name = "STAFF"
    made.interfaces[PORT].mode = "access"
    made.interfaces[PORT].parts.put(SETTINGS)
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(config: Config, clock: Clock) -> PortAccess:
    made = PortAccess(clock, clock.asked)
    made.follow(config)
    made.linked({PORT})
    return made


def gate(access: PortAccess, config: Config) -> Gate:
    return access.effective(config).interfaces[PORT].parts[Gate]


def test_a_closed_port_sends_and_takes_nothing(access: PortAccess, config: Config) -> None:
    effective = access.effective(config)
    port = switching.desired(effective, {"eth1": "02:00:00:00:00:10", "eth2": "02:00:00:00:00:11"}).ports["eth1"]
    assert (port.tag, port.trunks) == (switching.NOWHERE, ())
    assert portaccess.filters(effective, {PORT: 1}) == ["priority=40,in_port=1,actions=drop"]
    assert config.interfaces[PORT].parts[Gate] == Gate(), "what was typed is not touched"


def test_one_station_comes_in_and_goes(access: PortAccess, config: Config) -> None:
    access.asked(PORT, MAC, "bob")
    assert gate(access, config).closed
    access.accepted(PORT, MAC, "bob", None)
    effective = access.effective(config)
    assert portaccess.filters(effective, {PORT: 1}) == [
        f"priority=30,in_port=1,dl_src={MAC},actions={flows.ON_TO_SNOOPING}", "priority=25,in_port=1,actions=drop",
    ]  # fmt: skip
    assert access.observe().ports[PORT].user == "bob"
    access.gone(PORT, "02:00:00:00:00:99")
    assert not gate(access, config).closed, "somebody else went"
    access.gone(PORT, MAC)
    assert gate(access, config).closed


@pytest.mark.parametrize(
    ("given", "vlan"), [("20", 20), ("STAFF", 20), (None, 1), ("VLAN0010", 10), ("77", None), ("x", None)]
)
def test_a_server_assigns_a_vlan(access: PortAccess, config: Config, given: str | None, vlan: int | None) -> None:
    access.accepted(PORT, MAC, "bob", given)
    assert gate(access, config).closed == (vlan is None)
    if vlan is not None:
        assert access.effective(config).interfaces[PORT].access_vlan == vlan


def test_the_vlan_counts_only_with_authorization(access: PortAccess, config: Config) -> None:
    config.parts.put(replace(config.parts[Aaa], network=()))
    access.follow(config)
    access.accepted(PORT, MAC, "bob", "20")
    assert access.effective(config).interfaces[PORT].access_vlan == 1


def change(access: PortAccess, config: Config, **values: object) -> Config:
    changed = clone(config)
    changed.interfaces[PORT].parts.put(replace(SETTINGS, **values))  # type: ignore[arg-type]
    access.follow(changed)
    return changed


def test_nobody_answers(access: PortAccess, config: Config, clock: Clock) -> None:
    config = change(access, config, guest_vlan=30)
    for seconds in (0, 10, 10):
        clock.time += seconds
        assert access.wake() == [] and access.due() == 10 and gate(access, config).closed
    assert clock.requests == 3
    clock.time += 10
    access.wake()
    assert access.effective(config).interfaces[PORT].access_vlan == 30 and not gate(access, config).closed
    assert access.due() is None
    access.asked(PORT, MAC, "bob")
    assert gate(access, config).closed, "who speaks 802.1X is no guest"


def test_failures_are_retried_after_a_while_and_then_have_a_vlan(
    access: PortAccess, config: Config, clock: Clock
) -> None:
    config = change(access, config, fail_vlan=30, fail_retry=1)
    access.rejected(PORT, MAC, "bob")
    life = access.authenticators()[PORT]
    assert gate(access, config).closed and access.due() == 60
    clock.time += 60
    access.wake()
    assert access.authenticators()[PORT] != life, "its authenticator begins anew"
    access.rejected(PORT, MAC, "bob")
    assert not gate(access, config).closed and access.effective(config).interfaces[PORT].access_vlan == 30


def test_a_failure_without_vlan_stays_out(access: PortAccess, config: Config, clock: Clock) -> None:
    for _ in range(5):
        access.rejected(PORT, MAC, "bob")
        assert gate(access, config).closed
        clock.time += 60
        access.wake()


@pytest.mark.parametrize(
    "happen",
    [
        lambda access, config: access.linked(set()),
        lambda access, config: access.clear(None),
        lambda access, config: access.clear(PORT),
        lambda access, config: change(access, config, multi=True),
    ],
)
def test_a_session_ends(access: PortAccess, config: Config, happen: Callable[[PortAccess, Config], object]) -> None:
    access.accepted(PORT, MAC, "bob", None)
    happen(access, config)
    assert gate(access, config).closed and access.observe().ports == {}


@pytest.mark.parametrize(
    ("enabled", "control", "mode", "closed"),
    [
        (True, "force-unauthorized", "access", True),
        (True, "force-authorized", "access", False),
        (False, "auto", "access", False),
        (True, "auto", "trunk", False),
    ],
)
def test_what_is_configured(clock: Clock, config: Config, enabled: bool, control: str, mode: str, closed: bool) -> None:
    config.parts.put(Dot1x(enabled))
    config.interfaces[PORT].mode = "access" if mode == "access" else "trunk"
    access = PortAccess(clock, clock.asked)
    access.linked({PORT})
    config = change(access, config, control=control)
    assert gate(access, config).closed is closed
    assert access.authenticators() == {}
