"""Stations of the graders' that join a network with a right or a wrong secret, ask for a lease, and try to reach.

Such a station is a node that the candidate has no account on (``trilab-access: none``): joining with it changes nothing
of the candidate's work. It is left without network, address or key, as it was found.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from scapy.layers.inet import IP
from scapy.layers.l2 import ARP

from trilab import probe
from trilab.capture import dhcp, dot11, frames, joining, radius
from trilab.capture.air import AirCapture
from trilab.capture.live import Captures
from trilab.capture.names import linux_name
from trilab.capture.rows import Row
from trilab.engine.base import Radio
from trilab.errors import ObservationError
from trilab.grading.live import network
from trilab.grading.live.context import Context
from trilab.grading.live.wifi import owners_of, radio_of
from trilab.grading.requests import Window
from trilab.grading.wifi_requests import Asked, Joined, Member, Session, SessionSeen
from trilab.probe.dhcp import Lease

FOUND = 6.0  # seconds: the first scan takes less than one, the second begins after five
JOIN = 10.0  # seconds once found: a refused 4-way handshake takes 4 (four messages, one second apart)
LEASE = 6.0
CARRIER = 3.0
WLAN = "wlan0"
_CONNECTED = "CTRL-EVENT-CONNECTED"
# SAE with another secret is refused at once, by status code 15 (IEEE 802.11-2020, 12.4.7.6)
_REFUSED = re.compile(r"CTRL-EVENT-(?:SSID-TEMP-DISABLED|ASSOC-REJECT|AUTH-REJECT \S+ auth_type=3 .*status_code=15)")


@dataclass
class _Attempt:
    """One member while its session lasts."""

    member: Member
    mac: str
    log: str = ""
    key: str = ""
    lease: Lease | None = None

    @property
    def joined(self) -> bool:
        return _CONNECTED in self.log

    @property
    def found(self) -> bool:
        return "Trying to a" in self.log  # to authenticate, or to associate

    @property
    def decided(self) -> bool:
        return self.joined or bool(_REFUSED.search(self.log))


def session(context: Context, request: Session) -> SessionSeen:
    """See :class:`Session`. Raises ObservationError when the radio or a capture fails."""
    radio, started = radio_of(context), time.time()
    names = sorted({one.station for one in request.members})
    with ExitStack() as stack:
        for name in names:
            _own(context, name)
            stack.enter_context(context.locks.get(f"station {name}"))
        attempts = [_Attempt(one, context.mac(one.station, WLAN)) for one in request.members]
        title = "-".join(f"{one.station}-{_slug(one.ssid)}" for one in request.members)
        filters = _filters(context, request, attempts)
        air = AirCapture(radio, context.work / f"air-{title}-{time.monotonic_ns()}.pcap")
        uplink = Captures(context.lab, [request.uplink], context.work, filters, f"{air.path.stem}-")
        with uplink, air, _tidied(context, radio, names), ThreadPoolExecutor(len(attempts)) as pool:
            channels = sorted({one.frequency for one in owners_of(context, radio).values()})
            list(pool.map(lambda one: _join(context, radio, one, channels), attempts))
            there = request.positive and all(one.lease for one in attempts)
            reached = network.window(context, Window(request.positive, request.negative)) if there else None
    finished = time.time()
    point = f"{request.uplink[0]}:{linux_name(request.uplink[1])}"
    wired = uplink.files[point]
    told = ", ".join(f"{one.station} sur {one.ssid}" for one in request.members)
    kept = (
        context.keeper.file("pcap", "", f"air, {told} (802.11)", air.path, started, finished),
        context.keeper.file("pcap", request.uplink[0], f"liaison montante, {told}", wired, started, finished),
        *(
            context.keeper.text("probe", one.member.station, "wpa_supplicant", one.log, started, finished)
            for one in attempts
        ),
    )
    heard, cabled = dot11.read(air.path), frames.read(wired)
    return SessionSeen(
        evidence=(*kept, *(reached.evidence if reached else ())),
        members=tuple(_seen(one, heard, cabled) for one in attempts),
        positive=reached.positive if reached else (),
        negative=reached.negative if reached else (),
    )


def _filters(context: Context, request: Session, attempts: list[_Attempt]) -> list[str]:
    """Frames of the stations, and what is asked about them; "vlan" comes last, as it moves what follows it."""
    wanted = [f"ether host {one.mac}" for one in attempts]
    if request.server and (address := context.resolve(request.server)):
        wanted += [f"( udp and host {address} )", f"( vlan and udp and host {address} )"]
    return " or ".join(wanted).split()


def _own(context: Context, name: str) -> None:
    node = context.lab.nodes[name]
    if node.role != "wifi-client" or node.open:
        raise ObservationError(f"{name} n'est pas une station de contrôle (wifi-client, trilab-access: none).")


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "", text)[:20]


@contextmanager
def _tidied(context: Context, radio: Radio, names: list[str]) -> Iterator[None]:
    """Stations without network, address or route, before and after."""
    _tidy(context, radio, names, "up")
    try:
        yield
    finally:
        if radio.alive:
            _tidy(context, radio, names, "down")


def _tidy(context: Context, radio: Radio, names: list[str], state: str) -> None:
    for name in names:
        radio.stop(name, "wpa_supplicant")
        context.run(name, ["ip", "addr", "flush", "dev", WLAN])
        context.run(name, ["ip", "link", "set", WLAN, state])


def _config(member: Member, channels: list[str]) -> str:
    """A client of today: WPA2 or WPA3 with the secret, protected management frames where offered, hidden or not.

    It scans only where the lab's access points are: a second less for each join.
    """
    lines = [f"ssid={member.ssid.encode().hex()}", "scan_ssid=1"]
    if channels:
        lines.append(f"scan_freq={' '.join(channels)}")
    if member.identity:
        inner = {"PEAP": "MSCHAPV2", "TTLS": "PAP"}[member.method]
        lines += ["key_mgmt=WPA-EAP WPA-EAP-SHA256", "ieee80211w=1", f"eap={member.method}"]
        lines += [f'identity="{member.identity}"', f'password="{member.secret}"', f'phase2="auth={inner}"']
    elif not member.secret:
        lines.append("key_mgmt=NONE")
    elif re.fullmatch(r"[0-9a-fA-F]{64}", member.secret):
        lines += ["key_mgmt=WPA-PSK WPA-PSK-SHA256", f"psk={member.secret}", "ieee80211w=1"]
    else:
        lines += ["key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE", f'psk="{member.secret}"', "ieee80211w=1"]
    network_block = "".join(f"    {line}\n" for line in lines)
    return f"sae_pwe=2\nnetwork={{\n{network_block}}}\n"


def _join(context: Context, radio: Radio, attempt: _Attempt, channels: list[str]) -> None:
    name = attempt.member.station
    radio.join(name, _config(attempt.member, channels))

    def decided() -> bool:
        attempt.log = radio.log(name, "wpa_supplicant")
        return attempt.decided

    context.until(lambda: decided() or attempt.found, time.monotonic() + FOUND)
    context.until(lambda: not attempt.found or decided(), time.monotonic() + JOIN)
    if not attempt.joined:
        return
    status = radio.run(name, ["wpa_cli", "status"]).stdout
    attempt.key = next((line[9:] for line in status.splitlines() if line.startswith("key_mgmt=")), "")
    context.until(lambda: _carrier(context, name), time.monotonic() + CARRIER)
    attempt.lease = probe.dhcp(context.lab, name, interface=WLAN, deadline=LEASE).lease
    if attempt.lease is not None:
        context.run(name, ["ip", "addr", "replace", str(attempt.lease.address), "dev", WLAN])
        for router in attempt.lease.routers[:1]:
            context.run(name, ["ip", "route", "replace", "default", "via", str(router), "dev", WLAN])


def _carrier(context: Context, name: str) -> bool:
    return "LOWER_UP" in context.run(name, ["ip", "link", "show", "dev", WLAN]).stdout


def _seen(attempt: _Attempt, heard: list[dot11.AirFrame], cabled: list[frames.Frame]) -> Joined:
    mine = joining.exchange(heard, attempt.mac)
    table = joining.rows(mine)
    return Joined(
        member=attempt.member,
        found=attempt.found,
        joined=attempt.joined,
        rejected=not attempt.joined and joining.rejected(table),
        bssid=table[0].destination if table else "",
        key=attempt.key,
        handshake=joining.first(table),
        address="" if attempt.lease is None else str(attempt.lease.address),
        options=_options(attempt, cabled),
        tags=_tags(attempt.mac, cabled),
        detail=_detail(attempt),
        asked=_asked(attempt, mine, table, heard, cabled) if attempt.member.identity else None,
    )


def _asked(
    attempt: _Attempt,
    mine: list[dot11.AirFrame],
    table: tuple[Row, ...],
    heard: list[dot11.AirFrame],
    cabled: list[frames.Frame],
) -> Asked:
    """The radios have a clock of their own: the first request counts from the EAP answer that it carries."""
    told = radius.about(radius.messages(cabled), attempt.mac)
    answered = joining.answered(mine)
    start = next((row.time for row in table if row.label.startswith(joining.EAP_ANSWER)), 0.0)
    ends = [one for one in told if one.code in (radius.ACCEPT, radius.REJECT)]
    requests = [one.raw.hex() for one in told if one.code == radius.REQUEST]
    return Asked(
        rows=radius.rows(told, start),
        answer=ends[-1].label if ends else "",
        challenged=any(one.code != radius.REQUEST for one in told),
        vlan=ends[-1].vlan if ends else "",
        request=requests[-1] if requests else "",
        waited=0.0 if answered is None else round(heard[-1].time - answered, 3),
    )


def _options(attempt: _Attempt, cabled: list[frames.Frame]) -> dict[int, str]:
    """Of the ACK on the uplink; what the client was told where the server is not behind that."""
    if attempt.lease is None:
        return {}
    acks = [one for one in dhcp.messages(cabled) if one.kind == "ACK" and one.client_mac == attempt.mac]
    told = {3: attempt.lease.routers, 6: attempt.lease.dns}
    return acks[-1].options if acks else {code: " ".join(map(str, those)) for code, those in told.items() if those}


def _tags(mac: str, cabled: list[frames.Frame]) -> tuple[int | None, ...]:
    """Of the IP and ARP frames that a station sent: an access point itself speaks in its name when it joins."""
    sent = {one.vlan for one in cabled if one.packet.src == mac and (IP in one.packet or ARP in one.packet)}
    return tuple(sorted(sent, key=lambda tag: tag or 0))


def _detail(attempt: _Attempt) -> str:
    name, ssid = attempt.member.station, attempt.member.ssid
    account = f" avec le compte {attempt.member.identity}" if attempt.member.identity else ""
    if attempt.joined:
        return f"{name} a rejoint « {ssid} »{account} ({attempt.key or 'sans clé'})"
    if not attempt.found:
        secured = " protégé par un secret" if attempt.member.secret else ""
        return f"{name} ne trouve aucun réseau « {ssid} »{' en WPA2-Entreprise' if account else secured}"
    return f"{name} n'entre pas dans « {ssid} »{account}"
