"""How long a phone rings before the voicemail, on a recorded call that rang four seconds."""

from __future__ import annotations

import pytest

from trilab.grading.model import Verdict
from trilab.grading.requests import Voicemail

from .recorded import Recorded

ASKED = {"caller": "tel1", "number": 402, "mailbox": 402}


@pytest.mark.parametrize(
    ("ring", "verdict"),
    [
        (4, Verdict.CONFORME),
        (4.9, Verdict.CONFORME),
        (2.1, Verdict.CONFORME),
        (5.5, Verdict.NON_CONFORME),
        (12, Verdict.NON_CONFORME),
        (1, Verdict.NON_CONFORME),
    ],
)
def test_the_time_asked(ring: float, verdict: Verdict) -> None:
    finding = Recorded().run("voip.voicemail", **ASKED, ring=ring)
    assert finding.verdict is verdict
    assert "sonnerie de 4,0 s" in finding.observed.lower() or verdict is Verdict.CONFORME


def test_a_phone_that_never_rang() -> None:
    run = Recorded()
    request = run.find(Voicemail)
    ladder = run.ask(request).ladder
    run.change(request, ladder=tuple(row for row in ladder if not row.label.startswith("18")))
    assert run.run("voip.voicemail", **ASKED, ring=4).verdict is Verdict.NON_CONFORME


def test_a_capture_that_ends_too_early_proves_nothing() -> None:
    run = Recorded()
    request = run.find(Voicemail)
    ladder = run.ask(request).ladder
    run.change(request, ladder=tuple(row for row in ladder if row.time < 4))
    assert run.run("voip.voicemail", **ASKED, ring=4).verdict is Verdict.INCONCLUSIF
