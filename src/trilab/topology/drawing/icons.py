"""Role icons, 32 × 32, drawn with lines that follow the text colour: shapes tell roles apart, not colours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ROLE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "router": "routeur",
        "switch": "commutateur",
        "ap": "point d'accès",
        "ipbx": "IPBX",
        "phone": "téléphone IP",
        "pc": "PC",
        "server": "serveur",
        "wifi-client": "poste Wi-Fi",
    }
)

ICONS: Mapping[str, str] = MappingProxyType(
    {
        # a disc with two arrows out and two in
        "router": '<circle cx="16" cy="16" r="14"/><path d="M16 13V5m-3 3 3-3 3 3M16 19v8m-3-3 3 3 3-3"/>'
        '<path d="M4.5 16H13m-3-3 3 3-3 3M27.5 16H19m3-3-3 3 3 3"/>',
        # a flat box with arrows in both directions
        "switch": '<rect x="1.5" y="6" width="29" height="20" rx="3"/>'
        '<path d="M6 12.5h15m-4-3 4 3-4 3M26 19.5H11m4-3-4 3 4 3"/>',
        # a mast with waves
        "ap": '<path d="M16 16v12M10 28h12M11.5 14.5a6 6 0 0 1 9 0M7.5 11a11.5 11.5 0 0 1 17 0"/>'
        '<circle cx="16" cy="17" r="1.5"/>',
        # a cabinet with a handset
        "ipbx": '<rect x="4" y="2" width="24" height="28" rx="2.5"/><path d="M8 23h8M8 26.5h8M23 22.5v4"/>'
        '<path d="M8.5 15v-3a7.5 5.5 0 0 1 15 0v3h-4v-3.200a4 3 0 0 0-7 0V15z"/>',
        # a desk phone: handset on the left, screen and keys
        "phone": '<rect x="9" y="5" width="21" height="23" rx="2.5"/><rect x="2" y="4" width="7" height="25" rx="3"/>'
        '<path d="M13 9.5h13v5H13zM14 19h2m3 0h2m3 0h2m-12 4.5h2m3 0h2m3 0h2"/>',
        # a screen on its foot
        "pc": '<rect x="2" y="4" width="28" height="18" rx="2"/><path d="M16 22v5M9 28h14M6 8h9"/>',
        # a laptop under waves
        "wifi-client": '<rect x="6" y="12" width="20" height="13" rx="2"/><path d="M2 28h28"/>'
        '<path d="M13 8.5a4.5 4.5 0 0 1 6 0M9.5 5a10 10 0 0 1 13 0"/>',
        # three rack units
        "server": '<rect x="4" y="3" width="24" height="8" rx="1.5"/>'
        '<rect x="4" y="12" width="24" height="8" rx="1.5"/>'
        '<rect x="4" y="21" width="24" height="8" rx="1.5"/><path d="M8 7h2m4 0h10M8 16h2m4 0h10M8 25h2m4 0h10"/>',
    }
)

UNKNOWN = '<rect x="3" y="5" width="26" height="22" rx="2"/><path d="M3 12h26"/>'
