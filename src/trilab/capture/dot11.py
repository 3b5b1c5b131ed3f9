"""802.11 as it was on the air (IEEE 802.11-2020): the networks that beacons announce, and their security.

Captures are of link type «802.11 with radiotap». Everything here is pure over a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from scapy.error import Scapy_Exception
from scapy.layers.dot11 import (
    AKMSuite,
    Dot11,
    Dot11Beacon,
    Dot11Elt,
    Dot11EltDSSSet,
    Dot11EltHTOperation,
    Dot11EltMicrosoftWPA,
    Dot11EltRSN,
    Dot11ProbeResp,
    RadioTap,
    RSNCipherSuite,
)
from scapy.packet import Packet
from scapy.utils import RawPcapReader

from trilab.errors import ObservationError

RADIOTAP = 127  # LINKTYPE_IEEE802_11_RADIOTAP
_HEADER = 8  # octets of the shortest radiotap header
SSID = 0  # element ID (9.4.2.2)
# suite selectors of 00-0F-AC, tables 9-149 and 9-151
CIPHERS = {1: "WEP-40", 2: "TKIP", 4: "CCMP", 5: "WEP-104", 8: "GCMP-128", 9: "GCMP-256", 10: "CCMP-256"}
AKMS = {
    1: "802.1X",
    2: "PSK",
    3: "FT-802.1X",
    4: "FT-PSK",
    5: "802.1X-SHA256",
    6: "PSK-SHA256",
    8: "SAE",
    9: "FT-SAE",
    11: "802.1X-SUITE-B",
    12: "802.1X-SUITE-B-192",
    18: "OWE",
    24: "SAE-EXT",
    25: "FT-SAE-EXT",
}


@dataclass(frozen=True)
class AirFrame:
    """One captured frame. ``time``: Unix time in seconds. ``packet``: from its 802.11 header on."""

    time: float
    packet: Packet


@dataclass(frozen=True)
class Network:
    """One BSS. ``ssid``: as a text, empty while only silent beacons were heard. ``hidden``: its beacons keep it silent.

    ``wpa``: generations announced, of "WPA" (vendor element) and "RSN" (WPA2, WPA3). ``privacy``: the capability bit:
    with an empty ``wpa`` it means WEP. ``pmf``: protected management frames.
    """

    bssid: str
    ssid: str
    hidden: bool
    channel: int | None
    privacy: bool
    wpa: tuple[str, ...]
    akms: tuple[str, ...]
    ciphers: tuple[str, ...]  # pairwise
    group: str
    pmf: str  # "none", "capable", "required"
    beacons: int = 1

    @property
    def security(self) -> str:
        """As it is said: ``ouvert``, ``WEP``, ``WPA2-PSK``, ``WPA3-SAE``, ``WPA2-PSK/WPA3-SAE``, ``WPA2-802.1X``."""
        if not self.wpa:
            return "WEP" if self.privacy else "ouvert"
        names = {"WPA-PSK"} if "WPA" in self.wpa else set()
        if "RSN" in self.wpa:
            names |= {_generation(akm) for akm in self.akms}
        return "/".join(sorted(names))


def _generation(akm: str) -> str:
    if "SAE" in akm:
        return "WPA3-SAE"
    if "802.1X" in akm:
        return "WPA2-802.1X"
    return "WPA2-PSK" if "PSK" in akm else akm


def read(path: Path) -> list[AirFrame]:
    """All 802.11 frames of a pcap file, oldest first; what was cut short is left out.

    Raises:
        ObservationError: the file is missing, empty, or no capture of the air.
    """
    try:
        reader = RawPcapReader(str(path))
    except (Scapy_Exception, OSError, EOFError) as error:
        raise ObservationError(f"La capture {path.name} est illisible.") from error
    scale = 1e-9 if reader.nano else 1e-6
    with reader:
        if reader.linktype != RADIOTAP:
            raise ObservationError(f"La capture {path.name} n'est pas une capture radio.")
        whole = [(data, meta) for data, meta in reader if len(data) == meta.caplen and len(data) >= _HEADER]
    found = [AirFrame(meta.sec + meta.usec * scale, RadioTap(data)) for data, meta in whole]
    return sorted((replace(one, packet=one.packet[Dot11]) for one in found if Dot11 in one.packet), key=_time)


def _time(frame: AirFrame) -> float:
    return frame.time


def networks(frames: Iterable[AirFrame]) -> tuple[Network, ...]:
    """Every BSS whose beacons were heard, by BSSID, as its last beacon says.

    The name of a hidden one comes from its probe responses, which name it to those who ask for it (11.1.4.3).

    Raises:
        ObservationError: the beacons of a BSS cannot be read: neither its security nor its absence may be concluded.
    """
    found: dict[str, Network] = {}
    told: dict[str, str] = {}
    unread: set[str] = set()
    for frame in frames:
        bssid = str(frame.packet.addr3)
        if Dot11Beacon in frame.packet and not _readable(frame.packet):
            unread.add(bssid)
        elif Dot11Beacon in frame.packet:
            earlier = found[bssid].beacons if bssid in found else 0
            found[bssid] = replace(_network(frame.packet, Dot11Beacon), beacons=earlier + 1)
        elif Dot11ProbeResp in frame.packet and (name := _ssid(frame.packet)):
            told[bssid] = name
    if lost := unread - found.keys():
        raise ObservationError(f"Balises illisibles : {', '.join(sorted(lost))}.")
    return tuple(replace(one, ssid=one.ssid or told.get(bssid, "")) for bssid, one in sorted(found.items()))


def _elements(packet: Packet) -> Iterator[Packet]:
    element = packet.getlayer(Dot11Elt)
    while isinstance(element, Dot11Elt):
        yield element
        element = element.payload


def _readable(packet: Packet) -> bool:
    """Whether its elements were read to the end: one that is malformed stops scapy, and hides those behind it."""
    last = packet.lastlayer()
    return isinstance(last, Dot11Elt | Dot11Beacon)


def _ssid(packet: Packet) -> str:
    """The name; empty when it is silent, as no octet or as zeros."""
    first = next((one for one in _elements(packet) if one.ID == SSID), None)
    return "" if first is None else bytes(first.info).rstrip(b"\0").decode("utf-8", "replace")


def _network(packet: Packet, kind: type[Packet]) -> Network:
    rsn, wpa = _last(packet, Dot11EltRSN), _last(packet, Dot11EltMicrosoftWPA)
    suites = rsn or wpa
    name = _ssid(packet)
    return Network(
        bssid=str(packet.addr3),
        ssid=name,
        hidden=not name,
        channel=_channel(packet),
        privacy=bool(packet[kind].cap.privacy),
        wpa=tuple(word for word, one in (("RSN", rsn), ("WPA", wpa)) if one is not None),
        akms=_akms(suites),
        ciphers=_ciphers(rsn, wpa),
        group="" if suites is None else _cipher(suites.group_cipher_suite),
        pmf=_pmf(rsn),
    )


def _last(packet: Packet, kind: type[Packet]) -> Packet | None:
    return next((one for one in _elements(packet) if isinstance(one, kind)), None)


def _channel(packet: Packet) -> int | None:
    """DSSS parameter set (9.4.2.4), else the primary channel of HT operation (9.4.2.56)."""
    if (one := _last(packet, Dot11EltDSSSet)) is not None:
        return int(one.channel)
    one = _last(packet, Dot11EltHTOperation)
    return None if one is None else int(one.primary_channel)


def _cipher(suite: RSNCipherSuite) -> str:
    return CIPHERS.get(int(suite.cipher), f"suite {int(suite.cipher)}")


def _ciphers(*elements: Packet | None) -> tuple[str, ...]:
    """Pairwise ciphers of all elements together: one that is too weak counts wherever it is offered."""
    names = {
        _cipher(suite) for one in elements if one is not None for suite in one.pairwise_cipher_suites if suite.fields
    }
    return tuple(sorted(names))


def _akms(element: Packet | None) -> tuple[str, ...]:
    suites: Iterable[AKMSuite] = () if element is None else element.akm_suites
    return tuple(sorted({AKMS.get(int(one.suite), f"suite {int(one.suite)}") for one in suites}))


def _pmf(rsn: Packet | None) -> str:
    """RSN capabilities, bits 6 and 7 (9.4.2.24.4)."""
    if rsn is None or not rsn.mfp_capable:
        return "none"
    return "required" if rsn.mfp_required else "capable"
