from __future__ import annotations

from pathlib import Path

from dataplane_configs import device, put, stick
from hypothesis import given
from hypothesis import strategies as st

from trilab.nos.dataplane import channels, names
from trilab.nos.dataplane.switching import NOWHERE, Port, desired, tagging, vlans_of
from trilab.nos.features.spanning import TreePort
from trilab.nos.model import Interface

MACS = {f"eth{number}": f"02:00:00:00:00:0{number}" for number in range(1, 5)}
VLANS = st.integers(1, 4094)


def port_of(config, name: str) -> Port:
    return desired(config, MACS).ports[name]


def test_an_access_port_carries_its_vlan_untagged():
    config = device("switch", vlans=(10,))
    put(config, "GigabitEthernet0/1", mode="access", access_vlan=10)
    port = port_of(config, "eth1")
    assert (port.mode, port.tag, port.trunks) == ("access", 10, ())


def test_a_dynamic_port_is_an_access_port():
    config = device("switch", vlans=(10,))
    put(config, "GigabitEthernet0/1", mode="dynamic", access_vlan=10)
    assert (port_of(config, "eth1").mode, port_of(config, "eth1").tag) == ("access", 10)


def test_a_voice_vlan_travels_tagged_beside_the_access_vlan():
    config = device("switch", vlans=(10, 30))
    put(config, "GigabitEthernet0/1", mode="access", access_vlan=10, voice_vlan=30)
    port = port_of(config, "eth1")
    assert (port.mode, port.tag, port.trunks) == ("native-untagged", 10, (10, 30))


def test_a_port_in_a_missing_vlan_forwards_nothing():
    config = device("switch")
    put(config, "GigabitEthernet0/1", mode="access", access_vlan=10)
    port = port_of(config, "eth1")
    assert (port.mode, port.tag, port.trunks) == ("trunk", None, (NOWHERE,))


def test_a_missing_voice_vlan_leaves_the_data():
    config = device("switch", vlans=(10,))
    put(config, "GigabitEthernet0/1", mode="access", access_vlan=10, voice_vlan=30)
    assert (port_of(config, "eth1").mode, port_of(config, "eth1").tag) == ("access", 10)


def test_a_trunk_carries_what_is_allowed_and_exists():
    config = device("switch", vlans=(10, 20, 99))
    put(config, "GigabitEthernet0/1", mode="trunk", native_vlan=99, allowed=frozenset({10, 30, 99}))
    port = port_of(config, "eth1")
    assert (port.mode, port.tag, port.trunks) == ("native-untagged", 99, (10, 99))


def test_a_native_vlan_that_is_not_allowed_drops_untagged_frames():
    config = device("switch", vlans=(10, 99))
    put(config, "GigabitEthernet0/1", mode="trunk", native_vlan=99, allowed=frozenset({10}))
    port = port_of(config, "eth1")
    assert (port.mode, port.tag, port.trunks) == ("trunk", None, (10,))


def test_a_trunk_allowing_nothing_carries_nothing():
    config = device("switch", vlans=(10,))
    put(config, "GigabitEthernet0/1", mode="trunk", allowed=frozenset())
    assert port_of(config, "eth1").trunks == (NOWHERE,)


@given(st.frozensets(VLANS, max_size=8), st.frozensets(VLANS, max_size=8), VLANS)
def test_no_trunk_ever_means_every_vlan(allowed: frozenset[int], existing: frozenset[int], native: int):
    interface = Interface("GigabitEthernet0/1", mode="trunk", allowed=allowed, native_vlan=native)
    untagged, carried = vlans_of(interface, existing)
    mode, tag, trunks = tagging(untagged, carried)
    assert carried == allowed & existing
    assert (tag is None) == (native not in carried)
    assert trunks or mode == "access"
    assert set(trunks) - {NOWHERE} <= carried


def test_portfast_makes_an_edge_of_an_access_port_only():
    config = device("switch")
    put(config, "GigabitEthernet0/1").parts.put(TreePort("edge"))
    put(config, "GigabitEthernet0/2", mode="trunk").parts.put(TreePort("edge"))
    edges = {name: dict(port_of(config, name).settings)["rstp-port-admin-edge"] for name in ("eth1", "eth2", "eth3")}
    assert edges == {"eth1": "true", "eth2": "false", "eth3": "false"}


def test_ports_keep_their_number_in_the_tree_beside_svis():
    config = device("switch", vlans=(2, 99))
    for vlan in (1, 2, 99):
        put(config, f"Vlan{vlan}")
    ports = desired(config, MACS).ports
    numbers = [dict(port.settings)["rstp-port-num"] for port in ports.values()]
    assert len(set(numbers)) == len(numbers) == 7
    assert dict(ports["eth3"].settings)["rstp-port-num"] == "3"


def test_a_channel_is_one_port_of_the_tree_and_a_bond_behind_a_patch():
    config = device("switch", vlans=(10,))
    for name in ("GigabitEthernet0/2", "GigabitEthernet0/3"):
        put(config, name, channel=1, mode="access", access_vlan=10)
    put(config, "Port-channel1", mode="access", access_vlan=10)
    wanted = desired(config, MACS)
    assert set(wanted.ports) == {"eth1", "eth4", "ag1", "po1", "upo1"}
    assert (wanted.ports["ag1"].members, wanted.ports["ag1"].bridge) == (("eth2", "eth3"), "bpo1")
    assert (wanted.ports["po1"].tag, wanted.ports["po1"].peer, wanted.ports["po1"].bridge) == (10, "upo1", "br0")
    assert dict(wanted.ports["po1"].settings)["rstp-path-cost"] == "3"
    assert not wanted.bridges["bpo1"].rstp


def test_a_channel_without_bundled_port_is_not_in_the_tree():
    config = device("switch")
    put(config, "GigabitEthernet0/2", channel=1)
    put(config, "Port-channel1")
    assert "po1" not in desired(config, MACS, {1}).ports
    assert "ag1" in desired(config, MACS, {1}).ports


def test_a_port_configured_unlike_its_channel_is_suspended():
    config = device("switch", vlans=(10,))
    put(config, "GigabitEthernet0/2", channel=1, channel_mode="on", access_vlan=10)
    put(config, "GigabitEthernet0/3", channel=1, channel_mode="on")
    put(config, "GigabitEthernet0/4", channel=1, channel_mode="on")
    put(config, "Port-channel1")
    assert set(desired(config, MACS).ports) == {"eth1", "eth3", "eth4", "po1", "upo1"}
    flags = channels.states(config, {"eth2", "eth3"}, set()).ports
    assert flags == {"GigabitEthernet0/2": "s", "GigabitEthernet0/3": "P", "GigabitEthernet0/4": "D"}
    assert channels.idle(config, flags) == set()
    assert channels.idle(config, channels.states(config, {"eth2"}, set()).ports) == {1}


def test_only_ports_that_a_partner_agrees_on_are_negotiated():
    text = (Path(__file__).parent / "samples" / "lacp.txt").read_text()
    assert channels.negotiated(text) == {"eth5"}


def test_a_port_without_cable_is_not_switched():
    ports = desired(device("switch"), {"eth2": "02:00:00:00:00:02"}).ports
    assert set(ports) == {"eth2"}


def test_the_svi_of_a_missing_vlan_reaches_nothing():
    config = device("switch", vlans=(99,))
    put(config, "Vlan99")
    put(config, "Vlan50")
    assert port_of(config, "sv99").tag == 99
    assert port_of(config, "sv50").trunks == (NOWHERE,)


def test_a_router_bridges_nothing_between_its_ports():
    config = stick()
    put(config, "GigabitEthernet0/2", "192.0.2.1/24", shutdown=False)
    wanted = desired(config, MACS)
    assert set(wanted.bridges) == {"br1"}
    assert set(wanted.ports) == {"eth1", "eth1.10", "eth1.20", "eth1u"}
    assert not wanted.bridges["br1"].rstp


def test_subinterfaces_have_the_address_of_their_port():
    ports = desired(stick(), MACS).ports
    assert {ports[name].mac for name in ("eth1.10", "eth1.20", "eth1u")} == {MACS["eth1"]}


def test_a_native_subinterface_takes_the_untagged_frames():
    ports = desired(stick((10, 99), native=99), MACS).ports
    assert (ports["eth1"].mode, ports["eth1"].tag, ports["eth1"].trunks) == ("native-untagged", 99, (10, 99))
    assert ports["eth1.99"].tag == 99


def test_without_native_subinterface_the_port_itself_takes_them():
    ports = desired(stick((10,)), MACS).ports
    assert (ports["eth1"].tag, ports["eth1u"].tag) == (NOWHERE, NOWHERE)
    assert ports["eth1"].trunks == (10, NOWHERE)


def test_a_subinterface_without_encapsulation_does_not_exist():
    config = stick((10,))
    put(config, "GigabitEthernet0/1.20")
    assert "eth1.20" not in desired(config, MACS).ports
    assert names.device(config, "GigabitEthernet0/1.20") is None


def test_device_names_fit_the_kernel():
    config = stick((10,))
    put(config, "GigabitEthernet0/24.4294967295", encapsulation=4094)
    assert len(names.device(config, "GigabitEthernet0/24.4294967295") or "") <= 15
