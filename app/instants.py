"""Instants as people write them, on the command line and in addresses."""

import math
from datetime import UTC, date, datetime

from measurements.errors import InvalidFilter

EXAMPLES = "2026-11-23, 2026-11-23T19:00:00Z or 2026-11-24T00:00:00+05:00"


def read_instant(field: str, text: str) -> int:
    """Seconds since the epoch for an aware ISO 8601 instant, or for a day: its midnight, UTC.

    Parts of a second are rounded up, which changes nothing for a half-open range of whole seconds.
    Raises InvalidFilter naming the field.
    """
    try:
        return _midnight(date.fromisoformat(text))
    except ValueError:
        pass  # not a day alone
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidFilter(field, f"{text!r} is no instant; write {EXAMPLES}{_about_plus(text)}") from None
    if moment.tzinfo is None:
        raise InvalidFilter(field, f"{text!r} does not say in which time zone; write {EXAMPLES}")
    return math.ceil((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _about_plus(text: str) -> str:
    """In an address `+` means a space, the commonest mistake with offsets."""
    return " (in an address, + is written %2B)" if " " in text else ""
