"""What the user set on the phone; kept in /etc/trilab/phone.json."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

PATH = Path("/etc/trilab/phone.json")
AUTO = "auto"
UNTAGGED = 0
DSCP_NAMES = {"be": 0, "af31": 26, "cs3": 24, "af41": 34, "cs5": 40, "ef": 46}  # RFC 2474, 2597, 3246


@dataclass(frozen=True)
class Settings:
    """``vlan``: ``None`` is automatic (LLDP-MED), 0 untagged. ``server`` empty: by DHCP. ``dscp`` of RTP, 0–63."""

    vlan: int | None = None
    extension: str = ""
    secret: str = ""
    server: str = ""
    dscp: int = 0


def load(path: Path = PATH) -> Settings:
    """The kept settings; those of a new phone when there are none or the file is damaged."""
    try:
        values = json.loads(path.read_text())
        return Settings(**values)
    except (OSError, ValueError, TypeError):
        return Settings()


def save(settings: Settings, path: Path = PATH) -> None:
    """Keep the settings, readable by root only: they hold a secret. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".tmp")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        json.dump(asdict(settings), stream, indent=1)
        stream.write("\n")
    partial.replace(path)


def parse_vlan(text: str) -> int | None:
    """VLAN of a word: ``auto``, ``none`` or 1–4094. Raises ValueError with a French sentence."""
    if text in (AUTO, ""):
        return None
    if text in ("none", "aucun", "0"):
        return UNTAGGED
    if text.isdigit() and 1 <= int(text) <= 4094:
        return int(text)
    raise ValueError(f"VLAN « {text} » : attendu auto, none ou un nombre de 1 à 4094.")


def parse_dscp(text: str) -> int:
    """DSCP of a word: a name of an RFC or 0–63. Raises ValueError with a French sentence."""
    word = text.lower()
    if word in DSCP_NAMES:
        return DSCP_NAMES[word]
    if word.isdigit() and int(word) <= 63:
        return int(word)
    raise ValueError(f"DSCP « {text} » : attendu ef ou un nombre de 0 à 63.")
