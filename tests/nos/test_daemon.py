"""The daemon's socket and the client program."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from trilab.nos import client
from trilab.nos.daemon import listen, names_of, run
from trilab.nos.device import Device, Nvram
from trilab.nos.names import Names, is_port, short, sort_key
from trilab.nos.server import Opening, Server

SRC = Path(client.__file__).parents[2]


@pytest.fixture
def path(switch: Device, tmp_path: Path) -> Iterator[Path]:
    where = tmp_path / "cli.sock"
    server = Server(switch, frozenset({os.getuid()}))
    listener = listen(where)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.start(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield where
    listener.shutdown(2)
    listener.close()
    thread.join(10)


def argv(path: Path, *arguments: str) -> list[str]:
    code = (
        f"import sys; sys.path.insert(0, {str(SRC)!r}); from trilab.nos import client; client.SOCKET = {str(path)!r};"
        " raise SystemExit(client.main(sys.argv[1:]))"
    )
    return [sys.executable, "-S", "-E", "-I", "-c", code, *arguments]


def test_client_runs_a_command(path: Path) -> None:
    call = argv(path, "--line", "console", "--user", "trilab", "--command", "show running-config | include hostname")
    done = subprocess.run(call, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30, check=True)
    assert done.stdout == "hostname Switch\n"


def test_client_takes_a_pipe(path: Path, switch: Device) -> None:
    typed = "enable\nconfigure terminal\nhostname PIPED\nend\n"
    done = subprocess.run(argv(path, "--user", "admin"), capture_output=True, text=True, input=typed, timeout=30)
    assert done.returncode == 0
    assert "Switch(config)#hostname PIPED\nPIPED(config)#end\n" in done.stdout
    assert switch.config.hostname == "PIPED"


def test_client_on_a_terminal(path: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        call = argv(path, "--user", "admin")
        os.execv(call[0], call)
    seen = _read_until(terminal, b"Switch>")
    os.write(terminal, b"show priv\t\r")
    seen = _read_until(terminal, b"level is 1\r\nSwitch>")
    assert b"show privilege" in seen
    os.write(terminal, b"exit\r")
    assert os.waitpid(pid, 0)[1] == 0
    os.close(terminal)


def _read_until(terminal: int, mark: bytes) -> bytes:
    seen = b""
    while not seen.endswith(mark):
        assert select.select([terminal], [], [], 20)[0], seen
        seen += os.read(terminal, 4096)
    return seen


def test_client_without_a_daemon(tmp_path: Path) -> None:
    done = subprocess.run(argv(tmp_path / "none"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "réessayez" in done.stderr


@pytest.mark.parametrize("command", ["show clock", 'a "quoted" \\ é\n$(x)', ""])
def test_opening_line_reads_back(command: str) -> None:
    import json

    line = client.opening({"line": "vty", "user": "marie", "source": "10.0.0.1", "command": command}, 80, 24, True)
    assert Opening.of(json.loads(line)) == Opening("vty", "marie", True, "10.0.0.1", 80, 24, command, True)
    assert json.loads(client.opening({}, 0, 0, False))["command"] is None


def test_names_of_a_node() -> None:
    node = {"role": "switch", "interfaces": ["eth1", "eth8"], "labels": {"trilab-ports": "24"}}
    assert names_of(node) == Names("switch", 24)
    assert names_of({"role": "router", "interfaces": ["eth2", "eth5"], "labels": {}}) == Names("router", 5)
    with pytest.raises(ValueError, match="pc"):
        names_of({"role": "pc"})


def test_run_boots_from_the_saved_text(switch: Device, tmp_path: Path) -> None:
    nvram = Nvram(tmp_path / "s", tmp_path / "p")
    nvram.write("hostname BOOTED\n", 1024)
    thread = threading.Thread(
        target=run, args=(Names("switch", 2), switch.dataplane, nvram, tmp_path / "run.sock"), daemon=True
    )
    thread.start()
    while not (tmp_path / "run.sock").exists():
        thread.join(0.01)
        assert thread.is_alive()
    call = argv(tmp_path / "run.sock", "--user", "admin", "--command", "show version")
    deadline = 50
    while (done := subprocess.run(call, capture_output=True, text=True, input="", timeout=30)).returncode and deadline:
        deadline -= 1
    assert "BOOTED uptime is" in done.stdout


@pytest.mark.parametrize(
    ("typed", "name"),
    [("gi0/1", "GigabitEthernet0/1"), ("g0/8", "GigabitEthernet0/8"), ("Vl 99", "Vlan99"), ("gi0/9", None),
     ("fa0/1", None), ("gi0/1.10", None), ("vlan 4095", None), ("gi", None), ("", None), ("vlan", None)],
)  # fmt: skip
def test_interface_names(typed: str, name: str | None) -> None:
    found = Names("switch", 8).parse(typed)
    assert (found[1] if found else None) == name


def test_interface_order_and_short_names() -> None:
    names = ["Vlan1", "GigabitEthernet0/10", "GigabitEthernet0/2.10", "GigabitEthernet0/2"]
    assert sorted(names, key=sort_key) == [
        "GigabitEthernet0/2", "GigabitEthernet0/2.10", "GigabitEthernet0/10", "Vlan1",
    ]  # fmt: skip
    assert [short(name) for name in names] == ["Vl1", "Gi0/10", "Gi0/2.10", "Gi0/2"]
    assert [is_port(name) for name in names] == [False, True, False, True]
