"""Each check of telephony on a recorded run where one thing was made a little wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trilab.grading.model import Verdict
from trilab.grading.observe import Text
from trilab.grading.requests import Asterisk, Call, Dial, PhoneTraffic, Voicemail

from .recorded import BAD, GOOD, OPEN, Recorded, said

CALL = Call("tel1", "tel2", "402")


def test_registration_is_from_the_phone_itself(run: Recorded) -> None:
    asked = {"ipbx": "ipbx", "extension": 401, "phone": "tel1"}
    said(run.run("voip.registered", **asked), GOOD)
    said(run.run("voip.registered", **{**asked, "phone": "tel2"}), BAD, "enregistré depuis 10.208.22.31")
    said(run.run("voip.registered", **{**asked, "extension": "499"}), BAD, "aucun enregistrement".capitalize())
    text = run.ask(Asterisk("ipbx")).text
    run.say(Asterisk("ipbx"), Text((), text.replace("NonQual", "Unavail")))
    said(run.run("voip.registered", **asked), BAD, "injoignable")


def test_phone_vlan(run: Recorded) -> None:
    said(run.run("voip.phone_vlan", phone="tel1", vlan=22), GOOD)
    said(run.run("voip.phone_vlan", phone="tel1", vlan=23), BAD, "22")
    run.change(PhoneTraffic("tel1"), rows=())
    said(run.run("voip.phone_vlan", phone="tel1", vlan=22), BAD, "aucune trame".capitalize())


PAIR = {"caller": "tel1", "callee": "tel2", "number": 402}


@pytest.mark.parametrize(
    ("label", "missing"),
    [("180", "ans sonnerie (180)"), ("BYE", "ans BYE"), ("ACK", "ans ACK"), ("200", "ans réponse (200)")],
)
def test_call_steps(run: Recorded, label: str, missing: str) -> None:
    said(run.run("voip.call_signalling", **PAIR), GOOD)
    ladder = run.ask(CALL).ladder
    run.change(CALL, ladder=tuple(row for row in ladder if not row.label.startswith(label)))
    said(run.run("voip.call_signalling", **PAIR), BAD, missing)


def test_call_not_answered(run: Recorded) -> None:
    run.change(CALL, answered=False, detail="tel2 ne sonne pas (réponse 404)")
    for check in ("call_signalling", "call_audio", "rtp_dscp"):
        said(run.run(f"voip.{check}", **PAIR), BAD, "tel2 ne sonne pas")


def change_streams(run: Recorded, role: str, **values: Any) -> None:
    """Change the streams that arrive at a phone."""
    call = run.ask(CALL)
    legs = tuple(
        replace(
            leg,
            streams=tuple(
                replace(stream, **values) if leg.role == role and stream.destination == leg.address else stream
                for stream in leg.streams
            ),
        )
        for leg in call.legs
    )
    run.change(CALL, legs=legs)


@pytest.mark.parametrize(
    ("values", "verdict", "words"),
    [
        ({"tone_hz": None}, BAD, "sans tonalité"),
        ({"tone_hz": 1000.0}, BAD, "tel1 entend 1000 Hz"),  # its own voice comes back
        ({"packets": 10}, OPEN, "10 paquets"),  # short, nothing lost: a starved machine
        ({"lost": 40}, BAD, "40 perdus"),
        ({"payload_type": 9, "tone_hz": None}, OPEN, "codec"),
    ],
)
def test_what_the_caller_hears(run: Recorded, values: dict[str, Any], verdict: Verdict, words: str) -> None:
    said(run.run("voip.call_audio", **PAIR), GOOD)
    change_streams(run, "caller", **values)
    said(run.run("voip.call_audio", **PAIR), verdict, words)


def test_one_way_audio(run: Recorded) -> None:
    call = run.ask(CALL)
    legs = [
        replace(leg, streams=tuple(one for one in leg.streams if one.source == leg.address))
        if leg.role == "callee"
        else leg
        for leg in call.legs
    ]
    run.change(CALL, legs=tuple(legs))
    said(run.run("voip.call_audio", **PAIR), BAD, "tel2 ne reçoit aucune voix")


def test_one_unmarked_packet_is_seen(run: Recorded) -> None:
    said(run.run("voip.rtp_dscp", **PAIR, dscp=46), GOOD)
    change_streams(run, "callee", dscps=(0, 46))
    said(run.run("voip.rtp_dscp", **PAIR, dscp=46), BAD, "ipbx → tel2 : DSCP 0, 46")


def test_voice_on_a_trunk(run: Recorded) -> None:
    asked = {**PAIR, "node": "sw1", "interface": "Gi0/8"}
    said(run.run("voip.rtp_vlan", **asked, vlan=22), GOOD)
    said(run.run("voip.rtp_vlan", **asked, vlan=10), BAD, "étiquette 22")
    said(run.run("voip.rtp_vlan", **{**asked, "interface": "Gi0/7"}, vlan=22), BAD, "aucun paquet de voix".capitalize())


def test_voicemail(run: Recorded) -> None:
    request = run.find(Voicemail)
    asked = {"caller": "tel1", "number": 402, "mailbox": 402}
    said(run.run("voip.voicemail", **asked), GOOD, "1000 Hz")
    run.change(request, tone_hz=None)
    said(run.run("voip.voicemail", **asked), BAD, "sans la tonalité")
    run.change(request, messages_after=0)
    said(run.run("voip.voicemail", **asked), BAD, "0\u00a0nouveau message")
    run.change(request, answered=False, detail="personne ne décroche")
    said(run.run("voip.voicemail", **asked), BAD, "ersonne ne décroche")


def test_unknown_number(run: Recorded) -> None:
    request = run.find(Dial)
    asked = {"caller": "tel1", "number": request.number}
    said(run.run("voip.unknown_number", **asked), GOOD)
    run.change(request, control_rang=False, control_detail="aucune réponse")
    said(run.run("voip.unknown_number", **asked), OPEN)
    run.change(request, ringing=True, code=None, detail="ça sonne")
    said(run.run("voip.unknown_number", **asked), BAD, "ça sonne")
