"""List the quarantine: records that are kept but could not be used, the last one first."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from app.operations.quarantine_entries import QuarantineEntry, read_quarantine_entry
from app.operations.sight import Sight, Withheld
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
    withheld: tuple[Withheld, ...]
    """What is held and left out, whatever was asked for."""

    @property
    def n_held(self) -> int:
        """How many of them are not public."""
        return _n_held(self.entries)


def list_quarantine(
    connection: Connection,
    sight: Sight,
    *,
    label: Label | None = None,
    reason: QuarantineReason | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> QuarantinePage:
    """One page of the quarantine, as far as somebody may see it."""
    entries, next_before_id = _page(connection, sight, label, reason, before_id, limit)
    return QuarantinePage(entries, next_before_id, tuple(count_quarantined(connection)), sight.withheld(label))


def walk_quarantine(
    connection: Connection,
    sight: Sight,
    note: Callable[[int], None],
    *,
    label: Label | None = None,
    reason: QuarantineReason | None = None,
    size: int = WALK,
) -> Iterator[QuarantineEntry]:
    """All of the quarantine that somebody may see.

    `size` are read at once. `note` is told how many of them are not public before they are handed out.
    """
    before_id: int | None = None
    while True:
        entries, before_id = _page(connection, sight, label, reason, before_id, min(size, WALK))
        note(_n_held(entries))
        yield from entries
        if before_id is None:
            return


def _page(
    connection: Connection,
    sight: Sight,
    label: Label | None,
    reason: QuarantineReason | None,
    before_id: int | None,
    limit: int,
) -> tuple[tuple[QuarantineEntry, ...], int | None]:
    rows = find_quarantined(connection, sight.visible, label=label, reason=reason, before_id=before_id, limit=limit + 1)
    page = rows[:limit]
    deliveries = find_deliveries(connection, [row.id for row in page])
    entries = tuple(read_quarantine_entry(row, deliveries[row.id], sight) for row in page)
    return entries, page[-1].id if len(rows) > limit else None


def _n_held(entries: Iterable[QuarantineEntry]) -> int:
    return sum(not entry.held.is_public for entry in entries)
