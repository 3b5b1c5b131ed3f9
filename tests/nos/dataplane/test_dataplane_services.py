from __future__ import annotations

import signal
import subprocess
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest
from dataplane_configs import access_list, device, entry, put, stick
from hypothesis import given
from hypothesis import strategies as st

from trilab.nos import passwords
from trilab.nos.dataplane import dhcp, dhcp_client, lldp, sshd, system
from trilab.nos.dataplane.base import DataplaneError
from trilab.nos.features.dhcp_client import Lease
from trilab.nos.model import Config, DhcpPool, User

LAN = IPv4Network("10.0.10.0/24")
ADDRESSES = st.integers(int(LAN.network_address) - 20, int(LAN.broadcast_address) + 20).map(IPv4Address)


def span(low: str, high: str) -> tuple[IPv4Address, IPv4Address]:
    return IPv4Address(low), IPv4Address(high)


@given(st.lists(st.tuples(ADDRESSES, ADDRESSES).map(lambda pair: (min(pair), max(pair))), max_size=5))
def test_ranges_are_the_hosts_that_nothing_excludes(taken):
    leased = {n for low, high in dhcp.ranges(LAN, taken) for n in range(int(low), int(high) + 1)}
    assert leased == {int(a) for a in LAN.hosts() if not any(low <= a <= high for low, high in taken)}


def test_small_networks():
    assert list(dhcp.ranges(IPv4Network("10.0.0.4/31"), [])) == [span("10.0.0.4", "10.0.0.5")]
    assert list(dhcp.ranges(IPv4Network("10.0.0.4/30"), [span("10.0.0.5", "10.0.0.6")])) == []


def server() -> Config:
    config = stick((10, 20))
    config.dhcp_excluded = [span("10.0.10.1", "10.0.10.9")]
    config.dhcp_pools["DATA"] = DhcpPool(
        "DATA",
        LAN,
        default_routers=[IPv4Address("10.0.10.254")],
        domain="lab.example",
        options={66: ("ascii", "10.0.20.5"), 150: ("ip", "10.0.20.5 10.0.20.6"), 43: ("hex", "0104.c0a8.0001")},
    )
    return config


def test_a_pool_gives_its_free_addresses_and_its_options():
    lines = (dhcp.settings(server()) or "").splitlines()
    assert "dhcp-range=set:p0,10.0.10.10,10.0.10.253,255.255.255.0,86400" in lines  # .254 is the router's own
    assert "dhcp-option=tag:p0,3,10.0.10.254" in lines
    assert "dhcp-option=tag:p0,15,lab.example" in lines
    assert 'dhcp-option-force=tag:p0,66,"10.0.20.5"' in lines
    assert "dhcp-option-force=tag:p0,150,10.0.20.5,10.0.20.6" in lines
    assert "dhcp-option-force=tag:p0,43,01:04:c0:a8:00:01" in lines
    assert "except-interface=eth0" in lines


def test_without_default_router_none_is_offered():
    config = server()
    config.dhcp_pools["DATA"].default_routers = []
    lines = (dhcp.settings(config) or "").splitlines()
    assert "dhcp-option=tag:p0,3" in lines


def test_an_infinite_lease():
    config = server()
    config.dhcp_pools["DATA"].lease = None
    assert ",infinite\n" in (dhcp.settings(config) or "")


def test_server_and_relay_on_one_router():
    config = server()
    put(config, "GigabitEthernet0/1.20", helpers=[IPv4Address("10.0.10.5"), IPv4Address("10.0.10.6")])
    lines = (dhcp.settings(config) or "").splitlines()
    assert [line for line in lines if "relay" in line] == [
        "dhcp-relay=10.0.20.254,10.0.10.5",
        "dhcp-relay=10.0.20.254,10.0.10.6",
    ]
    assert [line for line in lines if line.startswith("interface=")] == ["interface=eth1.10", "interface=eth1.20"]


def test_nothing_to_serve_is_no_server():
    assert dhcp.settings(stick()) is None
    assert dhcp.settings(device("switch")) is None
    shut = server()
    put(shut, "GigabitEthernet0/1", shutdown=True)
    assert dhcp.settings(shut) is None


def test_leases_as_dnsmasq_stores_them():
    text = (
        "1795605883 1a:c1:73:0e:0c:22 10.0.10.11 * 01:1a:c1:73:0e:0c:22\n"
        "0 02:00:00:00:00:01 10.0.10.10 pc2 *\n"
        "1795600000 02:00:00:00:00:02 10.0.10.12 * *\n"
        "duid 00:01\n"
    )
    found = dhcp.parse_leases(text, now=1795600001)
    assert [(str(lease.address), lease.client_id, lease.expires) for lease in found] == [
        ("10.0.10.10", "02:00:00:00:00:01", None),
        ("10.0.10.11", "01:1a:c1:73:0e:0c:22", 1795605883.0),
    ]


def voice_switch() -> Config:
    config = device("switch", vlans=(10, 30))
    put(config, "GigabitEthernet0/1", mode="access", access_vlan=10, voice_vlan=30)
    put(config, "GigabitEthernet0/2", mode="trunk", voice_vlan=30)
    put(config, "GigabitEthernet0/4", mode="access", voice_vlan=30)
    return config


def test_voice_is_announced_on_cabled_access_ports():
    heard = lldp.voice(voice_switch(), {"eth1", "eth2", "eth3"})
    assert heard == {"eth1": 30}
    assert lldp.policies(heard) == [
        "configure ports eth1 med policy application voice tagged vlan 30 priority voice dscp 46"
    ]


def test_the_out_of_band_address_is_never_announced():
    config = voice_switch()
    assert 'configure system ip management pattern "!*"' in lldp.identity(config)
    put(config, "Vlan10", "10.0.10.1/24")
    assert 'configure system ip management pattern "10.0.10.1"' in lldp.identity(config)


def reachable() -> Config:
    config = device("switch", vlans=(99,))
    put(config, "Vlan99", "10.0.99.1/24")
    config.domain_name, config.rsa_bits = "lab.example", 1024
    return config


def test_ssh_runs_when_ios_would_run_it():
    assert sshd.enabled(reachable())


@pytest.mark.parametrize(
    ("field", "value"), [("domain_name", None), ("rsa_bits", None), ("rsa_bits", 512), ("ssh_version", 1)]
)
def test_ssh_does_not_run_without(field, value):
    config = reachable()
    setattr(config, field, value)
    assert not sshd.enabled(config)


def test_ssh_does_not_run_when_no_line_takes_it():
    config = reachable()
    for line in config.lines:
        line.transport = frozenset({"telnet"})
    assert not sshd.enabled(config)


def test_ssh_listens_in_band_only_with_the_configured_limits():
    config = reachable()
    config.ssh_retries, config.ssh_timeout = 2, 60
    lines = sshd.settings(config).splitlines()
    assert [line for line in lines if line.startswith("ListenAddress")] == ["ListenAddress 10.0.99.1"]
    assert {"MaxAuthTries 2", "LoginGraceTime 60", "ForceCommand /usr/lib/trilab/cli vty"} <= set(lines)


SECRET = passwords.md5_crypt("cisco", "abcd")


def test_accounts_are_the_username_lines_only():
    users = [User("bob", secret=SECRET), User("admin", password="toto"), User("root", password="x"), User("eve")]
    files = sshd.accounts(users, local=True)
    shadow = {line.split(":")[0]: line.split(":")[1] for line in files.shadow.splitlines()}
    assert shadow["bob"] == SECRET
    assert passwords.check_secret(shadow["admin"], "toto")
    assert shadow["eve"] == shadow["nobody"] == "*"
    uids = {line.split(":")[0]: int(line.split(":")[2]) for line in files.passwd.splitlines()}
    assert all(uids[name] >= sshd.FIRST_UID for name in ("bob", "admin", "root", "eve"))
    assert len(set(uids.values())) == len(uids)


def test_without_login_local_no_password_opens_a_session():
    files = sshd.accounts([User("bob", secret=SECRET)], local=False)
    assert "bob:*:" in files.shadow and SECRET not in files.shadow


def test_a_file_is_written_in_place_and_only_when_it_changes(tmp_path: Path):
    path = tmp_path / "deep" / "shadow"
    assert system.write(path, "one", 0o600)
    inode = path.stat().st_ino
    assert not system.write(path, "one", 0o600)
    assert system.write(path, "two", 0o600)
    assert (path.read_text(), path.stat().st_ino, path.stat().st_mode & 0o777) == ("two", inode, 0o600)


def test_a_failing_tool_says_why():
    with pytest.raises(DataplaneError, match="sh: broken"):
        system.run(["sh", "-c", "echo broken >&2; exit 3"])
    with pytest.raises(DataplaneError, match="no-such-tool"):
        system.run(["no-such-tool"])
    with pytest.raises(DataplaneError, match="timed out"):
        system.run(["sleep", "60"], timeout=0.05)


@pytest.fixture
def run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(system, "RUN", tmp_path)
    return tmp_path


def test_a_service_is_stopped_before_it_is_started_again(run_folder: Path):
    service = system.Service("sleeper")
    service.start(["sleep", "60"])
    first = int((run_folder / "sleeper.pid").read_text())
    service.start(["sleep", "60"])
    assert service.running and not Path(f"/proc/{first}").exists()
    service.stop()
    assert not service.running and not (run_folder / "sleeper.pid").exists()


def test_a_service_left_by_an_earlier_life_is_stopped(run_folder: Path):
    orphan = subprocess.Popen(["sleep", "60"])
    (run_folder / "sleeper.pid").write_text(f"{orphan.pid}\n")
    system.Service("sleeper").stop()
    assert orphan.wait(5) == -signal.SIGTERM


def test_access_class_and_lists_do_not_stop_ssh():
    config = reachable()
    access_list(config, "ADM", entry(10, "deny"))
    config.lines[1].access_class = "ADM"
    assert sshd.enabled(config)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("udhcpc: started\n", None),
        ("lease\tdeconfig\t\t\t\t\t\t\t\t\t\n", ("deconfig", None)),
        ("lease\tbound\t10.0.0.5\t255.255.255.0\t10.0.0.1 10.0.0.2\t\t\t\t\t3600\t10.0.0.1\n",
         ("bound", Lease(IPv4Interface("10.0.0.5/24"), IPv4Address("10.0.0.1"), IPv4Address("10.0.0.1"), 3600))),
        ("lease\tbound\t10.0.0.5\t\t\t\t\t\t\t\t\n", ("bound", Lease(IPv4Interface("10.0.0.5/32"), None, None, 0))),
    ],
)  # fmt: skip
def test_what_the_dhcp_client_says(line: str, found: object) -> None:
    assert dhcp_client.parse(line) == found
