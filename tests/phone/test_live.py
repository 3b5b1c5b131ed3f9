"""Two phones, a PC behind one of them and an IPBX on a real wire: VLAN by LLDP-MED, leases, calls, voicemail."""

from __future__ import annotations

import io
import sys
import time
import wave
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import numpy as np
import pytest

from trilab.capture import frames, rtp
from trilab.capture.live import Captures
from trilab.engine.base import Completed, LabSpec, LinkSpec, NodeSpec
from trilab.engine.native import NativeEngine
from trilab.engine.native.lab import NativeLab
from trilab.images import NodeImage
from trilab.probe import Phone, dhcp, phone_state, ping, recording, talk, wait_registered

pytestmark = pytest.mark.live

SPEC = LabSpec(
    "test-phone",
    "demo0",
    (
        NodeSpec("sw", "server"),
        NodeSpec("ipbx", "ipbx"),
        NodeSpec("tel1", "phone", labels={"trilab-tone": "1000"}),
        NodeSpec("tel2", "phone", labels={"trilab-tone": "440"}),
        NodeSpec("pc1", "pc"),
    ),
    (
        LinkSpec(("sw", "eth1"), ("tel1", "eth1")),
        LinkSpec(("sw", "eth2"), ("ipbx", "eth1")),
        LinkSpec(("sw", "eth3"), ("tel2", "eth1")),
        LinkSpec(("tel1", "eth2"), ("pc1", "eth1")),
    ),
)
# A bare Open vSwitch: data VLAN 10 untagged and voice VLAN 30 tagged on the phones' ports, a DHCP server in each.
SWITCH = """set -e
mkdir -p /run/openvswitch
ovsdb-tool create /run/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
quiet='--pidfile --detach --no-chdir -vsyslog:off -vconsole:off -vfile:off'
ovsdb-server /run/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock $quiet
ovs-vsctl --no-wait init -- set Open_vSwitch . other_config:n-handler-threads=1 other_config:n-revalidator-threads=1
ovs-vswitchd unix:/run/openvswitch/db.sock $quiet
nft 'add table netdev sw
add chain netdev sw in { type filter hook ingress devices = { eth1, eth2, eth3 } priority -500; policy drop; }'
phone='vlan_mode=native-untagged tag=10 trunks=10,30'
ovs-vsctl add-br br0 -- set bridge br0 datapath_type=netdev \
  -- add-port br0 eth1 $phone -- add-port br0 eth3 $phone -- add-port br0 eth2 tag=30 \
  -- add-port br0 v10 tag=10 -- set interface v10 type=internal \
  -- add-port br0 v30 tag=30 -- set interface v30 type=internal
ip addr add 10.1.10.1/24 dev v10; ip addr add 10.1.30.1/24 dev v30; ip link set v10 up; ip link set v30 up
dnsmasq --no-ping --port=0 --bind-interfaces --interface=v10,v30 --dhcp-authoritative \
  --dhcp-range=10.1.10.50,10.1.10.99,1h --dhcp-range=10.1.30.50,10.1.30.99,1h --dhcp-option=v30,150,10.1.30.5
printf 'configure ports eth1,eth3 med policy application voice tagged vlan 30 priority voice dscp 46\n' >/run/lldp.conf
lldpd -M 4 -I eth1,eth3 -C eth1,eth3 -u /run/lldp.sock -O /run/lldp.conf
"""
PJSIP = """[udp]
type=transport
protocol=udp
bind=0.0.0.0
[poste](!)
type=endpoint
context=interne
disallow=all
allow=alaw
language=fr
direct_media=no
tos_audio=ef
""" + "".join(
    f"""[{number}](poste)
auth={number}
aors={number}
[{number}]
type=auth
username={number}
password=secret{number}
[{number}]
type=aor
max_contacts=1
"""
    for number in (100, 101)
)
DIALPLAN = """[interne]
exten => _1XX,1,Dial(PJSIP/${EXTEN},2)
 same => n,VoiceMail(${EXTEN}@default,u)
"""
IPBX = f"""set -e
sudo tee /etc/network/interfaces >/dev/null <<'I'
auto eth1
iface eth1 inet static
    address 10.1.30.5/24
    gateway 10.1.30.1
I
sudo ifdown eth1; sudo ifup eth1
cat >/etc/asterisk/pjsip.conf <<'I'
{PJSIP}I
cat >/etc/asterisk/extensions.conf <<'I'
{DIALPLAN}I
printf '[default]\\n100 => 1234,Accueil\\n101 => 1234,Atelier\\n' >>/etc/asterisk/voicemail.conf
asterisk -rx 'core reload'
"""


def shell(lab: NativeLab, node: str, script: str, user: str = "root") -> Completed:
    argv = ["bash", "-c", script] if user == "root" else ["su", user, "-s", "/bin/bash", "-c", script]
    done = lab.run(node, argv, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    return done


@pytest.fixture(scope="module")
def lab(node_image: NodeImage) -> Iterator[NativeLab]:
    engine = NativeEngine()
    engine.down(SPEC.key)
    made = engine.up(SPEC)
    try:
        # first the phones, then the network and the IPBX: the order must not matter
        shell(made, "tel1", "phone account 100 --secret secret100 && phone dscp ef", user="admin")
        shell(made, "tel2", "phone account 101 --secret secret101 --server 10.1.30.5", user="admin")
        shell(made, "sw", SWITCH)
        shell(made, "ipbx", IPBX, user="admin")
        yield made
    finally:
        engine.down(SPEC.key)


@pytest.fixture(autouse=True)
def journals(lab: NativeLab) -> Iterator[None]:
    """What the phones say happened to them, shown with a test that fails."""
    yield
    for node in ("tel1", "tel2"):
        sys.stdout.write(f"{node}\n{lab.run(node, ['phone', 'log']).stdout}\n")


def tone(data: bytes) -> float:
    """The strongest frequency of a WAV file, in Hz."""
    with wave.open(io.BytesIO(data)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")[::channels]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.fft.rfftfreq(len(samples), 1 / rate)[spectrum.argmax()])


def call(lab: NativeLab, caller: str, number: str, callee: str, seconds: float = 0.5) -> tuple[bool, str]:
    assert all(wait_registered(lab, node, 30).registered for node in (caller, callee))
    with Phone(lab, caller) as one, Phone(lab, callee) as other:
        return talk(one, other, number, seconds)


def test_phones_learn_their_vlan_and_register(lab: NativeLab) -> None:
    first, second = wait_registered(lab, "tel1", 30), wait_registered(lab, "tel2", 30)
    assert first.registered and second.registered, (first, second)
    assert (first.vlan, first.vlan_fixed, first.dscp, first.server_source) == (30, False, 46, "option 150")
    assert (second.vlan, second.server_source, second.dscp) == (30, "réglage", 0)


def test_the_pc_behind_the_phone_is_in_the_data_vlan(lab: NativeLab) -> None:
    result = dhcp(lab, "pc1", deadline=10)
    assert result.lease is not None and str(result.lease.address).startswith("10.1.10.")
    assert ping(lab, "pc1", "10.1.10.1", deadline=10).reachable
    assert not ping(lab, "pc1", "10.1.30.5", deadline=1).reachable
    assert ping(lab, "tel1", "10.1.30.5").reachable
    shell(
        lab,
        "pc1",
        "ping -c 1 10.1.10.1 && sudo ifdown eth1 && sudo ifup eth1 && ping -c 1 -w 5 10.1.10.1",
        user="admin",
    )


def test_a_call_is_heard_tagged_and_marked(lab: NativeLab, tmp_path: Path) -> None:
    started = time.time()
    with Captures(lab, [("sw", "eth1")], tmp_path, ["vlan"]) as captures:
        assert call(lab, "tel1", "101", "tel2", 2.0) == (True, "communication établie")
    heard = {node: recording(lab, node, started) for node in ("tel1", "tel2")}
    assert heard["tel1"] is not None and heard["tel2"] is not None
    assert tone(heard["tel1"]) == pytest.approx(440, abs=5)
    assert tone(heard["tel2"]) == pytest.approx(1000, abs=5)
    streams = rtp.streams(frames.read(captures.files["sw:eth1"]))
    assert {(one.vlans, one.dscps) for one in streams} == {((30,), (46,))}, "tel1 and the IPBX mark EF in VLAN 30"
    assert {one.destination for one in streams} == {"10.1.30.5", str(phone_address(lab, "tel1"))}


def phone_address(lab: NativeLab, node: str) -> IPv4Address | None:
    address = phone_state(lab, node).address
    return address.ip if address else None


def test_nobody_answers_and_a_message_is_left(lab: NativeLab) -> None:
    assert wait_registered(lab, "tel2", 30).registered
    with Phone(lab, "tel2") as caller:
        caller.dial("100")
        assert caller.answered(30)
        caller.ask("press", keys="#")
        shell(lab, "ipbx", "until ls /var/spool/asterisk/voicemail/default/100/tmp/*.wav; do :; done", user="admin")
        assert not caller.wait("idle", 2)
        caller.end()
    shell(lab, "ipbx", "until ls /var/spool/asterisk/voicemail/default/100/INBOX/*.wav; do :; done", user="admin")
    users = shell(lab, "ipbx", "asterisk -rx 'voicemail show users'", user="admin").stdout
    assert any(line.split()[:2] == ["default", "100"] and line.split()[-1] == "1" for line in users.splitlines()), users


def test_a_phone_comes_back_from_anything(lab: NativeLab) -> None:
    shell(lab, "tel1", "pkill -9 -x baresip-stable && pkill -9 -x udhcpc")
    shell(lab, "tel1", "phone vlan none && phone vlan auto && phone wait registered --timeout 30", user="admin")
    state = phone_state(lab, "tel1")
    assert state.registered and state.vlan == 30
    shell(lab, "ipbx", "sudo service asterisk restart", user="admin")
    shell(lab, "ipbx", "until asterisk -rx 'core waitfullybooted'; do :; done", user="admin")
    assert call(lab, "tel2", "100", "tel1")[0]


def test_asterisk_loads_every_module_of_its_list(lab: NativeLab) -> None:
    log = shell(lab, "ipbx", "cat /var/log/asterisk/messages.log", user="admin").stdout
    assert "ERROR" not in log and "Error loading" not in log


def test_a_killed_daemon_starts_again(lab: NativeLab) -> None:
    shell(lab, "tel1", "pkill -9 -f '[t]rilab.phone.daemon'")
    shell(lab, "tel1", "until phone wait registered --timeout 30; do :; done", user="admin")
    assert call(lab, "tel1", "101", "tel2")[0]
