"""Output filters after a ``|``: include, exclude, section, begin."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trilab.nos.interpreter import sections

HELP = {
    "begin": "Begin with the line that matches",
    "exclude": "Exclude lines that match",
    "include": "Include lines that match",
    "section": "Filter a section of output",
}
_BAR = re.compile(r"(?:^|\s)\|\s*")


class BadFilter(Exception):
    """The text after the bar is no filter; ``column`` is in the whole line, None when it is incomplete."""

    def __init__(self, column: int | None) -> None:
        super().__init__(column)
        self.column = column


@dataclass(frozen=True)
class Filter:
    """One filter: what to do with lines that match ``pattern``."""

    word: str
    pattern: re.Pattern[str]

    def apply(self, text: str) -> str:
        """The lines that pass."""
        lines = text.split("\n")
        if self.word == "include":
            return "\n".join(line for line in lines if self.pattern.search(line))
        if self.word == "exclude":
            return "\n".join(line for line in lines if not self.pattern.search(line))
        if self.word == "section":
            kept = [block for block in sections(text) if any(map(self.pattern.search, block))]
            return "\n".join("\n".join(_part(block, self.pattern)) for block in kept)
        start = next((at for at, line in enumerate(lines) if self.pattern.search(line)), len(lines))
        return "\n".join(lines[start:])


def _part(block: list[str], pattern: re.Pattern[str]) -> list[str]:
    """The whole block when its head matches, else its matching lines."""
    return block if pattern.search(block[0]) else [line for line in block if pattern.search(line)]


def split(text: str) -> tuple[str, Filter | None]:
    """Cut a command line at its bar. Only ``show`` (also after ``do``) takes filters.

    Raises:
        BadFilter: there is a bar, and no filter after it.
    """
    bar = _BAR.search(text)
    if bar is None or not _takes_filter(text):
        return text, None
    rest = text[bar.end() :]
    word, _, expression = rest.partition(" ")
    found = [name for name in HELP if word and name.startswith(word.lower())]
    if len(found) != 1:
        raise BadFilter(bar.end() if word else None)
    expression = expression.strip()
    if not expression:
        raise BadFilter(None)
    try:
        return text[: bar.start()], Filter(found[0], re.compile(expression))
    except re.error as error:
        raise BadFilter(text.rindex(expression)) from error


def _takes_filter(text: str) -> bool:
    words = text.split()
    if words and words[0] == "do":
        words = words[1:]
    return bool(words) and len(words[0]) > 1 and "show".startswith(words[0].lower())


def help_after_bar(text: str) -> list[tuple[str, str]] | None:
    """Help words when the cursor stands after a bar of a ``show``; None elsewhere."""
    bar = _BAR.search(text)
    if bar is None or not _takes_filter(text):
        return None
    rest = text[bar.end() :]
    if " " in rest:
        return [("LINE", "Regular Expression")]
    return [(word, help_text) for word, help_text in HELP.items() if word.startswith(rest.lower())]
