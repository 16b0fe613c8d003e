"""Alerts on the wire."""

from datetime import datetime

from app.api.schemas.base import Answer, Cursor, Filters, Limit
from measurements.campaigns.alerts import Severity
from measurements.results.outcome import Label


class AlertFilters(Filters):
    """Which alerts, and which page of them."""

    only_open: bool = False
    """Only those that have not ended."""
    limit: Limit = 100
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before."""


class Alert(Answer):
    """Something that is or was wrong."""

    id: int
    label: Label
    """Of the Atlas that it is about."""
    key: str
    """What is wrong with what: the same as long as it lasts."""
    severity: Severity
    words: str
    """What it is, and what to do."""
    began_at: datetime
    ended_at: datetime | None
    is_open: bool
    n_told: int
    """Messages that were delivered."""
    n_undelivered: int
    """Messages that are still tried."""
    failure: str | None
    """Why one was not delivered when it was last tried."""


class AlertPage(Answer):
    """Alerts, the newest first."""

    alerts: list[Alert]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""
