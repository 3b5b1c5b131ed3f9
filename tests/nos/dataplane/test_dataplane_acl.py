from __future__ import annotations

import re
import struct
from ipaddress import IPv4Address, IPv4Network

import pytest
from dataplane_configs import access_list, device, entry, put, stick
from hypothesis import given
from hypothesis import strategies as st

from trilab.nos.dataplane import acl, acllog, nft
from trilab.nos.model import Acl

WORDS = st.integers(0, 0xFFFFFFFF)


def nft_matches(text: str, address: int) -> bool:
    """What nftables makes of our condition, by the documented meaning of its expressions (nft(8))."""
    if not text:
        return True
    masked = re.fullmatch(r"ip saddr & (\S+) == (\S+)", text)
    if masked:
        return address & int(IPv4Address(masked[1])) == int(IPv4Address(masked[2]))
    plain = re.fullmatch(r"ip saddr (\S+)", text)
    assert plain is not None, text
    return IPv4Address(address) in IPv4Network(plain[1])


@given(WORDS, WORDS, WORDS)
def test_a_wildcard_ignores_exactly_its_one_bits(address: int, wildcard: int, packet: int):
    text = acl.match_address("saddr", (IPv4Address(address), IPv4Address(wildcard)))
    assert nft_matches(text, packet) == ((packet ^ address) & ~wildcard & 0xFFFFFFFF == 0)
    inside = address & ~wildcard | packet & wildcard
    assert nft_matches(text, inside & 0xFFFFFFFF)


@given(WORDS, st.integers(0, 32), WORDS)
def test_contiguous_wildcards_too(address: int, length: int, packet: int):
    wildcard = (1 << (32 - length)) - 1
    text = acl.match_address("saddr", (IPv4Address(address), IPv4Address(wildcard)))
    assert "&" not in text
    assert nft_matches(text, packet) == ((packet ^ address) >> (32 - length) == 0)


@given(st.text(min_size=1), st.text(min_size=1))
def test_identifiers_are_one_to_one(one: str, other: str):
    assert (acl.identifier(one) == acl.identifier(other)) == (one == other)
    assert re.fullmatch(r"[A-Za-z0-9_]+", acl.identifier(one))


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (("eq", (80,)), "tcp dport { 80 }"),
        (("eq", (22, 80)), "tcp dport { 22, 80 }"),
        (("neq", (23,)), "tcp dport != { 23 }"),
        (("gt", (1023,)), "tcp dport > 1023"),
        (("lt", (1024,)), "tcp dport < 1024"),
        (("range", (9, 1)), "tcp dport 1-9"),
        (None, ""),
    ],
)
def test_port_operators(condition, text):
    assert acl.match_port("dport", "tcp", condition) == text


def test_a_whole_entry():
    ace = entry(
        10,
        protocol="tcp",
        source=("10.0.20.0", "0.0.0.255"),
        destination=("10.0.10.5", "0.0.0.0"),
        destination_port=("eq", (443,)),
        established=True,
    )
    assert acl.match(ace) == (
        "meta l4proto tcp ip saddr 10.0.20.0/24 ip daddr 10.0.10.5 tcp dport { 443 } tcp flags & (ack | rst) != 0"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [("echo", "icmp type 8"), ("port-unreachable", "icmp type 3 icmp code 3"), ("8 0", "icmp type 8 icmp code 0")],
)
def test_icmp_types(name, text):
    assert acl.match(entry(10, protocol="icmp", icmp_type=name)) == f"meta l4proto icmp {text}"


def test_a_list_ends_by_refusing():
    text = acl.chain("a", Acl("10", "standard", [entry(10), entry(15, "remark"), entry(20, "deny")]), "prohibited")
    assert [line.strip() for line in text.splitlines()[1:-1]] == [
        "counter name c_10.10 return",
        "counter name c_10.20 goto prohibited",
        "goto prohibited",
    ]


def test_a_list_that_is_undefined_or_holds_only_remarks_lets_everything_pass():
    config = stick()
    put(config, "GigabitEthernet0/1.10", acl_in="NONE", acl_out="NOTES")
    access_list(config, "NOTES", entry(10, "remark", remark="later"))
    assert "jump" not in nft.filters(config)


def test_inbound_lists_see_routed_and_own_packets_outbound_ones_only_routed():
    config = stick()
    access_list(config, "IN", entry(10))
    access_list(config, "OUT", entry(10))
    put(config, "GigabitEthernet0/1.10", acl_in="IN", acl_out="OUT")
    own, routed = nft.filters(config).split("chain forward")
    arriving, own = own.split("chain arriving")[1].split("chain input")
    assert 'iifname "eth1.10" jump a_IN' in arriving and "prerouting priority mangle" in arriving
    assert "jump" not in own
    assert "a_IN" not in routed and 'oifname "eth1.10" jump a_OUT' in routed


def test_management_is_accepted_before_anything_of_the_candidate_and_never_routed():
    config = stick()
    access_list(config, "IN", entry(10, "deny"))
    put(config, "GigabitEthernet0/1.10", acl_in="IN")
    text = nft.filters(config)
    assert text.index('iifname { "lo", "eth0" } accept') < text.index("jump a_IN")
    assert 'iifname "eth0" drop' in text and 'oifname "eth0" drop' in text


def test_an_access_class_refuses_with_a_reset_on_the_ports_that_its_lines_take():
    config = device("switch", vlans=(99,))
    put(config, "Vlan99", "10.0.99.1/24")
    access_list(config, "ADM", entry(10, source=("10.0.99.0", "0.0.0.255")))
    config.lines[1].access_class = "ADM"
    config.lines[1].transport = frozenset({"ssh"})
    config.lines[2].transport = frozenset()
    text = nft.filters(config)
    assert "tcp dport 22 tcp flags & (syn | ack) == syn jump v_ADM" in text
    assert "tcp dport 23" not in text
    assert "goto refused" in text


def test_a_change_keeps_the_counters_that_stay_and_removes_those_that_go():
    config = stick()
    access_list(config, "IN", entry(10), entry(20, "deny"))
    put(config, "GigabitEthernet0/1.10", acl_in="IN")
    before = nft.filters(config)
    access_list(config, "IN", entry(10), entry(30, "deny"))
    script = nft.replacement(before, nft.filters(config))
    assert script.startswith("flush table ip trilab\n")
    assert "delete counter ip trilab c_IN.20\n" in script
    assert "delete counter ip trilab c_IN.10" not in script and "delete chain" not in script


def test_a_list_no_longer_applied_leaves_no_chain():
    config = stick()
    access_list(config, "IN", entry(10))
    put(config, "GigabitEthernet0/1.10", acl_in="IN")
    before = nft.filters(config)
    put(config, "GigabitEthernet0/1.10", acl_in=None)
    script = nft.replacement(before, nft.filters(config))
    assert "delete chain ip trilab a_IN\n" in script and "delete counter ip trilab c_IN.10\n" in script


def test_the_first_script_starts_from_nothing():
    assert nft.replacement(None, nft.filters(stick())).startswith("table ip trilab { }\ndelete table ip trilab\n")


def test_the_data_network_does_not_reach_the_out_of_band_address():
    config = stick()
    text = nft.filters(config, [IPv4Address("172.20.20.13")])
    assert text.index('"eth0" } accept') < text.index("ip daddr 172.20.20.13 drop") < text.index("chain forward")
    put(config, "GigabitEthernet0/2", "172.20.20.13/24")
    assert "172.20.20.13" not in nft.filters(config, [IPv4Address("172.20.20.13")])


def packet(protocol: int, inner: bytes) -> bytes:
    head = bytes([0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0])
    return head + IPv4Address("10.0.0.1").packed + IPv4Address("10.0.0.2").packed + inner


def logged(text: str, content: bytes) -> bytes:
    """A message of nfnetlink_log: netlink and netfilter headers, prefix (10), payload (9)."""
    found = b""
    for kind, value in ((10, text.encode() + b"\0"), (9, content)):
        found += struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)
    return struct.pack("=IHHII", 20 + len(found), 4 << 8, 0, 0, 0) + bytes(4) + found


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("extended", packet(6, struct.pack("!HH", 1025, 80)),
         "%SEC-6-IPACCESSLOGP: list A\"B denied tcp 10.0.0.1(1025) -> 10.0.0.2(80), 1 packet"),
        ("extended", packet(1, b"\x08\x00"),
         "%SEC-6-IPACCESSLOGDP: list A\"B denied icmp 10.0.0.1 -> 10.0.0.2 (8/0), 1 packet"),
        ("extended", packet(89, b""), "%SEC-6-IPACCESSLOGNP: list A\"B denied 89 10.0.0.1 -> 10.0.0.2, 1 packet"),
        ("standard", packet(6, b""), "%SEC-6-IPACCESSLOGS: list A\"B denied 10.0.0.1 1 packet"),
    ],
)  # fmt: skip
def test_logged_packets_become_messages(kind: str, content: bytes, said: str) -> None:
    flow = acllog.parse(logged(acllog.prefix('A"B', kind, "deny"), content))
    assert flow is not None
    assert str(flow.notice(1)) == said


def test_a_flow_is_told_once_then_summed_up() -> None:
    flow = acllog.parse(logged(acllog.prefix("7", "standard", "permit"), packet(6, b"")))
    assert flow is not None
    heard: list[str] = []
    reporter = acllog.Reporter(lambda notice: heard.append(str(notice)))
    for at in (0.0, 10.0, 20.0):
        reporter.packet(flow, at)
    assert reporter.summaries(20.0) == 280.0
    reporter.summaries(300.0)
    assert heard == [
        "%SEC-6-IPACCESSLOGS: list 7 permitted 10.0.0.1 1 packet",
        "%SEC-6-IPACCESSLOGS: list 7 permitted 10.0.0.1 2 packets",
    ]
    assert reporter.summaries(600.0) is None  # silent since: forgotten


@given(st.binary(max_size=80))
def test_no_message_of_the_kernel_breaks_the_log(data: bytes) -> None:
    acllog.parse(data)


def test_an_entry_with_log_is_copied_to_us() -> None:
    text = acl.chain("a", Acl("7", "standard", [entry(10, "deny", log=True)]), "prohibited")
    assert 'log prefix "standard denied 7" group 100 snaplen 64 queue-threshold 1 goto prohibited' in text
