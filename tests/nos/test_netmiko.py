"""An unmodified netmiko session, over a small SSH server in front of the session engine."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import threading
from collections.abc import Iterator

import paramiko
import pytest
from netmiko import ConnectHandler

from trilab.nos.device import Device
from trilab.nos.server import Server


class Gate(paramiko.ServerInterface):
    """Lets everybody in and remembers the size of the terminal."""

    def __init__(self) -> None:
        self.size = (80, 24)
        self.ready = threading.Event()

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_pty_request(self, channel: paramiko.Channel, term: bytes, width: int, height: int,
                                  pixelwidth: int, pixelheight: int, modes: bytes) -> bool:  # fmt: skip
        self.size = (width, height)
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        self.ready.set()
        return True


def _bridge(client: socket.socket, server: Server, key: paramiko.PKey) -> None:
    gate = Gate()
    with paramiko.Transport(client) as transport:
        transport.add_server_key(key)
        transport.start_server(server=gate)
        channel = transport.accept(10)
        if channel is None or not gate.ready.wait(10):
            return
        here, there = socket.socketpair()
        columns, rows = gate.size
        opening = {
            "line": "console",
            "user": "admin",
            "authenticated": True,
            "columns": columns,
            "rows": rows,
            "tty": True,
        }
        here.sendall(json.dumps(opening).encode() + b"\n")
        server.start(there)
        with here, contextlib.suppress(OSError):
            while True:
                ready = select.select([channel, here], [], [], 30)[0]
                for source, sink in ((channel, here), (here, channel)):
                    if source in ready:
                        data = source.recv(65536)
                        if not data:
                            return
                        sink.sendall(data)
                if not ready:
                    return


@pytest.fixture
def port(switch: Device) -> Iterator[int]:
    server, key = Server(switch, frozenset({os.getuid()})), paramiko.RSAKey.generate(2048)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)
    threads: list[threading.Thread] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threads.append(threading.Thread(target=_bridge, args=(client, server, key), daemon=True))
                threads[-1].start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()
    for thread in threads:
        thread.join(10)


def test_netmiko(switch: Device, port: int) -> None:
    session = ConnectHandler(device_type="cisco_ios", host="127.0.0.1", port=port, username="admin", password="admin")
    with session:
        session.enable()
        assert session.check_enable_mode()
        output = session.send_config_set(
            ["hostname SW1", "vlan 10", "name DATA", "interface range gi0/1-2", "switchport mode access",
             "switchport access vlan 10", "interface gi0/8", "switchport mode trunk", "spanning-tree portfast"]
        )  # fmt: skip
        assert "Invalid input" not in output
        session.set_base_prompt()
        assert "[OK]" in session.save_config()
        rows = session.send_command("show vlan brief", use_textfsm=True)
        assert isinstance(rows, list)
        assert {"vlan_id": "10", "vlan_name": "DATA", "status": "active", "interfaces": ["Gi0/1", "Gi0/2"]} in rows
        assert session.send_command("show running-config").startswith("Building configuration...")
        assert "Invalid input detected" in session.send_command("show nonsense")
    assert switch.nvram.read() == switch.running()
    assert switch.config.interfaces["GigabitEthernet0/8"].mode == "trunk"
