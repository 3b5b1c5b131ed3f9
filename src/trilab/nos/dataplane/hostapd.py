"""hostapd's configuration for the radio of an access point. Pure.

Every SSID of the radio has a slot ``airN``, a port of the node: its number is the SSID's rank on the radio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trilab.nos.features import macfilter
from trilab.nos.features.aaa.model import Aaa
from trilab.nos.model import Config, Ssid
from trilab.nos.names import BVI, RADIO, is_radio

SLOTS = 8  # air0 … air7 (trilab.radio.wire)
COUNTRY = "FR"  # the regulatory domain of a lab's air
# AKM suite selectors (IEEE 802.11-2020, table 9-151) → (key management, cipher)
SUITES = {
    "00-0f-ac-1": ("WPAv2", "AES-CCMP"),
    "00-0f-ac-2": ("WPAv2 PSK", "AES-CCMP"),
    "00-0f-ac-5": ("WPAv2 SHA256", "AES-CCMP"),
    "00-0f-ac-6": ("WPAv2 PSK SHA256", "AES-CCMP"),
    "00-0f-ac-8": ("WPAv3 SAE", "AES-CCMP"),
}
EAP_SUITES = ("00-0f-ac-1", "00-0f-ac-5")
_BY_KEY = {"wpa2": "WPA-PSK", "wpa3": "SAE", "wpa2-wpa3": "WPA-PSK SAE"}
_BY_EAP = {"wpa2": "WPA-EAP", "wpa3": "WPA-EAP-SHA256", "wpa2-wpa3": "WPA-EAP WPA-EAP-SHA256"}
_PMF = {"none": 0, "optional": 1, "required": 2}
_PLACES = {
    "both": "0x20",
    "indoor": "0x49",
    "outdoor": "0x4f",
}  # third octet of the country (IEEE 802.11-2020, 9.4.2.8)
CHANNELS = (1, 6, 11)  # those that do not overlap, of which least-congested chooses


@dataclass(frozen=True)
class Settings:
    """``hostapd.conf``, and the files that it names: what stands after ``…_file=`` is a name of ``files``."""

    text: str
    files: Mapping[str, str]


def slots(config: Config) -> dict[str, str]:
    """SSID → the port of the node where its frames come out, for every SSID of the radio."""
    return {name: f"air{rank}" for rank, name in enumerate(config.radio.ssids)}


def assigned(config: Config) -> dict[int, str]:
    """VLAN that a RADIUS server may assign → its port: that of the SSID of the VLAN, else one that is free.

    As on IOS the VLAN has a subinterface of the radio in a bridge group, and a cipher.
    """
    names = config.radio.ssids
    if not any(config.ssids[name].eap is not None for name in names):
        return {}
    own = {config.ssids[name].vlan: slot for name, slot in slots(config).items()}
    bound = (one for name, one in config.interfaces.items() if is_radio(name) and one.bridge_group is not None)
    bound_vlans = {one.encapsulation for one in bound if one.encapsulation is not None}
    wanted = sorted(bound_vlans & config.radio.ciphers)
    free = iter(range(len(names), SLOTS))
    found = {vlan: own.get(vlan) or next((f"air{slot}" for slot in free), None) for vlan in wanted}
    return {vlan: slot for vlan, slot in found.items() if slot is not None}


def silent(config: Config, ssid: Ssid) -> str:
    """Why an SSID of the radio is not transmitted; empty when it is (once the radio is up).

    As on IOS: an authentication type, and key management exactly where the VLAN has a cipher.
    """
    cipher = ssid.vlan in config.radio.ciphers
    where = "" if ssid.vlan is None else f"vlan {ssid.vlan} "
    if not ssid.open:
        return "no authentication type (authentication open)"
    if ssid.eap is not None and ssid.key_management == "none":
        return "EAP needs key management (authentication key-management)"
    if ssid.key_management == "none":
        return f"encryption {where}mode ciphers needs key management (authentication key-management)" if cipher else ""
    if not cipher:
        return f"key management needs a cipher (encryption {where}mode ciphers aes-ccm)"
    if ssid.eap is not None:
        found = bool(config.parts[Aaa].servers_of(ssid.eap))
        return "" if found else f"no RADIUS server in the list {ssid.eap} (aaa authentication login {ssid.eap} group …)"
    if ssid.psk is None:
        return "no pre-shared key (wpa-psk)"
    return "SAE needs a pre-shared key in ASCII" if len(ssid.psk) == 64 and ssid.key_management != "wpa2" else ""


def broadcast(config: Config, ssid: Ssid) -> bool:
    """Whether the beacons tell the name: IOS, ``guest-mode`` and, with several BSSIDs, ``mbssid guest-mode``."""
    return ssid.guest_mode or (ssid.mbssid_guest_mode and config.radio.mbssid)


def isolated(config: Config, ssid: Ssid) -> bool:
    """Whether its clients are kept apart: IOS, ``bridge-group N port-protected`` where its frames leave the radio."""
    if ssid.vlan is None:
        return config.interfaces[RADIO].protected
    interfaces = config.interfaces.items()
    return any(one.protected for name, one in interfaces if is_radio(name) and one.encapsulation == ssid.vlan)


def on_air(config: Config) -> list[Ssid]:
    """The SSIDs that the radio transmits, in the order of their BSSIDs."""
    if config.role != "ap" or config.interfaces[RADIO].shutdown:
        return []
    return [ssid for name in config.radio.ssids if not silent(config, ssid := config.ssids[name])]


def settings(config: Config, channel: int) -> Settings:
    """What hostapd runs with; empty when the radio transmits nothing."""
    transmitted, ports, files = on_air(config), slots(config), dict[str, str]()
    lines = []
    for rank, ssid in enumerate(transmitted):
        lines += _radio(config, channel) if rank == 0 else [f"bss=wlan0_{rank}"]
        lines += [f"bridge={ports[ssid.name]}", *_bss(config, ssid), *_admission(config, files)]
        if ssid.eap is not None:
            lines += [*_radius(config, ssid.eap), *_dynamic(config, rank, files)]
    return Settings("\n".join([*lines, ""]) if lines else "", files if lines else {})


def _radius(config: Config, list_name: str) -> list[str]:
    """The servers that hostapd asks, in order (RFC 2865), and who we are for them."""
    own = config.interfaces[BVI].address
    lines = ["ieee8021x=1", f"nas_identifier={config.hostname}"]
    lines += [] if own is None else [f"own_ip_addr={own.ip}"]
    for server in config.parts[Aaa].servers_of(list_name):
        lines += [
            f"auth_server_addr={server.address}",
            f"auth_server_port={server.auth_port}",
            f"auth_server_shared_secret={server.key}",
        ]
    return lines


def _dynamic(config: Config, rank: int, files: dict[str, str]) -> list[str]:
    """The VLANs that a server may assign (RFC 3580, 3.31); another one is refused, none means the SSID's own."""
    vlans = assigned(config)
    if not vlans:
        return []
    device = f"wlan0_{rank}" if rank else "wlan0"
    files[f"vlans{rank}"] = "".join(f"{vlan} {device}.{vlan} {slot}\n" for vlan, slot in vlans.items())
    return ["dynamic_vlan=1", f"vlan_file=vlans{rank}"]


def _admission(config: Config, files: dict[str, str]) -> list[str]:
    """The MAC filter, which is one for all SSIDs."""
    filtered = macfilter.effective(config)
    if filtered is None:
        return []
    default, addresses = filtered
    name = "accept" if default == "deny" else "deny"
    files[name] = "".join(f"{address}\n" for address in addresses)
    return [f"macaddr_acl={1 if default == 'deny' else 0}", f"{name}_mac_file={name}"]


def _radio(config: Config, channel: int) -> list[str]:
    world = config.radio.world
    return [
        *([] if world is None else ["ieee80211d=1", f"country3={_PLACES[world]}"]),
        "interface=wlan0",
        "driver=nl80211",
        f"country_code={COUNTRY}",
        "hw_mode=g",
        f"channel={channel}",
        "ieee80211n=1",
        "wmm_enabled=1",
    ]


def _bss(config: Config, ssid: Ssid) -> list[str]:
    lines = [
        f"ssid2={ssid.name.encode().hex()}",
        f"utf8_ssid={0 if ssid.name.isascii() else 1}",
        f"ignore_broadcast_ssid={0 if broadcast(config, ssid) else 1}",
        f"ap_isolate={1 if isolated(config, ssid) else 0}",
    ]
    return lines + _security(ssid)


def _pmf(ssid: Ssid) -> str:
    """WPA3 needs protected management frames, its transition mode offers them (WPA3 specification 3.1, 2.3)."""
    if ssid.key_management == "wpa3":
        return "required"
    return "optional" if ssid.key_management == "wpa2-wpa3" and ssid.pmf == "none" else ssid.pmf


def _security(ssid: Ssid) -> list[str]:
    if ssid.key_management == "none":
        return []
    management = (_BY_KEY if ssid.eap is None else _BY_EAP)[ssid.key_management]
    lines = ["wpa=2", f"wpa_key_mgmt={management}", "rsn_pairwise=CCMP", f"ieee80211w={_PMF[_pmf(ssid)]}"]
    if "SAE" in management:
        lines += ["sae_require_mfp=1", "sae_pwe=2"]  # hunting and pecking, or hash to element
    if ssid.psk is not None and ssid.eap is None:
        lines.append(f"wpa_psk={ssid.psk}" if len(ssid.psk) == 64 else f"wpa_passphrase={ssid.psk}")
    return lines
