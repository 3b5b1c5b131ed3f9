"""Netstrings, leases, settings, journal, baresip's files, the command line."""

from __future__ import annotations

import stat
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from trilab.phone import baresip, client, dhcp, netstring, passthrough, settings, sip, text
from trilab.phone.baresip import Account
from trilab.phone.calls import ENDED, ESTABLISHED, Journal, number
from trilab.phone.settings import Settings


@examples(deadline=None)
@given(st.lists(st.dictionaries(st.text(), st.text()), max_size=5), st.integers(1, 7))
def test_netstrings_survive_any_cutting(messages: list[dict[str, str]], size: int) -> None:
    stream = b"".join(netstring.encode(message) for message in messages)
    decoder = netstring.Decoder()
    got = [one for start in range(0, len(stream), size) for one in decoder.feed(stream[start : start + size])]
    assert got == messages


@pytest.mark.parametrize("stream", [b"2:{};", b"x:{},", b"12345678901", b"2:ab,"])
def test_a_stream_that_is_no_netstring_is_told(stream: bytes) -> None:
    with pytest.raises(ValueError):
        netstring.Decoder().feed(stream)


BOUND = (
    "lease\tbound\t10.1.30.73\t255.255.255.0\t10.1.30.1 10.1.30.2\t10.1.10.1\tpme.lan\ttftp.pme.lan"
    "\t0a011e05\t3600\t10.1.30.1"
)


def test_a_lease_with_the_options_of_telephony() -> None:
    event, lease = dhcp.parse(BOUND) or ("", None)
    assert event == "bound" and lease is not None
    assert lease.address == IPv4Interface("10.1.30.73/24")
    assert lease.gateway == IPv4Address("10.1.30.1")
    assert (lease.domain, lease.seconds) == ("pme.lan", 3600)
    assert lease.server() == ("10.1.30.5", "option 150")


def test_option_66_names_the_server_where_150_is_missing() -> None:
    _, lease = dhcp.parse(BOUND.replace("0a011e05", "")) or ("", None)
    assert lease is not None and lease.server() == ("tftp.pme.lan", "option 66")


@pytest.mark.parametrize(
    "line", ["udhcpc: broadcasting discover", BOUND.replace("255.255.255.0", "x"), BOUND.replace("0a0", "zz")]
)
def test_other_lines_are_no_lease(line: str) -> None:
    assert dhcp.parse(line) is None


def test_an_event_without_address() -> None:
    assert dhcp.parse("lease\tdeconfig" + "\t" * 9) == ("deconfig", None)


def test_a_lease_of_a_half_written_pool_is_incomplete() -> None:
    _, whole = dhcp.parse(BOUND) or ("", None)
    _, bare = dhcp.parse(BOUND.replace("0a011e05", "").replace("tftp.pme.lan", "")) or ("", None)
    _, stuck = dhcp.parse(BOUND.replace("10.1.30.1 10.1.30.2", "")) or ("", None)
    assert [dhcp.incomplete(one, True) for one in (None, whole, bare, stuck)] == [False, False, True, True]
    assert [dhcp.incomplete(one, False) for one in (None, whole, bare, stuck)] == [False, False, False, True]


def test_settings_are_kept_out_of_sight(tmp_path: Path) -> None:
    path = tmp_path / "etc" / "phone.json"
    assert settings.load(path) == Settings()
    kept = Settings(vlan=30, extension="101", secret="s3cret", server="10.1.30.5", dscp=46)
    settings.save(kept, path)
    assert settings.load(path) == kept
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("damaged", ["", "[]", "{", '{"other": 1}'])
def test_damaged_settings_are_those_of_a_new_phone(tmp_path: Path, damaged: str) -> None:
    path = tmp_path / "phone.json"
    path.write_text(damaged)
    assert settings.load(path) == Settings()


def test_words_of_vlan_and_dscp() -> None:
    assert [settings.parse_vlan(word) for word in ("auto", "none", "1", "4094")] == [None, 0, 1, 4094]
    assert [settings.parse_dscp(word) for word in ("ef", "EF", "0", "63", "cs3")] == [46, 46, 0, 63, 24]
    for parse, wrong in ((settings.parse_vlan, "4095"), (settings.parse_vlan, "-1"), (settings.parse_dscp, "64")):
        with pytest.raises(ValueError, match="attendu"):
            parse(wrong)


def test_the_journal_keeps_the_times_of_a_call() -> None:
    clock = iter(range(1, 100))
    journal = Journal(lambda: float(next(clock)))
    journal.begin("a", "out", "101")
    journal.ringing("a")
    journal.ringing("a")
    journal.established("a")
    assert journal.current() is not None and journal.current().state == ESTABLISHED  # type: ignore[union-attr]
    journal.end("a", "BYE")
    journal.end("a", "again")
    call = journal.get("a")
    assert call is not None and call.state == ENDED and call.reason == "BYE"
    assert call.started_at < (call.ringing_at or 0) < (call.established_at or 0) < (call.ended_at or 0)
    assert [entry.kind for entry in journal.entries] == ["call-out", "ringing", "established", "ended"]
    assert journal.current() is None


def test_the_journal_forgets_the_oldest_calls() -> None:
    journal = Journal(lambda: 0.0)
    for index in range(300):
        journal.begin(str(index), "in", "101")
        journal.end(str(index), "")
    assert len(journal.calls) == 200 and journal.calls[-1].id == "299"


@pytest.mark.parametrize("uri", ["sip:101@10.0.30.5", "<sip:101@10.0.30.5:5060;transport=udp>", "101", "sip:101"])
def test_the_number_of_an_address(uri: str) -> None:
    assert number(uri) == "101"


def test_baresip_never_answers_by_itself_and_marks_rtp() -> None:
    line = baresip.account_line(Account("101", "s3cret", "10.1.30.5", "10.1.30.9", 46))
    assert line.startswith("<sip:101@10.1.30.5>;") and "answermode=manual" in line and "PCMA/8000/1" in line
    config = baresip.config(tone=440, dscp=46)
    assert "rtp_tos 184\n" in config and "ausine,440\n" in config and "ctrl_tcp_listen 127.0.0.1:4444\n" in config
    assert "rtp_tos 0\n" in baresip.config(tone=440, dscp=0)


def test_the_contact_is_made_stable_only_in_a_program_that_is_recognised() -> None:
    program = b"head\0%r-%p\0tail"
    assert baresip.stable(program) == b"head\0%r\0\0\0\0tail"
    assert baresip.stable(b"other release") == b"other release"
    assert baresip.stable(program + program) == program + program


def test_old_recordings_are_removed(tmp_path: Path) -> None:
    for index in range(25):
        (tmp_path / f"{index:02}.wav").touch()
    sip.prune(tmp_path)
    assert len(list(tmp_path.iterdir())) == 20


def test_the_kernel_passes_untagged_frames_only_where_a_pc_is() -> None:
    both = passthrough.rules(pc_port=True)
    assert "fwd to eth2" in both and "fwd to eth1" in both
    alone = passthrough.rules(pc_port=False)
    assert "fwd" not in alone and "eth2" not in alone and "policy drop" in alone


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("", {"op": "show"}),
        ("vlan auto", {"op": "vlan", "value": "auto"}),
        (
            "account 101 --secret s --server 10.0.0.1",
            {"op": "account", "extension": "101", "secret": "s", "server": "10.0.0.1"},
        ),
        ("account --secret=s=1 101", {"op": "account", "extension": "101", "secret": "s=1"}),
        ("account none", {"op": "account", "extension": ""}),
        ("dial 101", {"op": "dial", "number": "101"}),
        ("press 1#", {"op": "press", "keys": "1#"}),
        ("wait registered --timeout 2", {"op": "wait", "for": "registered", "timeout": 2.0}),
    ],
)
def test_command_lines(words: str, request_: dict[str, object]) -> None:
    assert client.parse(words.split()) == request_


@pytest.mark.parametrize(
    "words",
    ["bidule", "vlan", "show 1", "account 101", "dial 1 --secret x", "--server", "wait x --timeout y", "--color"],
)
def test_wrong_command_lines_are_told_in_french(words: str) -> None:
    with pytest.raises(client.UsageError):
        client.parse(words.split())


def test_every_operation_has_its_words() -> None:
    for operation in client.WORDS:
        assert f"phone {operation}" in text.HELP
        assert operation in text.DONE or operation in ("show", "log", "wait")
