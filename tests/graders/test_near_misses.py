"""Each check on a recorded run where one thing was made a little wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trilab.errors import ObservationError
from trilab.graders.dhcp import span
from trilab.graders.ios import ranges, vlan_ids
from trilab.graders.security import banner_text, level_of
from trilab.graders.system import normal
from trilab.grading.observe import Cli, Text
from trilab.grading.requests import (
    Addresses,
    Enable,
    Lease,
    SshLogin,
    TaggedPing,
    TcpOpen,
    Window,
)

from .recorded import BAD, GOOD, OPEN, Recorded, said, variables

USER, PASSWORD = variables()["compte"], variables()["mdp_compte"]
R1, SW1 = "10.208.10.254", "10.208.95.1"


# ── VLAN ────────────────────────────────────────────────────────────────────
VLANS = {"10": "DONNEES", "22": "VOIX"}


def test_vlan_names_count_to_the_letter(run: Recorded) -> None:
    said(run.run("vlan.exists", node="sw1", vlans=VLANS), GOOD)
    said(run.run("vlan.exists", node="sw1", vlans={10: "DONNEES", 11: "X"}), BAD, "VLAN 11 absent de sw1")
    run.edit("sw1", "show vlan brief", "VOIX ", "Voix ")
    said(run.run("vlan.exists", node="sw1", vlans=VLANS), BAD, "VLAN 22 « Voix »")


def test_a_suspended_vlan_does_not_count(run: Recorded) -> None:
    before = run.ask(Cli("sw1", "show vlan brief")).text
    line = next(line for line in before.splitlines() if line.startswith("22 "))
    run.edit("sw1", "show vlan brief", line, line.replace("active   ", "act/lshut"))
    said(run.run("vlan.exists", node="sw1", vlans=VLANS), BAD, "act/lshut")


@pytest.mark.parametrize("text", ["garbage\nmore garbage", "Name: Gi0/1\nSwitchport: ?\n???"])
def test_unreadable_show_output_blames_nobody(run: Recorded, text: str) -> None:
    run.say(Cli("sw1", "show interfaces switchport"), Text((), text))
    with pytest.raises(ObservationError, match="forme attendue"):
        run.run("vlan.access_port", node="sw1", interface="Gi0/1", vlan=10)


def test_access_port(run: Recorded) -> None:
    asked = {"node": "sw1", "interface": "GigabitEthernet0/1", "vlan": 10, "voice": 22}
    said(run.run("vlan.access_port", **asked), GOOD)
    said(run.run("vlan.access_port", **{**asked, "vlan": 22}), BAD, "VLAN d'accès : 10", "Configuration de Gi0/1")
    said(run.run("vlan.access_port", **{**asked, "voice": None}), BAD, "VLAN voix : 22")
    run.edit(
        "sw1", "show interfaces switchport", "Administrative Mode: static access", "Administrative Mode: dynamic auto"
    )
    said(run.run("vlan.access_port", **asked), BAD, "dynamic auto")


def test_trunk_list_is_exact(run: Recorded) -> None:
    asked = {"node": "sw1", "interface": "Gi0/8", "allowed": [10, 22, 35, 95], "native": 777, "nonegotiate": True}
    said(run.run("vlan.trunk", **asked), GOOD)
    said(run.run("vlan.trunk", **{**asked, "allowed": [10, 22, 35, 95, 96]}), BAD, "manque 96")
    said(run.run("vlan.trunk", **{**asked, "allowed": [10, 22, 35]}), BAD, "en trop 95")
    said(run.run("vlan.trunk", **{**asked, "native": 1}), BAD, "VLAN natif : 777")
    run.edit("sw1", "show interfaces switchport", "Trunking VLANs Enabled: 10,22,35,95", "Trunking VLANs Enabled: ALL")
    said(run.run("vlan.trunk", **asked), BAD, "en trop 1-9")


def test_trunk_that_negotiates(run: Recorded) -> None:
    asked = {"node": "sw1", "interface": "Gi0/8", "allowed": [10, 22, 35, 95], "native": 777, "nonegotiate": True}
    run.edit("sw1", "show interfaces switchport", "Negotiation of Trunking: Off", "Negotiation of Trunking: On")
    said(run.run("vlan.trunk", **asked), BAD, "égociation DTP : on")


def test_tags_on_the_wire(run: Recorded) -> None:
    request = run.find(TaggedPing, source="pc2")
    asked = {"node": "sw1", "interface": "Gi0/8", "source": "pc2", "destination": R1, "vlan": 10}
    said(run.run("vlan.tag_on_wire", **asked), GOOD)
    said(run.run("vlan.tag_on_wire", **{**asked, "vlan": 22}), BAD, "étiquette : 10")
    rows = run.ask(request).rows
    run.change(request, rows=(rows[0].model_copy(update={"vlan": None}), *rows[1:]))
    said(run.run("vlan.tag_on_wire", **asked), BAD, "aucune, 10")
    run.change(request, rows=tuple(row for row in rows if row.source == rows[0].source))
    said(run.run("vlan.tag_on_wire", **asked), BAD, "l'autre sens")
    run.change(request, rows=())
    said(run.run("vlan.tag_on_wire", **asked), BAD, "sans passer par")
    run.change(request, reached=False)
    said(run.run("vlan.tag_on_wire", **asked), BAD, "ne répond pas")


def test_unused_ports(run: Recorded) -> None:
    asked = {"node": "sw1", "interfaces": ["Gi0/3", "eth4"]}
    said(run.run("vlan.unused_ports_shut", **asked), GOOD)
    said(run.run("vlan.unused_ports_shut", node="sw1", interfaces=["Gi0/1"]), BAD, "Gi0/1 : connected")
    run.edit(
        "sw1",
        "show interfaces status",
        "Gi0/4     Libre              disabled  ",
        "Gi0/4     Libre              notconnect",
    )
    said(run.run("vlan.unused_ports_shut", **asked), BAD, "Gi0/4 : notconnect")


def test_portfast_must_be_configured(run: Recorded) -> None:
    asked = {"node": "sw1", "interfaces": ["Gi0/1", "Gi0/2"]}
    said(run.run("switching.portfast", **asked), GOOD)
    run.edit(
        "sw1",
        "show running-config",
        " switchport voice vlan 22\n spanning-tree portfast\n",
        " switchport voice vlan 22\n",
    )
    said(run.run("switching.portfast", **asked), BAD, "Gi0/1 : PortFast absent")


# ── routing ─────────────────────────────────────────────────────────────────
def test_svi(run: Recorded) -> None:
    asked = {"node": "sw1", "interface": "Vlan95", "address": "10.208.95.1/24"}
    said(run.run("routing.svi", **asked), GOOD)
    said(run.run("routing.svi", **{**asked, "address": "10.208.95.1/25"}), BAD, "10.208.95.1/24")
    said(run.run("routing.svi", **{**asked, "interface": "Vlan96"}), BAD, "n'existe pas")
    run.edit("sw1", "show interfaces", "Vlan95 is up, line protocol is up", "Vlan95 is up, line protocol is down")
    said(run.run("routing.svi", **asked), BAD, "up/down")


def test_subinterface_number_is_free_but_not_its_vlan(run: Recorded) -> None:
    asked = {"node": "r1", "interface": "Gi0/1.10", "vlan": 10, "address": "10.208.10.254/24"}
    said(run.run("routing.subinterface", **asked), GOOD)
    said(run.run("routing.subinterface", **{**asked, "interface": "Gi0/1.77"}), GOOD)
    said(run.run("routing.subinterface", **{**asked, "vlan": 22}), BAD)
    said(run.run("routing.subinterface", **{**asked, "vlan": 23, "interface": "Gi0/1.23"}), BAD, "VLAN 23")


def test_default_gateway(run: Recorded) -> None:
    asked = {"node": "sw1", "address": "10.208.95.254"}
    said(run.run("routing.default_gateway", **asked), GOOD)
    said(run.run("routing.default_gateway", **{**asked, "address": "10.208.95.253"}), BAD, "10.208.95.254")
    run.edit("sw1", "show running-config", "ip default-gateway 10.208.95.254\n", "")
    said(run.run("routing.default_gateway", **asked), BAD, "aucun")


def test_reach(run: Recorded) -> None:
    request = run.find(Window, negative=())
    (attempt,) = request.positive
    asked = {"source": attempt.source, "destination": attempt.destination}
    said(run.run("routing.reach", **asked), GOOD)
    (tried,) = run.ask(request).positive
    run.change(request, positive=(replace(tried, reached=False),))
    said(run.run("routing.reach", **asked), BAD, "ne joint pas")


# ── DHCP ────────────────────────────────────────────────────────────────────
LEASE = {
    "node": "pc1",
    "network": "10.208.10.0/24",
    "gateway": R1,
    "dns": ["149.112.112.112"],
    "domain": "montclar.lan",
}


def lease(run: Recorded, **values: Any) -> tuple[Recorded, dict[str, Any]]:
    """A run whose pc1 got a lease with these values, whatever wishes the lab's own criterion made."""
    recorded = run.ask(run.find(Lease, node="pc1"))
    return run.say(Lease("pc1", ()), replace(recorded, **values)), dict(LEASE)


def test_lease_values_are_those_of_the_packets(run: Recorded) -> None:
    run, asked = lease(run)
    said(run.run("dhcp.lease", **asked), GOOD)
    said(run.run("dhcp.lease", **{**asked, "gateway": "10.208.10.253"}), BAD, "passerelle : 10.208.10.254".capitalize())
    said(run.run("dhcp.lease", **{**asked, "domain": "autre.lan"}), BAD, "montclar.lan")
    said(run.run("dhcp.lease", **{**asked, "network": "10.208.10.0/25"}), BAD, "/24")
    said(run.run("dhcp.lease", **{**asked, "options": {150: "10.208.22.5"}}), BAD, "ption 150 : aucun")


def test_no_lease(run: Recorded) -> None:
    run, asked = lease(run, obtained=False, address="", prefixlen=0, options={}, rows=())
    said(run.run("dhcp.lease", **asked), BAD, "aucun bail")


def test_an_excluded_address_is_not_given(run: Recorded) -> None:
    recorded = run.ask(run.find(Lease, node="pc1"))
    wishes = ("10.208.10.30", "10.208.10.40")
    asked = {**LEASE, "excluded": ["10.208.10.30-10.208.10.40"]}
    run.say(Lease("pc1", wishes), replace(recorded, address="10.208.10.30"))
    said(run.run("dhcp.lease", **asked), BAD, "10.208.10.30")
    run.say(Lease("pc1", wishes), replace(recorded, address="10.208.10.50", offers=(("10.208.10.40", "10.208.10.40"),)))
    said(run.run("dhcp.lease", **asked), BAD, "10.208.10.40")
    run.say(Lease("pc1", wishes), replace(recorded, address="10.208.10.50", offers=(("10.208.10.40", "10.208.10.51"),)))
    said(run.run("dhcp.lease", **asked), GOOD)
    silent = tuple((wish, "") for wish in wishes)  # nothing was offered to anybody: that excludes nothing
    run.say(Lease("pc1", wishes), replace(recorded, address="10.208.10.50", offers=silent))
    said(run.run("dhcp.lease", **asked), OPEN, "aucune des demandes")


def test_exclusions_may_be_written_in_several_lines(run: Recorded) -> None:
    text = "ip dhcp excluded-address 10.1.1.1 10.1.1.9\nip dhcp excluded-address 10.1.1.10\n"
    run.say(Cli("r1", "show running-config"), Text((), text))
    said(run.run("dhcp.pool_exclusions", node="r1", ranges=["10.1.1.1-10.1.1.10"]), GOOD)
    said(run.run("dhcp.pool_exclusions", node="r1", ranges=["10.1.1.1-10.1.1.11"]), BAD, "10.1.1.1 – 10.1.1.9")


# ── security ────────────────────────────────────────────────────────────────
def isolation(run: Recorded) -> tuple[Window, dict[str, Any]]:
    request = next(request for request in run.all(Window) if request.negative)
    asked = {
        "source": request.positive[0].source,
        "control": request.positive[0].destination,
        "control_source": request.positive[1].source,
        "destinations": [attempt.destination for attempt in request.positive[1:]],
    }
    return request, asked


def test_isolation_needs_its_controls(run: Recorded) -> None:
    request, asked = isolation(run)
    said(run.run("security.isolated", **asked), GOOD)
    seen = run.ask(request)
    run.change(request, positive=(replace(seen.positive[0], reached=False), *seen.positive[1:]))
    said(run.run("security.isolated", **asked), OPEN, "témoin non concluant".capitalize())
    run.say(request, replace(seen, positive=(*seen.positive[:-1], replace(seen.positive[-1], reached=False))))
    said(run.run("security.isolated", **asked), OPEN)


def test_one_open_protocol_is_no_isolation(run: Recorded) -> None:
    request, asked = isolation(run)
    seen = run.ask(request)
    leak = [replace(tried, reached=tried.attempt.protocol == "tcp") for tried in seen.negative[:2]]
    run.say(request, replace(seen, negative=(*leak, *seen.negative[2:])))
    said(run.run("security.isolated", **asked), BAD, "en TCP")


def login(source: str, address: str, password: str = PASSWORD) -> SshLogin:
    return SshLogin(source, address, USER, password)


def test_ssh_login_and_privilege(run: Recorded) -> None:
    asked = {"source": "pc1", "address": R1, "username": USER, "password": PASSWORD, "privilege": 15}
    said(run.run("security.ssh_login", **asked), GOOD, "privilège 15")
    run.change(
        login("pc1", R1), output="Current privilege level is 15\nR1>show privilege\nCurrent privilege level is 1\nR1>"
    )
    said(run.run("security.ssh_login", **asked), BAD, "privilège 1")
    run.change(login("pc1", R1), outcome="refused", detail="mot de passe refusé par le serveur")
    said(run.run("security.ssh_login", **asked), BAD, "refusé")


def test_ssh_refused_from(run: Recorded) -> None:
    asked = {"source": "ipbx", "address": SW1, "control_source": "pc1", "username": USER, "password": PASSWORD}
    said(run.run("security.ssh_refused_from", **asked), GOOD)
    run.change(login("ipbx", SW1), outcome="accepted")
    said(run.run("security.ssh_refused_from", **asked), BAD)
    run.change(login("ipbx", SW1), outcome="no-service").change(login("pc1", SW1), outcome="no-service")
    said(run.run("security.ssh_refused_from", **asked), OPEN, "témoin".capitalize())


def test_a_source_without_address_proves_no_refusal(run: Recorded) -> None:
    asked = {"source": "ipbx", "address": SW1, "control_source": "pc1", "username": USER, "password": PASSWORD}
    run.change(Addresses("ipbx"), addresses=())
    said(run.run("security.ssh_refused_from", **asked), OPEN, "n'a pas d'adresse")


def test_telnet(run: Recorded) -> None:
    asked = {"source": "pc1", "address": R1, "username": USER, "password": PASSWORD}
    said(run.run("security.telnet_refused", **asked), GOOD)
    run.change(login("pc1", R1), outcome="refused")
    said(run.run("security.telnet_refused", **asked), OPEN)
    run.change(TcpOpen("pc1", R1, 23), state="open")
    said(run.run("security.telnet_refused", **asked), BAD, "ouvert")


def test_ssh_version(run: Recorded) -> None:
    asked = {"node": "r1", "source": "pc1", "address": R1}
    said(run.run("security.ssh_v2", **asked), GOOD)
    run.change(TcpOpen("pc1", R1, 22), greeting="SSH-1.99-Cisco-1.25")
    said(run.run("security.ssh_v2", **asked), BAD, "SSH-1.99")
    run.change(TcpOpen("pc1", R1, 22), greeting="SSH-2.0-x")
    run.edit("r1", "show running-config", "ip ssh version 2\n", "")
    said(run.run("security.ssh_v2", **asked), BAD, "absent")


def test_enable_secret(run: Recorded) -> None:
    request = run.find(Enable, node="r1")
    asked = {"node": "r1", "secret": request.secret}
    said(run.run("security.enable_secret", **asked), GOOD)
    run.change(request, accepted=False, detail="secret refusé")
    said(run.run("security.enable_secret", **asked), BAD, "secret refusé")
    run.change(request, accepted=True, wrong_accepted=True, detail="« enable » s'ouvre avec un autre secret")
    said(run.run("security.enable_secret", **asked), BAD, "avec un autre secret")


def test_an_enable_password_is_no_secret(run: Recorded) -> None:
    request = run.find(Enable, node="sw1")
    config = run.ask(Cli("sw1", "show running-config")).text
    line = next(line for line in config.splitlines() if line.startswith("enable secret"))
    run.edit("sw1", "show running-config", line, "enable password 7 0822455D0A16")
    said(run.run("security.enable_secret", node="sw1", secret=request.secret), BAD, "absent")


def test_password_encryption(run: Recorded) -> None:
    def config(text: str) -> Recorded:
        return run.say(Cli("r1", "show running-config"), Text((), text))

    on = "service password-encryption\nline vty 0 4\n password 7 0822455D0A16\n"
    said(config(on).run("security.password_encryption", node="r1"), GOOD)
    said(config(f"no {on}").run("security.password_encryption", node="r1"), BAD, "absent")
    banner = "banner motd ^C\npassword required\n^C\ninterface eth1\n description password desk\n"
    said(config(on + banner).run("security.password_encryption", node="r1"), GOOD)
    clear = "service password-encryption\nline vty 0 4\n password cisco\n"
    said(config(clear).run("security.password_encryption", node="r1"), BAD, "1\u00a0mot de passe lisible")


def test_banner(run: Recorded) -> None:
    said(run.run("security.banner", node="r1", contains="ACCES  reserve"), GOOD)
    said(run.run("security.banner", node="r1", contains="ENTREE LIBRE"), BAD)
    said(run.run("security.banner", node="sw1", contains="ACCES"), BAD, "annière : aucun")
    assert banner_text("banner motd ^C\nACCES\nRESERVE\n^C\n") == "ACCES\nRESERVE"


def test_wrong_password(run: Recorded) -> None:
    asked = {"source": "pc1", "address": R1, "username": USER, "password": PASSWORD}
    said(run.run("security.wrong_password_refused", **asked), GOOD)
    run.change(login("pc1", R1), outcome="no-service")
    said(run.run("security.wrong_password_refused", **asked), OPEN)
    run.change(login("pc1", R1, f"{PASSWORD}-faux"), outcome="accepted")
    said(run.run("security.wrong_password_refused", **asked), BAD)


# ── system ──────────────────────────────────────────────────────────────────
def test_hostname(run: Recorded) -> None:
    said(run.run("system.hostname", node="sw1", name="SW1"), GOOD)
    said(run.run("system.hostname", node="sw1", name="Sw1"), BAD, "SW1")


def test_saved(run: Recorded) -> None:
    said(run.run("system.saved", node="sw1"), GOOD)
    run.edit("sw1", "show running-config", " spanning-tree portfast\n", " spanning-tree portfast\n no ip address\n")
    said(run.run("system.saved", node="sw1"), BAD, "no ip address", "non sauvegardé")
    run.say(Cli("sw1", "show startup-config"), Text((), "startup-config is not present\n"))
    said(run.run("system.saved", node="sw1"), BAD, "pas de configuration sauvegardée")


def test_sizes_and_dates_do_not_count_as_changes() -> None:
    shown = "Building configuration...\n\nCurrent configuration : 9 bytes\n! Last configuration change\n!\nhostname A\n"
    assert normal(shown) == normal("Using 9 out of 65536 bytes\n!\nhostname A\r\n") == ["hostname A"]


# ── telephony ───────────────────────────────────────────────────────────────
# ── helpers ─────────────────────────────────────────────────────────────────
def test_vlan_lists() -> None:
    assert vlan_ids("1,10-12") == {1, 10, 11, 12}
    assert vlan_ids("NONE") == set()
    assert len(vlan_ids("ALL")) == 4094
    assert ranges({12, 10, 11, 1}) == "1,10-12"
    assert ranges([]) == "aucun"


def test_privilege_from_the_prompt() -> None:
    assert level_of("R1#") == 15
    assert level_of("R1>") == 1
    assert level_of("banner # text") is None


def test_address_ranges() -> None:
    assert span("10.0.0.1-10.0.0.3") == (0x0A000001, 0x0A000003)
    assert span("10.0.0.1") == (0x0A000001, 0x0A000001)
