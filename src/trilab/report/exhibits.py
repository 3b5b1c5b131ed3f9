"""Evidence as the report shows it: the text of an output up to a limit, the packet count of a capture."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trilab.grading.model import Criterion, Evidence
from trilab.report import text

READ_LIMIT = 1 << 20  # octets of an output that are looked at
KINDS = {"command": "commande", "probe": "sonde", "pcap": "capture", "audio": "son", "file": "fichier"}


@dataclass(frozen=True)
class Limits:
    """How much of one output is embedded."""

    lines: int
    characters: int


SCREEN = Limits(lines=600, characters=60_000)
COLUMN = 56  # characters of one of two columns on paper
PAPER = Limits(lines=70, characters=6_000)


@dataclass(frozen=True)
class Exhibit:
    """One piece of evidence, ready to be printed. ``cut``: the whole output is in the file only."""

    evidence: Evidence
    missing: bool
    size: int  # octets
    output: str | None  # None: not a text
    cut: bool
    packets: int | None  # None: not a capture, or unreadable
    whole: str = ""  # the output before it was cut

    @property
    def folded(self) -> bool:
        """Whether the output has more than an excerpt."""
        return bool(self.output) and (self.cut or text.excerpt(self.output or "") != (self.output or "").strip())

    def excerpt(self, criterion: Criterion) -> str:
        """The few lines that are nearest to what ``criterion`` observed."""
        about = " ".join((criterion.finding.observed, *_words(criterion.parameters)))
        return text.excerpt(self.whole, about)

    @property
    def narrow(self) -> bool:
        """Whether two columns of the output fit on one page of paper."""
        lines = (self.output or "").split("\n")
        return len(lines) > 20 and max(map(len, lines)) <= COLUMN


def exhibits(folder: Path, evidence: Iterable[Evidence], limits: Limits) -> dict[str, Exhibit]:
    """Evidence id → exhibit. A file that is gone or outside ``folder`` is told as missing, never an error."""
    return {one.id: _exhibit(folder, one, limits) for one in evidence}


def _exhibit(folder: Path, evidence: Evidence, limits: Limits) -> Exhibit:
    path = folder / evidence.path
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return _missing(evidence)
        size = path.stat().st_size
        with path.open("rb") as stream:
            data = stream.read(READ_LIMIT)
        if evidence.kind == "pcap":
            return Exhibit(evidence, False, size, None, False, count_packets(path))
    except OSError:
        return _missing(evidence)
    if evidence.kind == "audio" or (evidence.kind == "file" and b"\0" in data):
        return Exhibit(evidence, False, size, None, False, None)
    whole = text.clean(data.decode("utf-8", "replace")).rstrip("\n")
    shown = "\n".join(whole[: limits.characters].split("\n")[: limits.lines])
    return Exhibit(evidence, False, size, shown, shown != whole or size > READ_LIMIT, None, whole)


def _missing(evidence: Evidence) -> Exhibit:
    return Exhibit(evidence, True, 0, None, False, None)


def count_packets(path: Path) -> int | None:
    """The number of packets of a pcap or pcapng file, or None when it is neither. Raises OSError."""
    from scapy.error import Scapy_Exception
    from scapy.utils import RawPcapReader

    try:
        with RawPcapReader(str(path)) as reader:
            return sum(1 for _ in reader)
    except (Scapy_Exception, EOFError, struct.error):
        return None


def _words(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [word for pair in value.items() for one in pair for word in _words(one)]
    if isinstance(value, list | tuple):
        return [word for one in value for word in _words(one)]
    return [str(value)]
