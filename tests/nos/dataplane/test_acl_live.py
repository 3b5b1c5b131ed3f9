"""Access lists on the wire: pc1 behind r1's filtered port, r2 beyond."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from wire import cli, ping, reaches, until

from trilab.engine.base import Lab

pytestmark = pytest.mark.live
BEYOND = "10.12.0.2"


def configure(lab: Lab, *lines: str) -> str:
    return cli(lab, "r1", "\n".join(["configure terminal", *lines]))


def opens(lab: Lab, node: str, host: str, port: int) -> bool:
    try:
        lab.connect(host, port, source=node, timeout=2).close()
        return True
    except OSError:
        return False


def hits(lab: Lab, name: str) -> dict[int, int]:
    """Sequence number → matches, as shown."""
    shown = cli(lab, "r1", f"show access-lists {name}")
    found = re.findall(r"^ +(\d+) (?:permit|deny).*?(?: \((\d+) match(?:es)?\))? *$", shown, re.M)
    return {int(sequence): int(count or 0) for sequence, count in found}


def logged(lab: Lab, pattern: str) -> bool:
    return until(lambda: bool(re.search("%SEC-6-" + pattern, lab.run("r1", ["cat", "/run/trilab/daemon.log"]).stdout)))


@pytest.fixture(scope="module")
def lab(routers: Lab) -> Iterator[Lab]:
    """r2 knows the way to pc1; ports 80 and 81 of r2, and 80 of pc1, listen."""
    cli(routers, "r2", "configure terminal\nip route 10.1.0.0 255.255.255.0 10.12.0.1")
    wanted = [("r2", "80"), ("r2", "81"), ("pc1", "80")]
    running = [routers.popen(node, ["nc", "-lk", port]) for node, port in wanted]
    assert until(lambda: all(f":{port} " in routers.run(node, ["ss", "-ltn"]).stdout for node, port in wanted))
    yield routers
    for one in running:
        one.kill()
        one.wait()


def test_ports_icmp_types_and_established(lab: Lab) -> None:
    configure(lab, "ip access-list extended LAN", "remark from pc1", "permit tcp any host 10.12.0.2 eq www",
              "permit tcp any any established", "permit icmp any any echo", "deny ip any any log",
              "interface GigabitEthernet0/1", "ip access-group LAN in")  # fmt: skip
    assert opens(lab, "pc1", BEYOND, 80)
    assert not opens(lab, "pc1", BEYOND, 81)
    assert reaches(lab, "pc1", BEYOND)
    assert opens(lab, "r2", "10.1.0.1", 80)  # pc1's answers are «established»
    assert not reaches(lab, "r2", "10.1.0.1")  # its echo replies are not permitted
    counted = hits(lab, "LAN")
    assert counted[10] and counted[20] and counted[30] and counted[40]
    assert logged(lab, r"IPACCESSLOGP: list LAN denied tcp 10\.1\.0\.1\(\d+\) -> 10\.12\.0\.2\(81\), 1 packet")
    assert logged(lab, r"IPACCESSLOGDP: list LAN denied icmp 10\.1\.0\.1 -> 10\.12\.0\.2 \(0/0\), 1 packet")


def test_edited_in_place(lab: Lab) -> None:
    configure(lab, "ip access-list extended LAN", "no 30", "15 permit tcp any any range 81 82")
    assert opens(lab, "pc1", BEYOND, 81)
    assert "filtered" in ping(lab, "pc1", BEYOND)
    configure(lab, "ip access-list resequence LAN 100 5")
    assert list(hits(lab, "LAN")) == [100, 105, 110, 115]
    assert opens(lab, "pc1", BEYOND, 81)
    assert hits(lab, "LAN")[105] > 0
    cli(lab, "r1", "clear access-list counters LAN")
    assert set(hits(lab, "LAN").values()) == {0}
    configure(lab, "ip access-list extended LAN", "no permit tcp any any range 81 82")
    assert not opens(lab, "pc1", BEYOND, 81)
    assert opens(lab, "pc1", BEYOND, 80)  # control


def test_a_standard_list_outwards_and_its_removal(lab: Lab) -> None:
    configure(lab, "interface GigabitEthernet0/1", "no ip access-group LAN in", "access-list 7 deny host 10.1.0.1 log",
              "access-list 7 permit any", "interface GigabitEthernet0/2", "ip access-group 7 out")  # fmt: skip
    assert "filtered" in ping(lab, "pc1", BEYOND)
    assert reaches(lab, "r1", BEYOND)  # what the router itself sends passes
    assert logged(lab, "IPACCESSLOGS: list 7 denied 10.1.0.1 1 packet")
    configure(lab, "no access-list 7")  # a list that does not exist lets everything pass
    assert reaches(lab, "pc1", BEYOND)
    configure(lab, "interface GigabitEthernet0/2", "no ip access-group 7 out")


def test_terminal_lines(lab: Lab) -> None:
    configure(lab, "access-list 9 permit 10.1.0.1", "line vty 0 4", "password clef", "login", "transport input telnet",
              "access-class 9 in")  # fmt: skip
    assert until(lambda: opens(lab, "pc1", "10.1.0.254", 23))
    assert not opens(lab, "r2", "10.12.0.1", 23)
    assert hits(lab, "9")[10] > 0
    configure(lab, "line vty 0 4", "no access-class in")
    assert opens(lab, "r2", "10.12.0.1", 23)
