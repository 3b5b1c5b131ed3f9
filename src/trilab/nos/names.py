"""Interface names: every IOS spelling in, the canonical name out, and the short forms that ``show`` prints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from trilab.nos.model import Role

PORT, SVI, CHANNEL, LOOPBACK = "GigabitEthernet", "Vlan", "Port-channel", "Loopback"
RADIO, BVI = "Dot11Radio0", "BVI1"
CHANNELS = 6  # Catalyst 2960 command reference, "channel-group": groups 1 to 6
Kind = Literal["port", "sub", "svi", "channel", "null", "radio", "bvi", "loop"]
_KEYWORDS: dict[str, Kind] = {
    "gigabitethernet": "port", "vlan": "svi", "port-channel": "channel", "loopback": "loop", "null": "null",
    "dot11radio": "radio", "bvi": "bvi",
}  # fmt: skip
_KINDS: dict[Role, tuple[Kind, ...]] = {
    "switch": ("port", "channel", "svi"),
    "router": ("port", "sub", "loop", "null"),
    "ap": ("bvi", "radio", "port", "sub"),
}
_BRIEF = {
    "GigabitEthernet": "Gi", "Dot11Radio": "Do", CHANNEL: "Po", "Vlan": "Vl", "Loopback": "Lo", "Null": "Nu",
    "BVI": "BV",
}  # fmt: skip
_SPELLING = re.compile(r"(dot11?(?:r(?:a(?:d(?:io?)?)?)?)?|[a-z-]+)\s*(\d.*)?", re.IGNORECASE)
_SUBINTERFACE_MAX = 4294967295  # IOS command reference, "interface": subinterface number
_LOOPBACK_MAX = 2147483647


@dataclass(frozen=True)
class Names:
    """Which interfaces a device may have: its role and its number of ports."""

    role: Role
    ports: int

    def port_names(self) -> list[str]:
        """The physical ports. An access point counts them from 0, without slot."""
        first, slot = (0, "") if self.role == "ap" else (1, "0/")
        return [f"{PORT}{slot}{number}" for number in range(first, first + self.ports)]

    def kind_of(self, word: str) -> Kind | None:
        """The interface type that ``word`` abbreviates on this role, or None (``g``, ``gi``, ``vl`` …)."""
        word = word.lower()
        for keyword, kind in _KEYWORDS.items():
            if word and keyword.startswith(word) and kind in self.kinds():
                return kind
        return None

    def kinds(self) -> tuple[Kind, ...]:
        """The interface types of the role, in the order of IOS help."""
        return _KINDS[self.role]

    def parse(self, text: str) -> tuple[Kind, str] | None:
        """Read ``gi0/1``, ``GigabitEthernet 0/1.10``, ``vlan99``, ``do0`` …; None when the device cannot have it."""
        found = _SPELLING.fullmatch(text)
        if found is None or found[2] is None:
            return None
        kind = self.kind_of(found[1])
        if kind is None:
            return None
        return self.number(kind, found[2])

    def number(self, kind: Kind, number: str) -> tuple[Kind, str] | None:
        """The canonical name of ``number`` in type ``kind``: ``0/3``, ``0/3.10``, ``0.10`` or a VLAN."""
        if kind == "svi":
            valid = number.isdecimal() and 1 <= int(number) <= 4094
            return ("svi", f"Vlan{int(number)}") if valid else None
        if kind == "loop":
            valid = number.isdecimal() and len(number) <= 10 and int(number) <= _LOOPBACK_MAX
            return ("loop", f"{LOOPBACK}{int(number)}") if valid else None
        if kind == "channel":
            valid = number.isdecimal() and 1 <= int(number) <= CHANNELS
            return ("channel", f"{CHANNEL}{int(number)}") if valid else None
        if kind in ("null", "bvi"):
            only = {"null": "Null0", "bvi": BVI}[kind]
            return (kind, only) if only.endswith(number) and len(number) == 1 else None
        slot = "" if self.role == "ap" else "0/"
        found = re.fullmatch(rf"{slot}(\d{{1,3}})(?:\.(\d{{1,10}}))?", number)
        main = found and f"{PORT if kind == 'port' else RADIO[:-1]}{slot}{int(found[1])}"
        if found is None or main not in (self.port_names() if kind == "port" else [RADIO]):
            return None
        if found[2] is None:
            return kind, main
        if "sub" not in self.kinds() or not 1 <= int(found[2]) <= _SUBINTERFACE_MAX:
            return None
        return "sub", f"{main}.{int(found[2])}"


def is_port(name: str) -> bool:
    """Whether a canonical name is a physical port."""
    return name.startswith(PORT) and "." not in name


def is_svi(name: str) -> bool:
    """Whether a canonical name is a VLAN interface, or the one of an access point's bridge."""
    return name.startswith(SVI) or name == BVI


def is_loopback(name: str) -> bool:
    """Whether a canonical name is a loopback interface."""
    return name.startswith(LOOPBACK)


def is_channel(name: str) -> bool:
    """Whether a canonical name is an EtherChannel's interface."""
    return name.startswith(CHANNEL)


def is_subinterface(name: str) -> bool:
    """Whether a canonical name is a subinterface."""
    return "." in name


def is_radio(name: str) -> bool:
    """Whether a canonical name is the radio, or one of its subinterfaces."""
    return name.partition(".")[0] == RADIO


def short(name: str) -> str:
    """The two-letter form: ``Gi0/1``, ``Vl99``, ``Lo0``."""
    for full, brief in _BRIEF.items():
        if name.startswith(full):
            return brief + name.removeprefix(full)
    return name


def sort_key(name: str) -> tuple[int, int, int]:
    """The order of IOS: channels, loopbacks and radio, ports, each with its subinterfaces, then virtual interfaces."""
    main, _, sub = name.partition(".")
    number = int(main[len(main.rstrip("0123456789")) :])
    early = is_radio(name) or is_loopback(name)
    rank = 3 if is_svi(name) else 0 if is_channel(name) else 1 if early else 2
    return rank, number, int(sub or 0)
