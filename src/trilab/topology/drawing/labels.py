"""Interface names beside their cables: each takes the first place where it covers nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trilab.topology.drawing.layout import SMALL, Layout, Wire

ASCENT, DESCENT = 10.0, 2.5  # of a text of 11.5 px, around its baseline


@dataclass(frozen=True)
class Label:
    """A text with its box; ``x`` is its left end and ``y`` its baseline."""

    text: str
    x: float
    y: float

    @property
    def right(self) -> float:
        """Right end, by the mean width of a character."""
        return self.x + len(self.text) * SMALL

    def covers(self, other: Label) -> bool:
        """Whether two texts touch."""
        return self.x < other.right and other.x < self.right and abs(self.y - other.y) < ASCENT + DESCENT

    def crosses(self, wire: Wire) -> bool:
        """Whether a straight cable runs through the text (Liang-Barsky clipping)."""
        low, high = 0.0, 1.0
        moves = (
            (wire.x1 - wire.x2, wire.x1 - self.x),
            (wire.x2 - wire.x1, self.right - wire.x1),
            (wire.y1 - wire.y2, wire.y1 - (self.y - ASCENT)),
            (wire.y2 - wire.y1, self.y + DESCENT - wire.y1),
        )
        for step, room in moves:
            if step == 0 and room < 0:
                return False
            if step < 0:
                low = max(low, room / step)
            elif step > 0:
                high = min(high, room / step)
        return low < high


def place_labels(layout: Layout) -> list[Label]:
    """Both interface names of every cable."""
    placed: list[Label] = []
    straight = [wire for wire in layout.wires if not wire.arc]
    # vertical cables first: their labels have one good place, and the others go around
    for wire in sorted(layout.wires, key=lambda wire: (wire.arc, wire.x1 != wire.x2)):
        for candidates in _ends(wire):
            options = list(candidates)
            placed.append(min(options, key=lambda label: _cost(label, placed, straight)))
    return placed


def _cost(label: Label, placed: list[Label], straight: list[Wire]) -> int:
    """How much a place covers; ``min`` keeps the first of the best."""
    return 3 * sum(label.covers(other) for other in placed) + sum(label.crosses(wire) for wire in straight)


def _ends(wire: Wire) -> tuple[Iterator[Label], Iterator[Label]]:
    return (
        _candidates(wire, wire.cable.a_name, wire.x1, wire.y1, wire.x2, wire.y2),
        _candidates(wire, wire.cable.b_name, wire.x2, wire.y2, wire.x1, wire.y1),
    )


def _candidates(wire: Wire, text: str, x: float, y: float, far_x: float, far_y: float) -> Iterator[Label]:
    """Places for the name of the end (x, y), the best first."""
    width = len(text) * SMALL
    if wire.arc:
        sides = (x - 6 - width, x + 6) if far_x > x else (x + 6, x - 6 - width)
        yield from (Label(text, side, y - lift) for side in sides for lift in (9, 22))
    elif y == far_y:
        start = x + 6 if far_x > x else x - 6 - width
        yield from (Label(text, start, y + drop) for drop in (-5, 13))
    else:
        down = far_y > y
        slope = (far_x - x) / abs(far_y - y)  # pixels to the right for each pixel away from the end
        for more in (0, 14, 28):
            near, far = (5 + more, 19 + more) if down else (7 + more, 20 + more)
            baseline = y + 17 + more if down else y - 9 - more
            edges = (slope * near, slope * far)
            yield Label(text, x + 5 + max(edges), baseline)
            yield Label(text, x - 5 - width + min(edges), baseline)
