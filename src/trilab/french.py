"""French numbers and plurals, for every room that speaks to a reader."""

from __future__ import annotations

NBSP = "\u00a0"


def count(quantity: int, singular: str, plural: str = "") -> str:
    """``0 critère``, ``1 critère``, ``2 critères``; ``plural`` where it is not the singular with an s."""
    return f"{quantity}{NBSP}{singular if quantity < 2 else plural or singular + 's'}"


def number(value: float, decimals: int = 2) -> str:
    """A number with a decimal comma and no useless zero."""
    written = f"{value:.{decimals}f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written).replace(".", ",")
