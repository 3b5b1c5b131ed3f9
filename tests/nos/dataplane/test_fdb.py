from __future__ import annotations

import json
from pathlib import Path

from dataplane_configs import device

from trilab.nos.dataplane import lldp
from trilab.nos.dataplane.fdb import copies, entries, mirror_operations
from trilab.nos.dataplane.switching import NOWHERE, desired
from trilab.nos.features.lldp import Neighbour
from trilab.nos.features.mac_table import MacTable, Static
from trilab.nos.features.monitor import Mirror, Mirrors

MACS = {f"eth{number}": f"02:00:00:00:00:0{number}" for number in range(1, 5)}
GI = "GigabitEthernet0/{}"


def test_static_addresses_need_their_vlan_and_a_port_of_the_bridge():
    config = device("switch", 6, vlans=(10,))
    config.parts.put(MacTable(static=(
        Static("02:00:00:00:00:aa", 10, GI.format(1)),
        Static("02:00:00:00:00:bb", 20, GI.format(1)),  # no such VLAN any more
        Static("02:00:00:00:00:cc", 10, GI.format(6)),  # no cable
    )))  # fmt: skip
    assert entries(config, desired(config, MACS)) == [("eth1", 10, "02:00:00:00:00:aa")]


def test_a_mirror_copies_each_way_that_was_asked():
    config = device("switch", 6)
    sources = ((GI.format(1), "rx"), (GI.format(2), "tx"), (GI.format(3), "both"), (GI.format(6), "both"))
    config.parts.put(Mirrors((Mirror(1, sources, GI.format(4)), Mirror(2, ((GI.format(1), "rx"),)))))
    switching = desired(config, MACS)
    assert copies(config, switching) == [("session1", ("eth1", "eth3"), ("eth2", "eth3"), "eth4")]
    assert (switching.ports["eth4"].mode, switching.ports["eth4"].tag) == ("access", NOWHERE)
    insert, update = mirror_operations(copies(config, switching), {f"eth{n}": f"id{n}" for n in range(1, 5)})
    assert insert["row"]["select_src_port"] == ["set", [["uuid", "id1"], ["uuid", "id3"]]]
    assert insert["row"]["output_port"] == ["uuid", "id4"]
    assert update["row"] == {"mirrors": ["set", [["named-uuid", "session1"]]]}
    assert mirror_operations([], {})[0]["row"] == {"mirrors": ["set", []]}


def test_neighbours_are_read_and_out_of_band_ones_left_out():
    text = (Path(__file__).parent / "samples" / "lldp.json").read_text()
    assert lldp.heard(device("switch", 8), text).heard == (
        Neighbour("GigabitEthernet0/5", "96d7.a8b9.0884", "GigabitEthernet0/5", "eth5", "SW2", "trilab NOS", "B",
                  (), 120, 111, None),
    )  # fmt: skip
    assert lldp.heard(device("switch"), "").heard == ()
    assert json.loads(text)["lldp"][0]["interface"][1]["name"] == "eth0"
