"""Active probes from nodes: ping, TCP, SSH login, DHCP, telephone calls.

Each gives a frozen value that says what happened; that the network under test does not work is such a value.
:class:`~trilab.errors.ObservationError` means that the tool itself could not observe.
"""

from trilab.probe.call import Phone, PhoneError, ring, talk
from trilab.probe.dhcp import DhcpResult, Lease, dhcp
from trilab.probe.phone import PhoneLink, PhoneState, phone_state, recording, wait_registered
from trilab.probe.ping import PingResult, echoes, ping
from trilab.probe.ssh import SshResult, ssh_login
from trilab.probe.tcp import TcpResult, TcpState, tcp

__all__ = [
    "DhcpResult",
    "Lease",
    "Phone",
    "PhoneError",
    "PhoneLink",
    "PhoneState",
    "PingResult",
    "SshResult",
    "TcpResult",
    "TcpState",
    "dhcp",
    "echoes",
    "phone_state",
    "ping",
    "recording",
    "ring",
    "ssh_login",
    "talk",
    "tcp",
    "wait_registered",
]
