"""Chance that can be asked again: a share or a whole number from a seed and names, the same in any order of asking."""

import hashlib

_BYTES = 8
_RANGE = float(256**_BYTES)


def share(*names: object) -> float:
    """A number in [0, 1) that only depends on the names."""
    return _number(names) / _RANGE


def whole(low: int, high: int, *names: object) -> int:
    """A whole number in [low, high] that only depends on the names."""
    return low + _number(names) % (high - low + 1)


def _number(names: tuple[object, ...]) -> int:
    text = "\x1f".join(map(str, names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=_BYTES).digest(), "big")
