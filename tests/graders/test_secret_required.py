"""Whether an IPBX asks for the secret: challenged, not challenged, silent, or nobody registered."""

from __future__ import annotations

from typing import cast

import pytest

from trilab.graders import all_checks
from trilab.grading.model import Verdict
from trilab.grading.observe import A, Answer, Request, Text
from trilab.grading.requests import Addresses, AddressList, Asterisk, SipAsked, SipRegister

CONTACT = "  Contact:  101/sip:101@10.1.20.50:5060;transport=udp   0123456789 Avail   1.2\n"


class Ipbx:
    """It answers a REGISTER with ``code``; its console shows ``contacts``."""

    def __init__(self, code: int | None, contacts: str) -> None:
        self.code, self.contacts = code, contacts

    def ask(self, request: Request[A]) -> A:
        answers: dict[type[Request[Answer]], Answer] = {
            cast("type[Request[Answer]]", SipRegister): SipAsked((), self.code),
            cast("type[Request[Answer]]", Asterisk): Text((), self.contacts),
            cast("type[Request[Answer]]", Addresses): AddressList((), (("eth1", "10.1.20.50/24"),)),
        }
        return cast(A, answers[cast("type[Request[Answer]]", type(request))])


@pytest.mark.parametrize(
    ("code", "contacts", "verdict"),
    [
        (401, CONTACT, Verdict.CONFORME),
        (407, CONTACT, Verdict.CONFORME),
        (200, CONTACT, Verdict.NON_CONFORME),
        (200, "", Verdict.NON_CONFORME),
        (403, CONTACT, Verdict.NON_CONFORME),
        (401, "", Verdict.INCONCLUSIF),
        (None, CONTACT, Verdict.INCONCLUSIF),
    ],
)
def test_the_secret_is_asked(code: int | None, contacts: str, verdict: Verdict) -> None:
    check = all_checks()["voip.secret_required"]
    parameters = check.parameters.model_validate({"ipbx": "ipbx", "accounts": {101: "tel1"}})
    assert check.run(Ipbx(code, contacts), parameters).verdict is verdict
