"""``interface Dot11Radio0``: what the radio of an access point transmits, where and how strongly."""

from __future__ import annotations

from trilab.nos.context import CommandError, Context
from trilab.nos.dataplane.hostapd import COUNTRY, SLOTS, silent
from trilab.nos.features.dot11 import check_vlans
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config

HELP = {
    "ssid": "Configure radio service set parameters",
    "<ssid>": "Radio service set ID, up to 32 bytes",
    "encryption": "Configure dot11 encryption parameters",
    "vlan": "vlan",
    "<vid>": "virtual lan identifier",
    "mode": "encryption mode",
    "ciphers": "Optional data ciphers",
    "aes-ccm": "WPA AES CCMP",
    "channel": "Set the radio frequency",
    "<number>": "Radio channel number",
    "<frequency>": "Radio frequency in MHz",
    "least-congested": "Scan for best frequency",
    "power": "Set radio transmitter power levels",
    "local": "Access point transmit power",
    "maximum": "Set the power to the maximum allowed",
    "station-role": "role of the radio",
    "root": "Root access point",
    "access-point": "Access point",
    "mbssid": "Enable multiple BSSIDs",
    "world-mode": "Dot11 radio world mode",
    "dot11d": "802.11d",
    "country-code": "Country code for 802.11d",
    "<country>": "Two-letter country code",
    "both": "Indoor and outdoor",
    "indoor": "Indoor only",
    "outdoor": "Outdoor only",
}
POWERS = ("2", "5", "8", "11", "14", "17", "20")  # dBm; 20 is the most that 2.4 GHz allows in Europe (EN 300 328)


def commands() -> list[Command]:
    """The commands of the radio."""
    n = ("if-radio",)
    power = " | ".join(f"{level}=dbm" for level in POWERS)
    cipher = "encryption [vlan <vid:int(1,4094)>] mode ciphers"
    made = [
        Command(n, "ssid <ssid:line>", _ssid, HELP, undo=_no_ssid),
        Command(n, f"{cipher} aes-ccm", _cipher, HELP, no=f"{cipher} [aes-ccm]", undo=_no_cipher),
        Command(n, "channel (<number:int(1,13)> | <frequency:int(2412,2472)> | least-congested)", _channel, HELP,
                no="channel [<rest:line>]", undo=_no_channel),
        Command(n, f"power local ({power} | maximum)", _power, HELP, no="power local [<rest:line>]", undo=_no_power),
        Command(n, "station-role root [access-point]", _role, HELP),
        Command(n, "world-mode dot11d country-code <country:word> [both=place | indoor=place | outdoor=place]", _world,
                HELP, no="world-mode [<rest:line>]", undo=_no_world),
        Command(n, "mbssid", _mbssid, HELP, undo=_no_mbssid),
        Command(("config",), "dot11 mbssid", _mbssid, {**HELP, "dot11": "IEEE 802.11 config commands"},
                undo=_no_mbssid),
    ]  # fmt: skip
    return [Command(c.modes, c.pattern, c.run, c.help, c.no, c.undo, roles=("ap",)) for c in made]


def _ssid(c: Context, m: Match) -> None:
    name, radio = m["ssid"], c.config.radio
    if name not in c.config.ssids:
        raise CommandError(f"% SSID {name} is not configured: dot11 ssid {name} first")
    if name in radio.ssids:
        return
    if len(radio.ssids) == SLOTS:
        raise CommandError(f"% This radio transmits at most {SLOTS} SSIDs")
    radio.ssids.append(name)
    check_vlans(c.config)
    if c.interactive and (why := silent(c.config, c.config.ssids[name])):
        c.say(f"Dot11Radio0: SSID {name} is not transmitted: {why}")


def _no_ssid(c: Context, m: Match) -> None:
    if m["ssid"] not in c.config.radio.ssids:
        raise CommandError(f"% SSID {m['ssid']} is not on this radio")
    c.config.radio.ssids.remove(m["ssid"])


def _cipher(c: Context, m: Match) -> None:
    c.config.radio.ciphers.add(m.get("vid"))


def _no_cipher(c: Context, m: Match) -> None:
    c.config.radio.ciphers.discard(m.get("vid"))


def _channel(c: Context, m: Match) -> None:
    number, frequency = m.get("number"), m.get("frequency")
    if frequency is not None:
        number, rest = divmod(frequency - 2407, 5)
        if rest:
            raise CommandError(f"% {frequency} MHz is not the frequency of a channel")
    c.config.radio.channel = number


def _no_channel(c: Context, m: Match) -> None:
    c.config.radio.channel = None


def _power(c: Context, m: Match) -> None:
    c.config.radio.power = None if m.has("maximum") else int(m["dbm"])


def _no_power(c: Context, m: Match) -> None:
    c.config.radio.power = None


def _role(c: Context, m: Match) -> None:
    """The role that it has already."""


def _world(c: Context, m: Match) -> None:
    if m["country"].upper() != COUNTRY:
        raise CommandError(f"% Country {m['country']} is not of the regulatory domain of this radio: {COUNTRY}")
    c.config.radio.world = m.get("place", "both")


def _no_world(c: Context, m: Match) -> None:
    c.config.radio.world = None


def _mbssid(c: Context, m: Match) -> None:
    c.config.radio.mbssid = True


def _no_mbssid(c: Context, m: Match) -> None:
    c.config.radio.mbssid = False


def render(config: Config) -> list[str]:
    """The radio's own lines, in the order of IOS."""
    radio = config.radio
    lines = []
    for vlan in sorted(radio.ciphers, key=lambda vlan: vlan or 0):
        lines += [" !", f" encryption {'' if vlan is None else f'vlan {vlan} '}mode ciphers aes-ccm"]
    for name in radio.ssids:
        lines += [" !", f" ssid {name}"]
    lines.append(" !")
    if radio.mbssid:
        lines.append(" mbssid")
    if radio.power is not None:
        lines.append(f" power local {radio.power}")
    if radio.channel is not None:
        lines.append(f" channel {2407 + 5 * radio.channel}")
    lines.append(" station-role root")
    if radio.world is not None:
        lines.append(f" world-mode dot11d country-code {COUNTRY} {radio.world}")
    return lines
