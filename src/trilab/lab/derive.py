"""Keyed draws: the same lab and candidate code always give the same values, and nobody needs a table of them.

The key is public (lab id and class): this spreads candidates, it hides nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
ROUNDS = 8  # four already give a strong pseudo-random permutation (Luby & Rackoff 1988); small halves want more


@dataclass(frozen=True)
class Keyed:
    """Draws under one key."""

    key: bytes

    @classmethod
    def of(cls, *parts: str) -> Keyed:
        """A key from texts; each is preceded by its length, so that no two lists of texts give one key."""
        return cls(b"".join(len(raw := part.encode()).to_bytes(4, "big") + raw for part in parts))

    def integer(self, message: str) -> int:
        """HMAC-SHA256 of a message, as a 256-bit number."""
        return int.from_bytes(hmac.new(self.key, message.encode(), hashlib.sha256).digest(), "big")

    def below(self, size: int, message: str) -> int:
        """A number in ``0 … size - 1``. The bias of the modulo, size / 2**256, is beyond notice."""
        return self.integer(message) % size

    def sample(self, items: Sequence[T], count: int, message: str) -> list[T]:
        """``count`` different items in a drawn order: the start of a Fisher-Yates shuffle."""
        pool = list(items)
        for index in range(count):
            other = index + self.below(len(pool) - index, f"{message}/{index}")
            pool[index], pool[other] = pool[other], pool[index]
        return pool[:count]

    def permute(self, index: int, size: int, message: str) -> int:
        """The image of ``index`` under a keyed permutation of ``0 … size - 1``: no two indexes share an image.

        A balanced Feistel network on the smallest even number of bits that holds the range, walked until it falls back
        into the range. Source: J. Black and P. Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002, 4
        (cycle-walking) and 5 (generalized Feistel).
        """
        half = max(1, ((size - 1).bit_length() + 1) // 2)
        while True:
            index = self._feistel(index, half, message)
            if index < size:
                return index

    def _feistel(self, value: int, half: int, message: str) -> int:
        mask = (1 << half) - 1
        left, right = value >> half, value & mask
        for number in range(ROUNDS):
            left, right = right, left ^ (self.integer(f"{message}/{number}/{right}") & mask)
        return left << half | right
