"""The world's chance: choices, quick numbers and distributions, repeating as those of `app.rehearsal.chance`."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct
from typing import TypeVar

from app.rehearsal.chance import NUMBER_BYTES, number

FULL = 2**64 - 1

Choice = TypeVar("Choice")

_three = Struct("<qqq").pack


def pick(choices: Sequence[Choice], *parts: object) -> Choice:
    """One of the choices for these parts."""
    return choices[number(*parts) % len(choices)]


def mix(first: int, second: int) -> int:
    """A 64-bit number for two whole numbers, for where `number` would take too long (finalizer of SplitMix64)."""
    value = (first * 0x9E3779B97F4A7C15 + second * 0xD1342543DE82EF95) & FULL
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & FULL
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & FULL
    return value ^ (value >> 31)


class Chance(random.Random):
    """A source that is set anew for every result."""

    def turn_to(self, key: bytes, measurement_id: int, probe_id: int, round_number: int) -> None:
        """From here on, draw what belongs to this round of this probe in this measurement."""
        digest = blake2b(_three(measurement_id, probe_id, round_number), digest_size=NUMBER_BYTES, key=key).digest()
        self.seed(int.from_bytes(digest, "little"))


class Spread:
    """A recorded distribution: its quantiles, and straight lines between them."""

    def __init__(self, *points: tuple[float, float]) -> None:
        """Points are (share of values at or below, value), from share 0 to share 1."""
        self._shares = [at for at, _ in points]
        self._values = [value for _, value in points]

    def value(self, at: float) -> float:
        """The value below which this share of values lies."""
        index = min(bisect_right(self._shares, at), len(self._shares) - 1)
        low, high = self._shares[index - 1], self._shares[index]
        first, second = self._values[index - 1], self._values[index]
        return first + (second - first) * (at - low) / (high - low)
