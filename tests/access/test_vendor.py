"""Vendors' devices, read by NAPALM and netmiko: outputs in the form that their drivers expect, values of ours."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from types import SimpleNamespace
from typing import Any, cast

import pytest

from trilab.access import vendor
from trilab.engine.base import Lab, NodeInfo
from trilab.errors import NotGradedError, ObservationError

CONFIG = "! Command: show {}-config\n! device: sw1 (cEOSLab)\n!\nhostname sw1\n!\nvlan 10\n   name DATA\n!\nend\n"
SAID: dict[str, Any] = {
    "enable": {},
    "show version": {
        "version": "4.34.0F",
        "internalVersion": "4.34.0F",
        "modelName": "cEOSLab",
        "serialNumber": "",
        "bootupTimestamp": 1.0,
    },
    "show hostname": {"hostname": "sw1", "fqdn": "sw1"},
    "show interfaces": {"interfaces": {"Ethernet1": {}}},
    "show vlan": {
        "vlans": {
            "1": {"name": "default", "dynamic": False, "status": "active", "interfaces": {}},
            "10": {"name": "DATA", "dynamic": False, "status": "active", "interfaces": {"Ethernet1": {}}},
        }
    },
    "show running-config": {"output": CONFIG.format("running")},
    "show startup-config": {"output": CONFIG.format("startup")},
}


class Eapi(BaseHTTPRequestHandler):
    """eAPI: JSON-RPC, one result per command."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        commands = [one["cmd"] if isinstance(one, dict) else one for one in asked["params"]["cmds"]]
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        if unknown := [one for one in commands if one not in SAID]:
            answer["error"] = {"code": 1002, "message": f"invalid command {unknown[0]}", "data": [{"errors": ["no"]}]}
        else:
            answer["result"] = [SAID[one] for one in commands]
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def eapi() -> Iterator[dict[str, Any]]:
    """NAPALM's optional arguments for the device that listens here."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Eapi) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield {"transport": "http", "port": server.server_address[1]}
        server.shutdown()
        thread.join()


def lab(kind: str) -> Lab:
    node = NodeInfo("sw1", "switch", IPv4Address("127.0.0.1"), 0, {}, kind)
    spec = SimpleNamespace(key="l@c-1")
    return cast(Lab, SimpleNamespace(nodes={"sw1": node}, alive=lambda name: True, spec=spec))


def test_napalm_reads_a_ceos(eapi: dict[str, Any]) -> None:
    ceos = lab("arista_ceos")
    assert vendor.hostname(ceos, "sw1", **eapi) == "sw1"
    assert vendor.vlans(ceos, "sw1", **eapi) == {1: "default", 10: "DATA"}
    running, startup = vendor.configurations(ceos, "sw1", **eapi)
    assert "running-config" in running and "startup-config" in startup and "name DATA" in running


def test_what_a_device_refuses_is_no_verdict(eapi: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SAID, "show vlan")
    with pytest.raises(ObservationError, match=r"sw1 \(arista_ceos\) : lecture impossible") as told:
        vendor.vlans(lab("arista_ceos"), "sw1", **eapi)
    assert not isinstance(told.value, NotGradedError)


def test_a_device_that_does_not_answer_is_no_verdict() -> None:
    with pytest.raises(ObservationError, match="lecture impossible"):
        vendor.vlans(lab("arista_ceos"), "sw1", transport="http", port=1)


@pytest.mark.parametrize("kind", ["nokia_srlinux", "vyosnetworks_vyos"])
def test_no_getter_without_a_driver(kind: str) -> None:
    for getter in (vendor.vlans, vendor.configurations):
        with pytest.raises(NotGradedError, match=kind):
            getter(lab(kind), "sw1")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("nokia_srlinux", "-----\nHostname             : r1\nChassis Type         : 7220 IXR-D2L\n-----\n"),
        ("vyosnetworks_vyos", "r1\n"),
    ],
)
def test_names_read_by_netmiko(kind: str, said: str) -> None:
    driver = vendor.DRIVERS[kind]
    assert vendor.named(driver, "r1", said) == "r1"
    with pytest.raises(ObservationError, match="forme attendue"):
        vendor.named(driver, "r1", "Invalid command: [x y]")
