"""Words of a command line, with their columns."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Token:
    """One word and the column (from 0) where it starts."""

    text: str
    start: int


@dataclass(frozen=True)
class Line:
    """A command line cut at blanks; ``text`` is kept for arguments that take the rest as it is."""

    text: str
    tokens: tuple[Token, ...]

    @classmethod
    def of(cls, text: str) -> Line:
        """Cut ``text``."""
        return cls(text, tuple(Token(found.group(), found.start()) for found in _WORD.finditer(text)))

    def rest(self, index: int) -> str:
        """Everything from word ``index`` to the end, without trailing blanks."""
        return self.text[self.tokens[index].start :].rstrip()
