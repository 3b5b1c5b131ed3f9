"""VRRP and HSRP without a network: frames as bytes, and the state machines."""

from __future__ import annotations

from ipaddress import IPv4Address

from trilab.nos.dataplane.fhrpwire import COUP, HELLO, RESIGN, Advert, Hello, Packet, Question, answer, frame, parse
from trilab.nos.dataplane.hsrp import HsrpMachine
from trilab.nos.dataplane.vrrp import VrrpMachine
from trilab.nos.features.redundancy.model import HsrpGroup, VrrpGroup

VIRTUAL, A, B = IPv4Address("10.0.0.254"), IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
MAC = "00:00:5e:00:01:01"


def advert(priority: int, interval: int = 1) -> Advert:
    return Advert(1, priority, interval, VIRTUAL)


def hello(state: str, priority: int, code: int = HELLO) -> Hello:
    return Hello(code, state, 3, 10, priority, 1, VIRTUAL)


def backup(priority: int = 100, *, preempt: bool = True) -> VrrpMachine:
    machine = VrrpMachine(VrrpGroup(1, VIRTUAL, priority=priority, preempt=preempt), VIRTUAL, A, 0)
    assert machine.start(0) == [] and machine.state == "Backup"
    return machine


def listening(*, preempt: bool = False, priority: int = 100) -> HsrpMachine:
    machine = HsrpMachine(HsrpGroup(1, VIRTUAL, priority=priority, preempt=preempt), VIRTUAL, A, 0)
    assert machine.start(0) == [] and machine.state == "Listen"
    return machine


def test_frames_are_read_as_they_were_written() -> None:
    for message in (advert(120), hello("Active", 110), hello("Active", 110, COUP), hello("Active", 110, RESIGN)):
        assert parse(frame(MAC, A, message)) == Packet(A, message)
    second = Hello(HELLO, "Standby", 3, 10, 110, 4000, VIRTUAL, 2, bytes(range(6)))
    assert parse(frame(MAC, A, second)) == Packet(A, second)
    body = frame(MAC, A, second)[42:]
    assert frame(MAC, A, second)[30:34] == IPv4Address("224.0.0.102").packed
    assert body[:8].hex() == "0128020005040fa0" and body[14:26].hex() == "0000006e00000bb800002710"
    written = frame(MAC, A, advert(120))
    assert written[:14].hex(":") == "01:00:5e:00:00:12:00:00:5e:00:01:01:08:00" and written[22] == 255
    assert parse(written[:22] + b"\xfe" + written[23:]) is None, "a TTL other than 255 came through a router"
    assert parse(written[:-1] + b"\x01") is None, "checksum"
    assert all(parse(written[:length]) is None for length in range(len(written)))


def test_arp_is_answered_with_the_virtual_address() -> None:
    asked = bytes.fromhex("ffffffffffff0200000000090806000108000604000102000000000900000000000000000000")
    asked = asked[:28] + B.packed + bytes(6) + VIRTUAL.packed
    question = parse(asked)
    assert question == Question(bytes.fromhex("020000000009"), B, VIRTUAL)
    reply = answer(MAC, VIRTUAL, question)
    assert reply[:12].hex(":") == "02:00:00:00:00:09:" + MAC
    assert reply[20:32].hex() == "0002" + MAC.replace(":", "") + VIRTUAL.packed.hex()


def test_vrrp_leads_when_nobody_speaks_and_yields_to_a_better_router() -> None:
    machine = backup()
    assert machine.due() == 3 + 156 / 256
    assert machine.wake(1) == []
    assert machine.wake(4) == [advert(100)] and machine.serving
    assert machine.receive(B, advert(99), 4.1) == [] and machine.serving
    machine.receive(B, advert(100), 4.2)
    assert not machine.serving, "of two equal ones, the higher address"
    assert machine.moves == [("Init", "Backup"), ("Backup", "Master"), ("Master", "Backup")]


def test_vrrp_preempts_only_when_told_to() -> None:
    eager, patient = backup(120), backup(120, preempt=False)
    for machine in (eager, patient):
        machine.receive(B, advert(100), 3)
        machine.wake(4)
    assert eager.serving and not patient.serving


def test_vrrp_takes_over_at_once_from_a_router_that_says_goodbye() -> None:
    machine = backup()
    machine.receive(B, advert(120), 1)
    machine.receive(B, advert(0), 1.5)
    assert machine.due() == 1.5 + 156 / 256
    machine.wake(2.2)
    assert machine.stop(3) == [advert(0)] and machine.state == "Init"


def test_vrrp_does_not_hear_another_interval_and_its_owner_leads() -> None:
    machine = backup()
    machine.receive(B, advert(120, interval=5), 3)
    machine.wake(4)
    assert machine.serving
    owner = VrrpMachine(VrrpGroup(1, A), A, A, 0)
    assert owner.start(0) == [Advert(1, 255, 1, A)] and owner.serving


def test_hsrp_alone_becomes_standby_then_active() -> None:
    machine = listening()
    assert machine.wake(9) == []
    assert machine.wake(10) == [hello("Speak", 100)]
    assert machine.wake(20) == [hello("Active", 100)] and machine.serving
    assert machine.moves[-2:] == [("Speak", "Standby"), ("Standby", "Active")]
    assert machine.receive(B, hello("Active", 90), 21) == [hello("Active", 100)]
    machine.receive(B, hello("Active", 110), 22)
    assert machine.state == "Speak"


def test_hsrp_stands_by_and_takes_over() -> None:
    for ending in ("silence", "resignation"):
        machine = listening()
        for now in range(1, 20, 3):
            machine.receive(B, hello("Active", 110), now)
            machine.wake(now)
            machine.wake(now + 2)
        assert machine.state == ("Standby" if machine.moves[-1][1] == "Standby" else "Speak")
        machine.wake(20.5)
        assert machine.state == "Standby" and machine.due() <= 29
        if ending == "resignation":
            machine.receive(B, hello("Active", 110, RESIGN), 21)
        else:
            machine.wake(28.9)
            assert machine.state == "Standby"
            machine.wake(29)
        assert machine.serving


def test_hsrp_preempts_with_a_coup_and_obeys_one() -> None:
    machine = listening(preempt=True, priority=110)
    assert machine.receive(B, hello("Active", 100), 1) == [hello("Active", 110, COUP)] and machine.serving
    machine.receive(B, hello("Active", 100, COUP), 2)
    assert machine.serving, "not from a lower priority"
    machine.receive(B, hello("Active", 120, COUP), 3)
    assert machine.state == "Speak"
    patient = listening(priority=110)
    patient.receive(B, hello("Active", 100), 1)
    assert patient.state == "Listen"


def test_hsrp_candidates_agree_on_one() -> None:
    machine = listening()
    machine.wake(10)
    machine.receive(B, hello("Speak", 110), 11)
    assert machine.state == "Listen"
    assert machine.due() == 21, "no rush: the better one is about to be active"
    machine.receive(B, hello("Standby", 90), 12)
    assert machine.state == "Speak"
    machine.receive(B, hello("Standby", 90), 13)
    assert machine.serving, "nobody was active"
