"""When the rounds of a campaign are due: nightly, by a cron expression, or once. Calendars are those of Dushanbe.

A round has a window: from the instant at which it is due to the one from which on it is too late. Pure: instants are
whole seconds since the epoch, UTC, and now is an argument.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field

from measurements.agreements.card import Moment, Part
from measurements.units import DAY_S, DUSHANBE, HOUR_S, seconds

ZONE = ZoneInfo(DUSHANBE)
"""UTC+5 without daylight saving time: no hour of it comes twice, and none is left out."""
ONE_OFF_S = 900
"""A one-off is measured within minutes; by so much later than it is due it begins at most."""
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])").fullmatch
CRON_FIELDS = 5


class Mode(StrEnum):
    """How a window is measured in."""

    PERIODIC = "periodic"
    """One measurement for each cell, which goes on through the whole window."""
    ROUNDS = "rounds"
    """A one-off for each cell."""


class Tick(NamedTuple):
    """One round that is due."""

    round_at: int
    until_at: int
    """Exclusive: the end of its window."""


def _is_time(text: str) -> str:
    if _TIME(text) is None:
        raise ValueError("is no time of day such as 01:00")
    return text


def _is_cron(text: str) -> str:
    if len(text.split()) != CRON_FIELDS:
        raise ValueError("has five parts: minute, hour, day, month, day of the week")
    try:
        next(CronSim(text, datetime(2026, 1, 1, tzinfo=ZONE)))
    except (CronSimError, StopIteration) as error:
        raise ValueError(f"names no instant: {str(error) or 'such a day never comes'}") from None
    return text


TimeOfDay = Annotated[str, AfterValidator(_is_time)]
Cron = Annotated[str, Field(max_length=100), AfterValidator(_is_cron)]
Lasting = Annotated[int, Field(ge=600, le=DAY_S, strict=True)]


class Nightly(Part):
    """Every night, or every day, between two times of day in Dushanbe."""

    kind: Literal["nightly"]
    mode: Mode
    begins: TimeOfDay
    ends: TimeOfDay
    """Exclusive; on the next day where it is not after the beginning."""
    every_s: Lasting | None = None
    """Seconds between rounds, where each is a one-off."""

    def ticks(self, after_at: int) -> Iterator[Tick]:
        """All rounds that are due after an instant, in order."""
        on = datetime.fromtimestamp(after_at, ZONE).date() - timedelta(days=1)
        while True:
            yield from (tick for tick in self._of_night(on) if tick.round_at > after_at)
            on += timedelta(days=1)

    def _of_night(self, on: date) -> Iterator[Tick]:
        begin, end = _at(on, self.begins), _at(on, self.ends)
        end += DAY_S if end <= begin else 0
        if self.every_s is None:
            yield Tick(begin, end)
            return
        for at in range(begin, end, self.every_s):
            yield Tick(at, at + min(self.every_s, ONE_OFF_S))


class ByCron(Part):
    """By a cron expression, with names of days and months if one likes: `30 2 * * MON`. In Dushanbe."""

    kind: Literal["cron"]
    mode: Mode
    expression: Cron
    lasts_s: Lasting = HOUR_S
    """How long its window is, where one measurement goes on through it."""

    def ticks(self, after_at: int) -> Iterator[Tick]:
        """All rounds that are due after an instant, in order."""
        for moment in CronSim(self.expression, datetime.fromtimestamp(after_at, ZONE)):
            at = seconds(moment)
            yield Tick(at, at + (ONE_OFF_S if self.mode is Mode.ROUNDS else self.lasts_s))


class Once(Part):
    """At one instant."""

    kind: Literal["once"]
    mode: Mode
    at: Moment
    lasts_s: Lasting = HOUR_S

    def ticks(self, after_at: int) -> Iterator[Tick]:
        """The one round, if it is due after an instant."""
        at = seconds(self.at)
        if at > after_at:
            yield Tick(at, at + (ONE_OFF_S if self.mode is Mode.ROUNDS else self.lasts_s))


Schedule = Annotated[Nightly | ByCron | Once, Field(discriminator="kind")]


def _at(on: date, at: str) -> int:
    return seconds(datetime.combine(on, time.fromisoformat(at), ZONE))
