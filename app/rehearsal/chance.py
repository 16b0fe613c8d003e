"""Chance that repeats itself: numbers that depend on what they are drawn for, never on how many were drawn before."""

from hashlib import blake2b

NUMBER_BYTES = 8


def number(*parts: object) -> int:
    """A 64-bit number for these parts: equal for equal parts, unrelated otherwise."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=NUMBER_BYTES).digest(), "little")


def share(*parts: object) -> float:
    """A number in [0, 1) for these parts."""
    return (number(*parts) >> 11) / 2.0**53


def whole(low: int, high: int, *parts: object) -> int:
    """A whole number in [low, high] for these parts."""
    return low + number(*parts) % (high - low + 1)
