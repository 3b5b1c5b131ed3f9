"""Texts for readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from trilab.report import text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mrouge\x1b[0m", "rouge"),
        ("\x1b]0;titre\x07après", "après"),
        ("\x1b]8;;http://x\x1b\\lien\x1b]8;;\x1b\\", "lien"),
        ("\x1b(Bfin\x1b=", "fin"),
        ("\x9b31mhuit bits", "huit bits"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\bsuite", "suite"),
        ("10 %\r100 %", "100 %"),
        ("cloche\x07nul\x00", "cloche\ufffdnul\ufffd"),
        ("a\u202eexe.txt", "a\ufffdexe.txt"),
        ("tab\tété 漢字 ✓", "tab\tété 漢字 ✓"),
        ("coupé \x1b[", "coupé "),
    ],
)
def test_terminal_output_is_cleaned(raw: str, shown: str) -> None:
    assert text.clean(raw) == shown


def test_french_spaces_replace_spaces_and_never_add_any() -> None:
    assert text.french("Bon : oui ; non ! quoi ?") == "Bon\u00a0: oui\u202f; non\u202f! quoi\u202f?"
    assert text.french("« show vlan »") == "«\u00a0show vlan\u00a0»"
    assert text.french("http://a:80/b?c;d a::1 10:02:03") == "http://a:80/b?c;d a::1 10:02:03"
    assert text.french("route ::/0 via :1") == "route ::/0 via :1"


def test_excerpt_skips_blank_lines_and_rules() -> None:
    assert text.excerpt("\nVLAN Name\n---- ----\n1 default\n!\n2 b\n3 c") == "VLAN Name\n1 default\n2 b"
    assert text.excerpt("x" * 200, width=10) == "x" * 9 + "…"


def test_times_are_local_with_their_zone() -> None:
    moment = datetime(2026, 1, 1, 23, 30, 5, tzinfo=UTC)
    paris = ZoneInfo("Europe/Paris")
    assert text.day(moment, paris) == "2\u00a0janvier\u00a02026"
    assert text.day(moment, UTC) == "1er\u00a0janvier\u00a02026"
    assert text.clock(moment, paris) == "00:30:05"
    assert text.zone_name(moment, paris) == "CET, UTC+01:00"
    assert text.zone_name(moment, UTC) == "UTC"
    assert text.zone_name(moment, timezone(-timedelta(hours=3, minutes=30))) == "UTC-03:30"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.14, "0,1 s"), (13.4, "13,4 s"), (60, "1 min 00 s"), (725, "12 min 05 s"), (12420, "3 h 27 min")],
)
def test_durations(seconds: float, shown: str) -> None:
    assert text.lasting(seconds).replace("\u00a0", " ") == shown


def test_numbers_and_plurals() -> None:
    assert [text.number(value) for value in (0, 1.5, 10, 2.25, 100.0)] == ["0", "1,5", "10", "2,25", "100"]
    assert [text.count(n, "critère") for n in (0, 1, 2)] == ["0\u00a0critère", "1\u00a0critère", "2\u00a0critères"]


def test_excerpt_starts_at_what_the_criterion_is_about() -> None:
    ports = "\n".join(f"Name: Gi0/{n}\nSwitchport: Enabled\nMode: access\nVlan: {n}0" for n in range(1, 9))
    assert text.excerpt(ports, "GigabitEthernet0/3 en mode access") == (
        "[…]\nName: Gi0/3\nSwitchport: Enabled\nMode: access"
    )
    assert text.excerpt(ports, "rien de commun").startswith("Name: Gi0/1\n")
    assert text.excerpt(ports, "vlan 80").endswith("\nVlan: 80")


def test_a_shortened_line_keeps_its_no_break_spaces() -> None:
    assert text.shortened("VLAN 15\n  «\u00a0VOIX\u00a0» ", 80) == "VLAN 15 «\u00a0VOIX\u00a0»"
