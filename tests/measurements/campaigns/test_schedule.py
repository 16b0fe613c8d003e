"""When rounds are due: every night in Dushanbe, whatever the calendar does."""

from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from measurements.campaigns.schedule import ONE_OFF_S, Schedule, Tick
from measurements.units import DAY_S, iso

ADAPTER: TypeAdapter[Schedule] = TypeAdapter(Schedule)
EAST_S = 5 * 3_600
"""Dushanbe is so far ahead, all year, every year."""
INSTANTS = st.integers(1_577_836_800, 4_102_444_800)
"""2020 to 2099, and with them leap days and year ends."""


def nightly(begins: str = "01:00", ends: str = "05:00", **more: Any) -> Schedule:
    return ADAPTER.validate_python({"kind": "nightly", "mode": "periodic", "begins": begins, "ends": ends, **more})


def cron(expression: str, **more: Any) -> Schedule:
    return ADAPTER.validate_python({"kind": "cron", "mode": "periodic", "expression": expression, **more})


def next_due(schedule: Schedule, after_at: int) -> Tick | None:
    return next(schedule.ticks(after_at), None)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@given(INSTANTS, st.integers(0, 1_439), st.integers(0, 1_439))
def test_a_night_comes_every_day_at_its_time(after_at: int, begins: int, ends: int) -> None:
    """Worked out by hand: days of 86,400 seconds, five hours ahead of UTC."""
    schedule = nightly(f"{begins // 60:02}:{begins % 60:02}", f"{ends // 60:02}:{ends % 60:02}")

    tick = next_due(schedule, after_at)

    assert tick
    assert 0 < tick.round_at - after_at <= DAY_S
    assert (tick.round_at + EAST_S) % DAY_S == begins * 60
    assert tick.until_at - tick.round_at == ((ends - begins) * 60 - 1) % DAY_S + 1
    following = next_due(schedule, tick.round_at)
    assert following
    assert following.round_at == tick.round_at + DAY_S


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-12-30T21:00:00Z", "2026-12-31T20:00:00Z"),
        ("2028-02-28T20:00:00Z", "2028-02-29T20:00:00Z"),
        ("2027-03-27T20:00:00Z", "2027-03-28T20:00:00Z"),
        ("2027-10-30T20:00:00Z", "2027-10-31T20:00:00Z"),
    ],
    ids=["year end", "leap day", "Amsterdam goes forward", "Amsterdam goes back"],
)
def test_days_that_are_special_elsewhere(after: str, due: str) -> None:
    tick = next_due(nightly(), at(after))

    assert tick
    assert iso(tick.round_at) == due


def test_rounds_of_a_night_are_so_far_apart_and_end_with_it() -> None:
    schedule = nightly("01:00", "02:00", mode="rounds", every_s=1_500)
    first = at("2026-12-01T20:00:00Z")

    ticks = list(islice(schedule.ticks(first - 1), 4))

    assert [tick.round_at - first for tick in ticks] == [0, 1_500, 3_000, DAY_S]
    assert {tick.until_at - tick.round_at for tick in ticks} == {ONE_OFF_S}


@pytest.mark.parametrize(
    ("expression", "after", "due"),
    [
        ("30 2 * * MON", "2026-12-01T00:00:00Z", "2026-12-06T21:30:00Z"),
        ("0 1 29 FEB *", "2027-01-01T00:00:00Z", "2028-02-28T20:00:00Z"),
        ("0 0 L * *", "2026-12-15T00:00:00Z", "2026-12-30T19:00:00Z"),
        ("*/15 * * * *", "2026-12-31T18:50:00Z", "2026-12-31T19:00:00Z"),
    ],
)
def test_cron_goes_by_the_clock_of_dushanbe(expression: str, after: str, due: str) -> None:
    tick = next_due(cron(expression, lasts_s=1_800), at(after))

    assert tick
    assert (iso(tick.round_at), tick.until_at - tick.round_at) == (due, 1_800)


def test_once_is_once() -> None:
    when = datetime(2026, 12, 31, 20, tzinfo=UTC)
    schedule = ADAPTER.validate_python({"kind": "once", "mode": "rounds", "at": when})
    due = int(when.timestamp())

    assert next_due(schedule, due - 1) == Tick(due, due + ONE_OFF_S)
    assert next_due(schedule, due) is None


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"kind": "nightly", "mode": "periodic", "begins": "24:00", "ends": "05:00"}, "no time of day"),
        ({"kind": "nightly", "mode": "periodic", "begins": "1:00", "ends": "05:00"}, "no time of day"),
        ({"kind": "cron", "mode": "periodic", "expression": "0 0 * *"}, "five parts"),
        ({"kind": "cron", "mode": "periodic", "expression": "@daily"}, "five parts"),
        ({"kind": "cron", "mode": "periodic", "expression": "0 0 30 FEB *"}, "names no instant"),
        ({"kind": "cron", "mode": "periodic", "expression": "61 0 * * *"}, "names no instant"),
        ({"kind": "cron", "mode": "periodic", "expression": "0 0 * * MOON"}, "names no instant"),
        ({"kind": "weekly", "mode": "periodic"}, "does not match any of the expected tags"),
    ],
)
def test_what_names_no_instant_is_refused(document: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        ADAPTER.validate_python(document)
