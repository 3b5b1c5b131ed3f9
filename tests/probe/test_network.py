"""ping, TCP and DHCP: what real outputs and real sockets become."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

import pytest

from tests.probe.lab import ScriptedLab, completed
from trilab.errors import ObservationError
from trilab.probe import TcpState, dhcp, ping, tcp

REPLY = """PING 10.1.10.1 (10.1.10.1) 56(84) bytes of data.
64 bytes from 10.1.10.1: icmp_seq=1 ttl=64 time=0.274 ms

--- 10.1.10.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.274/0.274/0.274/0.000 ms
"""
FILTERED = """PING 10.1.30.5 (10.1.30.5) 56(84) bytes of data.
From 10.1.10.1 icmp_seq=1 Packet filtered

--- 10.1.30.5 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms
"""


def test_a_reply_ends_the_ping_and_comes_from_a_trusted_program() -> None:
    lab = ScriptedLab(run=lambda argv: completed(REPLY))
    result = ping(lab, "pc1", "10.1.10.1")
    assert result.reachable and (result.sent, result.received, result.rtt) == (1, 1, 0.274)
    [(node, argv, trusted)] = lab.asked
    assert (node, argv[0], argv[-1], trusted) == ("pc1", "ping", "10.1.10.1", True)


def test_ping_goes_on_until_a_reply_comes() -> None:
    answers = iter([completed(FILTERED, code=1), completed(stderr="ping: connect: Network is unreachable\n", code=2)])
    lab = ScriptedLab(run=lambda argv: next(answers, completed(REPLY)))
    assert ping(lab, "pc1", "10.1.10.1", deadline=30).reachable
    assert len(lab.asked) == 3


def test_what_routers_say_is_kept() -> None:
    result = ping(ScriptedLab(run=lambda argv: completed(FILTERED, code=1)), "pc1", "10.1.30.5", deadline=0)
    assert not result.reachable
    assert result.errors == ("10.1.10.1: Packet filtered",)


def test_no_route_is_a_result_not_a_failure_of_the_tool() -> None:
    failed = completed(stderr="ping: connect: Network is unreachable\n", code=2)
    result = ping(ScriptedLab(run=lambda argv: failed), "pc1", "10.9.9.9", deadline=0)
    assert (result.sent, result.errors) == (0, ("connect: Network is unreachable",))


def test_a_ping_that_does_not_run_is_no_observation() -> None:
    failed = completed(stderr="ping: socktype: SOCK_RAW: Operation not permitted\n", code=2)
    with pytest.raises(ObservationError, match="ping"):
        ping(ScriptedLab(run=lambda argv: failed), "pc1", "10.1.10.1", deadline=0)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def test_an_open_port_and_its_banner(server: socket.socket) -> None:
    def connect(host: str, port: int) -> socket.socket:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        with accepted:
            accepted.sendall(b"SSH-2.0-trilab\r\n")
        return client

    result = tcp(ScriptedLab(connect=connect), "pc1", "10.1.10.1", 22, banner=5.0)
    assert result.open and result.banner == "SSH-2.0-trilab\r\n"


def test_a_closed_port_is_refused(server: socket.socket) -> None:
    address = server.getsockname()
    server.close()
    lab = ScriptedLab(connect=lambda host, port: socket.create_connection(address))
    assert tcp(lab, "pc1", "10.1.10.1", 23, deadline=0).state is TcpState.REFUSED


def _raise(error: OSError) -> socket.socket:
    raise error


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TimeoutError("timed out"), TcpState.SILENT),
        (OSError(errno.EHOSTUNREACH, "No route to host"), TcpState.UNREACHABLE),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), TcpState.UNREACHABLE),
        (ConnectionResetError(errno.ECONNRESET, "reset"), TcpState.REFUSED),
    ],
)
def test_each_failure_has_its_state(error: OSError, state: TcpState) -> None:
    lab = ScriptedLab(connect=lambda host, port: _raise(error))
    assert tcp(lab, "pc1", "10.1.10.1", 23, deadline=0).state is state


def test_a_failure_of_the_tool_is_no_observation() -> None:
    lab = ScriptedLab(connect=lambda host, port: _raise(OSError(errno.EMFILE, "Too many open files")))
    with pytest.raises(ObservationError):
        tcp(lab, "pc1", "10.1.10.1", 23, deadline=0)


def test_tcp_tries_until_the_wanted_state(server: socket.socket) -> None:
    errors = iter([OSError(errno.EHOSTUNREACH, ""), TimeoutError()])

    def connect(host: str, port: int) -> socket.socket:
        error = next(errors, None)
        return _raise(error) if error else socket.create_connection(server.getsockname())

    assert tcp(ScriptedLab(connect=connect), "pc1", "10.1.10.1", 22, deadline=30).open


LEASE = (
    "lease\tdeconfig\t\t\t\t\t\t\t\t\t\n"
    "lease\tbound\t10.1.30.94\t255.255.255.0\t10.1.30.1\t10.1.10.1 10.1.10.2\tpme.lan\t\t0a011e05\t3600\t10.1.30.1\n"
)


def test_a_lease_is_read_with_its_options() -> None:
    lab = ScriptedLab(run=lambda argv: completed(LEASE, "udhcpc: started, v1.38.0\n"))
    result = dhcp(lab, "tel1")
    assert result.interface == "voice" and result.lease is not None
    assert result.lease.address == IPv4Interface("10.1.30.94/24")
    assert result.lease.server == IPv4Address("10.1.30.1")
    assert result.lease.dns == (IPv4Address("10.1.10.1"), IPv4Address("10.1.10.2"))
    assert (result.lease.option_66, result.lease.option_150) == ("", (IPv4Address("10.1.30.5"),))
    [(_, argv, trusted)] = lab.asked
    assert trusted and "-n" in argv and "-q" in argv and "/usr/lib/trilab/lease" in argv


@pytest.mark.parametrize("said", ["udhcpc: no lease, failing", "udhcpc: SIOCGIFINDEX: No such device"])
def test_no_lease_is_a_result(said: str) -> None:
    lab = ScriptedLab(run=lambda argv: completed("", f"udhcpc: started, v1.38.0\n{said}\n", 1))
    result = dhcp(lab, "pc1")
    assert result.interface == "eth1" and result.lease is None and result.reason == said.removeprefix("udhcpc: ")


def test_a_dhcp_client_that_does_not_run_is_no_observation() -> None:
    lab = ScriptedLab(run=lambda argv: completed("", "chroot: failed to run command\n", 127))
    with pytest.raises(ObservationError, match="DHCP"):
        dhcp(lab, "pc1")
