"""A realistic record with its evidence: every verdict, ladders, long outputs, and a candidate who plays tricks."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from trilab.grading.model import Criterion, Evidence, Finding, Incident, Record, Row, Verdict

START = datetime(2026, 11, 24, 13, 2, 10, tzinfo=UTC)
SCRIPT = '<script>document.title="volé"</script>'
HOSTILE = (
    f"SW1#\x1b[31mshow banner\x1b[0m\r\n{SCRIPT}\r\n<img src=x onerror=alert(1)>\r\n"
    "--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\bligne apr\u00e8s More\r\n"
    "\x1b]0;titre\x07cloche \x07 nul \x00 inverse \u202eexe.txt\u202c fin </pre></details>{{ 7 * 7 }}\r\n"
)
VLANS = """VLAN Name                             Status    Ports
---- -------------------------------- --------- -------------------------------
1    default                          active    Gi0/4, Gi0/5, Gi0/6
110  DONNEES                          active    Gi0/1
120  VOIX                             active    Gi0/1, Gi0/2
130  INVITES                          active
199  ADMIN                            active
777  NATIF                            active
"""
DHCP = (
    Row(time=0.0, source="0.0.0.0", destination="255.255.255.255", label="DHCP Discover", vlan=110, dscp=0),
    Row(
        time=0.0031,
        source="10.7.110.1",
        destination="10.7.110.30",
        label="DHCP Offer",
        vlan=110,
        dscp=48,
        note="10.7.110.30, masque 255.255.255.0, passerelle 10.7.110.1, DNS 80.67.169.12, bail 86400",
    ),
    Row(time=0.0052, source="0.0.0.0", destination="255.255.255.255", label="DHCP Request", vlan=110, dscp=0),
    Row(time=0.0091, source="10.7.110.1", destination="10.7.110.30", label="DHCP ACK", vlan=110, dscp=48),
)


def _sip() -> tuple[Row, ...]:
    steps: Sequence[tuple[float, str, str, str]] = (
        (0.0, "tel1", "ipbx", "INVITE sip:102@10.7.120.5"),
        (0.004, "ipbx", "tel1", "401 Unauthorized"),
        (0.006, "tel1", "ipbx", "ACK sip:102@10.7.120.5"),
        (0.008, "tel1", "ipbx", "INVITE sip:102@10.7.120.5"),
        (0.011, "ipbx", "tel1", "100 Trying"),
        (0.016, "ipbx", "tel2", "INVITE sip:102@10.7.120.32:5060;transport=udp"),
        (0.021, "tel2", "ipbx", "180 Ringing"),
        (0.024, "ipbx", "tel1", "180 Ringing"),
        (1.503, "tel2", "ipbx", "200 OK"),
        (1.506, "ipbx", "tel2", "ACK sip:102@10.7.120.32"),
        (1.509, "ipbx", "tel1", "200 OK"),
        (1.512, "tel1", "ipbx", "ACK sip:102@10.7.120.5"),
        (4.730, "tel1", "ipbx", "BYE sip:102@10.7.120.5"),
        (4.733, "ipbx", "tel1", "200 OK"),
        (4.735, "ipbx", "tel2", "BYE sip:102@10.7.120.32"),
        (4.739, "tel2", "ipbx", "200 OK"),
    )
    return tuple(
        Row(
            time=time,
            source=source,
            destination=destination,
            label=label,
            vlan=120,
            dscp=24 if source.startswith("tel") else 26,
            note="SDP 10.7.120.31:4002" if "INVITE" in label else "",
        )
        for time, source, destination, label in steps
    )


SIP = _sip()


def pcap(packets: int) -> bytes:
    """A valid capture of ``packets`` small frames (pcap 2.4, Ethernet)."""
    frame = bytes(range(60))
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    return head + b"".join(struct.pack("<IIII", 1_700_000_000 + i, 0, 60, 60) + frame for i in range(packets))


class Builder:
    """Writes evidence files and lists criteria."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.evidence, self.criteria = folder, [], []  # type: ignore[var-annotated]
        (folder / "evidence").mkdir(parents=True)

    def keep(
        self, kind: Literal["command", "probe", "pcap", "audio", "file"], node: str, title: str, data: bytes
    ) -> str:
        """Write one file of evidence."""
        name = f"e{len(self.evidence) + 1}"
        path = f"evidence/{name}-{node}{'.pcap' if kind == 'pcap' else '.txt'}"
        (self.folder / path).write_bytes(data)
        self.evidence.append(
            Evidence(
                id=name,
                kind=kind,
                node=node,
                title=title,
                path=path,
                sha256=hashlib.sha256(data).hexdigest(),
                started_at=START + timedelta(seconds=len(self.evidence)),
                duration=0.14,
            )
        )
        return name

    def add(self, name: str, competence: int, points: float, title: str, asked: str, finding: Finding) -> None:
        """One criterion."""
        self.criteria.append(
            Criterion(
                id=name,
                title=title,
                asked=asked,
                competence=competence,
                points=points,
                check="vlan.exists",
                parameters={"node": "sw1", "vlans": {110: "DONNEES"}},
                hint="Comparez « show vlan brief » avec le tableau du chapitre 3 : numéros, orthographe, majuscules.",
                finding=finding,
                started_at=START + timedelta(seconds=len(self.criteria)),
                duration=0.42,
            )
        )


def build(folder: Path, profile: Literal["entrainement", "jury"] = "entrainement") -> Record:
    """The sample record; its evidence is written below ``folder``."""
    made = Builder(folder)
    _switching(made)
    _services(made)
    _voice(made)
    _security(made)
    return Record(
        lab="pme-voip",
        lab_title="Réseau et téléphonie IP d'une PME",
        lab_sha256=hashlib.sha256(b"lab").hexdigest(),
        candidate="TRI-07",
        profile=profile,
        started_at=START,
        finished_at=START + timedelta(seconds=13.4),
        lab_started_at=START - timedelta(minutes=207),
        tool={"trilab": "0.1.0", "python": "3.11.2", "scapy": "2.7.0", "image": hashlib.sha256(b"image").hexdigest()},
        competences={
            1: "Configurer les commutateurs d'un réseau local d'entreprise",
            3: "Interconnecter les réseaux et fournir les services IP",
            4: "Mettre en service une solution de téléphonie IP",
            8: "Sécuriser les accès, vérifier et livrer l'installation",
        },
        variables={
            "site": 7,
            "vlan_data": 110,
            "net_data": "10.7.110.0/24",
            "postes": [101, 102],
            "coef": 1.5,
            "lignes": {"tel1": 101},
            "societe": "Menuiserie Kerjean & fils <SARL>",
        },
        criteria=tuple(made.criteria),
        evidence=tuple(made.evidence),
        incidents=(Incident(at=START + timedelta(seconds=9), text="pc3 n'a pas répondu : sonde refaite ; une fois."),),
    )  # fmt: skip


def _switching(made: Builder) -> None:
    vlans = made.keep("command", "sw1", "« show vlan brief »", VLANS.encode())
    config = "\n".join(
        ["Building configuration...", "", "Current configuration : 4127 bytes", "!"]
        + [f"interface GigabitEthernet0/{i}\n description port {i}\n switchport mode access\n!" for i in range(1, 320)]
    )
    running = made.keep("command", "sw1", "« show running-config »", config.encode())
    hostile = made.keep("command", "sw2", "« show banner »", HOSTILE.encode())
    good = Finding(
        verdict=Verdict.CONFORME,
        expected="Les VLAN 110 (DONNEES), 120 (VOIX), 130 (INVITES), 199 (ADMIN) et 777 (NATIF) existent.",
        observed="Les cinq VLAN existent avec leur nom.",
        evidence=(vlans,),
    )
    made.add("vlan-sw1", 1, 1.5, "VLAN créés et nommés sur SW1", "Les cinq VLAN existent, avec leur nom exact.", good)
    made.add(
        "trunk-sw1-sw2", 1, 2.5, "Trunk de SW1 vers SW2",
        "Les trunks sont fixes ; ils transportent exactement les VLAN 110, 120, 130 et 199, aucun autre.",
        Finding(
            verdict=Verdict.NON_CONFORME,
            expected="Trunk 802.1Q fixe, VLAN natif 777, VLAN autorisés : 110, 120, 130, 199.",
            observed="Le VLAN 1 est autorisé en plus : la sonde étiquetée VLAN 1 envoyée de SW1 est arrivée sur SW2.",
            evidence=(vlans, running),
            wire=(
                Row(time=0, source="sw1", destination="sw2", label="ICMP echo", vlan=1, dscp=0, note="témoin négatif"),
                Row(time=0.0004, source="sw1", destination="sw2", label="ICMP echo", vlan=110, dscp=0, note="témoin"),
            ),
        ),
    )  # fmt: skip
    made.add(
        "banniere", 1, 1, f"Bannière {SCRIPT} de SW2", "Une bannière avertit avant la connexion.",
        Finding(
            verdict=Verdict.NON_CONFORME,
            expected="Une bannière d'accueil sans balise.",
            observed=f"Bannière lue : {SCRIPT} \x1b[31mrouge\x1b[0m [bold]gras[/bold]",
            evidence=(hostile, "e99"),
        ),
    )  # fmt: skip


def _services(made: Builder) -> None:
    capture = made.keep("pcap", "sw2", "Capture du bail sur GigabitEthernet0/2", pcap(4))
    lease = made.keep("probe", "pc2", "Bail DHCP demandé par PC2", b"adresse 10.7.110.30/24\npasserelle 10.7.110.1\n")
    empty = made.keep("command", "r1", "« show ip dhcp conflict »", b"")
    made.add(
        "dhcp-data", 3, 3, "Bail DHCP dans le VLAN données",
        "PC2 reçoit une adresse du réseau 10.7.110.0/24, hors de la plage réservée.",
        Finding(
            verdict=Verdict.CONFORME,
            expected="Une adresse entre 10.7.110.30 et 10.7.110.254, passerelle 10.7.110.1.",
            observed="PC2 a reçu 10.7.110.30, passerelle 10.7.110.1, DNS 80.67.169.12.",
            evidence=(lease, capture),
            wire=DHCP,
        ),
    )  # fmt: skip
    for index, verdict in enumerate((Verdict.CONFORME, Verdict.CONFORME, Verdict.NON_EVALUE)):
        made.add(
            f"route-{index}", 3, 2, f"Routage entre VLAN {index}", "Les VLAN se joignent par R1.",
            Finding(
                verdict=verdict,
                expected="L'écho revient en moins de 2 s.",
                observed="" if verdict is Verdict.NON_EVALUE else "3 échos sur 3, TTL 63 : un routeur traversé.",
                reason="Critère désactivé par le formateur." if verdict is Verdict.NON_EVALUE else "",
                evidence=(empty,),
            ),
        )  # fmt: skip


def _voice(made: Builder) -> None:
    capture = made.keep("pcap", "sw1", "Capture de l'appel sur GigabitEthernet0/1", pcap(451))
    dialled = made.keep("probe", "tel1", "Appel de 101 vers 102", b"CALL_ESTABLISHED\nCALL_CLOSED\n" * 3)
    made.add(
        "appel", 4, 4, "Appel de 101 vers 102", "Les deux postes s'appellent et s'entendent.",
        Finding(
            verdict=Verdict.CONFORME,
            expected="INVITE, 180, 200, ACK, puis RTP dans les deux sens et BYE.",
            observed="Appel établi en 1,5 s ; 160 paquets RTP dans chaque sens ; tonalité de 1000 Hz reçue par TEL2.",
            evidence=(dialled, capture),
            wire=SIP,
        ),
    )  # fmt: skip
    made.add(
        "messagerie", 4, 3, "Messagerie vocale du poste 102", "Sans réponse après 7 s, l'appel va à la messagerie.",
        Finding(
            verdict=Verdict.INCONCLUSIF,
            expected="La messagerie répond entre 6 et 8 s, et le message enregistré contient la tonalité.",
            observed="",
            reason="Le téléphone TEL1 n'a pas répondu à la commande de l'outil dans les 10 s.",
            evidence=(dialled,),
        ),
    )  # fmt: skip


def _security(made: Builder) -> None:
    probe = made.keep("probe", "pc3", "TCP vers le port 22 de SW1", b"refus\nrefus\nrefus\nouvert par 10.7.199.2\n")
    made.add(
        "invites", 8, 3, "Invités isolés des autres réseaux", "Un invité ne joint aucun réseau interne.",
        Finding(
            verdict=Verdict.CONFORME,
            expected="Aucune réponse depuis PC3 vers 10.7.110.0/24 ; au même moment, Internet répond.",
            observed="0 écho sur 3 vers 10.7.110.30 ; témoin positif : 3 échos sur 3 vers R1.",
            evidence=(probe,),
        ),
    )  # fmt: skip
    made.add(
        "ssh", 8, 2, "Administration par SSH seulement", "Telnet est refusé, SSH version 2 accepté.",
        Finding(verdict=Verdict.NON_CONFORME, expected="Port 23 fermé.", observed="Port 23 ouvert.", evidence=(probe,)),
    )  # fmt: skip
    made.add(
        "sauvegarde", 8, 2, "Configurations sauvegardées", "Un redémarrage ne perd rien.",
        Finding(verdict=Verdict.CONFORME, expected="running = startup.", observed="Identiques sur SW1, SW2 et R1."),
    )  # fmt: skip
