"""NAT on the wire: pc1 inside, r1 translates, r2 is the outside and knows no way back to pc1's network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ntc_templates.parse import parse_output
from wire import cli, ping, reaches, until

from trilab.engine.base import Lab

pytestmark = pytest.mark.live
OUTSIDE = "10.12.0.2"
OVERLOAD = (
    "access-list 1 permit 10.1.0.0 0.0.0.255",
    "ip nat inside source list 1 interface GigabitEthernet0/2 overload",
)


def configure(lab: Lab, *lines: str) -> str:
    return cli(lab, "r1", "\n".join(["configure terminal", *lines]))


def translations(lab: Lab) -> list[dict[str, Any]]:
    text = cli(lab, "r1", "show ip nat translations").partition("translations\n")[2].rpartition("R1#exit")[0]
    rows = parse_output(platform="cisco_ios", command="show ip nat translations", data=text) if text.strip() else []
    assert isinstance(rows, list)
    return rows


@contextmanager
def seen(lab: Lab, expression: str) -> Iterator[list[str]]:
    """The next three packets that r2's port sees, filled when the block ends."""
    capture = lab.popen("r2", ["tcpdump", "-c2", "-nni", "eth1", expression], trusted=True)
    assert capture.stderr is not None and capture.stdout is not None
    assert b"listening" in capture.stderr.readline() + capture.stderr.readline()
    found: list[str] = []
    yield found
    found += capture.communicate(timeout=10)[0].decode().splitlines()


@pytest.fixture(scope="module")
def nat(routers: Lab) -> Lab:
    configure(routers, "interface GigabitEthernet0/1", "ip nat inside", "interface GigabitEthernet0/2",
              "ip nat outside", "exit")  # fmt: skip
    assert routers.run("pc1", ["ip", "addr", "replace", "10.1.0.2/24", "dev", "eth1"]).returncode == 0
    return routers


@pytest.fixture
def servers(nat: Lab) -> Iterator[None]:
    """Something listens on port 80 of pc1 and of r2."""
    running = [nat.popen(node, ["nc", "-lk", "80"]) for node in ("pc1", "r2")]
    assert until(lambda: all(":80 " in nat.run(node, ["ss", "-ltn"]).stdout for node in ("pc1", "r2")))
    yield
    for one in running:
        one.kill()
        one.wait()


def opens(lab: Lab, node: str, host: str, port: int) -> bool:
    try:
        lab.connect(host, port, source=node, timeout=2).close()
        return True
    except OSError:
        return False


def test_overload_hides_the_inside_behind_the_interface(nat: Lab, servers: None) -> None:
    assert not reaches(nat, "pc1", OUTSIDE)
    configure(nat, *OVERLOAD)
    with seen(nat, "icmp") as packets:
        assert reaches(nat, "pc1", OUTSIDE)
    assert "10.12.0.1 > 10.12.0.2: ICMP echo request" in packets[0]
    assert opens(nat, "pc1", OUTSIDE, 80)
    rows = {row["protocol"]: row for row in translations(nat)}
    assert (rows["icmp"]["inside_local_ip"], rows["icmp"]["inside_global_ip"]) == ("10.1.0.1", "10.12.0.1")
    assert (rows["tcp"]["outside_global_ip"], rows["tcp"]["outside_global_port"]) == (OUTSIDE, "80")
    about = cli(nat, "r1", "show ip nat statistics")
    assert "access-list 1 interface GigabitEthernet0/2" in about and "Hits: 0" not in about
    assert "(2 matches)" in cli(nat, "r1", "show access-lists 1")  # IOS counts what begins a translation
    assert not reaches(nat, "r2", "10.1.0.1")  # the inside cannot be reached from outside


def test_a_port_is_forwarded_inside(nat: Lab, servers: None) -> None:
    configure(nat, "ip nat inside source static tcp 10.1.0.1 80 interface GigabitEthernet0/2 8080")
    assert opens(nat, "r2", "10.12.0.1", 8080)
    assert not opens(nat, "r2", "10.12.0.1", 8081)  # control
    fixed = next(row for row in translations(nat) if row["outside_local_ip"] == "---")
    assert (fixed["inside_global_port"], fixed["inside_local_port"]) == ("8080", "80")
    configure(nat, "no ip nat inside source static tcp 10.1.0.1 80 interface GigabitEthernet0/2 8080")
    assert not opens(nat, "r2", "10.12.0.1", 8080)


def test_a_static_address_works_both_ways_and_lists_see_the_global_one(nat: Lab) -> None:
    configure(nat, "ip nat inside source static 10.1.0.1 10.12.0.50")
    assert reaches(nat, "r2", "10.12.0.50")
    with seen(nat, "icmp") as packets:
        assert reaches(nat, "pc1", OUTSIDE)
    assert "10.12.0.50 > 10.12.0.2" in packets[0]
    configure(nat, "ip access-list extended FROM", "deny icmp host 10.12.0.2 host 10.12.0.50 echo", "permit ip any any",
              "interface GigabitEthernet0/2", "ip access-group FROM in")  # fmt: skip
    assert "filtered" in ping(nat, "r2", "10.12.0.50")
    assert reaches(nat, "pc1", OUTSIDE)  # control
    configure(nat, "interface GigabitEthernet0/2", "no ip access-group FROM in", "ip access-list extended TO",
              "permit ip host 10.12.0.50 any", "interface GigabitEthernet0/2", "ip access-group TO out")  # fmt: skip
    assert reaches(nat, "pc1", OUTSIDE)
    assert not reaches(nat, "pc1", OUTSIDE, "10.1.0.2")
    configure(nat, "interface GigabitEthernet0/2", "no ip access-group TO out",
              "no ip nat inside source static 10.1.0.1 10.12.0.50")  # fmt: skip
    assert not reaches(nat, "r2", "10.12.0.50")


def test_a_pool_gives_each_host_an_address_while_there_are_some(nat: Lab) -> None:
    configure(nat, "no ip nat inside source list 1", "ip nat pool ONE 10.12.0.60 10.12.0.60 prefix-length 24",
              "ip nat inside source list 1 pool ONE")  # fmt: skip
    with seen(nat, "icmp") as packets:
        assert reaches(nat, "pc1", OUTSIDE)
    assert "10.12.0.60 > 10.12.0.2" in packets[0]
    assert not reaches(nat, "pc1", OUTSIDE, "10.1.0.2")
    owner = next(row for row in translations(nat) if row["protocol"] == "---")
    assert (owner["inside_global_ip"], owner["inside_local_ip"]) == ("10.12.0.60", "10.1.0.1")
    cli(nat, "r1", "clear ip nat translation *")
    assert translations(nat) == []
    assert reaches(nat, "pc1", OUTSIDE, "10.1.0.2")


def test_what_is_saved_translates_after_a_reload_and_what_is_removed_does_not(nat: Lab) -> None:
    cli(nat, "r1", "write")
    nat.run("r1", ["env", "USER=trilab", "/usr/lib/trilab/cli"], input="reload\n\n")
    assert until(lambda: reaches(nat, "pc1", OUTSIDE))
    configure(nat, "no ip nat inside source list 1", "no ip nat pool ONE")
    assert not reaches(nat, "pc1", OUTSIDE)
    assert reaches(nat, "pc1", "10.1.0.254")  # control
    assert "nat_" not in nat.run("r1", ["nft", "list", "ruleset"]).stdout
    configure(nat, "interface GigabitEthernet0/1", "no ip nat inside", "interface GigabitEthernet0/2",
              "no ip nat outside", "no access-list 1", "do write")  # fmt: skip
