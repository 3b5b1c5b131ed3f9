"""Candidate codes: a class, then a number of 1 to 3 digits (``A-01``, ``TRI12``, ``demo0``). Never a name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trilab.errors import InputError

MAX_LENGTH = 32
_CODE = re.compile(r"(?P<group>(?:[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z-]|[A-Za-z])?)(?P<number>[0-9]{1,3})")


@dataclass(frozen=True)
class Candidate:
    """A candidate, as the tool knows them.

    ``group`` is what stands before the digits, in capitals, and ``number`` their value: ``a-01``, ``A-1`` and ``A-01``
    draw the same variables, so one class must not hold two of them.
    """

    code: str
    group: str
    number: int

    @classmethod
    def parse(cls, code: str) -> Candidate:
        """Read a code.

        Raises:
            InputError: it is not one.
        """
        found = _CODE.fullmatch(code) if len(code) <= MAX_LENGTH else None
        if not found:
            raise InputError(
                f"Le code candidat « {code} » est incorrect.",
                f"Attendu : lettres sans accent, chiffres et tirets, {MAX_LENGTH} caractères au plus, terminés par un "
                "numéro de 1 à 3 chiffres (exemples : A-01, TRI12, demo0).",
            )
        return cls(code, found["group"].upper(), int(found["number"]))

    @classmethod
    def span(cls, codes: str) -> tuple[Candidate, ...]:
        """Read one code, or a class: ``TRI-01..12`` is TRI-01, TRI-02 … TRI-12.

        Raises:
            InputError: not a code; the last number is below the first.
        """
        first, separator, last = codes.partition("..")
        begin = cls.parse(first)
        if not separator:
            return (begin,)
        if not (last.isascii() and last.isdigit() and len(last) <= 3 and int(last) >= begin.number):
            raise InputError(
                f"« {codes} » n'est pas une suite de candidats.",
                "Attendu : le premier code, deux points de suite, le dernier numéro (exemple : TRI-01..12).",
            )
        digits = len(first) - len(first.rstrip("0123456789"))
        numbers = range(begin.number, int(last) + 1)
        return tuple(cls.parse(f"{first[:-digits]}{number:0{digits}}") for number in numbers)
