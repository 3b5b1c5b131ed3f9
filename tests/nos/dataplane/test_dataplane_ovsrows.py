from __future__ import annotations

import dataclasses
from typing import Any, Literal

from dataplane_configs import device, put, stick

from trilab.nos.dataplane.ovsrows import Current, current, operations
from trilab.nos.dataplane.switching import Switching, desired

MACS = {f"eth{number}": f"02:00:00:00:00:0{number}" for number in range(1, 5)}
EMPTY = Current({}, {}, {}, {})


def held(want: Switching) -> list[list[dict[str, Any]]]:
    """The rows that OVSDB answers once it holds ``want``: sets of one element stand alone (RFC 7047, 5.1)."""

    def set_of(values: list[Any]) -> Any:
        return values[0] if len(values) == 1 else ["set", values]

    def map_of(pairs: Any) -> Any:
        return ["map", [list(pair) for pair in reversed(pairs)]]

    bridges = [
        {
            "_uuid": ["uuid", f"b-{name}"],
            "name": name,
            "rstp_enable": bridge.rstp,
            "other_config": map_of(bridge.settings),
            "ports": set_of(
                [["uuid", f"p-{name}"], *(["uuid", f"p-{p.name}"] for p in want.ports.values() if p.bridge == name)]
            ),
        }
        for name, bridge in want.bridges.items()
    ]
    empty: dict[str, Any] = {column: ["set", []] for column in ("tag", "trunks", "vlan_mode", "lacp")}
    own = [
        {"_uuid": ["uuid", f"p-{n}"], "name": n, "interfaces": ["uuid", f"i-{n}"], "other_config": ["map", []]}
        | {"protected": False}
        | empty
        for n in want.bridges
    ]
    ports = own + [
        {
            "_uuid": ["uuid", f"p-{port.name}"],
            "name": port.name,
            "interfaces": set_of([["uuid", f"i-{name}"] for name in port.members or (port.name,)]),
            "lacp": port.lacp or ["set", []],
            "tag": ["set", []] if port.tag is None else port.tag,
            "trunks": set_of(list(port.trunks)),
            "vlan_mode": port.mode,
            "other_config": map_of(port.settings),
            "protected": port.protected,
        }
        for port in want.ports.values()
    ]
    nothing: dict[str, Any] = {"mac": ["set", []], "ofport_request": ["set", []], "options": ["map", []]}
    interfaces = [{"_uuid": ["uuid", f"i-{n}"], "name": n, "type": "internal"} | nothing for n in want.bridges]
    interfaces += [
        {"_uuid": ["uuid", f"i-{name}"], "name": name,
         "type": "internal" if p.internal else "patch" if p.peer else "",
         "mac": p.mac or ["set", []], "ofport_request": p.number or ["set", []],
         "options": map_of([("peer", p.peer)] if p.peer else [])}
        for p in want.ports.values() for name in p.members or (p.name,)
    ]  # fmt: skip
    return [bridges, ports, interfaces]


def switch() -> Switching:
    config = device("switch", vlans=(10, 99))
    put(config, "GigabitEthernet0/1", mode="access", access_vlan=10)
    put(config, "GigabitEthernet0/4", mode="trunk", allowed=frozenset({10, 99}))
    put(config, "Vlan99")
    return desired(config, MACS)


def channel(mode: Literal["active", "on"]) -> Switching:
    config = device("switch")
    for name in ("GigabitEthernet0/2", "GigabitEthernet0/3"):
        put(config, name, channel=1, channel_mode=mode)
    put(config, "Port-channel1")
    return desired(config, MACS)


def test_what_the_database_holds_needs_no_operation():
    for want in (switch(), desired(stick(), MACS), channel("active"), channel("on")):
        assert operations(current(held(want)), want) == []


def test_everything_is_inserted_into_an_empty_database():
    ops = operations(EMPTY, switch())
    inserted = [op["row"]["name"] for op in ops if op["op"] == "insert" and op["table"] == "Port"]
    assert inserted == ["br0", "eth1", "eth2", "eth3", "eth4", "sv99"]
    names = [op["uuid-name"] for op in ops if "uuid-name" in op]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "").isalnum() for name in names)


def test_one_changed_port_is_one_update():
    want = switch()
    changed = dataclasses.replace(want.ports["eth1"], tag=99)
    ops = operations(current(held(want)), Switching(want.bridges, {**want.ports, "eth1": changed}))
    assert [(op["op"], op["where"]) for op in ops] == [("update", [["name", "==", "eth1"]])]
    assert ops[0]["row"]["tag"] == 99


def test_a_port_that_goes_is_taken_out_of_its_bridge():
    want = switch()
    rest = {name: port for name, port in want.ports.items() if name != "sv99"}
    ops = operations(current(held(want)), Switching(want.bridges, rest))
    assert ops == [
        {"op": "mutate", "table": "Bridge", "where": [["name", "==", "br0"]],
         "mutations": [["ports", "delete", ["set", [["uuid", "p-sv99"]]]]]}
    ]  # fmt: skip


def test_a_new_priority_changes_the_bridge_only():
    want = switch()
    settings = tuple((k, "4096" if k == "rstp-priority" else v) for k, v in want.bridges["br0"].settings)
    bridge = dataclasses.replace(want.bridges["br0"], settings=settings)
    ops = operations(current(held(want)), Switching({"br0": bridge}, want.ports))
    assert [(op["op"], op["table"]) for op in ops] == [("update", "Bridge")]


def test_the_last_subinterface_takes_the_bridge_with_it():
    ops = operations(current(held(desired(stick(), MACS))), Switching({}, {}))
    assert {"op": "mutate", "table": "Open_vSwitch", "where": [],
            "mutations": [["bridges", "delete", ["set", [["uuid", "b-br1"]]]]]} in ops  # fmt: skip
