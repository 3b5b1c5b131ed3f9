from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from dataplane_configs import device, put

from trilab.nos.dataplane import bootp
from trilab.nos.dataplane.snoop import Snoop
from trilab.nos.dataplane.watch import Frame
from trilab.nos.features.snooping import Snooping, SnoopingPort
from trilab.nos.model import Config

USER, UPLINK = "GigabitEthernet0/1", "GigabitEthernet0/4"
CLIENT, SERVER = "02:00:00:00:00:01", "02:00:00:00:00:99"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def frame(kind: int, *, sender: str = CLIENT, client: str = CLIENT, vlan: int | None = None, relay: str = "0.0.0.0",
          address: str = "0.0.0.0", options: bytes = b"", server: bool = False) -> Frame:  # fmt: skip
    body = bytes([2 if server else 1, 1, 6, 0]) + bytes(12) + IPv4Address(address).packed + bytes(4)
    body += IPv4Address(relay).packed + bytes.fromhex(client.replace(":", "")) + bytes(202)
    body += b"\x63\x82\x53\x63" + bytes([53, 1, kind]) + options + b"\xff"
    ports = b"\x00\x43\x00\x44" if server else b"\x00\x44\x00\x43"
    udp = ports + (len(body) + 8).to_bytes(2, "big") + bytes(2)
    ip = b"\x45\x00" + (len(body) + 28).to_bytes(2, "big") + bytes(5) + b"\x11" + bytes(10)
    ethernet = b"\xff" * 6 + bytes.fromhex(sender.replace(":", "")) + b"\x08\x00"
    return Frame("eth1", vlan, ethernet + ip + udp + body)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config() -> Config:
    made = device("switch", vlans=(10, 20))
    put(made, USER, mode="access", access_vlan=10)
    put(made, "GigabitEthernet0/2", mode="access", access_vlan=20)
    put(made, UPLINK, mode="trunk").parts.put(SnoopingPort(trusted=True))
    made.parts.put(Snooping(True, frozenset({10, 77})))
    return made


@pytest.fixture
def snoop(config: Config, clock: Clock) -> Snoop:
    made = Snoop(clock)
    made.follow(config)
    return made


ACK = frame(bootp.ACK, sender=SERVER, vlan=10, address="10.0.10.50", options=b"\x33\x04\x00\x00\x0e\x10", server=True)


def test_a_message_is_read():
    message = bootp.read(ACK)
    assert message == bootp.Message(bootp.ACK, CLIENT, IPv4Address("10.0.10.50"), IPv4Address(0), 3600, False, True)
    assert message is not None and message.name == "DHCPACK"
    whole = frame(bootp.DISCOVER).data
    for size in range(len(whole) - 20):  # cut anywhere: none, or the same
        found = bootp.read(Frame("eth1", None, whole[:size]))
        assert found is None or found.client == CLIENT


def test_the_tag_comes_back():
    data = bootp.tagged(replace(ACK, vlan=10))
    assert data[12:16] == b"\x81\x00\x00\x0a" and data[:12] + data[16:] == ACK.data


def test_untrusted_ports_of_snooped_vlans_only_are_filtered(snoop: Snoop, config: Config):
    numbers = {USER: 1, "GigabitEthernet0/2": 2, UPLINK: 4}
    assert snoop.filters(numbers) == [
        "priority=20,in_port=1,dl_vlan=0xffff,udp,tp_src=67,actions=drop",
        "priority=10,in_port=1,dl_vlan=0xffff,udp,tp_dst=67,actions=drop",
    ]
    put(config, UPLINK).parts.put(SnoopingPort())
    assert any("in_port=4,dl_vlan=10,udp" in flow for flow in snoop.filters(numbers))
    config.parts.put(Snooping(False, frozenset({10})))
    snoop.follow(config)
    assert snoop.filters(numbers) == [] and not snoop.active


def test_a_lease_is_bound_to_the_port_that_asked(snoop: Snoop, clock: Clock):
    assert snoop.frame(UPLINK, ACK).forward is False
    assert snoop.observe().leases == ()  # nobody asked
    assert snoop.frame(USER, frame(bootp.REQUEST)).forward
    snoop.frame(UPLINK, ACK)
    (bound,) = snoop.observe().leases
    assert (bound.mac, str(bound.address), bound.vlan, bound.interface, bound.left) == (
        CLIENT, "10.0.10.50", 10, USER, 3600)  # fmt: skip
    assert snoop.due() == 3600
    clock.now += 3601
    snoop.wake()
    assert snoop.observe().leases == ()


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (frame(bootp.OFFER, server=True), "UNTRUSTED_PORT"),
        (frame(bootp.DISCOVER, client="02:00:00:00:00:77"), "MATCH_MAC_FAIL"),
        (frame(bootp.DISCOVER, relay="10.0.0.9"), "NONZERO_GIADDR"),
        (frame(bootp.DISCOVER, options=b"\x52\x02\x01\x00"), "NONZERO_GIADDR"),
    ],
)
def test_what_goes_no_further(snoop: Snoop, bad: Frame, why: str):
    outcome = snoop.frame(USER, bad)
    assert not outcome.forward
    assert why in outcome.notices[0].name


def test_a_neighbour_cannot_release_a_lease(snoop: Snoop, config: Config):
    put(config, "GigabitEthernet0/2", access_vlan=10)
    snoop.follow(config)
    snoop.frame(USER, frame(bootp.REQUEST))
    snoop.frame(UPLINK, ACK)
    assert not snoop.frame("GigabitEthernet0/2", frame(bootp.RELEASE)).forward
    assert len(snoop.observe().leases) == 1
    assert snoop.frame(USER, frame(bootp.RELEASE)).forward
    assert snoop.observe().leases == ()


def test_too_many_messages_in_a_second_disable_the_port(snoop: Snoop, config: Config, clock: Clock):
    put(config, USER).parts.put(SnoopingPort(rate=2))
    assert [snoop.frame(USER, frame(bootp.DISCOVER)).disable for _ in range(3)] == [False, False, True]
    clock.now += 1
    assert not snoop.frame(USER, frame(bootp.DISCOVER)).disable
