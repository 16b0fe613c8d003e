"""Reviews: the parties meet, look at what there is, and say what comes next (Art. IV, third and fourth bullets)."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from measurements.agreements.parties import Party


class Cadence(StrEnum):
    """How often the parties mean to meet."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    """Unless they say otherwise."""
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        """Calendar months from one review to the next."""
        return _MONTHS[self]

    @property
    def words(self) -> str:
        """In plain words."""
        return self.value.replace("_", "-")


_MONTHS = {Cadence.MONTHLY: 1, Cadence.QUARTERLY: 3, Cadence.HALF_YEARLY: 6, Cadence.YEARLY: 12}


class Material(NamedTuple):
    """Something that was shown, so that it can be told later what exactly."""

    name: str
    sha256: str
    """Of its bytes, in hexadecimal digits, lower case."""


class FollowUp(NamedTuple):
    """Something that somebody means to do after a review."""

    what: str
    party: Party | None
    """Who; None for all."""
    due_on: date | None


class Review(NamedTuple):
    """A review that was held. It is told once, and never changed."""

    review_id: int
    held_on: date
    """In Dushanbe."""
    parties: frozenset[Party]
    people: tuple[str, ...]
    """Who was there, by name."""
    material: tuple[Material, ...]
    decisions: tuple[str, ...]
    follow_ups: tuple[FollowUp, ...]


def next_on(held_on: Iterable[date], cadence: Cadence, began_on: date | None) -> date | None:
    """The day by which the next review is due; None where nothing is in force that could be reviewed.

    It is counted from the last one, or from the day on which the memorandum came into force. Months are calendar
    months: three after 30 November is the last of February.
    """
    last = max(held_on, default=began_on)
    return None if last is None else last + relativedelta(months=cadence.months)
