"""The fixed address of a server: in use, and at the next start."""

from __future__ import annotations

from typing import cast

import pytest

from trilab.graders import all_checks
from trilab.grading.model import Verdict
from trilab.grading.observe import A, Answer, Request, Shell, Text
from trilab.grading.requests import Addresses, AddressList

GOOD = {
    "addresses": "10.1.20.5/24",
    "ip -4 route show default": "default via 10.1.20.254 dev eth1 onlink \n",
    "ifquery --list; ifquery --list --allow=hotplug": "lo\neth1\n",
    "ifquery eth1": "address: 10.1.20.5\ngateway: 10.1.20.254\nbroadcast: 10.1.20.255\nnetmask: 255.255.255.0\n",
}


class Host:
    """An IPBX that says what it is given."""

    def __init__(self, said: dict[str, str]) -> None:
        self.said = said

    def ask(self, request: Request[A]) -> A:
        answer: Answer
        if isinstance(request, Addresses):
            address = self.said["addresses"]
            answer = AddressList((), (("eth1", address),) if address else ())
        else:
            assert isinstance(request, Shell)
            answer = Text((), self.said[request.command])
        return cast(A, answer)


def verdict(**changes: str) -> Verdict:
    check = all_checks()["routing.fixed_address"]
    values = {"node": "ipbx", "interface": "eth1", "address": "10.1.20.5/24", "gateway": "10.1.20.254"}
    parameters = check.parameters.model_validate(values)
    return check.run(Host(GOOD | changes), parameters).verdict


def test_used_and_kept() -> None:
    assert verdict() is Verdict.CONFORME


@pytest.mark.parametrize(
    "changes",
    [
        {"addresses": ""},
        {"addresses": "10.1.20.6/24"},
        {"addresses": "10.1.20.5/25"},
        {"ip -4 route show default": ""},
        {"ip -4 route show default": "default via 10.1.20.253 dev eth1\n"},
        {"ifquery --list; ifquery --list --allow=hotplug": "lo\n"},
        {"ifquery eth1": ""},
        {"ifquery eth1": "ifquery: unknown interface eth1\n"},
        {"ifquery eth1": GOOD["ifquery eth1"].replace("20.5", "20.6")},
        {"ifquery eth1": GOOD["ifquery eth1"].replace("255.0", "255.128")},
        {"ifquery eth1": GOOD["ifquery eth1"].replace("20.254", "20.253")},
    ],
)
def test_one_thing_wrong(changes: dict[str, str]) -> None:
    assert verdict(**changes) is Verdict.NON_CONFORME
