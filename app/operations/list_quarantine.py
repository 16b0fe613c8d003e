"""List the quarantine: records that are kept but could not be used, the last one first."""

from typing import NamedTuple

from sqlalchemy import Connection

from app.operations.quarantine_entries import QuarantineEntry, read_quarantine_entry
from app.store.find_quarantine import QuarantineCount, count_quarantined, find_quarantined
from app.store.find_results import find_deliveries
from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason


class QuarantinePage(NamedTuple):
    """Some quarantined records, and below which number the next page begins; None after the last."""

    entries: tuple[QuarantineEntry, ...]
    next_before_id: int | None
    counts: tuple[QuarantineCount, ...]
    """Of all quarantined records, whatever was asked for."""


def list_quarantine(
    connection: Connection,
    *,
    label: Label | None = None,
    reason: QuarantineReason | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> QuarantinePage:
    """One page of the quarantine."""
    rows = find_quarantined(connection, label=label, reason=reason, before_id=before_id, limit=limit + 1)
    page = rows[:limit]
    deliveries = find_deliveries(connection, [row.id for row in page])
    return QuarantinePage(
        entries=tuple(read_quarantine_entry(row, deliveries[row.id]) for row in page),
        next_before_id=page[-1].id if len(rows) > limit else None,
        counts=tuple(count_quarantined(connection)),
    )
