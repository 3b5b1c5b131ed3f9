"""LLDP and LLDP-MED: frames built by scapy's own layers are read, and ours are read back by scapy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from scapy.contrib.lldp import (
    LLDPDU,
    LLDPDUChassisID,
    LLDPDUEndOfLLDPDU,
    LLDPDUGenericOrganisationSpecific,
    LLDPDUPortID,
    LLDPDUSystemCapabilities,
    LLDPDUSystemName,
    LLDPDUTimeToLive,
)
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import bind_layers, split_layers

from trilab.phone import lldp
from trilab.phone.lldp import VoicePolicy

for imported in (Ether, Dot1Q):  # the import itself has bound them
    split_layers(imported, LLDPDU, type=0x88CC)


@pytest.fixture(scope="module", autouse=True)
def only_here() -> Iterator[None]:
    """The other tests of this process read LLDP frames as trilab does, without scapy's strict layers."""
    for layer in (Ether, Dot1Q):
        bind_layers(layer, LLDPDU, type=0x88CC)
    yield
    for layer in (Ether, Dot1Q):
        split_layers(layer, LLDPDU, type=0x88CC)


MAC = bytes.fromhex("020000000101")
MED_OUI = 0x0012BB


def frame(*specific: bytes, ttl: int = 20) -> bytes:
    packet = (
        Ether(dst="01:80:c2:00:00:0e", src="02:00:00:00:00:01", type=0x88CC)
        / LLDPDUChassisID(subtype=4, id="02:00:00:00:00:01")
        / LLDPDUPortID(subtype=7, id=b"GigabitEthernet0/1")
        / LLDPDUTimeToLive(ttl=ttl)
        / LLDPDUSystemName(system_name=b"sw1")
    )
    for text in specific:
        packet /= LLDPDUGenericOrganisationSpecific(org_code=MED_OUI, subtype=text[0], data=text[1:])
    return bytes(packet / LLDPDUEndOfLLDPDU())


CAPABILITIES = bytes.fromhex("01000304")
VOICE_30_EF = bytes.fromhex("0201403d6e")  # tagged, VLAN 30, priority 5, DSCP 46


def test_the_voice_policy_of_a_switch_is_read() -> None:
    heard = lldp.parse(frame(CAPABILITIES, VOICE_30_EF))
    assert heard is not None
    assert (heard.system, heard.port, heard.ttl, heard.med) == ("sw1", "GigabitEthernet0/1", 20, True)
    assert heard.voice == VoicePolicy(vlan=30, priority=5, dscp=46)


def test_a_switch_without_med_has_no_policy() -> None:
    heard = lldp.parse(frame())
    assert heard is not None
    assert (heard.med, heard.voice) == (False, None)


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (bytes.fromhex("0202403d6e"), "voice signalling is another application"),
        (bytes.fromhex("0201c03d6e"), "unknown policy flag"),
        (bytes.fromhex("020140"), "cut short"),
    ],
)
def test_other_policies_are_not_taken_for_voice(policy: bytes, reason: str) -> None:
    heard = lldp.parse(frame(CAPABILITIES, policy))
    assert heard is not None and heard.med, reason
    assert heard.voice is None, reason


def test_an_untagged_policy_is_vlan_0() -> None:
    heard = lldp.parse(frame(bytes.fromhex("0201003d6e")))
    assert heard is not None and heard.voice is not None
    assert heard.voice.vlan == 0


def test_what_the_phone_says_of_itself() -> None:
    ours = Ether(lldp.announce(MAC, "tel1", VoicePolicy(30, 5, 46), 2))
    assert ours.dst == "01:80:c2:00:00:0e"
    assert ours[LLDPDUChassisID].id == "02:00:00:00:01:01"
    assert ours[LLDPDUTimeToLive].ttl == 8
    assert ours[LLDPDUSystemName].system_name == b"tel1"
    assert ours[LLDPDUSystemCapabilities].telephone_enabled == 1
    specific = [layer for layer in ours.iterpayloads() if isinstance(layer, LLDPDUGenericOrganisationSpecific)]
    assert [(one.org_code, one.subtype, bytes(one.data)) for one in specific] == [
        (MED_OUI, 1, b"\x00\x03\x03"),
        (MED_OUI, 2, VOICE_30_EF[1:]),
    ]
    assert isinstance(ours[LLDPDU], LLDPDU)


def test_the_phone_reads_its_own_frames() -> None:
    policy = VoicePolicy(4094, 7, 63)
    heard = lldp.parse(lldp.announce(MAC, "tel1", policy, 2))
    assert heard is not None and heard.voice == policy
    unknown = lldp.parse(lldp.announce(MAC, "tel1", None, 2))
    assert unknown is not None and unknown.med and unknown.voice is None


@examples(deadline=None)
@given(st.binary(max_size=200))
def test_no_frame_breaks_the_parser(payload: bytes) -> None:
    lldp.parse(lldp.MULTICAST + MAC + b"\x88\xcc" + payload)


@examples(deadline=None)
@given(st.integers(0, 120))
def test_a_cut_frame_is_no_announcement_or_a_shorter_one(length: int) -> None:
    whole = frame(CAPABILITIES, VOICE_30_EF)
    heard = lldp.parse(whole[:length])
    assert heard is None or heard.voice in (None, VoicePolicy(30, 5, 46))


def test_another_ethertype_is_not_lldp() -> None:
    assert lldp.parse(lldp.MULTICAST + MAC + b"\x08\x00" + frame()[14:]) is None
