"""What holds for every configuration and every line."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.nos.strategies import DEVICES, configs
from trilab.nos import interpreter, running
from trilab.nos.commands import grammar
from trilab.nos.context import CommandError, Context
from trilab.nos.defaults import boot_base, clone, factory
from trilab.nos.grammar.graph import Grammar
from trilab.nos.grammar.parser import Failure, Parsed, complete, next_words, parse
from trilab.nos.model import Config

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def grammar_of(role: str) -> Grammar:
    return grammar(DEVICES[role])


def load(text: str, role: str) -> tuple[Config, list[str]]:
    names = DEVICES[role]
    return interpreter.load(text, boot_base(names), grammar_of(role))


@QUICK
@given(configs)
def test_running_config_reads_back_as_itself(config: Config) -> None:
    text = running.render(config)
    read, refused = load(text, config.role)
    assert refused == []
    assert running.render(read) == text


@QUICK
@given(configs)
def test_running_config_holds_the_whole_model(config: Config) -> None:
    read, _ = load(running.render(config), config.role)
    for part in ("interfaces", "vlans", "users", "routes", "dhcp_pools", "dhcp_excluded", "lines", "acls",
                 "banner_motd", "default_gateway", "ssids", "radio", "parts"):  # fmt: skip
        assert getattr(read, part) == getattr(config, part), part


@QUICK
@given(configs)
def test_a_clone_is_equal_and_independent(config: Config) -> None:
    before = running.render(config)
    copy = clone(config)
    assert copy == config
    copy.users.clear()
    for ssid in copy.ssids.values():
        ssid.open = not ssid.open
    copy.radio.ciphers.add(1)
    copy.radio.ssids.append("x")
    for interface in copy.interfaces.values():
        interface.shutdown = not interface.shutdown
        interface.helpers.clear()
    for acl in copy.acls.values():
        acl.entries.clear()
    for pool in copy.dhcp_pools.values():
        pool.options.clear()
        pool.dns_servers.clear()
    for line in copy.lines:
        line.password = "changed"
    assert running.render(config) == before


COMMANDS = {
    "switch": [
        ("privileged", "show running-config interface GigabitEthernet0/1"),
        ("privileged", "show mac address-table dynamic"),
        ("privileged", "show interfaces GigabitEthernet0/2 switchport"),
        ("privileged", "copy running-config startup-config"),
        ("config", "spanning-tree vlan 10 root primary"),
        ("config", "ip domain-name example.fr"),
        ("config", "service password-encryption"),
        ("if-port", "switchport trunk allowed vlan remove 10,20"),
        ("if-port", "switchport voice vlan 30"),
        ("if-port", "no spanning-tree portfast"),
        ("line", "transport input ssh telnet"),
        ("line", "exec-timeout 5 0"),
    ],
    "ap": [
        ("privileged", "show dot11 associations all-client"),
        ("privileged", "show controllers Dot11Radio0"),
        ("config", "aaa authentication login eap group radius"),
        ("config", "aaa group server radius eap"),
        ("config", "radius-server host 10.0.0.1 auth-port 1812 acct-port 1813"),
        ("config", "dot11 association mac-list 700"),
        ("config", "access-list 700 deny 0200.0000.0001 0000.0000.0000"),
        ("ssid", "authentication key-management wpa version 3 transition"),
        ("ssid", "authentication open eap eap"),
        ("ssid", "mbssid guest-mode"),
        ("ssid", "11w-pmf client required"),
        ("ssid", "wpa-psk ascii 7 0822455D0A16"),
        ("if-radio", "encryption vlan 10 mode ciphers aes-ccm"),
        ("if-radio", "channel least-congested"),
        ("if-radio", "power local maximum"),
        ("if-radio", "world-mode dot11d country-code FR indoor"),
        ("if-bridged", "bridge-group 10 port-protected"),
        ("if-bridged", "encapsulation dot1Q 10 native"),
        ("radius-server", "address ipv4 10.0.0.1 auth-port 1812"),
    ],
    "router": [
        ("privileged", "show ip dhcp binding"),
        ("privileged", "clear ip dhcp binding *"),
        ("config", "access-list 110 deny tcp any host 10.0.0.1 eq telnet log"),
        ("config", "ip access-list resequence LIST 10 10"),
        ("config", "no ip dhcp excluded-address 10.0.0.1 10.0.0.9"),
        ("if-sub", "encapsulation dot1Q 10 native"),
        ("if-l3", "ip helper-address 10.0.0.9"),
        ("if-l3", "ip ospf 1 area 0"),
        ("if-l3", "ip nat outside"),
        ("if-l3", "ip address dhcp"),
        ("if-l3", "ipv6 address 2001:db8::1/64"),
        ("if-l3", "ipv6 ospf 1 area 0"),
        ("config", "ipv6 route 2001:db8::/32 2001:db8::1"),
        ("ospf3", "passive-interface default"),
        ("config", "ip nat inside source list LAN interface GigabitEthernet0/1 overload"),
        ("config", "ip nat inside source static tcp 10.0.0.1 80 203.0.113.1 8080"),
        ("config", "ip nat pool P 10.0.0.1 10.0.0.9 netmask 255.255.255.0"),
        ("if-l3", "ip ospf hello-interval 5"),
        ("rip", "passive-interface default"),
        ("rip", "network 10.0.0.0"),
        ("ospf", "network 10.0.0.0 0.0.0.255 area 0"),
        ("ospf", "default-information originate always"),
        ("ospf", "passive-interface GigabitEthernet0/1"),
        ("privileged", "show ip ospf interface brief"),
        ("dhcp", "default-router 10.0.0.1"),
        ("ext-nacl", "10 permit icmp any any echo-reply"),
    ],
}
CASES = [(role, mode, text) for role, commands in COMMANDS.items() for mode, text in commands]


@pytest.mark.parametrize(("role", "mode", "text"), CASES)
def test_every_abbreviation_is_the_command_or_ambiguous(role: str, mode: str, text: str) -> None:
    """Each word cut at each length: the same command, or refused; never another one."""
    root = grammar_of(role).modes[mode]
    whole = parse(root, text)
    assert isinstance(whole, Parsed)
    words = text.split()
    equal = 0
    for at, word in enumerate(words):
        for length in range(1, len(word)):
            short = parse(root, " ".join([*words[:at], word[:length], *words[at + 1 :]]))
            if isinstance(short, Parsed) and short.action == whole.action and short.match.words == whole.match.words:
                equal += 1
            elif isinstance(short, Parsed):  # a shorter argument (an address, a list), or a shorter name of its own
                assert not word.isalpha() or short.action != whole.action or word.isupper()
    assert equal > 0


lines = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=60)
WORDS = (
    "ip interface vlan no do show access-list permit deny any host 10 110 10.0.0.1 255.255.255.0 0.0.0.255 gi0/1 "
    "switchport trunk allowed add 1-4094 name exit line vty 0 15 login local secret 5 7 pool network /24 eq www "
    "spanning-tree range , - description encapsulation dot1q native address route default default-router username "
    "option ascii hex remark log established mode access banner motd # ^C crypto key router ospf rip area "
    "ipv6 unicast-routing 2001:db8::1/64 "
    "nat inside source pool overload list passive-interface loopback redistribute static connected subnets stub cost "
    "dot11 ssid X wpa-psk 12345678 authentication key-management wpa version 3 guest-mode mbssid "
    "Dot11Radio0 Dot11Radio0.5 gi0 gi0.5 bvi1 bridge-group 1 port-protected channel 6 encryption mode "
    "ciphers aes-ccm aaa new-model group server radius host key eap association mac-list 700 "
    "0200.0000.0001 radius-server transition"
)
vocabulary = st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join)


@QUICK
@given(st.sampled_from(list(DEVICES)), st.lists(lines | vocabulary, min_size=1, max_size=12))
def test_no_line_ever_raises(role: str, typed: list[str]) -> None:
    """Whatever is typed in configuration: a result, or an error of the command line; and the text still reads back."""
    names = DEVICES[role]
    c = Context(names, factory(names), lambda text: None, read_line=lambda prompt: None)
    for text in typed:
        _type(c, text)
    again, refused = load(running.render(c.config), role)
    assert refused == []
    assert running.render(again) == running.render(c.config)


def _type(c: Context, text: str) -> None:
    gram = grammar_of(c.config.role)
    before = clone(c.config)
    next_words(gram.modes[c.mode], text)
    complete(gram.modes[c.mode], text)
    found, is_global = interpreter.resolve(gram, c.mode, text)
    if isinstance(found, Failure) or interpreter.is_exec(found):
        assert c.config == before
        return
    if is_global:
        c.enter("config")
    try:
        interpreter.run(c, interpreter.ask(c, found))
    except CommandError:
        c.config = before
    if c.mode == "exec":
        c.enter("config")


@QUICK
@given(st.sampled_from(list(DEVICES)), lines.filter(str.strip))
def test_garbage_is_refused(role: str, text: str) -> None:
    """A line whose first word begins no command means nothing."""
    root = grammar_of(role).modes["config"]
    listed = next_words(root, text.split()[0][:1])
    if isinstance(listed, Failure):
        assert isinstance(parse(root, text), Failure)
