"""Operators: what each makes of a line, and what holds for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trilab.lab import Answer, AnswerFile
from trilab.prove.mutants import Mutant, all_operators, mutants

ROLES = {"sw": "switch", "r": "router", "ipbx": "ipbx", "tel": "phone"}


def answer(node: str, *lines: str) -> Answer:
    file = AnswerFile(node, "ios" if node in ("sw", "r") else "sh", lines, Path("solution") / node)
    return Answer("solution", "solution", "", {node: file})


def made(node: str, *lines: str, by: str) -> list[tuple[str, ...]]:
    return [mutant.file.lines for mutant in mutants(answer(node, *lines), ROLES) if mutant.operator == by]


SW = ("vlan 10", "vlan 20", "vlan 99")


@pytest.mark.parametrize(
    ("operator", "line", "wrong"),
    [
        ("autre-vlan", "switchport access vlan 10", ["switchport access vlan 20"]),
        ("autre-vlan", "switchport voice vlan 99", ["switchport voice vlan 10"]),
        ("numero-vlan", "encapsulation dot1Q 10", ["encapsulation dot1Q 11"]),
        ("autre-port", "interface GigabitEthernet0/2", ["interface GigabitEthernet0/1"]),
        ("autre-port", "interface GigabitEthernet0/1", ["interface GigabitEthernet0/2"]),
        ("plage-courte", "interface range Gi0/3 - 6", ["interface range Gi0/3 - 5"]),
        ("plage-courte", "line vty 0 15", ["line vty 0 14"]),
        ("masque", "ip address 10.1.1.1 255.255.255.0", ["ip address 10.1.1.1 255.255.255.128"]),
        ("adresse", "ip address 10.1.1.1 255.255.255.0", ["ip address 10.1.1.2 255.255.255.0"]),
        ("adresse", "ip default-gateway 10.1.1.254", ["ip default-gateway 10.1.1.253"]),
        ("autre-reseau", "access-list 10 permit 10.1.1.0 0.0.0.255", ["access-list 10 permit 10.1.0.0 0.0.0.255"]),
        ("autre-reseau", "network 10.1.2.0 255.255.255.0", ["network 10.1.3.0 255.255.255.0"]),
        (
            "masque-generique-large",
            "access-list 10 permit 10.1.1.0 0.0.0.255",
            ["access-list 10 permit 10.1.1.0 0.0.255.255"],
        ),
        (
            "masque-generique-etroit",
            "access-list 10 permit 10.1.1.0 0.0.0.255",
            ["access-list 10 permit 10.1.1.0 0.0.0.15"],
        ),
        (
            "exclusion-debut",
            "ip dhcp excluded-address 10.1.1.1 10.1.1.9",
            ["ip dhcp excluded-address 10.1.1.2 10.1.1.9"],
        ),
        ("exclusion-fin", "ip dhcp excluded-address 10.1.1.1 10.1.1.9", ["ip dhcp excluded-address 10.1.1.1 10.1.1.8"]),
        ("permit-deny", "permit icmp any any", ["deny icmp any any"]),
        ("sens", "ip access-group GUESTS in", ["ip access-group GUESTS out"]),
        ("liste-inconnue", "access-class 10 in", ["access-class 11 in"]),
        ("protocole", "permit udp any eq bootpc any eq bootps", ["permit tcp any eq bootpc any eq bootps"]),
        ("any", "permit icmp any host 10.1.1.1", ["permit icmp any any"]),
        ("trunk-large", "switchport trunk allowed vlan 10,20", ["switchport trunk allowed vlan 1,10,20"]),
        (
            "trunk-etroit",
            "switchport trunk allowed vlan 10,20",
            ["switchport trunk allowed vlan 20", "switchport trunk allowed vlan 10"],
        ),
        ("faute-de-frappe", "hostname SW1", ["hostname SW"]),
        ("privilege", "username bob privilege 15 secret abc", ["username bob privilege 1 secret abc"]),
        ("secret", "username bob privilege 15 secret abc", ["username bob privilege 15 secret abx"]),
        ("mot-de-passe-lisible", "enable secret abc", ["enable password abc"]),
        ("transport", "transport input ssh", ["transport input telnet ssh", "transport input telnet"]),
        ("mode", "switchport mode trunk", ["switchport mode access"]),
        ("login", "login local", ["login", "no login"]),
        ("sans-enregistrer", "write memory", []),
        ("canal", "channel 6", ["channel 8"]),
        ("canal", "channel 11", ["channel 9"]),
        ("cle-wifi", "wpa-psk ascii enclume-3001", ["wpa-psk ascii enclume-300x"]),
        ("cle-wifi", "wpa-psk ascii 0 abcdefgx", ["wpa-psk ascii 0 abcdefgy"]),
        ("nom-wifi", "dot11 ssid ROUVRAY-PRO", ["dot11 ssid ROUVRAY-PR"]),
        ("nom-wifi", "ssid ROUVRAY-PRO", ["ssid ROUVRAY-PR"]),
        ("groupe-de-pont", "bridge-group 10", ["bridge-group 11"]),
        (
            "port-radius",
            "address ipv4 10.1.1.9 auth-port 1812 acct-port 1813",
            ["address ipv4 10.1.1.9 auth-port 1645 acct-port 1813"],
        ),
        ("secret-radius", "key Cabestan", ["key Cabestax"]),
        ("secret-radius", "key 0 Cabestan", ["key 0 Cabestax"]),
        ("vlan-chiffrement", "encryption vlan 19 mode ciphers aes-ccm", ["encryption vlan 21 mode ciphers aes-ccm"]),
    ],
)
def test_what_is_made_of_a_line(operator: str, line: str, wrong: list[str]) -> None:
    wanted = [(*SW, text) for text in wrong] or [SW]
    found = made("sw", *SW, line, by=operator)
    assert [typed for typed in found if typed[: len(SW)] == SW] == wanted


@pytest.mark.parametrize(
    ("operator", "path", "line", "wrong"),
    [
        ("secret", "/etc/asterisk/pjsip.conf", "password = abc", ["password = abx"]),
        ("contexte", "/etc/asterisk/pjsip.conf", "context = in", ["context = ins"]),
        ("codec", "/etc/asterisk/pjsip.conf", "allow = alaw", ["allow = gsm"]),
        ("dscp", "/etc/asterisk/pjsip.conf", "tos_audio = ef", ["tos_audio = af41"]),
        ("transport-sip", "/etc/asterisk/pjsip.conf", "protocol = udp", ["protocol = tcp"]),
        (
            "numero",
            "/etc/asterisk/extensions.conf",
            "exten => 101,1,Dial(PJSIP/101,5)",
            ["exten => 106,1,Dial(PJSIP/101,5)"],
        ),
        (
            "sonnerie",
            "/etc/asterisk/extensions.conf",
            "exten => 101,1,Dial(PJSIP/101,5)",
            ["exten => 101,1,Dial(PJSIP/101,15)", "exten => 101,1,Dial(PJSIP/101,1)"],
        ),
        ("prefixe", "/etc/network/interfaces", "    address 10.1.1.5/24", ["    address 10.1.1.5/25"]),
        ("adresse", "/etc/network/interfaces", "    gateway 10.1.1.254", ["    gateway 10.1.1.253"]),
        ("dhcp-au-lieu-de-fixe", "/etc/network/interfaces", "iface eth1 inet static", ["iface eth1 inet dhcp"]),
        ("nom-wifi", "/etc/wpa_supplicant/wpa_supplicant.conf", '    ssid="PRO"', ['    ssid="PR"']),
        ("cle-wifi", "/etc/wpa_supplicant/wpa_supplicant.conf", '    psk="abc-def-1"', ['    psk="abc-def-x"']),
        ("secret-radius", "/etc/freeradius/3.0/clients.conf", "    secret = abc-def", ["    secret = abc-dex"]),
        (
            "compte",
            "/etc/freeradius/users",
            'a.roux Cleartext-Password := "mot-1"',
            ['a.rou Cleartext-Password := "mot-1"'],
        ),
        ("compte", "/etc/wpa_supplicant/wpa_supplicant.conf", '    identity="a.roux"', ['    identity="a.rou"']),
        (
            "mot-de-passe-compte",
            "/etc/freeradius/users",
            'a Cleartext-Password := "mot-1"',
            ['a Cleartext-Password := "mot-x"'],
        ),
        (
            "mot-de-passe-compte",
            "/etc/wpa_supplicant/wpa_supplicant.conf",
            '    password="mot-1"',
            ['    password="mot-x"'],
        ),
        (
            "vlan-attribue",
            "/etc/freeradius/users",
            '    Tunnel-Private-Group-Id = "10"',
            ['    Tunnel-Private-Group-Id = "11"'],
        ),
        ("cle-wifi", "/etc/network/interfaces", "    wpa-psk abc-def-1", ["    wpa-psk abc-def-x"]),
    ],
)
def test_what_is_made_of_a_file_in_a_here_document(operator: str, path: str, line: str, wrong: list[str]) -> None:
    start, end = f"sudo tee {path} > /dev/null <<'FIN'", "FIN"
    assert made("ipbx", start, line, end, by=operator) == [(start, text, end) for text in wrong]


def test_another_extension_is_one_of_the_answer() -> None:
    lines = ("sudo tee /etc/asterisk/pjsip.conf <<'FIN'", "[101]", "[102]", "auth = 101", "FIN")
    assert made("ipbx", *lines, by="autre-poste") == [(*lines[:3], "auth = 102", "FIN")]


def test_the_phone_command() -> None:
    assert made("tel", "phone dscp ef", by="dscp") == [("phone dscp 34",)]
    assert made("tel", "phone account 101 --secret abc", by="secret") == [("phone account 101 --secret abx",)]


def test_a_header_is_forgotten_with_all_of_its_section() -> None:
    lines = ("interface Gi0/1", " shutdown", "interface Gi0/2", " shutdown", "exit", "end")
    assert lines[2:] in made("sw", *lines, by="oubli")
    assert (*lines[:2], *lines[4:]) in made("sw", *lines, by="oubli")


def test_a_radius_server_is_forgotten_with_its_address_and_its_key() -> None:
    lines = ("aaa new-model", "radius server R", " key abc", "aaa group server radius G", " server name R", "end")
    assert (lines[0], *lines[3:]) in made("sw", *lines, by="oubli")
    assert (*lines[:3], lines[5]) in made("sw", *lines, by="oubli")


def test_an_exit_goes_with_the_section_that_it_would_have_left() -> None:
    lines = ("hostname A", "ip access-list extended X", " permit ip any any", "exit", "interface Gi0/1", " shutdown")
    assert ("hostname A", *lines[4:]) in made("r", *lines, by="oubli")


def test_a_here_document_is_forgotten_with_its_command() -> None:
    lines = ("echo a", "sudo tee /etc/x <<FIN", "b", "FIN", "echo c")
    assert ("echo a", "echo c") in made("ipbx", *lines, by="oubli")


def test_saving_too_early_moves_the_command_before_the_last_section() -> None:
    lines = ("configure terminal", "interface Gi0/1", " shutdown", "end", "write memory")
    (early,) = made("sw", *lines, by="enregistre-trop-tot")
    assert early == ("configure terminal", "do write memory", "interface Gi0/1", " shutdown", "end")


def test_every_operator_has_its_own_id_a_french_title_and_a_docstring() -> None:
    every = all_operators()
    assert len({operator.id for operator in every}) == len(every)
    for operator in every:
        assert operator.title and type(operator).__doc__


COMMANDS = st.sampled_from(
    [
        "vlan 10",
        " name DATA",
        "interface GigabitEthernet0/3",
        " switchport mode access",
        " switchport access vlan 10",
        " switchport trunk allowed vlan 10,20,30",
        "exit",
        "ip dhcp pool P",
        " network 10.0.0.0 255.255.255.0",
        " default-router 10.0.0.254",
        "ip dhcp excluded-address 10.0.0.1 10.0.0.9",
        "access-list 10 permit 10.0.0.0 0.0.0.255",
        "line vty 0 4",
        " transport input ssh",
        " login local",
        "banner motd #HI - ME#",
        "end",
        "write memory",
    ]
)


@given(st.lists(COMMANDS, max_size=25))
def test_mutants_differ_from_the_answer_and_from_each_other_and_are_always_the_same(lines: list[str]) -> None:
    solution = answer("sw", *lines)
    found = mutants(solution, ROLES)
    typed = [mutant.file.lines for mutant in found]
    assert solution.files["sw"].lines not in typed
    assert len(set(typed)) == len(typed)
    assert len({mutant.id for mutant in found}) == len(found)
    assert mutants(solution, ROLES) == found


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n\r"), max_size=30), max_size=15))
def test_any_text_is_read(lines: list[str]) -> None:
    for node in ("sw", "ipbx"):
        found: list[Mutant] = mutants(answer(node, *lines), ROLES)
        assert all(1 <= mutant.line.number <= len(lines) for mutant in found)
