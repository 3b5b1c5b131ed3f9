"""``show tech-support``: many sections, no secret."""

from __future__ import annotations

import pytest

from tests.nos.conftest import Console
from trilab.nos.show.tech import SECTIONS, without_secrets


def test_sections_in_order_and_the_rest_goes_on(on_switch: Console) -> None:
    on_switch.run("terminal length 0")
    shown = on_switch.run("show tech-support")
    titles = [line.strip("- ") for line in shown.splitlines() if line.startswith("-----") and "show " in line]
    assert titles == [title for title in SECTIONS if title in titles]
    assert {"show version", "show running-config", "show vlan", "show logging"} <= set(titles)
    assert "show dot11 associations" not in titles  # no radio here
    assert "Invalid input" not in shown


def test_no_secret_of_the_configuration(on_switch: Console) -> None:
    on_switch.configure("username adm secret Tri-2024")
    assert " username adm secret 5 <removed>" in f" {on_switch.run('show tech-support | include username')}"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("username a privilege 15 secret 5 $1$x$y", "username a privilege 15 secret 5 <removed>"),
        ("username b password 1234", "username b password <removed>"),
        (" password 7 0822455D0A16", " password 7 <removed>"),
        ("snmp-server community public RO 10", "snmp-server community <removed> RO 10"),
        (" ip ospf message-digest-key 1 md5 mot", " ip ospf message-digest-key 1 md5 <removed>"),
        (" ip ospf authentication-key mot", " ip ospf authentication-key <removed>"),
        ("radius-server key 7 03", "radius-server key 7 <removed>"),
        (" wpa-psk ascii 0 secret123", " wpa-psk ascii 0 <removed>"),
        ("service password-encryption", "service password-encryption"),
        ("radius server A", "radius server A"),
    ],
)
def test_secrets_are_removed(line: str, shown: str) -> None:
    assert without_secrets(line) == shown
