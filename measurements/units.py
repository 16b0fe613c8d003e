"""Units and calendar: aware UTC instants, calendar days and months of a named zone, ratios.

An instant on the inside is an integer, seconds since the epoch, UTC; it becomes a `datetime` or a
text only where people or files read it.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import floor
from zoneinfo import ZoneInfo

DUSHANBE = "Asia/Dushanbe"
"""Zone of the calendar days of Tajikistan: UTC+5, without daylight saving time since 1992."""
MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86400
WEEK_S = 7 * DAY_S
LATEST_INSTANT = 253_402_300_799
"""The last second of the year 9999, which is as far as calendars go here."""
LATEST_ASKED = 253_370_764_800
"""9999-01-01, the latest instant that may be asked for: the bins around it end before `LATEST_INSTANT`."""
FIRST_MONDAY_S = 4 * DAY_S
"""1970-01-05 00:00 UTC: the epoch was a Thursday, weeks begin on Monday (ISO 8601)."""


class Unit(StrEnum):
    """Unit of a value on the wire."""

    MS = "ms"
    RATIO = "ratio"
    """0 to 1; percentages appear only in exports and pages."""
    COUNT = "count"


def instant(at: int) -> datetime:
    """Seconds since the epoch as an aware UTC datetime."""
    return datetime.fromtimestamp(at, UTC)


def seconds(moment: datetime) -> int:
    """An aware datetime of any zone as seconds since the epoch, rounded down.

    Raises `ValueError` for one without a zone: nobody knows which instant it is.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} says no zone")
    return floor(moment.timestamp())


def iso(at: int) -> str:
    """Seconds since the epoch as `2026-11-23T19:00:00Z` (ISO 8601, RFC 3339)."""
    return instant(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_start(at: int, zone: ZoneInfo, days: int = 0) -> int:
    """Midnight in a zone that begins the calendar day of an instant, `days` calendar days later."""
    return _midnight(datetime.fromtimestamp(at, zone) + timedelta(days=days), zone)


def week_start(at: int, zone: ZoneInfo, weeks: int = 0) -> int:
    """Midnight in a zone that begins the Monday of an instant's week, `weeks` weeks later."""
    local = datetime.fromtimestamp(at, zone)
    return _midnight(local + timedelta(days=7 * weeks - local.weekday()), zone)


def month_start(at: int, zone: ZoneInfo, months: int = 0) -> int:
    """Midnight in a zone that begins the calendar month of an instant, `months` months later."""
    local = datetime.fromtimestamp(at, zone)
    years, month = divmod(local.month - 1 + months, 12)
    return _midnight(local.replace(year=local.year + years, month=month + 1, day=1), zone)


def _midnight(local: datetime, zone: ZoneInfo) -> int:
    return int(datetime(local.year, local.month, local.day, tzinfo=zone).timestamp())
