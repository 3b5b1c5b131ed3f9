"""State that feature areas own: each keeps its settings in frozen values of its own classes, here by class.

A new area adds nothing to the model: it asks ``config.parts[Area]`` or ``interface.parts[Area]`` and puts back a
changed copy (:func:`dataclasses.replace`).
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

Value = TypeVar("Value")


class Parts:
    """At most one value per class. A value that was never put is ``Class()``: the defaults."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[type, Any] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, kind: type[Value]) -> Value:
        found = self._values.get(kind)
        return kind() if found is None else cast("Value", found)

    def put(self, value: object) -> None:
        """Replace the value of its class; defaults are not kept, so equal settings are equal parts."""
        kind = type(value)
        if value == kind():
            self._values.pop(kind, None)
        else:
            self._values[kind] = value

    def copy(self) -> Parts:
        """An independent copy (the values themselves are frozen)."""
        return Parts(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parts) and self._values == other._values

    def __hash__(self) -> int:
        raise TypeError("parts change")

    def __repr__(self) -> str:
        return f"Parts({list(self._values.values())!r})"
