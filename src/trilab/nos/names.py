"""Interface names: every IOS spelling in, the canonical name out, and the short forms that ``show`` prints."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

PORT, SVI = "GigabitEthernet", "Vlan"
Kind = Literal["port", "sub", "svi", "null"]
_KEYWORDS: dict[str, Kind] = {"gigabitethernet": "port", "vlan": "svi", "null": "null"}
_SPELLING = re.compile(r"([a-z]+)\s*(\d.*)?", re.IGNORECASE)
_SUBINTERFACE_MAX = 4294967295  # IOS command reference, "interface": subinterface number


@dataclass(frozen=True)
class Names:
    """Which interfaces a device may have: its role and its number of ports."""

    role: Literal["switch", "router"]
    ports: int

    def kind_of(self, word: str) -> Kind | None:
        """The interface type that ``word`` abbreviates on this role, or None (``g``, ``gi``, ``vl`` …)."""
        word = word.lower()
        for keyword, kind in _KEYWORDS.items():
            if word and keyword.startswith(word) and kind in self.kinds():
                return kind
        return None

    def kinds(self) -> tuple[Kind, ...]:
        """The interface types of the role, in the order of IOS help."""
        return ("port", "svi") if self.role == "switch" else ("port", "sub", "null")

    def parse(self, text: str) -> tuple[Kind, str] | None:
        """Read ``gi0/1``, ``GigabitEthernet 0/1.10``, ``vlan99`` …; None when the device cannot have it."""
        found = _SPELLING.fullmatch(text)
        if found is None or found[2] is None:
            return None
        kind = self.kind_of(found[1])
        if kind is None:
            return None
        return self.number(kind, found[2])

    def number(self, kind: Kind, number: str) -> tuple[Kind, str] | None:
        """The canonical name of ``number`` in type ``kind``: ``0/3``, ``0/3.10`` or a VLAN."""
        if kind == "svi":
            valid = number.isdecimal() and 1 <= int(number) <= 4094
            return ("svi", f"Vlan{int(number)}") if valid else None
        if kind == "null":
            return ("null", "Null0") if number == "0" else None
        found = re.fullmatch(r"0/(\d{1,3})(?:\.(\d{1,10}))?", number)
        if found is None or not 1 <= int(found[1]) <= self.ports:
            return None
        port = f"{PORT}0/{int(found[1])}"
        if found[2] is None:
            return "port", port
        if self.role != "router" or not 1 <= int(found[2]) <= _SUBINTERFACE_MAX:
            return None
        return "sub", f"{port}.{int(found[2])}"


def is_port(name: str) -> bool:
    """Whether a canonical name is a physical port."""
    return name.startswith(PORT) and "." not in name


def is_svi(name: str) -> bool:
    """Whether a canonical name is a VLAN interface."""
    return name.startswith(SVI)


def is_subinterface(name: str) -> bool:
    """Whether a canonical name is a subinterface."""
    return "." in name


def short(name: str) -> str:
    """The two-letter form: ``Gi0/1``, ``Vl99``."""
    return name.replace("GigabitEthernet", "Gi").replace("Vlan", "Vl").replace("Null", "Nu")


def sort_key(name: str) -> tuple[int, int, int]:
    """The order of IOS: ports with their subinterfaces, then VLAN interfaces."""
    if is_svi(name):
        return 1, int(name.removeprefix(SVI)), 0
    port, _, sub = name.partition(".")
    return 0, int(port.rpartition("/")[2]), int(sub or 0)
