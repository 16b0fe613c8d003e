"""Members of the platform's probe and measurement objects, read with care.

The same member is a number in one generation and a text or an object in another; each reader here
takes all forms that were recorded and raises `UnreadableObject` naming the member otherwise.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from measurements.errors import UnreadableObject

Object = Mapping[str, Any]
LARGEST = 2**62
"""Larger numbers are no ids, and do not fit a database's column."""


def whole_number(record: Object, member: str) -> int | None:
    """A whole number, not negative; None where the member is null or absent."""
    value = record.get(member)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise UnreadableObject(member, f"{value!r:.80} is no whole number")
    return value


def required_number(record: Object, member: str) -> int:
    """A whole number that must be there."""
    value = whole_number(record, member)
    if value is None:
        raise UnreadableObject(member, "is missing")
    return value


def text(record: Object, member: str) -> str | None:
    """A text; None where it is null, absent or empty."""
    value = record.get(member)
    if value is None or isinstance(value, str):
        return value or None
    raise UnreadableObject(member, f"{value!r:.80} is no text")


def is_true(record: Object, member: str, *, default: bool = False) -> bool:
    """True or false; `default` where the member is null or absent."""
    value = record.get(member)
    if value is None or isinstance(value, bool):
        return default if value is None else value
    raise UnreadableObject(member, f"{value!r:.80} is neither true nor false")


def objects(record: Object, member: str) -> list[Any]:
    """A list; empty where the member is null or absent."""
    value = record.get(member)
    if value is None or isinstance(value, list):
        return value or []
    raise UnreadableObject(member, f"{value!r:.80} is no list")


def instant_at(record: Object, member: str) -> int | None:
    """Seconds since the epoch, of a number of seconds or an ISO 8601 text; no zone means UTC."""
    value = record.get(member)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str):
        return whole_number({member: value}, member)
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise UnreadableObject(member, f"{value!r:.80} is no instant") from None
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())


def status_name(record: Object) -> str | None:
    """Name of the status, of an object with `name` or of a number beside `status_name`."""
    status = record.get("status")
    return text(status, "name") if isinstance(status, Mapping) else text(record, "status_name")
