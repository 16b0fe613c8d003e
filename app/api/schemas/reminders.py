"""Reminders on the wire."""

from datetime import date, datetime

from app.api.schemas.base import Answer, Content, Cursor, Filters, Limit
from measurements.agreements.parties import Party
from measurements.agreements.reminders import Topic


class ReminderFilters(Filters):
    """Which reminders, and which page of them."""

    only_open: bool = False
    """Only those that nobody of the party has acknowledged."""
    limit: Limit = 100
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before."""


class Acknowledgement(Content):
    """Nothing has to be said but that it was seen."""


class Reminder(Answer):
    """What one party was reminded of."""

    id: int
    party: Party
    due_on: date
    """From this calendar day on, in Dushanbe."""
    topic: Topic
    subject: str
    """Which one: a designation, an agreement, a target, the end of a term."""
    at: datetime
    """When that happens which it is about."""
    explanation: str
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    """The number of a person."""


class ReminderPage(Answer):
    """Reminders in order of their number."""

    reminders: list[Reminder]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
