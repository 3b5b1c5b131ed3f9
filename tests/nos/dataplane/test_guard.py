from __future__ import annotations

from dataclasses import replace

import pytest
from dataplane_configs import device, put

from trilab.nos.dataplane.bpf import Interest
from trilab.nos.dataplane.guard import Guard
from trilab.nos.dataplane.watch import Frame
from trilab.nos.features.errdisable import BPDUGUARD, Recovery
from trilab.nos.features.spanning import TreePort
from trilab.nos.model import Config

CABLED = {"eth1", "eth2"}
PORT = "GigabitEthernet0/1"
BPDU = Frame("eth1", None, bytes.fromhex("0180c2000000" + "020000000009" + "002642420300"))


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def config() -> Config:
    made = device("switch")
    put(made, PORT).parts.put(TreePort(bpduguard=True))
    return made


def test_only_guarded_ports_are_listened_to(config: Config):
    guard = Guard()
    guard.follow(config, CABLED)
    assert guard.interests() == {"eth1": Interest(bpdu=True), "eth2": Interest()}


def test_a_bpdu_disables_and_a_shutdown_clears(config: Config):
    guard = Guard()
    guard.follow(config, CABLED)
    assert [str(notice) for notice in guard.frame(BPDU)] == [
        "%SPANTREE-2-BLOCK_BPDUGUARD: Received BPDU on port Gi0/1 with BPDU Guard enabled. Disabling port.",
        "%PM-4-ERR_DISABLE: bpduguard error detected on Gi0/1, putting Gi0/1 in err-disable state",
    ]
    assert guard.down == {PORT}
    assert guard.frame(BPDU) == []
    assert guard.frame(replace(BPDU, device="eth2")) == []
    guard.follow(config, CABLED)
    assert guard.down == {PORT}
    put(config, PORT, shutdown=True)
    guard.follow(config, CABLED)
    assert guard.down == set()


def test_a_port_recovers_after_the_interval_only_if_asked(config: Config):
    clock = Clock()
    guard = Guard(clock)
    guard.follow(config, CABLED)
    guard.frame(BPDU)
    assert (guard.due(), guard.observe().ports[PORT].left) == (None, None)
    config.parts.put(Recovery(frozenset({BPDUGUARD}), 30))
    guard.follow(config, CABLED)
    assert guard.due() == 30
    clock.now += 29
    assert guard.wake(set()) == []
    clock.now += 1
    assert [notice.name for notice in guard.wake(set())] == ["ERR_RECOVER"]
    assert guard.down == set()
