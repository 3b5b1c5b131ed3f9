from __future__ import annotations

import json
from pathlib import Path

from trilab.engine.base import LabSpec, NodeSpec
from trilab.engine.native import radio
from trilab.radio import keeper


def spec(candidate: str = "t-1") -> LabSpec:
    nodes = (NodeSpec("ap1", "ap"), NodeSpec("pc", "pc"), NodeSpec("s1", "wifi-client"), NodeSpec("s2", "wifi-client"))
    return LabSpec("w", candidate, nodes, ())


def test_only_a_lab_with_something_on_the_air_has_a_radio() -> None:
    assert radio.needed(spec())
    assert not radio.needed(LabSpec("w", "t-1", (NodeSpec("pc", "pc"), NodeSpec("sw", "switch")), ()))


def test_every_port_has_an_end_of_its_own() -> None:
    order = radio.order(spec(), Path("/k"))
    cables = list(order.cables())
    ends = [cable.b[1] for cable in cables]
    assert len(set(ends)) == len(ends) == radio.SLOTS + 1 + 2 + 1  # slots, RADIUS, stations, the keeper's own
    assert [cable.a for cable in cables[:2]] == [("ap1", "air0"), ("ap1", "air1")]
    assert {"p0", "ctl0", "ctl1"} <= set(order.shining())
    stations = {port.here for node in order.nodes if node.kind == "station" for port in node.ports}
    assert not stations & set(order.shining()), "a station has no carrier before it is associated"


def test_addresses_depend_on_the_candidate_and_leave_room_for_further_ssids() -> None:
    macs = [node.radios[0] for who in ("t-1", "t-2") for node in radio.order(spec(who), Path("/k")).nodes]
    assert len(set(macs)) == 6
    assert all(mac.startswith("02:") and mac.endswith("0") for mac in macs)
    order = radio.order(spec(), Path("/k"))
    assert order.nodes[1].ports[0].mac == order.nodes[1].radios[0], "the node's wlan0 is the radio's twin"


def test_the_kernel_gets_one_radio_per_node_and_one_device_per_port() -> None:
    config = json.loads(radio.order(spec(), Path("/k")).config())
    line = keeper.command(config, list(range(10, 10 + 12)))
    assert "mac80211_hwsim.radios=3" in line and "ro" in line
    assert [word for word in line if word.startswith("vec")][-1].startswith("vec11:transport=fd,fd=21,")
