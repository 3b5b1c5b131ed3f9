"""A ladder diagram of a SIP dialog or a DHCP exchange as SVG: one column per host, one arrow per message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from trilab.grading.model import Row
from trilab.report import text

_LADDER = re.compile(r"DHCP\b|SIP\b|[1-6]\d\d(?: |$)|(?:INVITE|ACK|BYE|CANCEL|REGISTER|OPTIONS|PRACK|UPDATE|INFO|REFER|"
                     r"SUBSCRIBE|NOTIFY|MESSAGE|PUBLISH)\b")  # fmt: skip
_BROADCAST = frozenset({"255.255.255.255", "ff:ff:ff:ff:ff:ff"})
# RFC 4594 names the classes that a voice network uses: EF (RFC 3246), CS and AF (RFC 2474, RFC 2597)
_DSCP = {0: "BE", 8: "CS1", 16: "CS2", 24: "CS3", 26: "AF31", 32: "CS4", 34: "AF41", 40: "CS5", 46: "EF", 48: "CS6"}
MOST = 60  # arrows; the table has all rows
_TIME, _COLUMN, _ROW, _HEAD = 74, 210, 46, 56
_CHAR = 6.6  # width of one character of a label, in the widest usual font


def dscp_name(value: int) -> str:
    """``46 (EF)``."""
    return f"{value} ({_DSCP[value]})" if value in _DSCP else str(value)


def ladder_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows that a ladder shows: SIP and DHCP messages, at most :data:`MOST`."""
    return tuple(row for row in rows if _LADDER.match(row.label))[:MOST]


def hosts(rows: Sequence[Row]) -> tuple[str, ...]:
    """The columns, in the order in which they appear."""
    return tuple(dict.fromkeys(name for row in rows for name in (row.source, row.destination)))


def ladders(rows: Iterable[Row], prefix: str, most: int = MOST) -> tuple[str, ...]:
    """Accessible ``<svg>`` elements of at most ``most`` arrows each; none when no row is for a ladder.

    Parameters:
        prefix: start of the element ids, different for two wire tables of one page.
    """
    shown = ladder_rows(rows)
    columns = hosts(shown)
    parts = [shown[start : start + most] for start in range(0, len(shown), most)]
    made = []
    for index, part in enumerate(parts, 1):
        title = f"Diagramme d'échanges entre {', '.join(_host(name) for name in columns)}"
        made.append(_draw(part, columns, f"{prefix}-{index}", title + (f", partie {index}" if len(parts) > 1 else "")))
    return tuple(made)


def _draw(rows: Sequence[Row], columns: Sequence[str], prefix: str, title: str) -> str:
    where = {name: _TIME + _COLUMN * (0.5 + index) for index, name in enumerate(columns)}
    width, height = _TIME + _COLUMN * len(columns), _HEAD + _ROW * len(rows) + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ladder" role="img" viewBox="0 0 {width} {height}"',
        f' width="{width}" height="{height}" color="#1b2733" aria-labelledby="{prefix}-titre {prefix}-desc">',
        f'<title id="{prefix}-titre">{escape(title)}</title>',
        f'<desc id="{prefix}-desc">{text.count(len(rows), "message")}, repris dans le tableau qui suit.</desc>',
        '<g fill="currentColor" stroke="none" font-family="system-ui, \'DejaVu Sans\', sans-serif" font-size="12">',
        *(_column(name, where[name], height) for name in columns),
        *(_message(row, where, _HEAD + _ROW * (index + 0.6)) for index, row in enumerate(rows)),
        "</g></svg>",
    ]
    return "".join(parts)


def _host(name: str) -> str:
    return "diffusion" if name.lower() in _BROADCAST else text.clean(name)


def _column(name: str, x: float, height: float) -> str:
    shown = escape(text.shortened(_host(name), 26))
    return (
        f'<path d="M{x:g} 36V{height - 4:g}" fill="none" stroke="currentColor" stroke-opacity=".45"'
        ' stroke-dasharray="4 4"/>'
        f'<text x="{x:g}" y="24" text-anchor="middle" font-size="13" font-weight="700">{shown}</text>'
    )


def _message(row: Row, where: dict[str, float], y: float) -> str:
    start, end = where[row.source], where[row.destination]
    span = abs(end - start) or _COLUMN / 2
    middle = (start + end) / 2 if start != end else start + span / 2
    details = [f"VLAN {row.vlan}" if row.vlan is not None else "sans étiquette"]
    if row.dscp is not None:
        details.append(f"DSCP {dscp_name(row.dscp)}")
    label = text.shortened(text.clean(row.label), max(14, int((span - 24) / _CHAR)))
    return (
        f'<text x="4" y="{y + 4:g}" font-size="11.5">{text.seconds(row.time)} s</text>'
        f"{_arrow(start, end, y)}"
        f'<text x="{middle:g}" y="{y - 6:g}" text-anchor="middle" font-weight="600">{escape(label)}</text>'
        f'<text x="{middle:g}" y="{y + 14:g}" text-anchor="middle" font-size="10.5">{" · ".join(details)}</text>'
    )


def _arrow(start: float, end: float, y: float) -> str:
    if start == end:  # a host speaking to itself
        loop = f"M{start:g} {y:g}h{_COLUMN / 4:g}v8h-{_COLUMN / 4 - 8:g}"
        return f'<path d="{loop}" fill="none" stroke="currentColor" stroke-width="1.6"/>{_head(start, y + 8, 1)}'
    side = 1 if end < start else -1  # where the arrow comes from
    line = f'<path d="M{start:g} {y:g}H{end + side * 8:g}" fill="none" stroke="currentColor" stroke-width="1.6"/>'
    return line + _head(end, y, side)


def _head(x: float, y: float, side: int) -> str:
    return f'<path d="M{x:g} {y:g}l{side * 10} -4.5v9z"/>'
