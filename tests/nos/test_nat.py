"""NAT: what is typed, what nftables is told, what is shown of conntrack."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

import pytest
from ntc_templates.parse import parse_output

from tests.nos.conftest import Console, plane
from trilab.nos.dataplane import nft
from trilab.nos.device import Device
from trilab.nos.features.nat import rules
from trilab.nos.features.nat.table import Translation, parse

Connect = Callable[..., Console]
TYPED = """
interface gi0/1
ip address 10.1.0.254 255.255.255.0
ip nat inside
no shutdown
interface gi0/2
ip address 203.0.113.1 255.255.255.0
ip nat outside
no shutdown
access-list 1 permit 10.1.0.0 0.0.0.255
ip nat pool ISP 203.0.113.10 203.0.113.12 netmask 255.255.255.0
ip nat inside source static tcp 10.1.0.5 80 203.0.113.1 8080
ip nat inside source static 10.1.0.6 203.0.113.6
"""


@pytest.fixture
def console(router: Device, connect: Connect) -> Console:
    made = connect(router)
    made.configure(TYPED)
    return made


def test_a_port_goes_before_a_whole_address(router: Device, console: Console) -> None:
    text = nft.filters(router.config)
    assert 'iifname { "eth2" } ip daddr 203.0.113.1 tcp dport 8080 counter name nat_misses dnat to 10.1.0.5:80' in text
    assert text.index("dnat to 10.1.0.5:80") < text.index("dnat to 10.1.0.6")
    way = 'iifname { "eth1" } oifname { "eth2" }'
    assert f"{way} ip saddr 10.1.0.6 counter name nat_misses snat to 203.0.113.6" in text


def test_the_three_kinds_of_dynamic_translation(router: Device, console: Console) -> None:
    console.configure("ip nat inside source list 1 pool ISP overload")
    assert "snat to 203.0.113.10\n" in nft.filters(router.config)
    console.configure("ip nat inside source list 1 interface gi0/2")
    assert "snat to 203.0.113.1\n" in nft.filters(router.config)
    assert "overload" in console.run("show running-config | include source list")
    console.configure("ip nat inside source list 1 pool ISP")
    assert rules.owners(router.config) == {
        f"nat_ISP_{index}": IPv4Address(f"203.0.113.{10 + index}") for index in range(3)
    }


def test_the_router_answers_for_global_addresses_of_its_outside_network(router: Device, console: Console) -> None:
    assert rules.answered(router.config) == {("eth2", IPv4Address("203.0.113.6"))}
    console.configure("ip nat inside source static 10.1.0.7 198.51.100.7\nip nat inside source list 1 pool ISP")
    answered = {str(address) for _, address in rules.answered(router.config)}
    assert answered == {"203.0.113.6", "203.0.113.10", "203.0.113.11", "203.0.113.12"}


def test_nothing_is_translated_without_both_sides(router: Device, console: Console) -> None:
    console.configure("interface gi0/1\nno ip nat inside")
    assert "nat_" not in nft.filters(router.config)
    assert not rules.answered(router.config)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ip nat pool BAD 203.0.113.9 203.0.113.2 netmask 255.255.255.0", "ascending order"),
        ("ip nat pool BAD 203.0.113.9 203.0.114.2 prefix-length 24", "same subnet"),
        ("ip nat pool BAD 203.0.113.11 203.0.113.20 prefix-length 24", "overlaps with pool ISP"),
        ("ip nat inside source list 1 pool NONE", "%Pool NONE not found"),
        ("no ip nat pool NONE", "%Pool NONE not found"),
        ("no ip nat inside source list 9", "%Dynamic mapping not found"),
        ("no ip nat inside source static 10.1.0.9 203.0.113.9", "%Translation not found"),
        ("ip nat inside source static 10.1.0.9 203.0.113.6", "already mapped"),
        ("ip nat inside source static tcp 10.1.0.9 81 203.0.113.1 8080", "already mapped"),
        ("ip nat outside source static 203.0.113.6 10.1.0.6", "Invalid input"),
    ],
)
def test_refusals(console: Console, typed: str, said: str) -> None:
    console.run("configure terminal")
    assert said in console.run(typed)


def test_a_pool_in_use_stays(console: Console) -> None:
    console.configure("ip nat inside source list 1 pool ISP")
    console.run("configure terminal")
    assert "in use" in console.run("no ip nat pool ISP")
    console.run("no ip nat inside source list 1")
    assert console.run("no ip nat pool ISP") == ""


CONNTRACK = """\
icmp     1 12 src=10.1.0.2 dst=192.0.2.2 type=8 code=0 id=35969 src=192.0.2.2 dst=203.0.113.1 type=0 code=0 id=35969 mark=0
tcp      6 431999 ESTABLISHED src=10.1.0.1 dst=192.0.2.2 sport=4000 dport=80 src=192.0.2.2 dst=203.0.113.1 sport=80 dport=4001 [ASSURED] mark=0
tcp      6 60 SYN_SENT src=192.0.2.9 dst=203.0.113.1 sport=5000 dport=8080 [UNREPLIED] src=10.1.0.5 dst=192.0.2.9 sport=80 dport=5000 mark=0
unknown  47 599 src=10.1.0.1 dst=10.1.0.2 src=10.1.0.2 dst=10.1.0.1 mark=0
"""  # noqa: E501


def ends(text: str) -> tuple[IPv4Address, int]:
    address, _, port = text.partition(":")
    return IPv4Address(address), int(port or 0)


def test_what_conntrack_lists() -> None:
    assert parse(CONNTRACK) == [
        Translation("icmp", ends("203.0.113.1:35969"), ends("10.1.0.2:35969"), ends("192.0.2.2:35969")),
        Translation("tcp", ends("203.0.113.1:4001"), ends("10.1.0.1:4000"), ends("192.0.2.2:80")),
        Translation("tcp", ends("203.0.113.1:8080"), ends("10.1.0.5:80"), ends("192.0.2.9:5000")),
    ]


def test_translations_as_shown(router: Device, console: Console) -> None:
    console.configure("ip nat inside source list 1 pool ISP")
    plane(router).active = [*parse(CONNTRACK), Translation("", ends("203.0.113.10"), ends("10.1.0.2"))]
    rows = parse_output(platform="cisco_ios", command="show ip nat translations",
                        data=console.run("show ip nat translations"))  # fmt: skip
    assert [(r["protocol"], r["inside_global_ip"], r["inside_global_port"], r["inside_local_ip"],
             r["outside_local_ip"]) for r in rows] == [
        ("tcp", "203.0.113.1", "8080", "10.1.0.5", "---"), ("---", "203.0.113.6", "", "10.1.0.6", "---"),
        ("icmp", "203.0.113.1", "35969", "10.1.0.2", "192.0.2.2"),
        ("tcp", "203.0.113.1", "4001", "10.1.0.1", "192.0.2.2"),
        ("tcp", "203.0.113.1", "8080", "10.1.0.5", "192.0.2.9"), ("---", "203.0.113.10", "", "10.1.0.2", "---"),
    ]  # fmt: skip
    plane(router).counted = {"nat_hits": 12, "nat_misses": 3}
    about = console.run("show ip nat statistics")
    assert "Total active translations: 6 (2 static, 4 dynamic; 3 extended)" in about
    assert "Hits: 12  Misses: 3" in about
    assert "total addresses 3, allocated 1 (33%)" in about


def test_clear(router: Device, console: Console) -> None:
    console.run("clear ip nat translation *")
    assert plane(router).cleared == ["nat"]
