"""Reading single fields of a record: the right kind of value, or a named reason why not.

Sagan coerces (`int(True)`, `str(None)`) and turns what it cannot coerce into None, so a damaged field
would pass as a number or as "not there". Here a field is right, absent, or the record goes to quarantine.
"""

import ipaddress
from typing import Any

from measurements.errors import UnreadableResult
from measurements.results.quarantine import QuarantineReason

MAX_COUNT = 2**31 - 1
"""Counts and sizes above it are not real, and do not fit the columns made for them."""
MAX_INTEGER = 2**53
"""Above it, JSON numbers are no longer exact (RFC 8259, section 6)."""
MAX_DURATION_MS = 1e9
"""Eleven days: no probe waits that long."""


def wrong_type(key: str, value: object) -> UnreadableResult:
    """The error for a field that holds another kind of value than it should."""
    return UnreadableResult(QuarantineReason.WRONG_TYPE, f"`{key}` is {_excerpt(value)}")


def impossible(detail: str) -> UnreadableResult:
    """The error for a value that cannot be."""
    return UnreadableResult(QuarantineReason.IMPOSSIBLE_VALUE, detail)


def required(record: dict[str, Any], key: str) -> Any:
    """The value of a key that every result has."""
    try:
        return record[key]
    except KeyError:
        raise UnreadableResult(QuarantineReason.NOT_A_RESULT, f"`{key}` is missing") from None


def whole(key: str, value: Any, limit: int = MAX_INTEGER) -> int:
    """A whole number from 0 to the limit; the oldest firmware wrote some as text."""
    if type(value) is int and 0 <= value <= limit:
        return value
    if type(value) is str and value.isascii() and value.isdigit():
        value = int(value) if len(value) <= len(str(limit)) else limit + 1
    if type(value) is not int:
        raise wrong_type(key, value)
    if not 0 <= value <= limit:
        raise impossible(f"`{key}` is {_excerpt(value)}")
    return value


def count(record: dict[str, Any], key: str) -> int | None:
    """A count or size, or None where the record has none."""
    value = record.get(key)
    return None if value is None else whole(key, value, MAX_COUNT)


def text(record: dict[str, Any], key: str) -> str | None:
    """A text, or None where the record has none or an empty one."""
    value = record.get(key)
    return sentence(key, value) or None if value is not None else None


def sentence(key: str, value: Any) -> str:
    """A text that can be shown and stored: no control characters, no half of a surrogate pair."""
    if type(value) is not str or not value.isprintable():
        raise wrong_type(key, value)
    return value


def duration(key: str, value: Any) -> float:
    """A time in milliseconds, exactly as reported."""
    if type(value) is not float and type(value) is not int:
        raise wrong_type(key, value)
    if not 0 <= value <= MAX_DURATION_MS:
        raise impossible(f"`{key}` is {_excerpt(value)}")
    return float(value)


def family(record: dict[str, Any], address: str | None) -> int | None:
    """The address family, 4 or 6: as stated (`af`, before firmware 4460 `pf`), else by the address."""
    value = record.get("af", record.get("pf"))
    if value is None:
        return family_of(address)
    if type(value) is not int or value not in (4, 6):
        raise wrong_type("af", value)
    return value


def family_of(address: str | None) -> int | None:
    """The family of an address, 4 or 6; None for a name or for nothing."""
    try:
        return ipaddress.ip_address(address).version if address else None
    except ValueError:
        return None


def _excerpt(value: object) -> str:
    try:
        shown = repr(value)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__} too large to show"
    return shown if len(shown) <= 100 else f"{shown[:100]}…"  # noqa: PLR2004 - enough to recognise it by
