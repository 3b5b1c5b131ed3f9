"""``dot11 ssid``: the wireless networks of an access point, whichever radio transmits them."""

from __future__ import annotations

import re

from trilab.nos.context import CommandError, Context
from trilab.nos.features.credentials import read_password
from trilab.nos.grammar.command import Command, Match
from trilab.nos.model import Config, Ssid
from trilab.nos.passwords import encode7

HELP = {
    "dot11": "IEEE 802.11 config commands",
    "ssid": "Configure radio service set parameters",
    "<ssid>": "Radio service set ID, up to 32 bytes",
    "mbssid": "Multiple BSSID parameters",
    "guest-mode": "guest-mode ssid",
    "vlan": "bind ssid to vlan",
    "<vid>": "virtual lan identifier",
    "authentication": "authentication method",
    "open": "allow open authentication",
    "eap": "require EAP authentication in addition to open",
    "network-eap": "leap method",
    "<list>": "leap list name",
    "key-management": "key management",
    "wpa": "WPA key management",
    "version": "WPA version",
    "2": "WPA version 2",
    "3": "WPA version 3 (SAE)",
    "transition": "WPA version 2 (pre-shared key) beside SAE",
    "11w-pmf": "Protected management frames",
    "client": "Clients",
    "required": "Clients without 802.11w are refused",
    "optional": "Clients with or without 802.11w are accepted",
    "wpa-psk": "Configure Wi-Fi Protected Access pre-shared key",
    "ascii": "Specify that the key is in ASCII format",
    "hex": "Specify that the key is in hexadecimal format",
    "0": "Specifies an UNENCRYPTED key will follow",
    "7": "Specifies a HIDDEN key will follow",
    "<clear>": "The UNENCRYPTED (cleartext) key",
    "<hidden>": "The HIDDEN key",
}
KEY = "(0 <clear:line> | 7 <hidden:word> | <clear:line>)"
LONGEST = 32  # bytes of an SSID (IEEE 802.11-2020, 9.4.2.2)
_VERSIONS = {"wpa2": "2", "wpa3": "3", "wpa2-wpa3": "3 transition"}
_FORBIDDEN = '!#;+]/"'  # IOS: an SSID may not begin with one of them; + ] / " nowhere


def commands() -> list[Command]:
    """``dot11 ssid`` and the commands of its mode."""
    g, n = ("config",), ("ssid",)
    made = [
        Command(g, "dot11 ssid <ssid:line>", _ssid, HELP, undo=_no_ssid),
        Command(n, "vlan <vid:int(1,4094)>", _vlan, HELP, no="vlan [<vid:int(1,4094)>]", undo=_no_vlan),
        Command(n, "authentication open [eap <list:word>]", _open, HELP, no="authentication open [eap [<list:word>]]",
                undo=_no_open),
        Command(n, "authentication network-eap <list:word>", _network, HELP,
                no="authentication network-eap [<list:word>]", undo=_no_network),
        Command(n, "authentication key-management wpa version 2", _wpa2, HELP,
                no="authentication key-management [<rest:line>]", undo=_no_management),
        Command(n, "authentication key-management wpa version 3 [transition]", _wpa3, HELP),
        Command(n, "11w-pmf client (required=pmf | optional=pmf)", _pmf, HELP,
                no="11w-pmf client [required | optional]", undo=_no_pmf),
        Command(n, f"wpa-psk ascii {KEY}", _ascii, HELP, no="wpa-psk [<rest:line>]", undo=_no_psk),
        Command(n, f"wpa-psk hex {KEY}", _hex, HELP),
        Command(n, "guest-mode", _guest, HELP, undo=_no_guest),
        Command(n, "mbssid guest-mode", _mbssid, HELP, undo=_no_mbssid),
    ]  # fmt: skip
    return [Command(c.modes, c.pattern, c.run, c.help, c.no, c.undo, roles=("ap",)) for c in made]


def _name(text: str) -> str:
    if len(text.encode()) > LONGEST:
        raise CommandError(f"% SSID is too long: {len(text.encode())} bytes, at most {LONGEST}")
    if text[0] in _FORBIDDEN or set(text) & set('+]/"\t') or not text.isprintable():
        raise CommandError("% SSID contains illegal characters")
    return text


def _ssid(c: Context, m: Match) -> None:
    name = _name(m["ssid"])
    c.config.ssids.setdefault(name, Ssid(name))
    c.enter("ssid", (name,))


def _no_ssid(c: Context, m: Match) -> None:
    name = m["ssid"]
    if c.config.ssids.pop(name, None) is None:
        raise CommandError(f"% SSID {name} does not exist")
    c.config.radio.ssids = [ssid for ssid in c.config.radio.ssids if ssid != name]


def _this(c: Context) -> Ssid:
    ssid = c.config.ssids.get(c.target[0])
    if ssid is None:
        raise CommandError("% This SSID has been removed")
    return ssid


def check_vlans(config: Config) -> None:
    """As on IOS, the SSIDs of one radio have VLANs of their own. Raises CommandError."""
    seen: dict[int | None, str] = {}
    for name in config.radio.ssids:
        vlan = config.ssids[name].vlan
        if vlan in seen:
            what = "Dot11Radio0 without VLAN" if vlan is None else f"VLAN {vlan} of Dot11Radio0"
            raise CommandError(f"% SSID {seen[vlan]} is already on {what}")
        seen[vlan] = name


def _vlan(c: Context, m: Match) -> None:
    _this(c).vlan = m["vid"]
    check_vlans(c.config)


def _no_vlan(c: Context, m: Match) -> None:
    _this(c).vlan = None
    check_vlans(c.config)


def _open(c: Context, m: Match) -> None:
    ssid = _this(c)
    ssid.open, ssid.eap = True, m.get("list")


def _no_open(c: Context, m: Match) -> None:
    ssid = _this(c)
    ssid.open, ssid.eap = False, None


def _network(c: Context, m: Match) -> None:
    _this(c).network_eap = m["list"]


def _no_network(c: Context, m: Match) -> None:
    _this(c).network_eap = None


def _wpa2(c: Context, m: Match) -> None:
    _this(c).key_management = "wpa2"


def _wpa3(c: Context, m: Match) -> None:
    _this(c).key_management = "wpa2-wpa3" if m.has("transition") else "wpa3"


def _pmf(c: Context, m: Match) -> None:
    _this(c).pmf = m["pmf"]


def _no_pmf(c: Context, m: Match) -> None:
    _this(c).pmf = "none"


def _no_management(c: Context, m: Match) -> None:
    _this(c).key_management = "none"


def _ascii(c: Context, m: Match) -> None:
    key = read_password(m)
    if not re.fullmatch(r"[ -~]{8,63}", key):
        raise CommandError("% WPA pre-shared key in ASCII must have 8 to 63 characters (IEEE 802.11-2020, J.4)")
    _this(c).psk = key


def _hex(c: Context, m: Match) -> None:
    key = read_password(m)
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", key):
        raise CommandError("% WPA pre-shared key in hexadecimal must have 64 digits")
    _this(c).psk = key


def _no_psk(c: Context, m: Match) -> None:
    _this(c).psk = None


def _guest(c: Context, m: Match) -> None:
    for ssid in c.config.ssids.values():
        ssid.guest_mode = False  # IOS: one SSID has guest mode
    _this(c).guest_mode = True


def _no_guest(c: Context, m: Match) -> None:
    _this(c).guest_mode = False


def _mbssid(c: Context, m: Match) -> None:
    _this(c).mbssid_guest_mode = True


def _no_mbssid(c: Context, m: Match) -> None:
    _this(c).mbssid_guest_mode = False


def render(config: Config) -> list[str]:
    """``dot11 ssid`` blocks."""
    lines: list[str] = []
    for ssid in config.ssids.values():
        lines += [f"dot11 ssid {ssid.name}", *(f"   {line}" for line in _block(config, ssid)), "!"]
    return lines


def _block(config: Config, ssid: Ssid) -> list[str]:
    lines = []
    if ssid.vlan is not None:
        lines.append(f"vlan {ssid.vlan}")
    if ssid.open:
        lines.append("authentication open" + ("" if ssid.eap is None else f" eap {ssid.eap}"))
    if ssid.network_eap is not None:
        lines.append(f"authentication network-eap {ssid.network_eap}")
    if ssid.key_management != "none":
        lines.append(f"authentication key-management wpa version {_VERSIONS[ssid.key_management]}")
    if ssid.pmf != "none":
        lines.append(f"11w-pmf client {ssid.pmf}")
    if ssid.guest_mode:
        lines.append("guest-mode")
    if ssid.mbssid_guest_mode:
        lines.append("mbssid guest-mode")
    if ssid.psk is not None:
        form = "hex" if len(ssid.psk) == 64 else "ascii"
        shown = f"7 {encode7(ssid.psk)}" if config.password_encryption else f"0 {ssid.psk}"
        lines.append(f"wpa-psk {form} {shown}")
    return lines
