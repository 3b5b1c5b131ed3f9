"""A ladder diagram of a SIP dialog, a DHCP exchange or a Wi-Fi association as SVG: one column per host, one arrow per
message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from trilab.grading.model import Row
from trilab.report import text

_LADDER = re.compile(r"DHCP\b|SIP\b|[1-6]\d\d(?: |$)|(?:INVITE|ACK|BYE|CANCEL|REGISTER|OPTIONS|PRACK|UPDATE|INFO|REFER|"
                     r"SUBSCRIBE|NOTIFY|MESSAGE|PUBLISH)\b")  # fmt: skip
_AIR = re.compile(r"(?:EAPOL|EAP|SAE)\b|Authentification|(?:Demande|Réponse) d'|Dés(?:authentification|association)")
_NO_ADDRESS = "0.0.0.0"
_BROADCAST = frozenset({"255.255.255.255", "ff:ff:ff:ff:ff:ff"})
# RFC 4594 names the classes that a voice network uses: EF (RFC 3246), CS and AF (RFC 2474, RFC 2597)
_DSCP = {0: "BE", 8: "CS1", 16: "CS2", 24: "CS3", 26: "AF31", 32: "CS4", 34: "AF41", 40: "CS5", 46: "EF", 48: "CS6"}
MOST = 60  # arrows; the table has all rows
_TIME, _COLUMN, _ROW, _HEAD = 74, 210, 37, 54
_PAST = _COLUMN / 2.5  # how far a broadcast goes on after the last column
_ALONE = _COLUMN * 1.2  # the same where the sender is the only column: the text stands beside its lifeline
_CHAR = 6.6  # width of one character of a label, in the widest usual font


def dscp_name(value: int) -> str:
    """``46 (EF)``."""
    return f"{value} ({_DSCP[value]})" if value in _DSCP else str(value)


def ladder_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows that a ladder shows: SIP, DHCP and 802.11 messages, at most :data:`MOST`."""
    return tuple(row for row in rows if _LADDER.match(row.label) or _AIR.match(row.label))[:MOST]


def hosts(rows: Sequence[Row]) -> tuple[str, ...]:
    """The columns, in the order in which they appear; a broadcast is no host."""
    names = dict.fromkeys(name for row in rows for name in (row.source, row.destination))
    return tuple(name for name in names if not _broadcast(name)) or tuple(names)


def ladders(rows: Iterable[Row], prefix: str, most: int = MOST) -> tuple[str, ...]:
    """Accessible ``<svg>`` elements of at most ``most`` arrows each; none when no row is for a ladder.

    Parameters:
        prefix: start of the element ids, different for two wire tables of one page.
    """
    shown, client = _one_client(ladder_rows(rows))
    columns = hosts(shown)
    number = -(-len(shown) // most)
    size = -(-len(shown) // max(1, number))  # all parts alike
    titles = {name: f"client ({client})" if client and name == _NO_ADDRESS else text.clean(name) for name in columns}
    title = f"Diagramme d'échanges entre {', '.join(titles.values())}"
    return tuple(
        _draw(shown[i * size : (i + 1) * size], titles, f"{prefix}-{i + 1}", title + (f", partie {i + 1}" if i else ""))
        for i in range(number)
    )


def _one_client(rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], str]:
    """Rows where a DHCP client without an address (0.0.0.0, RFC 2131, 4.1) and the address that it gets are one host.

    The address is where a server's answer goes, unless that host also sends: then it is a relay.
    """
    sources = {row.source for row in rows}
    answers = [
        row for row in rows if row.label.startswith(("DHCP Offer", "DHCP ACK")) and not _broadcast(row.destination)
    ]
    given = [row.destination for row in answers if row.destination not in sources]
    if _NO_ADDRESS not in sources or len(set(given)) != 1:
        return rows, ""
    return tuple(
        row.model_copy(update={"destination": _NO_ADDRESS}) if row.destination == given[0] else row for row in rows
    ), given[0]


def _broadcast(name: str) -> bool:
    return name.lower() in _BROADCAST


def _draw(rows: Sequence[Row], titles: Mapping[str, str], prefix: str, title: str) -> str:
    where = {name: _TIME + _COLUMN * (0.5 + index) for index, name in enumerate(titles)}
    width, height = _TIME + _COLUMN * max(2, len(titles)), _HEAD + _ROW * len(rows) + 14
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ladder" role="img" viewBox="0 0 {width} {height}"',
        f' width="{width}" height="{height}" color="#1b2733" aria-labelledby="{prefix}-titre {prefix}-desc">',
        f'<title id="{prefix}-titre">{escape(title)}</title>',
        f'<desc id="{prefix}-desc">{text.count(len(rows), "message")}, repris dans le tableau qui suit.</desc>',
        '<g fill="currentColor" stroke="none" font-family="system-ui, \'DejaVu Sans\', sans-serif" font-size="12">',
        *(_column(titles[name], x, height) for name, x in where.items()),
        *(_message(row, where, _HEAD + _ROW * (index + 0.6)) for index, row in enumerate(rows)),
        "</g></svg>",
    ]
    return "".join(parts)


def _column(title: str, x: float, height: float) -> str:
    return (
        f'<path d="M{x:g} 36V{height - 4:g}" fill="none" stroke="currentColor" stroke-opacity=".45"'
        ' stroke-dasharray="4 4"/>'
        f'<text x="{x:g}" y="24" text-anchor="middle" font-size="13" font-weight="700">'
        f"{escape(text.shortened(title, 26))}</text>"
    )


def _end(row: Row, where: Mapping[str, float]) -> float:
    """Where the arrow ends: a broadcast goes past the farthest column."""
    if not _past(row, where):
        return where[row.destination]
    start = where[row.source]
    if len(where) == 1:
        return start + _ALONE
    farthest = max(where.values(), key=lambda x: abs(x - start))
    return farthest + (_PAST if farthest >= start else -_PAST)


def _past(row: Row, where: Mapping[str, float]) -> bool:
    return _broadcast(row.destination) and row.destination not in where


def _message(row: Row, where: Mapping[str, float], y: float) -> str:
    start, end = where[row.source], _end(row, where)
    between = end
    if _past(row, where) and len(where) > 1:  # the text stands before the next lifeline
        between = start + (_COLUMN if end > start else -_COLUMN)
    span = abs(between - start) or _COLUMN / 2
    middle = (start + between) / 2 if start != end else start + span / 2
    label = text.shortened(text.clean(row.label), max(14, int((span - 24) / _CHAR)))
    details = escape(" · ".join(_details(row)))
    return (
        f'<text x="4" y="{y + 4:g}" font-size="11.5">{text.seconds(row.time)} s</text>'
        f"{_arrow(start, end, y)}"
        f'<text x="{middle:g}" y="{y - 6:g}" text-anchor="middle" font-weight="600">{escape(label)}</text>'
        f'<text x="{middle:g}" y="{y + 14:g}" text-anchor="middle" font-size="10.5">{details}</text>'
    )


def _details(row: Row) -> list[str]:
    """What stands under an arrow. There is no tag on the air."""
    if _AIR.match(row.label):
        return [text.clean(row.note) or "802.11"]
    details = [f"VLAN {row.vlan}" if row.vlan is not None else "sans étiquette"]
    if row.dscp is not None:
        details.append(f"DSCP {dscp_name(row.dscp)}")
    if _broadcast(row.destination):
        details.append("diffusion")
    return details


def _arrow(start: float, end: float, y: float) -> str:
    if start == end:  # a host speaking to itself
        loop = f"M{start:g} {y:g}h{_COLUMN / 4:g}v8h-{_COLUMN / 4 - 8:g}"
        return f'<path d="{loop}" fill="none" stroke="currentColor" stroke-width="1.6"/>{_head(start, y + 8, 1)}'
    side = 1 if end < start else -1  # where the arrow comes from
    line = f'<path d="M{start:g} {y:g}H{end + side * 8:g}" fill="none" stroke="currentColor" stroke-width="1.6"/>'
    return line + _head(end, y, side)


def _head(x: float, y: float, side: int) -> str:
    return f'<path d="M{x:g} {y:g}l{side * 10} -4.5v9z"/>'
