"""Instants and calendar days."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from measurements.units import DUSHANBE, day_start, instant, iso, month_start, seconds, week_start

AT = 1_795_478_399  # 2026-11-23T23:59:59Z, the 24th in Dushanbe


def test_an_instant_is_aware_and_in_utc() -> None:
    """No naive datetime leaves the inside."""
    assert instant(AT).isoformat() == "2026-11-23T23:59:59+00:00"


def test_an_aware_datetime_of_any_zone_is_an_instant() -> None:
    """Not read as if it were UTC, and a fraction of a second is not rounded up."""
    local = datetime(2026, 11, 24, 4, 59, 59, 999_999, tzinfo=ZoneInfo(DUSHANBE))

    assert seconds(local) == seconds(local.astimezone(UTC)) == AT


def test_a_datetime_without_a_zone_is_refused() -> None:
    """Nobody knows which instant it is."""
    with pytest.raises(ValueError, match="no zone"):
        seconds(datetime(2026, 11, 24))  # noqa: DTZ001 - which is what is refused


def test_iso_ends_in_z() -> None:
    """RFC 3339 as the wire has it."""
    assert iso(AT) == "2026-11-23T23:59:59Z"


@pytest.mark.parametrize(
    ("begin", "later", "expected"),
    [
        (day_start, 0, "2026-11-23T19:00:00Z"),
        (day_start, 1, "2026-11-24T19:00:00Z"),
        (week_start, 0, "2026-11-22T19:00:00Z"),
        (week_start, 1, "2026-11-29T19:00:00Z"),
        (month_start, 0, "2026-10-31T19:00:00Z"),
        (month_start, 2, "2026-12-31T19:00:00Z"),
    ],
)
def test_days_weeks_and_months_of_dushanbe_begin_at_19_utc(
    begin: Callable[[int, ZoneInfo, int], int], later: int, expected: str
) -> None:
    """Midnight in Dushanbe is five hours before midnight UTC."""
    assert iso(begin(AT, ZoneInfo(DUSHANBE), later)) == expected


def test_a_day_with_a_change_of_clocks_is_not_24_hours_long() -> None:
    """Calendar days follow the zone, not a count of seconds."""
    amsterdam = ZoneInfo("Europe/Amsterdam")
    noon = 1_774_785_600  # 2026-03-29T12:00:00Z, the day summer time begins

    assert (day_start(noon, amsterdam, 1) - day_start(noon, amsterdam)) == 23 * 3600
