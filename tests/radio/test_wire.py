from __future__ import annotations

import socket
import struct
import threading

import pytest

from trilab.engine.native import radio as engine_radio
from trilab.radio import spaces, wire


def test_a_line_then_frames_on_one_socket() -> None:
    ours, theirs = socket.socketpair()
    wire.send_line(ours, {"do": "run", "argv": ["iw", "é"]})
    sender = threading.Thread(target=wire.send_frame, args=(ours, wire.STDOUT, b"y" * 300_000))
    sender.start()
    assert wire.read_line(theirs) == {"do": "run", "argv": ["iw", "é"]}
    assert wire.read_frame(theirs) == (wire.STDOUT, b"y" * 300_000)
    sender.join()
    ours.close()
    with pytest.raises(wire.Closed):
        wire.read_frame(theirs)
    with pytest.raises(wire.Closed):
        wire.read_line(theirs)


def test_an_endless_length_is_refused() -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(struct.pack("!cI", wire.STDOUT, 2**32 - 1))
    with pytest.raises(wire.Closed):
        wire.read_frame(theirs)


def test_both_sides_mean_the_same_door() -> None:
    assert (engine_radio.KEEPER_ADDRESS, engine_radio.DOOR_PORT) == (wire.KEEPER, wire.DOOR_PORT)
    assert (engine_radio.SLOTS, engine_radio.AAA) == (wire.SLOTS, wire.AAA)


def _link(name: bytes, state: int) -> bytes:
    def attribute(kind: int, content: bytes) -> bytes:
        return struct.pack("HH", 4 + len(content), kind) + content + bytes(-len(content) % 4)

    body = bytes(16) + attribute(spaces.IFLA_IFNAME, name + b"\0") + attribute(spaces.IFLA_OPERSTATE, bytes([state]))
    return struct.pack("IHHII", 16 + len(body), spaces.RTM_NEWLINK, 0, 0, 0) + body


def test_link_states_are_read_from_netlink() -> None:
    messages = _link(b"wlan0", 5) + struct.pack("IHHII", 16, 3, 0, 0, 0) + _link(b"vec12", 6)
    assert spaces.links(messages) == [("wlan0", 5), ("vec12", 6)]
    assert spaces.links(b"") == [] and spaces.links(bytes(20)) == []
