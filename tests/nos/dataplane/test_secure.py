from __future__ import annotations

from dataplane_configs import device, put

from trilab.nos.dataplane.secure import Secure
from trilab.nos.dataplane.watch import Frame
from trilab.nos.features.port_security import PortSecurity
from trilab.nos.model import Config

PORT, OTHER = "GigabitEthernet0/1", "GigabitEthernet0/2"
A, B, C = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def frame(sender: str, vlan: int | None = None) -> Frame:
    return Frame("eth1", vlan, b"\xff" * 6 + bytes.fromhex(sender.replace(":", "")) + bytes(50))


def secure(*settings: PortSecurity) -> tuple[Secure, Config, Clock]:
    config, clock = device("switch"), Clock()
    for name, each in zip((PORT, OTHER), settings, strict=False):
        put(config, name, mode="access").parts.put(each)
    made = Secure(clock)
    made.follow(config)
    return made, config, clock


def test_senders_are_learnt_up_to_the_maximum_and_then_filtered():
    made, _, _ = secure(PortSecurity(True, maximum=2))
    assert made.filters({PORT: 1, OTHER: 2}) == []
    assert made.frame(PORT, frame(A)) == ([], False)
    assert made.frame(PORT, frame(A)) == ([], False)
    assert made.filters({PORT: 1}) == []
    made.frame(PORT, frame(B))
    assert made.filters({PORT: 1, OTHER: 2}) == [
        f"priority=20,in_port=1,dl_src={A},actions=goto_table:1",
        f"priority=20,in_port=1,dl_src={B},actions=goto_table:1",
        "priority=10,in_port=1,actions=drop",
    ]
    assert made.known(OTHER) is None


def test_what_a_violation_does():
    for mode, said, shut, count in (("protect", 0, False, 0), ("restrict", 1, False, 1), ("shutdown", 1, True, 1)):
        made, _, _ = secure(PortSecurity(True, violation=mode, addresses=(A,)))
        notices, disable = made.frame(PORT, frame(B, 30))
        assert (len(notices), disable) == (said, shut)
        port = made.observe().ports[PORT]
        assert (port.violations, port.last) == (count, (B, 30))
        assert [one.mac for one in port.addresses] == [A]


def test_an_address_secured_elsewhere_is_a_violation():
    made, _, _ = secure(PortSecurity(True, addresses=(A,)), PortSecurity(True, maximum=5))
    assert made.frame(OTHER, frame(A))[1]
    assert not made.frame(OTHER, frame(B))[1]


def test_a_sticky_address_goes_into_the_configuration():
    made, config, _ = secure(PortSecurity(True, maximum=2, sticky=True))
    notices, _ = made.frame(PORT, frame(A))
    assert notices[0].change is not None
    notices[0].change(config)
    assert config.interfaces[PORT].parts[PortSecurity].sticky_addresses == (A,)
    made.follow(config)
    assert [one.kind for one in made.observe().ports[PORT].addresses] == ["SecureSticky"]
    assert made.wake({PORT}) == []


def test_learnt_addresses_age_and_do_not_outlive_the_link():
    made, _, clock = secure(PortSecurity(True, maximum=3, aging=2))
    made.frame(PORT, frame(A))
    clock.now = 60
    made.frame(PORT, frame(B))
    assert made.due() == 60
    assert [one.left for one in made.observe().ports[PORT].addresses] == [1, 2]
    clock.now = 120
    made.wake({PORT})
    assert made.known(PORT) == {B}
    made.wake(set())
    assert made.known(PORT) == set()


def test_clear_forgets_one_address_or_all():
    made, _, _ = secure(PortSecurity(True, maximum=3, addresses=(C,)))
    for sender in (A, B):
        made.frame(PORT, frame(sender))
    made.clear(PORT, A)
    assert made.known(PORT) == {B, C}
    made.clear(None, None)
    assert made.known(PORT) == {C}
