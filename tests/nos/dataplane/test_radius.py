"""The RADIUS client against the example of RFC 2865, 7.1, and against a server of the test's own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

import pytest

from trilab.nos.dataplane import radius
from trilab.nos.dataplane.base import AccessReply, AccessRequest
from trilab.nos.dataplane.nameservice import Account, NameService, reply
from trilab.nos.dataplane.relay import Passing, Relay, Servers

SECRET = b"xyzzy5461"
AUTHENTICATOR = bytes.fromhex("0f403f9473978057bd83d5cb98f4227a")
ACCEPT = bytes.fromhex("02000026 86fe220e7624ba2a1005f6bf9b55e0b2 060600000001 0f0600000000 0e06c0a80103")
ASKED = b"\1\0\0\x14" + AUTHENTICATOR
HERE = IPv4Address("127.0.0.1")
ALICE = AccessRequest("alice", "Pass-alice", "SW1", "10.0.0.9", 2)


def test_the_example_of_the_rfc() -> None:
    hidden = radius.hide(b"arctangent", SECRET, AUTHENTICATOR)
    assert hidden == bytes.fromhex("0dbe708d93d413ce3196e43f782a0aee")
    assert radius.genuine(ACCEPT, SECRET, ASKED) == ACCEPT and radius.read(ACCEPT) == AccessReply(True)


def test_hmac_as_in_rfc_2202() -> None:
    assert radius.hmac_md5(b"Jefe", b"what do ya want for nothing?").hex() == "750c783e6ab0b503eaa86e310a5db738"
    assert radius.hmac_md5(b"\xaa" * 80, b"Test Using Larger Than Block-Size Key - Hash Key First").hex() == (
        "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd")  # fmt: skip


@pytest.mark.parametrize(
    "packet",
    [ACCEPT[:-1], ACCEPT[:10], b"", ACCEPT[:1] + b"\1" + ACCEPT[2:], ACCEPT[:-1] + b"\4", ACCEPT[:4] + bytes(34)],
)
def test_what_is_not_the_answer_is_dropped(packet: bytes) -> None:
    assert radius.genuine(packet, SECRET, ASKED) is None


def test_another_secret_is_not_believed() -> None:
    assert radius.genuine(ACCEPT, b"other", ASKED) is None


def answer(code: int, attributes: bytes, asked: bytes, *, signed: bool = True) -> bytes:
    if signed:
        blank = bytes([code]) + asked[1:2] + (38 + len(attributes)).to_bytes(2, "big") + asked[4:20]
        attributes = b"\x50\x12" + radius.hmac_md5(SECRET, blank + b"\x50\x12" + bytes(16) + attributes) + attributes
    head = bytes([code]) + asked[1:2] + (20 + len(attributes)).to_bytes(2, "big")
    return head + radius.md5(head + asked[4:20] + attributes + SECRET).digest() + attributes


Answer = Callable[[bytes], list[bytes]]


@contextmanager
def server(make: Answer) -> Iterator[int]:
    """Answers every request with the packets of ``make``."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((str(HERE), 0))
        link.settimeout(10)

        def serve() -> None:
            asked, place = link.recvfrom(4096)
            for packet in make(asked):
                link.sendto(packet, place)

        thread = threading.Thread(target=serve)
        thread.start()
        yield link.getsockname()[1]
        thread.join(10)


def ask(port: int) -> AccessReply | None:
    return radius.ask((HERE, port, SECRET.decode()), ALICE, timeout=10, tries=1, own=None)


def vendor(text: bytes) -> bytes:
    inner = b"\1" + bytes([len(text) + 2]) + text
    return bytes((26, len(inner) + 6)) + b"\0\0\0\x09" + inner


@pytest.mark.parametrize(
    ("code", "attributes", "expected"),
    [
        (2, b"", AccessReply(True)),
        (3, b"\x12\x05non", AccessReply(False, message="non")),
        (11, b"", AccessReply(False)),
        (2, b"\6\6\0\0\0\6", AccessReply(True, 15)),
        (2, b"\6\6\0\0\0\6" + vendor(b"shell:priv-lvl=7"), AccessReply(True, 7)),
        (2, vendor(b"shell:priv-lvl=99"), AccessReply(True)),
        (2, vendor(b"other:priv-lvl=7"), AccessReply(True)),
    ],
)
def test_answers(code: int, attributes: bytes, expected: AccessReply) -> None:
    with server(lambda asked: [b"noise", answer(code, attributes, asked)]) as port:
        assert ask(port) == expected


def test_a_wrong_signature_is_dropped_and_the_right_answer_awaited() -> None:
    forged = b"\x50\x12" + bytes(16)
    with server(lambda asked: [answer(2, forged, asked, signed=False), answer(3, b"", asked)]) as port:
        assert ask(port) == AccessReply(False)


def test_a_request_is_signed_and_says_who_asks() -> None:
    seen = list[bytes]()

    def note(asked: bytes) -> list[bytes]:
        seen.append(asked)
        return [answer(2, b"", asked)]

    with server(note) as port:
        ask(port)
    found = {kind: value for kind, _, value in radius.attributes(seen[0])}
    assert found[radius.USER_NAME] == b"alice" and found[radius.CALLING_STATION] == b"10.0.0.9"
    assert found[radius.NAS_IP_ADDRESS] == HERE.packed and found[radius.NAS_IDENTIFIER] == b"SW1"
    assert found[radius.USER_PASSWORD] == radius.hide(b"Pass-alice", SECRET, seen[0][4:20])
    blank = seen[0].replace(found[radius.SIGNATURE], bytes(16))
    assert found[radius.SIGNATURE] == radius.hmac_md5(SECRET, blank)


def test_nobody_listens() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((str(HERE), 0))
        port = link.getsockname()[1]
    assert ask(port) is None


def eap_request(port: bytes = b"Gi0/1") -> bytes:
    """As hostapd asks: a name, an address, a port, a signature."""
    attributes = b"\1\5bob" + b"\x1f\x1302-00-00-00-00-01" + bytes([87, len(port) + 2]) + port + b"\x50\x12" + bytes(16)
    return radius.resigned(b"\1\7" + (20 + len(attributes)).to_bytes(2, "big") + AUTHENTICATOR + attributes, b"ours")


def test_the_relay_asks_the_second_server_and_signs_anew_both_ways() -> None:
    seen, dead, packet = list[Passing](), list[radius.Target](), eap_request()
    received = list[bytes]()
    vlan = b"\x40\6\0\0\0\x0d" + b"\x41\6\0\0\0\6" + b"\x51\5\x0110"

    def note(asked: bytes) -> list[bytes]:
        received.append(asked)
        return [answer(2, vlan, asked)]

    relay = Relay(seen.append, dead.append)
    with (
        server(note) as port,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hostapd,
    ):
        silent.bind((str(HERE), 0))
        relay.servers = Servers(((HERE, silent.getsockname()[1], "x"), (HERE, port, SECRET.decode())), timeout=0.1)
        hostapd.settimeout(10)
        hostapd.sendto(packet, (str(HERE), relay.port))
        said = hostapd.recv(4096)
    assert radius.genuine(said, relay.secret.encode(), packet) == said
    assert received[0] == radius.resigned(packet, SECRET) != packet
    assert [(one.kind, one.port, one.mac, one.user, one.vlan) for one in seen] == [
        ("request", "Gi0/1", "02:00:00:00:00:01", "bob", None), ("accept", "Gi0/1", "02:00:00:00:00:01", "bob", "10"),
    ]  # fmt: skip
    assert [target[2] for target in dead] == ["x"]


NAMES = NameService(None, {"root": Account(0, 0, "/root", "/usr/sbin/nologin")}, Account(19999, 20000))  # type: ignore[arg-type]


def test_every_name_has_an_account_and_the_systems_keep_theirs() -> None:
    assert NAMES.find(0, "alice") == reply("alice", Account(19999, 20000))
    assert NAMES.find(0, "root") == NAMES.find(1, "0") == reply("root", Account(0, 0, "/root", "/usr/sbin/nologin"))
    assert NAMES.find(1, "4")[4:8] == bytes(4), "no such number"
    assert NAMES.find(0, "a b")[4:8] == bytes(4)
    assert NAMES.find(2, "tty") == b"", "groups are in their file"
