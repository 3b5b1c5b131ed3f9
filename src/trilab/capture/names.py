"""Interface names: the candidate reads ``GigabitEthernet0/1``, the topology file says ``eth1``; both mean one port."""

from __future__ import annotations

import re

from trilab.errors import InputError

_LINUX = re.compile(r"eth(\d+)", re.IGNORECASE)
_AIR = re.compile(r"wlan0|air[0-7]")  # of a Wi-Fi station, of an access point (one per SSID)
_IOS = re.compile(r"(?:gigabitethernet|gi|g)\s*0/(\d+)(?:\.(\d+))?", re.IGNORECASE)
_AP = re.compile(r"(?:gigabitethernet|gi|g)\s*(\d+)", re.IGNORECASE)  # of an access point: Gi0 is eth1
_SVI = re.compile(r"(?:vlan|vl)\s*(\d+)", re.IGNORECASE)


def _refused(name: str) -> InputError:
    return InputError(
        f"« {name} » n'est pas un nom d'interface.", "Exemples : eth1, GigabitEthernet0/1, Gi0/1, Gi0/1.10, Vlan99."
    )


def linux_name(name: str) -> str:
    """The name of a port in its node (``eth1``) from any accepted spelling. Raises InputError."""
    if match := _LINUX.fullmatch(name.strip()):
        return f"eth{int(match[1])}"
    if match := _AIR.fullmatch(name.strip()):
        return match[0]
    if (match := _IOS.fullmatch(name.strip())) and match[2] is None:
        return f"eth{int(match[1])}"
    if match := _AP.fullmatch(name.strip()):
        return f"eth{int(match[1]) + 1}"
    raise _refused(name)


def ios_name(name: str) -> str:
    """The canonical IOS name (``GigabitEthernet0/1``, ``GigabitEthernet0/1.10``, ``Vlan99``). Raises InputError."""
    text = name.strip()
    if match := _LINUX.fullmatch(text):
        return f"GigabitEthernet0/{int(match[1])}"
    if match := _IOS.fullmatch(text):
        return f"GigabitEthernet0/{int(match[1])}" + (f".{int(match[2])}" if match[2] else "")
    if match := _SVI.fullmatch(text):
        return f"Vlan{int(match[1])}"
    raise _refused(name)


def short_name(name: str) -> str:
    """The abbreviation of ``show`` tables (``Gi0/1``, ``Vl99``). Raises InputError."""
    return ios_name(name).replace("GigabitEthernet", "Gi").replace("Vlan", "Vl")
