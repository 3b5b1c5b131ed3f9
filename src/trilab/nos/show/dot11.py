"""The radio of an access point: who is associated, what is transmitted."""

from __future__ import annotations

from trilab.nos.context import CommandError
from trilab.nos.dataplane import hostapd
from trilab.nos.dataplane.base import RadioClient, RadioState
from trilab.nos.exec.control import EXEC
from trilab.nos.grammar.command import Command, Match
from trilab.nos.names import RADIO
from trilab.nos.session import Session
from trilab.nos.show.text import dotted

HELP = {
    "show": "Show running system information",
    "dot11": "IEEE 802.11 show information",
    "associations": "association information",
    "all-client": "all client details",
    "bssid": "show bssid and ssid information",
    "controllers": "Interface controller status",
}


def commands() -> list[Command]:
    """``show dot11`` and ``show controllers``."""
    made = [
        ("dot11 associations", _associations),
        ("dot11 associations all-client", _all),
        ("dot11 bssid", _bssid),
        ("controllers <name:ifname(radio)>", _controllers),
    ]
    return [Command(EXEC, f"show {text}", run, HELP, roles=("ap",)) for text, run in made]


def _state_word(client: RadioClient) -> str:
    """As IOS: how far the station came."""
    return "EAP-Assoc" if client.authorized and client.akm in hostapd.EAP_SUITES else "Assoc"


def _by_ssid(s: Session) -> dict[str, list[RadioClient]]:
    found: dict[str, list[RadioClient]] = {}
    for client in s.device.dataplane.observe(RadioState).clients:
        if client.associated:
            found.setdefault(client.ssid, []).append(client)
    return found


def _addresses(s: Session) -> dict[str, str]:
    """MAC → address, of the stations that BVI1 has spoken with."""
    return {entry.mac: str(entry.address) for entry in s.device.dataplane.arp()}


def _associations(s: Session, m: Match) -> None:
    known = _addresses(s)
    s.out(f"\n802.11 Client Stations on {RADIO}: ")
    for ssid, clients in _by_ssid(s).items():
        s.out(f"\nSSID [{ssid}] : \n")
        s.out("MAC Address    IP address      Device        Name            Parent         State     ")
        for client in clients:
            address = known.get(client.mac, "0.0.0.0")  # as IOS, when it is not known
            s.out(f"{dotted(client.mac)} {address:<15} {'unknown':<13} {'-':<15} {'self':<14} {_state_word(client)}")
    s.out("")


def _all(s: Session, m: Match) -> None:
    known, channel = _addresses(s), s.device.dataplane.observe(RadioState).channel
    for ssid, clients in _by_ssid(s).items():
        for client in clients:
            management, encryption = hostapd.SUITES.get(client.akm, ("NONE", "Off"))
            lines = [
                f"Address           : {dotted(client.mac)}     Name             : NONE",
                f"IP Address        : {known.get(client.mac, '0.0.0.0'):<15} Interface        : {RADIO}",
                f"State             : {_state_word(client):<15} Parent           : self",
                f"SSID              : {ssid}",
                f"VLAN              : {s.device.config.ssids[ssid].vlan or 0}" if ssid in s.device.config.ssids else "",
                f"Key Mgmt type     : {management:<15} Encryption       : {encryption}",
                f"Signal Strength   : {client.signal} dBm         Connected for    : {client.seconds} seconds",
                f"Channel           : {channel}",
            ]
            s.out("\n".join([*filter(None, lines), ""]))


def _bssid(s: Session, m: Match) -> None:
    config = s.device.config
    s.out("\nInterface      BSSID         Guest  SSID\n")
    for cell in s.device.dataplane.observe(RadioState).cells:
        ssid = config.ssids.get(cell.ssid)
        guest = "Yes" if ssid is not None and hostapd.broadcast(config, ssid) else "No"
        s.out(f"{RADIO:<12}  {dotted(cell.bssid)}  {guest:<4}  {cell.ssid}")


def _controllers(s: Session, m: Match) -> None:
    if m["name"] != RADIO:
        raise CommandError("% Invalid input detected at '^' marker.\n")
    state = s.device.dataplane.observe(RadioState)
    lines = [
        f"interface {RADIO}",
        f"Radio 802.11N 2.4GHz, Base Address {dotted(state.mac or '00:00:00:00:00:00')}",
        f"Carrier Set: France (FR)   Regulatory domain: {hostapd.COUNTRY}",
    ]
    if state.transmitting:
        lines.append(f"Current Frequency: {2407 + 5 * state.channel} MHz  Channel {state.channel}")
        lines.append(f"Current CCK/OFDM Power: {state.power} dBm")
    else:
        lines.append("Radio is disabled")
    s.out("\n" + "\n".join(lines) + "\n")
