"""The plot: one panel per number of labs, one group of bars per contender; every bar bears its name and its value."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bench.engines.measure import Round
from bench.engines.table import METRICS, median, names

WIDTH, LEFT, RIGHT = 760, 250, 70  # pixels; the text at the left, the value at the right
BAR, GAP, GROUP, TITLE = 16, 3, 12, 34
SHOWN = METRICS[:3]
FILLS = ("#1b5e8a", "#4d9ac7", "#a8cfe6")


def svg(rounds: Sequence[Round]) -> str:
    """The picture, dark and light: it brings its own background."""
    y, body = 10, []
    for labs in sorted({one.labs for one in rounds}):
        panel, y = _panel([one for one in rounds if one.labs == labs], labs, y)
        body += panel
    style = "text{font:13px system-ui,sans-serif;fill:#222}.t{font-weight:600;font-size:15px}"
    words = "Seconds until started, first ping and prompt, per engine and number of labs"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">'
        f"<title>{words}</title><style>{style}</style>"
        f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _panel(those: Sequence[Round], labs: int, y: int) -> tuple[list[str], int]:
    bars = [
        (name, metric, fill, median([one for one in those if one.contender == name], value))
        for name in names(those)
        for (metric, value), fill in zip(SHOWN, FILLS, strict=True)
    ]
    longest = max((seconds for *_, seconds in bars if seconds is not None), default=1.0)
    body = [f'<text class="t" x="10" y="{y + 18}">{labs} lab{"s" if labs > 1 else ""}</text>']
    y, before = y + TITLE, bars[0][0] if bars else ""
    for name, metric, fill, seconds in bars:
        if name != before:
            y, before = y + GROUP, name
        if seconds is None:
            continue
        width = max(1.0, seconds / longest * (WIDTH - LEFT - RIGHT))
        label = escape(f"{name}: {metric}")
        body += [
            f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{label}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{width:.1f}" height="{BAR}" fill="{fill}"/>',
            f'<text x="{LEFT + width + 6:.1f}" y="{y + 13}">{seconds:.2f} s</text>',
        ]
        y += BAR + GAP
    return body, y + GROUP
