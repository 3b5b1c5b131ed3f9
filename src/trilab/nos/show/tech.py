"""``show tech-support``: what somebody who helps from afar asks for first, in one go, without the secrets.

Source: Cisco IOS Configuration Fundamentals Command Reference, "show tech-support".
"""

from __future__ import annotations

import re

from trilab.nos import interpreter, running
from trilab.nos.context import CommandError
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.exec.control import PRIVILEGED
from trilab.nos.grammar.command import Command, Match
from trilab.nos.grammar.parser import Failure
from trilab.nos.session import Session

HELP = {
    "show": "Show running system information",
    "tech-support": "Show system information for Tech-Support",
}
SECTIONS = (  # one that the device does not have is left out
    "show version",
    "show inventory",
    "show clock",
    "show users",
    "show running-config",
    "show interfaces",
    "show ip interface brief",
    "show interfaces status",
    "show interfaces trunk",
    "show etherchannel summary",
    "show vlan",
    "show spanning-tree",
    "show mac address-table",
    "show port-security",
    "show errdisable recovery",
    "show arp",
    "show ip route",
    "show ip protocols",
    "show ip ospf neighbor",
    "show standby brief",
    "show vrrp brief",
    "show ipv6 interface brief",
    "show access-lists",
    "show ip nat translations",
    "show ip dhcp binding",
    "show ip dhcp snooping",
    "show lldp neighbors",
    "show dot11 associations",
    "show ntp status",
    "show logging",
)
SECRET = re.compile(r"\b(secret|password|community|authentication-key|(?<!-)key|ascii|hex|md5)((?: \d)?) \S+")


def commands() -> list[Command]:
    """``show tech-support``."""
    return [Command(PRIVILEGED, "show tech-support", _tech, HELP)]


def without_secrets(line: str) -> str:
    """A line of the configuration with its secret, if it has one, replaced as IOS does."""
    return SECRET.sub(r"\1\2 <removed>", line)


def _tech(s: Session, m: Match) -> None:
    for line in SECTIONS:
        found, _ = interpreter.resolve(s.device.grammar, "privileged", line)
        if isinstance(found, Failure) or (run := found.action.command.run) is None:
            continue
        s.out(f"\n------------------ {line} ------------------\n")
        if line == "show running-config":
            s.out("\n".join(without_secrets(one) for one in running.render(s.device.config).splitlines()))
            continue
        try:
            run(s, found.match)
        except (CommandError, DataplaneError) as error:  # one section that has nothing to say hides no other
            s.out(str(error))
