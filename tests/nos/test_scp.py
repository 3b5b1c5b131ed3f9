"""Files copied over SSH, as ``scp -O`` asks for it: one session, one file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.nos.conftest import DEADLINE, Console
from trilab.nos.device import Device

Connect = Callable[..., Console]


def permit(connect: Connect, device: Device) -> None:
    connect(device).configure("no logging console\nip scp server enable\nline con 0\nprivilege level 15")


def exchange(connect: Connect, device: Device, command: str, *sent: bytes, **opening: object) -> bytes:
    """Send all at once (the protocol has no need of turns); everything that came back."""
    link = connect(device, enabled=False, command=command, tty=False, **opening).socket
    link.settimeout(DEADLINE)
    for part in sent:
        link.sendall(part)
    answer = b""
    while data := link.recv(65536):
        answer += data
        if answer.endswith(b"\0" * 3):
            break  # all was taken: the sender hangs up
    return answer


def test_a_file_arrives_and_comes_back(switch: Device, connect: Connect) -> None:
    permit(connect, switch)
    content = bytes(range(256)) * 300
    put = b"C0644 %d ici.bin\n" % len(content)
    assert exchange(connect, switch, "scp -t flash:/la.bin", put, content + b"\0") == b"\0\0\0"
    assert switch.nvram.flash.content("la.bin") == content
    assert exchange(connect, switch, "scp -p -t flash:", b"T1 0 1 0\n", put, content + b"\0").startswith(b"\0\0\0")
    back = exchange(connect, switch, "scp -f flash:la.bin", b"\0\0\0")
    assert back == b"C0644 %d la.bin\n" % len(content) + content + b"\0"
    text = exchange(connect, switch, "scp -f running-config", b"\0\0\0")
    assert switch.running().encode() in text


@pytest.mark.parametrize(
    "target",
    ["flash:../startup.txt", "/etc/passwd", "../x", "flash:/a/b", "nvram:startup-config", "tftp:x", "flash:.x"],
)
def test_there_is_nothing_outside_of_flash(switch: Device, connect: Connect, target: str) -> None:
    permit(connect, switch)
    connect(switch).run("write")
    before = switch.nvram.read()
    assert b"\x01%Error opening" in exchange(connect, switch, f"scp -t {target}", b"C0644 3 x\n")
    if target != "nvram:startup-config":
        assert exchange(connect, switch, f"scp -f {target}", b"\0").startswith(b"\x01%Error opening")
    assert switch.nvram.read() == before and switch.nvram.flash.files() == []


def test_the_name_that_the_sender_gives_stays_in_flash(switch: Device, connect: Connect) -> None:
    permit(connect, switch)
    assert b"\x01%Error opening" in exchange(connect, switch, "scp -t flash:", b"C0644 3 ../startup.txt\n")
    assert b"\x01scp: protocol error" in exchange(connect, switch, "scp -t flash:", b"D0755 0 dossier\n")
    assert b"\x01%Error writing" in exchange(connect, switch, "scp -t flash:", b"C0644 999999999 gros\n")
    assert b"\x01scp: one file" in exchange(connect, switch, "scp -r -t flash:", b"")


def test_refused_without_the_server_and_without_privilege(switch: Device, connect: Connect) -> None:
    console = connect(switch)
    console.configure("no logging console\nline con 0\nprivilege level 15")
    assert exchange(connect, switch, "scp -t flash:x") == b"\x01Administratively disabled.\n"
    console.configure("ip scp server enable\nline con 0\nprivilege level 1")
    assert exchange(connect, switch, "scp -f running-config") == b"\x01Privilege denied.\n"


def test_half_a_file_is_not_kept(switch: Device, connect: Connect) -> None:
    permit(connect, switch)
    console = connect(switch, enabled=False, command="scp -t flash:x", tty=False)
    console.socket.sendall(b"C0644 100 x\nabc")
    console.socket.shutdown(1)
    assert console.rest() == "\0\0"
    assert switch.nvram.flash.files() == []
