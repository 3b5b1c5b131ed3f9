"""What live tests of the data plane do: type at a device, send packets, wait."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from trilab.engine.base import Lab


def end(text: str) -> tuple[str, str]:
    node, port = text.split(":")
    return node, f"eth{port}"


def cli(lab: Lab, node: str, text: str) -> str:
    """Type lines at privilege 15."""
    typed = f"{text}\nend\nexit\n" if text.startswith("configure") else f"{text}\nexit\n"
    done = lab.run(node, ["env", "USER=trilab", "/usr/lib/trilab/cli"], input=typed)
    assert not re.search(r"^% (?!The key|Generating|Only classful)", done.stdout, re.M), done.stdout
    return done.stdout


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
    return True


def ping(lab: Lab, node: str, target: str, *options: str) -> str:
    return lab.run(node, ["ping", "-c1", "-W1", *options, target], trusted=True).stdout


def reaches(lab: Lab, node: str, target: str, source: str = "") -> bool:
    return " 0% packet loss" in ping(lab, node, target, *(["-I", source] if source else []))


def address(lab: Lab, node: str, text: str) -> None:
    """Give a PC an address of its own, and no DHCP client."""
    script = """until pkill udhcpc; do sleep 0.05; done
    while pidof udhcpc; do sleep 0.02; done
    ip addr flush dev eth1 && ip addr add $0 dev eth1"""
    assert lab.run(node, ["sh", "-c", script, text]).returncode == 0


_SEND = """
import errno, socket, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("eth1", 0))
for frame in sys.argv[1:]:
    try:
        link.send(bytes.fromhex(frame))
    except OSError as error:
        if error.errno not in (errno.ENOBUFS, errno.ENETDOWN):
            raise
        break  # the device has taken the port down
"""


def send(lab: Lab, node: str, *frames: bytes) -> None:
    """Put frames on a PC's wire, whatever their sender address."""
    done = lab.run(node, ["python3", "-c", _SEND, *(frame.hex() for frame in frames)], trusted=True)
    assert done.returncode == 0, done.stderr
