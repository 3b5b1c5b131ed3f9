from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from dataplane_configs import access_list, device, entry, put, stick
from hypothesis import given
from hypothesis import strategies as st

from trilab.nos.dataplane import jsonrpc, probe, readback
from trilab.nos.dataplane.base import DataplaneError, MacEntry
from trilab.nos.dataplane.readback import LinkFacts

SAMPLES = Path(__file__).parent / "samples"


def facts(*, carrier: bool = True, mac: str = "02:00:00:00:00:01") -> LinkFacts:
    return LinkFacts(True, carrier, mac, 1500, (1, 2, 3, 4, 5, 6))


def test_links_as_iproute2_tells_them():
    found = readback.parse_links((SAMPLES / "ip_link.json").read_text())
    assert found["eth1"].carrier and found["eth1"].mac == "46:48:b1:54:7b:92"
    assert found["eth1"].counters == (13, 1006, 6, 392, 0, 0)


def test_ports_of_a_switch():
    config = device("switch", 3, vlans=(99,))
    put(config, "GigabitEthernet0/2", shutdown=True)
    put(config, "Vlan99")
    put(config, "Vlan1", shutdown=True)
    links = {"eth1": facts(), "eth2": facts(carrier=False), "Vlan99": facts(), "Vlan1": facts()}
    states = readback.port_states(config, links, {99: True, 1: True})
    seen = {name: (state.present, state.link, state.protocol) for name, state in states.items()}
    assert seen == {
        "GigabitEthernet0/1": (True, True, True),
        "GigabitEthernet0/2": (True, False, False),
        "GigabitEthernet0/3": (False, False, False),
        "Vlan99": (True, True, True),
        "Vlan1": (True, False, False),
    }
    assert not readback.port_states(config, links, {99: False})["Vlan99"].protocol


def test_a_subinterface_is_up_with_its_cable():
    config = stick((10,))
    inner = {"eth1.10": facts(), "eth1u": facts()}
    assert readback.port_states(config, {"eth1": facts(), **inner}, {})["GigabitEthernet0/1.10"].protocol
    assert not readback.port_states(config, {"eth1": facts(carrier=False), **inner}, {})["GigabitEthernet0/1.10"].link


def test_learnt_addresses_have_canonical_ports_and_svis_are_left_out():
    text = (
        " port  VLAN  MAC                Age\n"
        "    3    10  1a:c1:73:0e:0c:22    1\n"
        "    9    99  36:78:f0:c4:95:14    2\n"
        "LOCAL     0  36:78:f0:c4:95:15    2\n"
    )
    learnt = readback.parse_fdb(text, {3: "eth2", 9: "sv99"})
    assert readback.mac_entries(device("switch"), learnt) == [MacEntry(10, "1a:c1:73:0e:0c:22", "GigabitEthernet0/2")]


def test_the_tree_seen_by_its_root():
    tree = readback.parse_rstp((SAMPLES / "rstp_root.txt").read_text(), device("switch", 8))
    assert tree is not None
    assert tree.root_mac == tree.mac == "1a:96:44:da:6f:4f"
    assert (tree.root_cost, tree.root_port, tree.priority) == (0, None, 32768)
    assert [(p.port, p.role, p.state, p.cost, p.number) for p in tree.ports] == [
        ("GigabitEthernet0/1", "designated", "forwarding", 4, 1),
        ("GigabitEthernet0/8", "designated", "forwarding", 2000, 8),
    ]


def test_the_tree_seen_by_another():
    tree = readback.parse_rstp((SAMPLES / "rstp_other.txt").read_text(), device("switch", 8))
    assert tree is not None
    assert (tree.root_mac, tree.mac) == ("1a:96:44:da:6f:4f", "e2:66:94:c6:3a:48")
    assert (tree.root_cost, tree.root_port) == (2000, "GigabitEthernet0/8")


def test_no_tree_in_an_unknown_answer():
    assert readback.parse_rstp("no such bridge", device("switch")) is None


def test_neighbours_and_own_addresses_without_the_out_of_band_ones():
    rows = [
        {"dst": "10.0.10.1", "dev": "eth1.10", "lladdr": "02:00:00:00:00:0a", "updated": 125, "state": ["STALE"]},
        {"dst": "10.0.10.9", "dev": "eth1.10", "state": ["FAILED"]},
        {"dst": "172.20.20.1", "dev": "eth0", "lladdr": "02:00:00:00:00:0b", "state": ["REACHABLE"]},
    ]
    found = readback.parse_arp(stick((10,)), json.dumps(rows), {"eth1.10": facts()})
    assert [(str(e.address), e.mac, e.age) for e in found] == [
        ("10.0.10.1", "02:00:00:00:00:0a", 2),
        ("10.0.10.254", "02:00:00:00:00:01", None),
    ]


def test_hits_of_one_list():
    config = stick()
    access_list(config, "IN", entry(10), entry(15, "remark"), entry(20, "deny"))
    text = json.dumps({"nftables": [
        {"metainfo": {"version": "1.1"}},
        {"counter": {"family": "ip", "name": "c_IN.10", "table": "trilab", "packets": 7, "bytes": 9}},
        {"counter": {"family": "ip", "name": "c_OTHER.20", "table": "trilab", "packets": 8, "bytes": 9}},
    ]})  # fmt: skip
    assert readback.hits(config, "IN", readback.parse_counters(text)) == {10: 7}
    assert readback.hits(config, "NONE", {}) == {}


@given(st.binary(max_size=64))
def test_a_checksum_verifies_to_zero(data: bytes):
    if len(data) % 2:
        data += b"\0"
    assert probe.checksum(data + struct.pack("!H", probe.checksum(data))) == 0


def datagram(icmp: bytes) -> bytes:
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(icmp), 0, 0, 64, 1, 0, bytes(4), bytes(4)) + icmp


def unreachable(code: int, quoted: bytes) -> bytes:
    return datagram(struct.pack("!BBHI", 3, code, 0, 0) + datagram(quoted)[:28])


REQUEST = probe.request(77, 3, 100)


@pytest.mark.parametrize(
    ("received", "mark"),
    [
        (datagram(b"\0" + REQUEST[1:]), "!"),
        (datagram(b"\0" + probe.request(78, 3, 100)[1:]), None),
        (datagram(b"\0" + probe.request(77, 2, 100)[1:]), None),
        (datagram(REQUEST), None),
        (unreachable(1, REQUEST), "U"),
        (unreachable(13, REQUEST), "A"),
        (unreachable(13, probe.request(77, 2, 100)), None),
        (unreachable(13, probe.request(76, 3, 100)), None),
        (b"\x45" + bytes(20), None),
    ],
)
def test_marks_of_ping(received: bytes, mark: str | None):
    assert probe.verdict(received, 77, 3) == mark


@pytest.mark.parametrize("size", [36, 100, 101, 1500])
def test_the_datagram_has_the_asked_size(size: int):
    assert len(probe.request(1, 1, size)) + 20 == size


def test_a_daemon_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(DataplaneError, match=r"db\.sock"):
        jsonrpc.call(tmp_path / "db.sock", "echo", [])


def test_addresses_of_one_device():
    rows = [
        {"ifname": "eth0", "addr_info": [{"family": "inet", "local": "172.20.20.11", "prefixlen": 24}]},
        {"ifname": "Vlan1", "addr_info": [{"family": "inet", "local": "10.0.0.1", "prefixlen": 24}]},
    ]
    assert [str(address) for address in readback.parse_addresses(json.dumps(rows), "eth0")] == ["172.20.20.11"]
