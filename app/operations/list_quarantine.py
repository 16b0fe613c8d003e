"""List the quarantine: records that are kept but could not be used, the last one first."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from app.operations.quarantine_entries import QuarantineEntry, read_quarantine_entry
from app.store.find_quarantine import QuarantineCount, count_quarantined, find_quarantined
from app.store.find_results import find_deliveries
from measurements.results.outcome import Label
from measurements.results.quarantine import QuarantineReason

WALK = 1000
"""Records read at once where all are wanted, so that memory stays flat however many there are."""


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
    entries, next_before_id = _page(connection, label, reason, before_id, limit)
    return QuarantinePage(entries, next_before_id, counts=tuple(count_quarantined(connection)))


def walk_quarantine(
    connection: Connection, *, label: Label | None = None, reason: QuarantineReason | None = None
) -> Iterator[QuarantineEntry]:
    """All of the quarantine."""
    entries, before_id = _page(connection, label, reason, None, WALK)
    yield from entries
    while before_id is not None:
        entries, before_id = _page(connection, label, reason, before_id, WALK)
        yield from entries


def _page(
    connection: Connection, label: Label | None, reason: QuarantineReason | None, before_id: int | None, limit: int
) -> tuple[tuple[QuarantineEntry, ...], int | None]:
    rows = find_quarantined(connection, label=label, reason=reason, before_id=before_id, limit=limit + 1)
    page = rows[:limit]
    deliveries = find_deliveries(connection, [row.id for row in page])
    entries = tuple(read_quarantine_entry(row, deliveries[row.id]) for row in page)
    return entries, page[-1].id if len(rows) > limit else None
