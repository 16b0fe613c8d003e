"""Checks of what people ask for; each names the filter that is wrong, as its users know it."""

from collections.abc import Mapping
from typing import TypeVar

from measurements.errors import InvalidFilter

K = TypeVar("K", int, str)
T = TypeVar("T")


def one_of(field: str, value: K, allowed: Mapping[K, T]) -> T:
    """What a value stands for among those allowed; raises InvalidFilter for any other."""
    if value not in allowed:
        raise InvalidFilter(field, f"{value!r} is not a known {field}; allowed are {', '.join(map(str, allowed))}")
    return allowed[value]


def asked_family(asked: int | None) -> int | None:
    """4, 6, or None for both; raises InvalidFilter for any other."""
    return None if asked is None else one_of("address_family", asked, {4: 4, 6: 6})


def asked_country(text: str) -> str:
    """Two letters in upper case (ISO 3166-1 alpha-2); raises InvalidFilter for anything else."""
    code = text.strip()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):  # noqa: PLR2004 - two letters
        raise InvalidFilter("country", f"{text!r} is no country code of two letters, for example TJ")
    return code.upper()


def require_order(from_at: int | None, to_at: int | None) -> None:
    """Raise InvalidFilter for a window that ends before it begins. Ends may be None, for without end."""
    if from_at is not None and to_at is not None and from_at >= to_at:
        raise InvalidFilter("to", "the end must be later than the start")
